"""Pods that are deleted before their first container has run: what is told of them at the end.

A finalizer keeps each of them, so that its last status can be read.
"""

from __future__ import annotations

import json

import pytest

from kubectl_joblab.objects import Object
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

HELD = "example.com/held"
IMAGE, NO_IMAGE = "busybox:1.36", "nosuch.invalid/nothing:1"
NO_KEY = [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "nope", "key": "a"}}}]
LOST = "ContainerStatusUnknown"  # what is told of a container that never was


def _container(name: str = "main", image: str = IMAGE, **more: object) -> Object:
    policy = "Never" if image == NO_IMAGE else "IfNotPresent"
    given = {"name": name, "image": image, "imagePullPolicy": policy}
    return {**given, "command": ["sleep", "1000"], **more}


def _after(first: Object, image: str = IMAGE) -> Object:
    return {"initContainers": [first], "containers": [_container(image=image)]}


NO_VOLUME: Object = {
    "volumes": [{"name": "v", "configMap": {"name": "nope"}}],
    "containers": [_container(volumeMounts=[{"name": "v", "mountPath": "/v"}])],
}
INIT, MAIN = ".status.initContainerStatuses[0].state", ".status.containerStatuses[0].state"
WAITS = ".waiting.reason}"
# the Pod's spec; what it has come to; why each container has ended, or still waits
STATES: dict[str, tuple[Object, str, dict[str, str]]] = {
    "mount": (NO_VOLUME, f"{{{MAIN}{WAITS}=ContainerCreating", {"main": LOST}),
    "image": (
        {"containers": [_container(image=NO_IMAGE)]},
        f"{{{MAIN}{WAITS}=ErrImageNeverPull",
        {"main": LOST},
    ),
    "config": (
        {"containers": [_container(env=NO_KEY)]},
        f"{{{MAIN}{WAITS}=CreateContainerConfigError",
        {"main": LOST},
    ),
    "init-image": (
        _after(_container("first", NO_IMAGE)),
        f"{{{INIT}{WAITS}=ErrImageNeverPull",
        {"first": LOST, "main": "PodInitializing"},
    ),
    "init-config": (
        _after(_container("first", env=NO_KEY)),
        f"{{{INIT}{WAITS}=CreateContainerConfigError",
        {"first": LOST, "main": "PodInitializing"},
    ),
    "init-runs": (
        _after(_container("first")),
        f"{{{INIT}.running.startedAt}}",
        {"first": "Error", "main": "PodInitializing"},
    ),
    "init-done": (
        _after(_container("first", command=["true"]), NO_IMAGE),
        f"{{{MAIN}{WAITS}=ErrImageNeverPull",
        {"first": "Completed", "main": LOST},
    ),
}


def test_a_pod_that_is_deleted_before_its_first_container_fails(place: Place) -> None:
    pods = [_pod(name, spec) for name, (spec, *_) in STATES.items()]
    place.kubectl(
        "apply -f -", stdin=json.dumps({"kind": "List", "apiVersion": "v1", "items": pods})
    )
    for name, (_, state, _) in STATES.items():
        place.await_condition(f"pod/{name}", f"jsonpath='{state}'")

    place.kubectl("delete pods --all --wait=false")

    for name, (*_, ended) in STATES.items():
        place.await_condition(f"pod/{name}", "jsonpath={.status.phase}=Failed")
        place.await_condition(f"pod/{name}", "jsonpath={.metadata.deletionGracePeriodSeconds}=0")
        assert _reasons(place.get(f"pod {name}")) == ended, name
    for name in STATES:
        place.kubectl(f'patch pod {name} --type=merge -p \'{{"metadata":{{"finalizers":null}}}}\'')


def _pod(name: str, spec: Object) -> Object:
    metadata = {"name": name, "finalizers": [HELD]}
    common = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {**common, **spec}}


def _reasons(pod: Object) -> dict[str, str]:
    """Why each container has ended, or still waits."""
    status = pod["status"]
    entries = [*status.get("initContainerStatuses", ()), *status["containerStatuses"]]
    return {one["name"]: str(next(iter(one["state"].values()))["reason"]) for one in entries}
