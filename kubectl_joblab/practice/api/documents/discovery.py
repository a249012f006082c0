"""Discovery: /api and /apis, aggregated or in their legacy form, and /version.

HTTP serves these documents, which are made from the table of kinds. Follows
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
    f"v1.{MINOR}.2+joblab"  # the version that this behaves as, and that it is another program
)


class Subresource(NamedTuple):
    """A subresource in discovery.

    kind: "" where it is that of the resource itself. group, version: of the kind, "" where they are
    the resource's own.
    """

    verbs: tuple[str, ...]
    kind: str = ""
    group: str = ""
    version: str = ""


SUBRESOURCES = {
    "binding": Subresource(("create",), "Binding"),
    "ephemeralcontainers": Subresource(("get", "patch", "update")),
    "eviction": Subresource(("create",), "Eviction", "policy", "v1"),
    "finalize": Subresource(("update",)),
    "log": Subresource(("get",)),
    "scale": Subresource(("get", "patch", "update"), "Scale", "autoscaling", "v1"),
    "status": Subresource(("get", "patch", "update")),
    "token": Subresource(("create",), "TokenRequest", "authentication.k8s.io", "v1"),
}


def version() -> Object:
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
    """The API groups in the order in which they are listed, the core group "" first."""
    return list(dict.fromkeys(kind.group for kind in KINDS))


def versions(group: str) -> list[str]:
    """The versions of a group, the preferred one first; none where there is no such group."""
    return list(dict.fromkeys(kind.version for kind in KINDS if kind.group == group))


def etag(document: Object) -> str:
    """The ETag of a document, without its quotes."""
    return hashlib.sha512(json.dumps(document).encode()).hexdigest().upper()


# ---- aggregated


def aggregated(*, core: bool) -> Object:
    """All resources in one document. core: the one at /api, else the one at /apis."""
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
                "responseKind": _response_kind_of(name, kind),
                "verbs": list(SUBRESOURCES[name].verbs),
            }
            for name in kind.subresources
        ]
    return found


def _response_kind(kind: str, group: str = "", version: str = "") -> Object:
    """The kind of a resource; group and version are "" where they are the resource's own."""
    return {"group": group, "version": version, "kind": kind}


def _response_kind_of(subresource: str, kind: Kind) -> Object:
    found = SUBRESOURCES[subresource]
    return _response_kind(found.kind or kind.kind, found.group, found.version)


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
    """The entries of a kind: the resource and its subresources."""
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
        part = SUBRESOURCES[name]
        own = {"group": part.group, "version": part.version} if part.group else {}
        yield {
            "name": f"{kind.plural}/{name}",
            "singularName": "",
            "namespaced": kind.namespaced,
            **own,
            "kind": part.kind or kind.kind,
            "verbs": list(part.verbs),
        }


def _storage_version_hash(kind: Kind) -> str:
    """The hash that tells clients whether stored objects have changed their form.

    Follows k8s.io/apiserver/pkg/endpoints/discovery/storageversionhash.go.
    """
    digest = hashlib.sha256(f"{kind.group}/{kind.version}/{kind.kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()


# ---- both


def _kinds(group: str, version: str) -> list[Kind]:
    return [kind for kind in KINDS if (kind.group, kind.version) == (group, version)]


def _names(kind: Kind) -> Object:
    """The short names and categories of a kind, each where it has any."""
    found = {"shortNames": list(kind.short_names), "categories": list(kind.categories)}
    return {name: values for name, values in found.items() if values}
