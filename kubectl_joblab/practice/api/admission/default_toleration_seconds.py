"""DefaultTolerationSeconds: a Pod stays five minutes on a node that is not ready or unreachable.

Follows plugin/pkg/admission/defaulttolerationseconds/admission.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.admission.attributes import Attributes

TOLERATION_SECONDS = 300
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def admit(attributes: Attributes) -> None:
    """Have a Pod tolerate both taints for that long, unless it tolerates them already."""
    if not attributes.is_whole_pod:
        return
    spec = attributes.obj["spec"]
    present = spec.get("tolerations") or []
    missing = [
        {
            "key": taint,
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": TOLERATION_SECONDS,
        }
        for taint in _TAINTS
        if not any(_tolerates(toleration, taint) for toleration in present)
    ]
    if missing:
        spec["tolerations"] = [*present, *missing]


def _tolerates(toleration: Object, taint: str) -> bool:
    key, effect = toleration.get("key", ""), toleration.get("effect", "")
    return key in ("", taint) and effect in ("", "NoExecute")
