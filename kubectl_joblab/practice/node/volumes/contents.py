"""What is in the volumes of a Pod: folders below the Pod's own, made of what the Pod says.

`volumes/manager.py` sets them up before containers start, and refreshes them, because a ConfigMap
may change. Follows pkg/volume/{configmap,secret,projected,downwardapi}. An emptyDir in
memory is a folder like any other; node/eviction.py holds it to its sizeLimit.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kubectl_joblab import files, objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.container import downward
from kubectl_joblab.practice.node.container.downward import NodeFacts
from kubectl_joblab.practice.node.container.sources import MissingError, Sources
from kubectl_joblab.practice.node.volumes import atomic
from kubectl_joblab.practice.node.volumes import host as host_paths

_Payload = dict[str, tuple[bytes, int]]
_DEFAULT_MODE = 0o644
_EMPTY_MODE = 0o777
_MEMORY_MODE = 0o1777  # of a file system in memory, which volumes with secrets are on a node


class MountError(Exception):
    """A volume cannot be set up; the text is the message of the event FailedMount."""


@dataclass(frozen=True)
class VolumeContext:
    """What the volumes of a Pod are made with.

    folder: where a folder for each volume is made. host: the root of the node's own files. token:
    gives what a serviceAccountToken source of a Pod asks for.
    """

    pod: Object
    folder: Path
    host: Path
    sources: Sources
    token: Callable[[Object, Object], bytes]
    facts: NodeFacts
    now: datetime


def set_up(context: VolumeContext) -> dict[str, Path]:
    """Make all volumes of a Pod; the path of each, by name. MountError for the first that fails."""
    found = {}
    for volume in objects.spec(context.pod).get("volumes") or ():
        name = volume["name"]
        try:
            found[name] = _set_up(context, volume)
        except (MissingError, OSError) as error:
            why = files.why(error, context.folder) if isinstance(error, OSError) else error
            text = f'MountVolume.SetUp failed for volume "{name}" : {why}'
            raise MountError(text) from error
    return found


def refresh(context: VolumeContext) -> None:
    """Write volumes anew whose contents have changed. Where a source is gone, the volume stays."""
    for volume in objects.spec(context.pod).get("volumes") or ():
        try:
            _set_up(context, volume)
        except (MissingError, OSError):
            continue


def _set_up(context: VolumeContext, volume: Object) -> Path:
    if (host := volume.get("hostPath")) is not None:
        return host_paths.path_of(context.host, host)
    make = next((_MADE[key] for key in volume if key in _MADE), None)
    if make is None and "emptyDir" not in volume:
        kind = next((key for key in volume if key != "name"), "")
        raise MissingError(f"the practice cluster has no volumes of the kind {kind}")
    payload = make(context, volume) if make else None  # first: where it fails, no folder is left
    folder = context.folder / str(volume["name"])
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(_MEMORY_MODE if _is_in_memory(volume) else _EMPTY_MODE)
    if payload is not None:
        atomic.write(folder, payload, context.now)
    return folder


def _is_in_memory(volume: Object) -> bool:
    """Whether a volume is in memory on a kubelet's node (wrappedVolumeSpec of each kind)."""
    if "emptyDir" in volume:
        return (volume["emptyDir"] or {}).get("medium") == "Memory"
    return "configMap" not in volume


# ---- what is written into volumes


def _config_map(context: VolumeContext, volume: Object) -> _Payload:
    source = volume["configMap"]
    return _from_config_map(context, source, source.get("name", ""), _default_mode(source))


def _secret(context: VolumeContext, volume: Object) -> _Payload:
    source = volume["secret"]
    return _from_secret(context, source, source.get("secretName", ""), _default_mode(source))


def _downward_api(context: VolumeContext, volume: Object) -> _Payload:
    source = volume["downwardAPI"]
    return _from_pod(context, source, _default_mode(source))


def _projected(context: VolumeContext, volume: Object) -> _Payload:
    mode = _default_mode(volume["projected"])
    payload: _Payload = {}
    for source in volume["projected"].get("sources") or ():
        if (one := source.get("configMap")) is not None:
            payload |= _from_config_map(context, one, one.get("name", ""), mode)
        elif (one := source.get("secret")) is not None:
            payload |= _from_secret(context, one, one.get("name", ""), mode)
        elif (one := source.get("downwardAPI")) is not None:
            payload |= _from_pod(context, one, mode)
        elif (one := source.get("serviceAccountToken")) is not None:
            payload[one["path"]] = (context.token(context.pod, one), mode)
    return payload


_MADE: dict[str, Callable[[VolumeContext, Object], _Payload]] = {
    "configMap": _config_map,
    "secret": _secret,
    "downwardAPI": _downward_api,
    "projected": _projected,
}


def _default_mode(source: Object) -> int:
    return int(source.get("defaultMode", _DEFAULT_MODE))


def _from_config_map(context: VolumeContext, source: Object, name: str, mode: int) -> _Payload:
    optional = bool(source.get("optional"))
    data = context.sources.config_map(name, optional=optional) or {}
    return _chosen(source, data, mode, "configmap references non-existent config key")


def _from_secret(context: VolumeContext, source: Object, name: str, mode: int) -> _Payload:
    optional = bool(source.get("optional"))
    data = context.sources.secret(name, optional=optional) or {}
    return _chosen(source, data, mode, "references non-existent secret key")


def _chosen(source: Object, data: dict[str, bytes], mode: int, missing: str) -> _Payload:
    """The files of a ConfigMap or Secret: one for each key, or for each of the source's items."""
    if not source.get("items"):
        return {key: (content, mode) for key, content in data.items()}
    payload = {}
    for item in source["items"]:
        if item["key"] in data:
            payload[item["path"]] = (data[item["key"]], int(item.get("mode", mode)))
        elif not source.get("optional"):
            raise MissingError(f"{missing}: {item['key']}")
    return payload


def _from_pod(context: VolumeContext, source: Object, mode: int) -> _Payload:
    payload = {}
    for item in source.get("items") or ():
        if ref := item.get("fieldRef"):
            text = downward.field(context.pod, ref["fieldPath"], context.facts)
        else:
            ref = item["resourceFieldRef"]
            whose = downward.container(context.pod, ref["containerName"])
            text = downward.resource(whose, ref, context.facts)
        path = posixpath.normpath(item["path"])
        payload[path] = (text.encode(errors="surrogateescape"), int(item.get("mode", mode)))
    return payload
