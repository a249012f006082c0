"""Warnings about files of a volume that lie on, or below, one another.

warnings calls it. Follows warningsForOverlappingVirtualPaths in pkg/api/pod/warnings.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field

_MOST_PAIRS = 10_000  # of overlapping paths in a volume, long before which warnings are cut short
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
    for index, other in _overlapping([path for path, _ in stripped]):
        pair = f"{_shown(stripped[index])} with {_shown(stripped[other])}"
        yield f"volume {name} ({what}): overlapping paths: {pair}"


def _overlapping(paths: Sequence[str]) -> list[tuple[int, int]]:
    """The places of each two paths of which one is, or lies below, the other; the later one first.

    Sorted, paths stand behind those that they lie below. No more pairs are looked for than anybody
    could want to read: a thousand paths that are the same are half a million.
    """
    found: list[tuple[int, int]] = []
    above: list[tuple[str, int]] = []
    for path, index in sorted((f"{path}/", index) for index, path in enumerate(paths) if path):
        while above and not path.startswith(above[-1][0]):
            above.pop()
        found += [(max(index, other), min(index, other)) for _, other in above]
        if len(found) > _MOST_PAIRS:
            break
        above.append((path, index))
    return sorted(found)


def _shown(file: _File) -> str:
    path, called = file
    return f"{field.shown(path)} ({called})" if called else field.shown(path)
