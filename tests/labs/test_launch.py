"""Whose a Job is, and how one that runs differs from the one that is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.labs import launch
from kubectl_joblab.objects import Object
from tests.labs import builders as b

MANAGED = {"app.kubernetes.io/managed-by": "kubectl-joblab"}
OURS = {**MANAGED, "app.kubernetes.io/name": "demo"}


# ---- whose it is


@pytest.mark.parametrize(
    ("labels", "a_labs", "this_labs"),
    [
        pytest.param({}, False, False, id="a Job without labels is nobody's"),
        pytest.param(OURS, True, True, id="this lab made it"),
        pytest.param(
            {**MANAGED, "app.kubernetes.io/name": "sleep"}, True, False, id="another lab made it"
        ),
        pytest.param(MANAGED, True, False, id="some lab made it"),
        pytest.param(
            {"app.kubernetes.io/name": "demo"}, False, False, id="it is only called like it"
        ),
        pytest.param(
            {**OURS, "app.kubernetes.io/managed-by": "Helm"}, False, False, id="Helm made it"
        ),
    ],
)
def test_whose_a_job_is(labels: Mapping[str, str], a_labs: bool, this_labs: bool) -> None:
    job = b.job(labels=labels)
    assert (launch.is_ours(job), launch.is_ours(job, b.lab())) == (a_labs, this_labs)


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param(None, id="none"),
        pytest.param({"team": "a"}, id="of the learner"),
        pytest.param(OURS, id="as scaffold writes them"),
        pytest.param({**MANAGED, "app.kubernetes.io/name": "sleep"}, id="copied from another lab"),
        pytest.param({"app.kubernetes.io/managed-by": "me"}, id="that say otherwise"),
    ],
)
def test_what_start_creates_is_the_labs_whatever_labels_the_file_has(
    labels: Mapping[str, str] | None,
) -> None:
    job = b.job(labels=labels)
    claimed = launch.claim(job, b.lab())
    assert launch.is_ours(claimed, b.lab())
    assert {key: objects.labels(claimed).get(key) for key in ("team",)} == {
        "team": (labels or {}).get("team")
    }


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({"name": "demo", "annotations": {"a": "b"}}, id="with annotations"),
        pytest.param({"name": "demo", "labels": None}, id="with labels left empty"),
        pytest.param({}, id="empty"),
        pytest.param(None, id="left empty"),
    ],
)
def test_a_claim_adds_labels_and_nothing_else(metadata: Mapping[str, Any] | None) -> None:
    spec = {"completions": 1}
    job: Object = {"kind": "Job", "metadata": metadata, "spec": spec}
    claimed = launch.claim(job, b.lab())
    kept = {key: value for key, value in (metadata or {}).items() if key != "labels"}
    assert claimed == {"kind": "Job", "metadata": {**kept, "labels": OURS}, "spec": spec}
    assert job["metadata"] == metadata


# ---- how it differs

CONTAINER = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", "sleep 5"]}
SERVED = {
    **CONTAINER,
    "imagePullPolicy": "IfNotPresent",
    "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}},
    "terminationMessagePath": "/dev/termination-log",
}
WANTED = {"completions": 6, "parallelism": 3, "template": {"spec": {"containers": [CONTAINER]}}}
FOUND = {
    **WANTED,
    "backoffLimit": 6,
    "completionMode": "NonIndexed",
    "suspend": False,
    "template": {
        "metadata": {"labels": {"job-name": "demo"}},
        "spec": {"containers": [SERVED], "dnsPolicy": "ClusterFirst"},
    },
}
IN_CONTAINER = "spec.template.spec.containers[0]"


def container(**changes: Any) -> Object:
    """The wanted spec with another container."""
    return {**WANTED, "template": {"spec": {"containers": [{**CONTAINER, **changes}]}}}


@pytest.mark.parametrize(
    ("wanted", "different"),
    [
        pytest.param(WANTED, [], id="what the server filled in is no difference"),
        pytest.param({}, [], id="nothing wanted is no difference"),
        pytest.param(
            {**WANTED, "parallelism": 2}, [("spec.parallelism", 2, 3)], id="another number"
        ),
        pytest.param(
            {**WANTED, "completions": 4, "parallelism": 2},
            [("spec.completions", 4, 6), ("spec.parallelism", 2, 3)],
            id="two other numbers",
        ),
        pytest.param(
            container(image="busybox:1.37"),
            [(f"{IN_CONTAINER}.image", "busybox:1.37", "busybox:1.36")],
            id="another image",
        ),
        pytest.param(
            container(command=["sh", "-c", "sleep 9"]),
            [(f"{IN_CONTAINER}.command[2]", "sleep 9", "sleep 5")],
            id="another argument",
        ),
        pytest.param(
            container(command=["sh"]),
            [(f"{IN_CONTAINER}.command", ["sh"], ["sh", "-c", "sleep 5"])],
            id="fewer arguments are shown whole",
        ),
        pytest.param(
            {**WANTED, "activeDeadlineSeconds": 9},
            [("spec.activeDeadlineSeconds", 9, None)],
            id="a field it does not have",
        ),
        pytest.param({**WANTED, "suspend": False}, [], id="false is false"),
        pytest.param(
            {**WANTED, "backoffLimit": 0}, [("spec.backoffLimit", 0, 6)], id="0 is not nothing"
        ),
        pytest.param({**WANTED, "backoffLimit": None}, [], id="a field left empty is a default"),
        pytest.param(
            container(volumeMounts=[], securityContext={}), [], id="empty is the same as not there"
        ),
        pytest.param(
            container(resources={"requests": {"cpu": "0.5", "memory": "1024Mi"}}),
            [],
            id="the same quantity written otherwise",
        ),
    ],
)
def test_how_a_running_job_differs(wanted: Object, different: list[tuple[str, Any, Any]]) -> None:
    assert list(launch.differences(wanted, FOUND, "spec")) == different


def test_only_where_quantities_stand_are_two_texts_one_amount() -> None:
    wanted = {"args": ["1k"], "resources": {"limits": {"x.com/y": "1k", "cpu": "2"}}}
    found = {"args": ["1000"], "resources": {"limits": {"x.com/y": "1000", "cpu": "1000m"}}}
    assert list(launch.differences(wanted, found, "c")) == [
        ("c.args[0]", "1k", "1000"),
        ("c.resources.limits.cpu", "2", "1000m"),
    ]
    volume = {"emptyDir": {"sizeLimit": "1024Mi"}}
    assert not list(launch.differences(volume, {"emptyDir": {"sizeLimit": "1Gi"}}, "volumes[0]"))


LEAVES = st.integers() | st.text(min_size=1) | st.booleans()
SPECS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.text("ab", min_size=1, max_size=2), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def with_defaults(value: Any) -> Any:
    """The same as the server would serve it: more keys in each mapping."""
    if isinstance(value, dict):
        return {**{key: with_defaults(one) for key, one in value.items()}, "default": "x"}
    return [with_defaults(one) for one in value] if isinstance(value, list) else value


@b.PROPERTY
@given(SPECS)
def test_a_spec_never_differs_from_itself_with_defaults(wanted: Any) -> None:
    assert list(launch.differences(wanted, with_defaults(wanted), "spec")) == []
