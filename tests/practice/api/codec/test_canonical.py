"""Objects as the API serves them.

real_objects.json holds what a real API server answered to `kubectl get --raw`.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.codec.canonical import canonical

REAL = json.loads((Path(__file__).parents[1] / "real_objects.json").read_text(encoding="utf-8"))
POD = "io.k8s.api.core.v1.Pod"
POD_SPEC = "io.k8s.api.core.v1.PodSpec"
CONTAINER = "io.k8s.api.core.v1.Container"


def message(obj: Object) -> str:
    """The name of the message of an object's kind."""
    found = types.find(obj["apiVersion"], obj["kind"])
    assert found
    return found.name


@pytest.mark.parametrize("obj", REAL, ids=lambda obj: f"{obj['kind']} {obj['metadata']['name']}")
def test_a_real_object_stays_as_it_is_with_its_order_of_fields(obj: Object) -> None:
    assert json.dumps(canonical(message(obj), obj)) == json.dumps(obj)


@pytest.mark.parametrize("obj", REAL, ids=lambda obj: f"{obj['kind']} {obj['metadata']['name']}")
def test_its_order_comes_back_and_unknown_fields_go(obj: Object) -> None:
    odd = {key: obj[key] for key in reversed(obj)} | {"nope": 1}
    odd["metadata"] = {key: obj["metadata"][key] for key in reversed(obj["metadata"])} | {"no": 1}
    assert json.dumps(canonical(message(obj), odd)) == json.dumps(obj)


def test_the_original_is_not_changed_nor_shared() -> None:
    pod = next(obj for obj in REAL if obj["kind"] == "Pod")
    before = copy.deepcopy(pod)
    found = canonical(POD, pod)
    found["metadata"]["labels"]["new"] = "label"
    found["spec"]["containers"][0]["command"].append("more")
    found["status"]["conditions"].clear()
    assert pod == before


@pytest.mark.parametrize(
    ("name", "obj", "served"),
    [
        pytest.param(
            POD,
            {"kind": "Pod", "apiVersion": "v1"},
            {
                "kind": "Pod",
                "apiVersion": "v1",
                "metadata": {},
                "spec": {"containers": None},
                "status": {},
            },
            id="embedded messages are always there, and a list that is not omitempty",
        ),
        pytest.param(
            CONTAINER,
            {"image": "", "args": [], "stdin": False, "env": None},
            {"name": "", "resources": {}},
            id="empty values with omitempty are left out, a name is not",
        ),
        pytest.param(
            POD_SPEC,
            {"containers": [], "securityContext": {}, "priority": 0, "hostNetwork": False},
            {"containers": None, "securityContext": {}, "priority": 0},
            id="what a pointer points to stays",
        ),
        pytest.param(
            "io.k8s.api.core.v1.PodCondition",
            {"type": "Ready", "status": "True"},
            {"type": "Ready", "status": "True", "lastProbeTime": None, "lastTransitionTime": None},
            id="a time that is not set is null",
        ),
        pytest.param(
            "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
            {"creationTimestamp": None, "deletionTimestamp": None},
            {},
            id="but not the time of creation, nor a pointer to a time",
        ),
        pytest.param(
            "io.k8s.api.core.v1.Event",
            {"count": 0},
            {
                "metadata": {},
                "involvedObject": {},
                "source": {},
                "firstTimestamp": None,
                "lastTimestamp": None,
                "eventTime": None,
                "reportingComponent": "",
                "reportingInstance": "",
            },
            id="an event that says nothing",
        ),
        pytest.param(
            "io.k8s.api.core.v1.ContainerStatus",
            {"name": "main"},
            {
                "name": "main",
                "state": {},
                "lastState": {},
                "ready": False,
                "restartCount": 0,
                "image": "",
                "imageID": "",
            },
            id="a container's status",
        ),
        pytest.param(
            "io.k8s.api.core.v1.ResourceRequirements",
            {"limits": {"memory": "1024Mi", "cpu": 1.5, "x.io/y": None}},
            {"limits": {"cpu": "1500m", "memory": "1Gi", "x.io/y": "0"}},
            id="quantities and the order of keys",
        ),
        pytest.param(
            "io.k8s.api.core.v1.ResourceRequirements",
            {"requests": {"cpu": "100u"}},
            {"requests": {"cpu": "1m"}},
            id="a list of resources is no finer than a thousandth",
        ),
        pytest.param(
            "io.k8s.api.core.v1.EmptyDirVolumeSource",
            {"sizeLimit": "0.0005"},
            {"sizeLimit": "500u"},
            id="another quantity may be",
        ),
        pytest.param(
            "io.k8s.api.core.v1.ResourceFieldSelector",
            {"resource": "limits.cpu"},
            {"resource": "limits.cpu", "divisor": "0"},
            id="a quantity that is no pointer is 0",
        ),
        pytest.param(
            "io.k8s.api.core.v1.HTTPGetAction",
            {"path": "/"},
            {"path": "/", "port": 0},
            id="so is a port",
        ),
        pytest.param(
            "io.k8s.api.core.v1.Secret",
            {"data": {"b": "YR==", "a": "Y\nQ=="}},
            {"metadata": {}, "data": {"a": "YQ==", "b": "YQ=="}},
            id="base64 as Go writes it",
        ),
        pytest.param(
            "io.k8s.api.core.v1.EventSeries",
            {"count": 2, "lastObservedTime": "2020-01-01T01:00:00.100000+01:00"},
            {"count": 2, "lastObservedTime": "2020-01-01T00:00:00.100000Z"},
            id="a time in microseconds, in UTC",
        ),
        pytest.param(
            "io.k8s.api.batch.v1.JobStatus",
            {"startTime": "2020-01-01T00:30:00.9+01:00", "uncountedTerminatedPods": {}},
            {"startTime": "2019-12-31T23:30:00Z", "uncountedTerminatedPods": {}},
            id="a time in whole seconds, in UTC",
        ),
        pytest.param(
            "io.k8s.api.core.v1.Volume",
            {"name": "v", "emptyDir": {}},
            {"name": "v", "emptyDir": {}},
            id="fields of an embedded struct",
        ),
    ],
)
def test_what_is_left_out_and_what_is_always_there(name: str, obj: Object, served: Object) -> None:
    found = canonical(name, obj)
    assert json.dumps(found) == json.dumps(served)
    assert canonical(name, found) == found
