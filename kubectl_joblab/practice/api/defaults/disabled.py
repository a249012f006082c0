"""Fields that this version knows and does not serve, because their feature gate is off.

The strategies drop them silently, as dropDisabledFields does in pkg/api/pod/util.go and
pkg/api/job/util.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.defaults.containers import HOOKS, PROBES
from kubectl_joblab.practice.api.defaults.pods import all_containers


def drop_disabled_job_fields(spec: Object) -> None:
    """Drop the fields that are not served from the spec of a Job."""
    spec.pop("scheduling", None)
    drop_disabled_pod_fields(spec["template"]["spec"])


def drop_disabled_pod_fields(spec: Object) -> None:
    """Drop the fields that are not served from the spec of a Pod."""
    spec.pop("schedulingGroup", None)
    spec.pop("evictionResponders", None)
    for volume in spec.get("volumes") or ():
        _drop_from_volume(volume)
    for container in all_containers(spec):
        _drop_from_container(container)


def _drop_from_volume(volume: Object) -> None:
    for key, drop in (
        ("emptyDir", "mode"),
        ("secret", "defaultUser"),
        ("configMap", "defaultUser"),
    ):
        (volume.get(key) or {}).pop(drop, None)
    for key in ("downwardAPI", "projected"):
        (volume.get(key) or {}).pop("defaultUser", None)
    for source in _file_sources(volume):
        source.pop("user", None)


def _file_sources(volume: Object) -> Iterator[Object]:
    """The parts of a volume that become files: items and tokens."""
    holders = [volume.get(key) or {} for key in ("secret", "configMap", "downwardAPI")]
    for source in (volume.get("projected") or {}).get("sources") or ():
        holders += source.values()
    for holder in holders:
        yield holder
        yield from holder.get("items") or ()


def _drop_from_container(container: Object) -> None:
    for mount in container.get("volumeMounts") or ():
        mount.pop("bindMountOptions", None)
    handlers = [container[kind] for kind in PROBES if container.get(kind)]
    lifecycle = container.get("lifecycle") or {}
    handlers += [lifecycle[hook] for hook in HOOKS if lifecycle.get(hook)]
    for handler in handlers:
        (handler.get("httpGet") or {}).pop("protocol", None)
        (handler.get("grpc") or {}).pop("mode", None)
    if lifecycle.pop("stopSignal", None) and not lifecycle:
        del container["lifecycle"]
