"""Putting a Pod on a node: the subresource pods/binding.

Pure; the registry writes what comes out, past the strategy, as upstream does. Follows
k8s.io/kubernetes/pkg/registry/core/pod/storage/storage.go (setPodNodeAndMetadata).
"""

from __future__ import annotations

from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.clock import rfc3339


def bound(pod: Object, node: str, now: datetime) -> Object:
    """The Pod on that node, or 409."""
    name = objects.name(pod)
    if objects.is_deleted(pod):
        raise _refused(name, f"pod {name} is being deleted, cannot be assigned to a host")
    if current := objects.spec(pod).get("nodeName"):
        raise _refused(name, f'pod {name} is already assigned to node "{current}"')
    if objects.spec(pod).get("schedulingGates"):
        raise _refused(name, f"pod {name} has non-empty .spec.schedulingGates")
    new = copied(pod)
    new["spec"]["nodeName"] = node
    status = new.setdefault("status", {})
    status.pop("nominatedNodeName", None)
    conditions = status.setdefault("conditions", [])
    scheduled = {
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": rfc3339(now),
    }
    for place, condition in enumerate(conditions):
        if condition["type"] == "PodScheduled":
            conditions[place] = scheduled
            return new
    conditions.append(scheduled)
    return new


def _refused(name: str, why: str) -> errors.StatusError:
    return errors.conflict("", "pods/binding", name, why)
