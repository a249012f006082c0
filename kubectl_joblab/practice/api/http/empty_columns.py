"""The columns of server-side Tables of kinds of which there are no objects.

tables describes them for a list without rows. Names, types and priorities are those of
pkg/printers/internalversion/printers.go; the descriptions, which kubectl does not print, are ours.
"""

from __future__ import annotations

from kubectl_joblab.practice.api.http.columns import AGE, NAME, Column

_DESCRIPTION = "The practice cluster has no object to show it of."


def _shown(*names: str, form: str = "string", wide: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, lambda *_: "", _DESCRIPTION, wide=wide, type=form) for name in names)


_CREATED = _shown("Created At", form="date")
_SCALED = _shown("Desired", "Current", "Ready", form="integer")
_CONTAINERS = _shown("Containers", "Images", wide=True)
_SELECTED = (*_CONTAINERS, *_shown("Selector", wide=True))

COLUMNS: dict[str, tuple[Column, ...]] = {
    "CustomResourceDefinition": (
        NAME,
        *_shown("Scope", "Versions"),
        *_CREATED,
        *_shown("Group", "Kind", "ShortNames", wide=True),
        *_shown("Established", form="boolean", wide=True),
    ),
    "DaemonSet": (
        NAME,
        *_SCALED,
        *_shown("Up-to-date", "Available", form="integer"),
        *_shown("Node Selector"),
        AGE,
        *_SELECTED,
    ),
    "EndpointSlice": (NAME, *_shown("AddressType", "Ports", "Endpoints"), AGE),
    "Endpoints": (NAME, *_shown("Endpoints"), AGE),
    "Ingress": (NAME, *_shown("Class", "Hosts", "Address", "Ports"), AGE),
    "PersistentVolume": (
        NAME,
        *_shown("Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass"),
        *_shown("VolumeAttributesClass", "Reason"),
        AGE,
        *_shown("VolumeMode", wide=True),
    ),
    "PersistentVolumeClaim": (
        NAME,
        *_shown("Status", "Volume", "Capacity", "Access Modes", "StorageClass"),
        *_shown("VolumeAttributesClass"),
        AGE,
        *_shown("VolumeMode", wide=True),
    ),
    "ReplicationController": (NAME, *_SCALED, AGE, *_SELECTED),
    "ResourceSlice": (NAME, *_shown("Node", "Driver", "Pool"), AGE),
    "StatefulSet": (NAME, *_shown("Ready"), AGE, *_CONTAINERS),
}
