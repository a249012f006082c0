"""Warnings about files of a volume that lie on, or below, one another.

warnings calls it. Follows warningsForOverlappingVirtualPaths in pkg/api/pod/warnings.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field

_File = tuple[str, str]  # its path, and what it comes from, "" where that is not said


def warnings(volumes: Sequence[Object]) -> Iterator[str]:
    """The text of a Warning header for each pair of files."""
    for volume in volumes:
        name = field.shown(volume.get("name", ""))
        for kind, key, what in (
            ("configMap", "name", "ConfigMap"),
            ("secret", "secretName", "Secret"),
            ("downwardAPI", "", "DownwardAPI"),
        ):
            if (source := volume.get(kind)) is not None:
                called = f"{what} {field.shown(source.get(key, ''))}" if key else what
                yield from _of_files(name, called, _items(source, ""))
        if (projected := volume.get("projected")) is not None:
            yield from _of_projected(name, projected)


def _of_projected(name: str, projected: Object) -> Iterator[str]:
    files: list[_File] = []
    for source in projected.get("sources") or ():
        if not source:
            yield f"volume {name} (Projected) has no sources provided"
        files += _projected_files(source)
    yield from _of_files(name, "Projected", files)


def _projected_files(source: Object) -> list[_File]:
    for kind, what in (("configMap", "ConfigMap"), ("secret", "Secret")):
        if (source.get(kind) or {}).get("items"):
            called = f"{what} {field.shown(source[kind].get('name', ''))}"
            return _items(source[kind], called)
    if (source.get("downwardAPI") or {}).get("items"):
        return _items(source["downwardAPI"], "DownwardAPI")
    if token := source.get("serviceAccountToken"):
        return [(token.get("path", ""), "ServiceAccountToken")]
    return []


def _items(source: Object, called: str) -> list[_File]:
    return [(item.get("path", ""), called) for item in source.get("items") or ()]


def _of_files(name: str, what: str, files: Sequence[_File]) -> Iterator[str]:
    stripped = [(path.rstrip("/"), called) for path, called in files]
    for index, file in enumerate(stripped):
        for other in stripped[:index]:
            if _overlap(file[0], other[0]):
                pair = f"{_shown(file)} with {_shown(other)}"
                yield f"volume {name} ({what}): overlapping paths: {pair}"


def _overlap(one: str, other: str) -> bool:
    if not one or not other:
        return False
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _shown(file: _File) -> str:
    path, called = file
    return f"{field.shown(path)} ({called})" if called else field.shown(path)
