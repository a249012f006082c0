"""The rules of the files in a volume: keys, the downward API, tokens.

The rules of volumes call it. Follows validateProjectionSources, validateKeyToPath and
validateDownwardAPIVolumeFile in pkg/apis/core/validation/validation.go. Cluster trust bundles and
Pod certificates are not looked into.
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values
from kubectl_joblab.practice.api.validation.pod import environment

MODE_WRONG = "must be a number between 0 and 0777 (octal), both inclusive"
_SHORTEST_TOKEN = 10 * 60  # seconds
_LONGEST_TOKEN = 2**32


def validate_mode(mode: int | None, path: str) -> list[FieldError]:
    """The error of a number that is no mode of a file."""
    if mode is None or 0 <= mode <= 0o777:
        return []
    return [field.invalid(path, mode, MODE_WRONG)]


def validate_key_to_path(item: Object, path: str) -> list[FieldError]:
    """The rules that an entry of items breaks, of a ConfigMap or a Secret."""
    found = [field.required(f"{path}.{key}") for key in ("key", "path") if not item.get(key)]
    place = item.get("path", "")
    found += values.each(f"{path}.path", place, names.is_local_non_reserved_path(place))
    return found + validate_mode(item.get("mode"), f"{path}.mode")


def validate_downward_api_file(item: Object, path: str) -> list[FieldError]:
    """The rules that an entry of downwardAPI.items breaks; upstream's path is the list's."""
    place = item.get("path", "")
    found = [] if place else [field.required(f"{path}.path")]
    found += values.each(f"{path}.path", place, names.is_local_non_reserved_path(place))
    ref, resource = item.get("fieldRef"), item.get("resourceFieldRef")
    if ref is not None:
        found += environment.validate_object_field_selector(
            ref, environment.VOLUME_FIELDS, f"{path}.fieldRef"
        )
        if resource is not None:
            why = "fieldRef and resourceFieldRef can not be specified simultaneously"
            found.append(field.invalid(path, "resource", why))
    elif resource is not None:
        found += environment.validate_container_resource_field_selector(
            resource, f"{path}.resourceFieldRef", volume=True
        )
    else:
        found.append(field.required(path, "one of fieldRef and resourceFieldRef is required"))
    return found + validate_mode(item.get("mode"), f"{path}.mode")


def validate_projected(volume: Object, path: str) -> list[FieldError]:
    """The rules that a projected volume breaks."""
    found = validate_mode(volume.get("defaultMode"), f"{path}.defaultMode")
    paths: set[str] = set()
    for index, source in enumerate(volume.get("sources") or ()):
        at = f"{path}.sources[{index}]"
        given = [kind for kind in _SOURCES if source.get(kind) is not None]
        for kind in given:
            found += _SOURCES[kind](source[kind], paths, path, f"{at}.{kind}")
        if len(given) > 1:
            why = "may not specify more than 1 volume type per source"
            found.append(field.forbidden(at, why))
    return found


def _validate_keys(source: Object, paths: set[str], volume: str, path: str) -> list[FieldError]:
    name = source.get("name", "")
    found = [] if name else [field.required(f"{path}.name")]
    for index, item in enumerate(source.get("items") or ()):
        found += validate_key_to_path(item, f"{path}.items[{index}]")
        found += _claim(item.get("path", ""), name, paths, volume)
    return found


def _validate_files(source: Object, paths: set[str], volume: str, path: str) -> list[FieldError]:
    found = []
    for item in source.get("items") or ():
        found += validate_downward_api_file(item, path)
        found += _claim(item.get("path", ""), item.get("path", ""), paths, volume)
    return found


def _claim(place: str, shown: str, paths: set[str], volume: str) -> list[FieldError]:
    """The error of a path that another file of the volume has."""
    if not place:
        return []
    taken = place in paths
    paths.add(place)
    return [field.invalid(volume, shown, "conflicting duplicate paths")] if taken else []


def _validate_token(source: Object, _paths: set[str], volume: str, path: str) -> list[FieldError]:
    seconds, place = source.get("expirationSeconds"), source.get("path", "")
    found = []
    at = f"{path}.expirationSeconds"
    if seconds is None:
        found.append(field.required(at))
    elif seconds < _SHORTEST_TOKEN:
        why = "may not specify a duration less than 10 minutes"
        found.append(field.invalid(at, seconds, why))
    elif seconds > _LONGEST_TOKEN:
        why = "may not specify a duration larger than 2^32 seconds"
        found.append(field.invalid(at, seconds, why))
    at = f"{volume}.path"  # upstream leaves out the source
    if not place:
        return [*found, field.required(at)]
    return found + values.each(at, place, names.is_local_non_reserved_path(place))


_SOURCES: dict[str, Callable[[Object, set[str], str, str], list[FieldError]]] = {
    "secret": _validate_keys,
    "configMap": _validate_keys,
    "downwardAPI": _validate_files,
    "serviceAccountToken": _validate_token,
}
