"""What of a Job decides its course: its own spec, and a little of its Pods'.

A simulation validates a manifest whole, and then plays the Job with Pods that have nothing which
they would have to be given: no image of their own, no volumes, no configuration, no place to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object

IMAGE = "busybox"
_OF_POD = (
    "activeDeadlineSeconds",
    "restartPolicy",
    "schedulingGates",
    "terminationGracePeriodSeconds",
)
_OF_CONTAINER = ("name", "restartPolicy", "restartPolicyRules")


def staged(job: Object) -> Object:
    """The Job of a manifest, which the API takes, as it is played."""
    template = objects.spec(job)["template"]
    pod = template["spec"]
    played = {
        **_only(pod, _OF_POD),
        "automountServiceAccountToken": False,
        "containers": [_container(one) for one in pod["containers"]],
        "initContainers": [_container(one) for one in pod.get("initContainers") or ()],
    }
    spec = {**objects.spec(job), "template": {**template, "spec": played}}
    return {**job, "spec": spec}


def _container(container: Mapping[str, Any]) -> dict[str, Any]:
    return {**_only(container, _OF_CONTAINER), "image": IMAGE, "imagePullPolicy": "IfNotPresent"}


def _only(whole: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: whole[name] for name in names if name in whole}
