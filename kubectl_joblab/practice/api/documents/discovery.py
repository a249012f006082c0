"""What the API says of itself: /api and /apis, aggregated or as of old, and /version.

HTTP serves these documents. All of them are made from the table of kinds. Follows
k8s.io/apiserver/pkg/endpoints/discovery.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
from collections.abc import Iterator
from typing import NamedTuple

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.negotiate import AGGREGATED
from kubectl_joblab.practice.api.registry.kinds import KINDS

MINOR = "37"
GIT_VERSION = (
    f"v1.{MINOR}.2+joblab"  # the Kubernetes whose behaviour this is, and that it is not it
)


class Subresource(NamedTuple):
    """What discovery says of one. kind: "" for that of the resource itself."""

    verbs: tuple[str, ...]
    kind: str = ""


SUBRESOURCES = {
    "binding": Subresource(("create",), "Binding"),
    "finalize": Subresource(("update",)),
    "log": Subresource(("get",)),
    "status": Subresource(("get", "patch", "update")),
}


def version() -> Object:
    """The document at /version."""
    return {
        "major": "1",
        "minor": MINOR,
        "gitVersion": GIT_VERSION,
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": platform.python_implementation().lower(),
        "platform": f"{platform.system()}/{platform.machine()}".lower(),
    }


def groups() -> list[str]:
    """The API groups in the order they are served, the core group "" first."""
    return list(dict.fromkeys(kind.group for kind in KINDS))


def versions(group: str) -> list[str]:
    """The versions of a group, the preferred one first; none where there is no such group."""
    return list(dict.fromkeys(kind.version for kind in KINDS if kind.group == group))


def etag(document: Object) -> str:
    """A document's ETag, without its quotes."""
    return hashlib.sha512(json.dumps(document).encode()).hexdigest().upper()


# ---- aggregated


def aggregated(*, core: bool) -> Object:
    """Everything at once: at /api the core group, at /apis the others."""
    return {
        "kind": AGGREGATED.kind,
        "apiVersion": AGGREGATED.api_version,
        "metadata": {},
        "items": [_aggregated_group(group) for group in groups() if (group == "") == core],
    }


def _aggregated_group(group: str) -> Object:
    return {
        "metadata": {"name": group} if group else {},
        "versions": [
            {
                "version": version,
                "resources": [_aggregated_resource(kind) for kind in _kinds(group, version)],
                "freshness": "Current",
            }
            for version in versions(group)
        ],
    }


def _aggregated_resource(kind: Kind) -> Object:
    found: Object = {
        "resource": kind.plural,
        "responseKind": _response_kind(kind.kind),
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
    }
    found |= _names(kind)
    if kind.subresources:
        found["subresources"] = [
            {
                "subresource": name,
                "responseKind": _response_kind(SUBRESOURCES[name].kind or kind.kind),
                "verbs": list(SUBRESOURCES[name].verbs),
            }
            for name in kind.subresources
        ]
    return found


def _response_kind(kind: str) -> Object:
    """Group and version are empty where they are those of the resource."""
    return {"group": "", "version": "", "kind": kind}


# ---- legacy


def core_versions(address: str) -> Object:
    """The legacy document at /api; address: the host and port that clients reach."""
    return {
        "kind": "APIVersions",
        "versions": versions(""),
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def group_list() -> Object:
    """The legacy document at /apis."""
    named = [_group(name) for name in groups() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": named}


def group(name: str) -> Object | None:
    """The legacy document at /apis/NAME; None where there is no such group."""
    if not name or not versions(name):
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name)}


def _group(name: str) -> Object:
    found = [
        {"groupVersion": f"{name}/{version}", "version": version} for version in versions(name)
    ]
    return {"name": name, "versions": found, "preferredVersion": found[0]}


def resources(group: str, version: str) -> Object | None:
    """The legacy document at /api/VERSION or /apis/GROUP/VERSION; None where there is none."""
    kinds = _kinds(group, version)
    if not kinds:
        return None
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": kinds[0].api_version,
        "resources": [entry for kind in kinds for entry in _resources(kind)],
    }


def _resources(kind: Kind) -> Iterator[Object]:
    """The resource and its subresources."""
    found: Object = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
    }
    found |= _names(kind)
    if kind.stored:
        found["storageVersionHash"] = _storage_version_hash(kind)
    yield found
    for name in kind.subresources:
        yield {
            "name": f"{kind.plural}/{name}",
            "singularName": "",
            "namespaced": kind.namespaced,
            "kind": SUBRESOURCES[name].kind or kind.kind,
            "verbs": list(SUBRESOURCES[name].verbs),
        }


def _storage_version_hash(kind: Kind) -> str:
    """As StorageVersionHash in k8s.io/apiserver/pkg/endpoints/discovery/storageversionhash.go."""
    digest = hashlib.sha256(f"{kind.group}/{kind.version}/{kind.kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()


# ---- both


def _kinds(group: str, version: str) -> list[Kind]:
    return [kind for kind in KINDS if (kind.group, kind.version) == (group, version)]


def _names(kind: Kind) -> Object:
    """The short names and the categories that it has."""
    found = {"shortNames": list(kind.short_names), "categories": list(kind.categories)}
    return {name: values for name, values in found.items() if values}
