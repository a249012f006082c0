"""The rules of volumeMounts and volumeDevices.

The rules of containers call them with the volumes that have no errors: a mount of any other volume
is told that there is no such volume. Follows ValidateVolumeMounts, ValidateVolumeDevices and what
they call in pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values

_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")


def validate_volume_mounts(
    container: Object, volumes: Mapping[str, Object], path: str
) -> list[FieldError]:
    """The rules that volumeMounts break. path: that of the container."""
    found: list[FieldError] = []
    seen: set[str] = set()
    devices = {
        one.get("name", ""): one.get("devicePath", "")
        for one in container.get("volumeDevices") or ()
    }
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        at = f"{path}.volumeMounts[{index}]"
        found += _validate_place(mount, volumes, seen, at)
        found += _validate_not_device(mount, devices, at)
        found += _validate_sub_paths(mount, f"{path}.volumeMounts", at)
        found += _validate_how(mount, container, f"{path}.volumeMounts")
        seen.add(mount.get("mountPath", ""))
    return found


def _validate_place(
    mount: Object, volumes: Mapping[str, Object], seen: set[str], path: str
) -> list[FieldError]:
    name, place = mount.get("name", ""), mount.get("mountPath", "")
    found = [] if name else [field.required(f"{path}.name")]
    if name not in volumes:
        found.append(field.not_found(f"{path}.name", name))
    if not place:
        found.append(field.required(f"{path}.mountPath"))
    if place in seen:
        found.append(field.invalid(f"{path}.mountPath", place, "must be unique"))
    return found


def _validate_not_device(mount: Object, devices: Mapping[str, str], path: str) -> list[FieldError]:
    name, place = mount.get("name", ""), mount.get("mountPath", "")
    found = []
    if name in devices:
        why = "must not already exist in volumeDevices"
        found.append(field.invalid(f"{path}.name", name, why))
    if place in devices.values():
        why = "must not already exist as a path in volumeDevices"
        found.append(field.invalid(f"{path}.mountPath", place, why))
    return found


def _validate_sub_paths(mount: Object, listed: str, path: str) -> list[FieldError]:
    """The rules of subPath and subPathExpr. listed: the list's path, which some errors name."""
    found = []
    sub, expression = mount.get("subPath"), mount.get("subPathExpr")
    if sub:
        found += values.each(f"{listed}.subPath", sub, names.is_local_descending_path(sub))
    if expression:
        if sub:
            why = "subPathExpr and subPath are mutually exclusive"
            found.append(field.invalid(f"{path}.subPathExpr", expression, why))
        wrong = names.is_local_descending_path(expression)
        found += values.each(f"{listed}.subPathExpr", expression, wrong)
    return found


def _validate_how(mount: Object, container: Object, listed: str) -> list[FieldError]:
    found = []
    propagation, recursive = mount.get("mountPropagation"), mount.get("recursiveReadOnly")
    if propagation is not None:
        at = f"{listed}.mountPropagation"
        found += values.validate_enum(propagation, _PROPAGATIONS, at)
        privileged = (container.get("securityContext") or {}).get("privileged")
        if propagation == "Bidirectional" and not privileged:
            why = "Bidirectional mount propagation is available only to privileged containers"
            found.append(field.forbidden(at, why))
    if recursive is None:
        return found
    at = f"{listed}.recursiveReadOnly"
    if recursive in ("Enabled", "IfPossible"):
        if not mount.get("readOnly"):
            found.append(field.forbidden(at, "may only be specified when readOnly is true"))
        if propagation not in (None, "None"):
            why = "may only be specified when mountPropagation is None or not specified"
            found.append(field.forbidden(at, why))
    return found + values.validate_enum(recursive, _RECURSIVE, at)


def validate_volume_devices(
    container: Object, volumes: Mapping[str, Object], path: str
) -> list[FieldError]:
    """The rules that volumeDevices break. path: that of the container."""
    found: list[FieldError] = []
    seen_names: set[str] = set()
    seen_paths: set[str] = set()
    for index, device in enumerate(container.get("volumeDevices") or ()):
        at = f"{path}.volumeDevices[{index}]"
        found += _validate_device_name(device.get("name", ""), volumes, seen_names, at)
        found += _validate_device_path(device.get("devicePath", ""), seen_paths, at)
        found += _validate_not_mount(device, container, at)
    return found


def _validate_device_name(
    name: str, volumes: Mapping[str, Object], seen: set[str], path: str
) -> list[FieldError]:
    at = f"{path}.name"
    found = [] if name else [field.required(at)]
    if name in seen:
        found.append(field.invalid(at, name, "must be unique"))
    volume = volumes.get(name)
    if volume is None:
        found.append(field.not_found(at, name))
    elif not volume.get("persistentVolumeClaim") and not volume.get("ephemeral"):
        why = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
        found.append(field.invalid(at, name, why))
    if name:
        seen.add(name)
    return found


def _validate_device_path(place: str, seen: set[str], path: str) -> list[FieldError]:
    at = f"{path}.devicePath"
    found = [] if place else [field.required(at)]
    if place in seen:
        found.append(field.invalid(at, place, "must be unique"))
    if names.no_backsteps(place):
        return [*found, field.invalid(at, place, "can not contain backsteps ('..')")]
    seen.add(place)
    return found


def _validate_not_mount(device: Object, container: Object, path: str) -> list[FieldError]:
    mounts = container.get("volumeMounts") or ()
    name, place = device.get("name", ""), device.get("devicePath", "")
    found = []
    if any(mount.get("name", "") == name for mount in mounts):
        why = "must not already exist in volumeMounts"
        found.append(field.invalid(f"{path}.name", name, why))
    if any(mount.get("mountPath", "") == place for mount in mounts):
        why = "must not already exist as a path in volumeMounts"
        found.append(field.invalid(f"{path}.devicePath", place, why))
    return found
