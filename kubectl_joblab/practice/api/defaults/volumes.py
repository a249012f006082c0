"""The defaults of volumes: the mode of their files, and emptyDir for a volume without a source.

The defaults of Pod specs call it. Follows SetDefaults_Volume and others of
pkg/apis/core/v1/defaults.go and the markers of k8s.io/api/core/v1/types.go.
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.defaults import images
from kubectl_joblab.practice.api.defaults.containers import fill, set_field_defaults

FILE_MODE = 0o644
TOKEN_SECONDS = 3600


def set_volume_defaults(volume: Object) -> None:
    kinds = [key for key in volume if key != "name"]
    if not kinds:
        volume["emptyDir"] = {}
    for kind in kinds:
        if (default := _DEFAULTS.get(kind)) is not None:
            default(volume[kind])


def _set_mode(source: Object) -> None:
    source.setdefault("defaultMode", FILE_MODE)


def _set_host_path(source: Object) -> None:
    source.setdefault("type", "")


def _set_downward_api(source: Object) -> None:
    _set_mode(source)
    _set_items(source)


def _set_items(source: Object) -> None:
    for item in source.get("items") or ():
        set_field_defaults(item.get("fieldRef"))


def _set_projected(volume: Object) -> None:
    _set_mode(volume)
    for source in volume.get("sources") or ():
        _set_items(source.get("downwardAPI") or {})
        if (token := source.get("serviceAccountToken")) is not None:
            token.setdefault("expirationSeconds", TOKEN_SECONDS)


def _set_image(source: Object) -> None:
    if not source.get("pullPolicy"):
        source["pullPolicy"] = images.pull_policy(source.get("reference", ""))


def _set_iscsi(source: Object) -> None:
    fill(source, {"iscsiInterface": "default"})


def _set_rbd(source: Object) -> None:
    fill(source, {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"})


def _set_azure_disk(source: Object) -> None:
    source.setdefault("cachingMode", "ReadWrite")
    source.setdefault("fsType", "ext4")
    source.setdefault("readOnly", False)
    source.setdefault("kind", "Shared")


def _set_scale_io(source: Object) -> None:
    fill(source, {"storageMode": "ThinProvisioned", "fsType": "xfs"})


def _set_ephemeral(source: Object) -> None:
    if (template := source.get("volumeClaimTemplate")) is not None:
        template.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")


_DEFAULTS: dict[str, Callable[[Object], None]] = {
    "hostPath": _set_host_path,
    "secret": _set_mode,
    "configMap": _set_mode,
    "downwardAPI": _set_downward_api,
    "projected": _set_projected,
    "image": _set_image,
    "iscsi": _set_iscsi,
    "rbd": _set_rbd,
    "azureDisk": _set_azure_disk,
    "scaleIO": _set_scale_io,
    "ephemeral": _set_ephemeral,
}
