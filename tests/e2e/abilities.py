"""What a cluster enforces, asked of its API: quotas, Roles, Pod Security."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.e2e.place import Place

RESTRICTED: Mapping[str, str] = {"pod-security.kubernetes.io/enforce": "restricted"}


def quota(name: str, **hard: object) -> dict[str, Any]:
    """The manifest of a ResourceQuota."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": name},
        "spec": {"hard": {key: str(value) for key, value in hard.items()}},
    }


def apply_quota(place: Place, name: str, **hard: object) -> None:
    """Create a quota, and wait until the quota controller has filled in its status."""
    place.apply(quota(name, **hard))
    for key, value in hard.items():
        place.await_condition(f"quota/{name}", f"jsonpath={{.status.hard.{key}}}={value}")


def enforces_quotas(place: Place) -> bool:
    """Whether a Pod is refused in a namespace whose quota is 0 Pods."""
    if place.run("kubectl create quota none --hard=pods=0").code:
        return False
    waited = place.run("kubectl wait quota/none --for=jsonpath={.status.hard.pods}=0 --timeout=20s")
    return waited.code == 0 and "exceeded quota" in _dry_run(place).err


def enforces_pod_security(place: Place) -> bool:
    """Whether a namespace that enforces `restricted` refuses a plain Pod."""
    return "violates PodSecurity" in _dry_run(place).err


def enforces_rbac(place: Place) -> bool:
    """Whether a user without a Role may do nothing, and Roles can be created."""
    roles = place.run("kubectl auth can-i create rolebindings")
    stranger = place.run("kubectl auth can-i create jobs --as=joblab-stranger")
    return roles.code == 0 and stranger.out.strip() == "no"


def _dry_run(place: Place) -> Any:
    container = {"name": "main", "image": "busybox:1.36"}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "ask"},
        "spec": {"containers": [container]},
    }
    return place.run("kubectl create --dry-run=server -f -", stdin=json.dumps(pod))
