"""Objects whose times are moved: each field that is a time, and nothing that only looks like one.

What is a time is read here from types.json itself, of which the module under test reads a table.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import api
from kubectl_joblab.practice.api.codec import timeshift
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api import generated
from tests.practice.api.codec.test_canonical import REAL, message

MESSAGES: dict[str, Any] = json.loads(
    resources.files(api).joinpath("types.json").read_text(encoding="utf-8")
)["messages"]
META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
TIME = "2026-11-30T23:59:50Z"
TIMES = {"Time": TIME, "MicroTime": "2026-11-30T23:59:50.000120Z"}
# what a field of any other type has; each looks like a time where its type allows it
OTHERS: dict[str, Any] = {
    "bool": True,
    "int32": 1,
    "int64": 1,
    "FieldsV1": {"f:time": {}},
    "strings": [TIME],
}
DEEPEST = 12  # of the kinds that have objects none is as deep

STORED = [kind for kind in kinds.KINDS if kind.stored]
TEMPLATES = {  # the fields of these kinds that hold an object that is yet to be made
    "CronJob": ["spec.jobTemplate"],
    "DaemonSet": ["spec.template"],
    "Deployment": ["spec.template"],
    "Job": ["spec.template"],
    "Pod": ["spec.volumes[].ephemeral.volumeClaimTemplate"],
    "ReplicaSet": ["spec.template"],
    "ReplicationController": ["spec.template"],
    "StatefulSet": ["spec.template", "spec.volumeClaimTemplates[]"],
}


def fields(name: str) -> dict[str, Any]:
    """The fields of a message by JSON name, those of embedded ones among them."""
    found: dict[str, Any] = {}
    for key, one in MESSAGES[name]["fields"].items():
        found |= fields(one["type"]) if one.get("inline") else {key: one["type"].lstrip("*")}
    return found


def full(name: str, above: tuple[str, ...] = ()) -> Object:
    """An object with every field of a message, one value in each list and map."""
    found: Object = {}
    for key, kind in fields(name).items():
        inner = kind.removeprefix("[]").removeprefix("map[string]").lstrip("*")
        if "." not in inner:
            value = TIMES.get(inner) or OTHERS.get(inner, TIME)
        elif inner in above or len(above) > DEEPEST:
            continue
        else:
            value = full(inner, (*above, name))
        in_list, in_map = kind.startswith("[]"), kind.startswith("map")
        found[key] = [value] if in_list else {TIME: value} if in_map else value
    return found


def leaves(name: str, obj: Object, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """Path, type and value of each field of a full object that holds no message."""
    for key, kind in fields(name).items():
        if key not in obj:
            continue
        here, value = f"{path}.{key}".lstrip("."), obj[key]
        inner = kind.removeprefix("[]").removeprefix("map[string]").lstrip("*")
        if kind.startswith("[]"):
            here, value = f"{here}[]", value[0]
        elif kind.startswith("map"):
            here, value = f"{here}{{}}", value[TIME]
        if "." in inner:
            yield from leaves(inner, value, here)
        else:
            yield here, inner, value


def is_in_template(kind: Kind, path: str) -> bool:
    return path.startswith(tuple(f"{one}." for one in TEMPLATES.get(kind.kind, [])))


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.kind)
def test_each_time_of_each_kind_is_moved_and_nothing_else(kind: Kind) -> None:
    whole = full(kind.type)
    found = list(leaves(kind.type, timeshift.moved(kind.type, whole, -50)))
    moved = {"Time": "2026-11-30T23:59:00Z", "MicroTime": "2026-11-30T23:59:00.000120Z"}
    expected = [
        (path, inner, value if is_in_template(kind, path) else moved.get(inner, value))
        for path, inner, value in leaves(kind.type, whole)
    ]
    assert found == expected
    assert sum(inner in TIMES for _, inner, _ in found) >= 3


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.kind)
def test_only_what_is_named_a_template_here_holds_an_object(kind: Kind) -> None:
    inside = {path.rpartition(".metadata.")[0] for path, *_ in leaves(kind.type, full(kind.type))}
    outermost = sorted(path for path in inside - {""} if not is_in_template(kind, path))
    assert outermost == sorted(TEMPLATES.get(kind.kind, []))


def test_the_times_of_the_kinds_that_have_objects_are_these() -> None:
    found = {
        kind.kind: [
            path
            for path, inner, _ in leaves(kind.type, full(kind.type))
            if inner in TIMES and not is_in_template(kind, path) and not path.startswith("metadata")
        ]
        for kind in kinds.FILLED
    }
    states = [
        f"status.{which}[].{state}.{at}"
        for which in (
            "initContainerStatuses",
            "containerStatuses",
            "ephemeralContainerStatuses",
        )
        for state in ("state", "lastState")
        for at in ("running.startedAt", "terminated.startedAt", "terminated.finishedAt")
    ]
    assert found == {
        "ConfigMap": [],
        "CronJob": ["status.lastScheduleTime", "status.lastSuccessfulTime"],
        "Deployment": [
            "status.conditions[].lastUpdateTime",
            "status.conditions[].lastTransitionTime",
        ],
        "Event": ["firstTimestamp", "lastTimestamp", "eventTime", "series.lastObservedTime"],
        "Job": [
            "status.conditions[].lastProbeTime",
            "status.conditions[].lastTransitionTime",
            "status.startTime",
            "status.completionTime",
        ],
        "Lease": ["spec.acquireTime", "spec.renewTime"],
        "LimitRange": [],
        "Namespace": ["status.conditions[].lastTransitionTime"],
        "Node": [
            "spec.taints[].timeAdded",
            "status.conditions[].lastHeartbeatTime",
            "status.conditions[].lastTransitionTime",
        ],
        "Pod": [
            "status.conditions[].lastProbeTime",
            "status.conditions[].lastTransitionTime",
            "status.startTime",
            *states,
            "status.volumeHealth[].lastTransitionTime",
        ],
        "PodDisruptionBudget": ["status.disruptedPods{}", "status.conditions[].lastTransitionTime"],
        "ResourceQuota": [],
        "ClusterRole": [],
        "ClusterRoleBinding": [],
        "Role": [],
        "RoleBinding": [],
        "ReplicaSet": ["status.conditions[].lastTransitionTime"],
        "Secret": [],
        "Service": ["status.conditions[].lastTransitionTime"],
        "ServiceAccount": [],
    }


JOB = "io.k8s.api.batch.v1.Job"
LOOKALIKES: Object = {
    "kind": "Job",
    "apiVersion": "batch/v1",
    "metadata": {
        "name": "x",
        "labels": {"creationTimestamp": TIME},
        "annotations": {
            "creationTimestamp": TIME,
            "kubectl.kubernetes.io/last-applied-configuration": f'{{"creationTimestamp":"{TIME}"}}',
        },
    },
    "spec": {"template": {"metadata": {"creationTimestamp": TIME}}},
    "status": {"conditions": [{"type": "Complete", "message": TIME}]},
}


@pytest.mark.parametrize("name", ["labels", "annotations"])
def test_a_text_that_looks_like_a_time_stays(name: str) -> None:
    found = timeshift.moved(JOB, LOOKALIKES, -50)
    assert found == LOOKALIKES
    assert found["metadata"][name] is LOOKALIKES["metadata"][name]


@pytest.mark.parametrize(
    ("before", "seconds", "after"),
    [
        pytest.param("2026-03-01T00:00:00Z", -1, "2026-02-28T23:59:59Z", id="a month ends"),
        pytest.param("2028-03-01T00:00:00Z", -86400, "2028-02-29T00:00:00Z", id="a leap day"),
        pytest.param("2026-12-31T23:59:59Z", 1, "2027-01-01T00:00:00Z", id="a year ends"),
        pytest.param("0002-01-01T00:00:00Z", -1, "0001-12-31T23:59:59Z", id="a year of one digit"),
        pytest.param("1970-01-01T00:00:00Z", -1, "1970-01-01T00:00:00Z", id="never started"),
        pytest.param("9999-12-31T23:59:59Z", 1, "9999-12-31T23:59:59Z", id="no year 10000"),
        pytest.param("10000-01-01T00:00:00Z", -1, "10000-01-01T00:00:00Z", id="the year 10000"),
        pytest.param("0000-06-01T00:00:00Z", 1, "0000-06-01T00:00:00Z", id="the year 0"),
        pytest.param(None, 1, None, id="no time"),
    ],
)
def test_a_time_is_moved_as_the_calendar_goes(
    before: str | None, seconds: int, after: str | None
) -> None:
    obj = {"metadata": {"name": "x", "creationTimestamp": before}}
    found = timeshift.moved(JOB, obj, seconds)
    assert found["metadata"]["creationTimestamp"] == after


# ---- what holds of any object

SECONDS = st.integers(1, 10**8)


@st.composite
def any_object(draw: st.DrawFn) -> tuple[str, Object]:
    """A canonical object of some kind, and the name of its message."""
    name = draw(st.sampled_from([kind.type for kind in STORED]))
    return name, canonical(name, draw(generated.objects(name)))


@generated.PROPERTY
@given(any_object(), SECONDS)
def test_what_was_moved_there_and_back_is_as_it_was(made: tuple[str, Object], by: int) -> None:
    name, obj = made
    before = copy.deepcopy(obj)
    shown = timeshift.moved(name, obj, -by)
    assert json.dumps(timeshift.moved(name, shown, by)) == json.dumps(before)
    assert obj == before


@generated.PROPERTY
@given(any_object(), SECONDS, SECONDS)
def test_to_be_moved_twice_is_to_be_moved_once_by_the_sum(
    made: tuple[str, Object], first: int, second: int
) -> None:
    name, obj = made
    twice = timeshift.moved(name, timeshift.moved(name, obj, -first), -second)
    assert twice == timeshift.moved(name, obj, -first - second)


@generated.PROPERTY
@given(any_object(), SECONDS)
def test_what_was_moved_is_as_canonical_as_before(made: tuple[str, Object], by: int) -> None:
    name, obj = made
    shown = timeshift.moved(name, obj, -by)
    assert json.dumps(canonical(name, shown)) == json.dumps(shown)


@pytest.mark.parametrize("obj", REAL, ids=lambda obj: f"{obj['kind']} {obj['metadata']['name']}")
def test_an_object_that_is_not_moved_is_the_very_same(obj: Object) -> None:
    assert timeshift.moved(message(obj), obj, 0) is obj


@pytest.mark.parametrize("obj", REAL, ids=lambda obj: f"{obj['kind']} {obj['metadata']['name']}")
def test_a_real_object_shares_all_but_its_times(obj: Object) -> None:
    found = timeshift.moved(message(obj), obj, -3600)
    created = objects.time(obj["metadata"]["creationTimestamp"])
    assert created
    earlier = objects.time(found["metadata"]["creationTimestamp"])
    assert earlier == created - timedelta(hours=1)
    assert found.get("spec") is obj.get("spec")
