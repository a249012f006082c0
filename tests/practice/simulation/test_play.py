"""A Job that is played: what no story may bring about, and what each part of a story does."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.controllers.job import indexes
from kubectl_joblab.practice.simulation import play, virtual
from kubectl_joblab.practice.simulation.containers import Program
from kubectl_joblab.practice.simulation.play import IDLE, LATE, OVER, Course
from kubectl_joblab.practice.simulation.story import INDEX, Story, Told

DAY = 24 * 3600
GRACE = 30
GOOD = Program(runs=2, exits=0)


def job(spec: Mapping[str, Any], **pod: Any) -> Object:
    """A Job that asks for what no machine has: no image, volume or node like these is there."""
    container = {
        "name": "main",
        "image": "registry.example/none:1",
        "resources": {"requests": {"cpu": "4000"}},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        "envFrom": [{"secretRef": {"name": "none"}}],
    }
    asks = {
        "restartPolicy": "Never",
        "nodeSelector": {"disk": "ssd"},
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "none"}}],
        "containers": [container],
        **pod,
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j", "namespace": "elsewhere"},
        "spec": {**spec, "template": {"spec": asks}},
    }


def last(course: Course) -> Object:
    """The Job as it was last."""
    return [one.object for one in course.news if one.object["kind"] == "Job"][-1]


def pods(course: Course) -> list[Object]:
    """The Pods as they were last, in the order of their creation."""
    found = {}
    for one in course.news:
        if one.object["kind"] == "Pod":
            found[objects.uid(one.object)] = one.object
    return list(found.values())


def codes(course: Course) -> list[int]:
    """The exit codes of the Pods' last tries."""
    return [attempt.exit_code or 0 for pod in pods(course) for attempt in objects.attempts(pod)]


def seconds(course: Course) -> float:
    """The time from the creation of the Job to its end."""
    created, ended = objects.created(last(course)), objects.finished_at(last(course))
    assert created is not None
    assert ended is not None
    return (ended - created).total_seconds()


def reason(course: Course) -> str:
    """Why the Job has ended."""
    found = last(course)
    return str((objects.condition(found, objects.job_status(found)) or {})["reason"])


PROGRAMS = st.builds(
    Program,
    runs=st.integers(0, 90).map(float),
    exits=st.sampled_from([0, 1, 42]),
    ends=st.sampled_from([None, 0.0, 3.0]),
    stopped=st.just(143),
)
STORIES = st.builds(
    Story,
    tries=st.lists(PROGRAMS, min_size=1, max_size=4).map(tuple),
    told=st.just(()),
    drains=st.lists(st.integers(1, 200).map(float), max_size=1),
)


@settings(max_examples=40, deadline=None)
@given(
    STORIES,
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(0, 3),
    st.none() | st.integers(1, 120),
    st.booleans(),
    st.sampled_from(["Never", "OnFailure"]),
)
def test_no_story_brings_about_more_than_the_limits_allow(
    story: Story,
    completions: int,
    parallelism: int,
    limit: int,
    deadline: int | None,
    indexed: bool,
    restart: str,
) -> None:
    spec = {
        "completions": completions,
        "parallelism": parallelism,
        "backoffLimit": limit,
        "completionMode": "Indexed" if indexed else "NonIndexed",
        **({"activeDeadlineSeconds": deadline} if deadline else {}),
    }
    course = play.play(job(spec, restartPolicy=restart), story, DAY)
    assert course.end == OVER
    status = objects.status(last(course))
    # all that run when the limit is passed may fail too, and those that a drain evicts run beside
    # the ones that replace them
    drained = parallelism * len(story.drains)
    assert status.get("failed", 0) <= limit + parallelism + drained
    assert status.get("succeeded", 0) <= completions
    assert len(pods(course)) <= completions + limit + parallelism + drained
    assert most_active(course) <= parallelism
    if deadline:
        assert seconds(course) <= deadline + GRACE + 1


def most_active(course: Course) -> int:
    """The most Pods that the Job has counted as active at one time."""
    jobs = [one.object for one in course.news if one.object["kind"] == "Job"]
    return max(int(objects.status(one).get("active", 0)) for one in jobs)


@settings(max_examples=15, deadline=None)
@given(
    st.integers(1, 5),
    st.dictionaries(st.integers(0, 4), PROGRAMS, max_size=3),
    st.integers(0, 2),
    st.integers(0, 3),
)
def test_an_index_has_no_more_tries_than_its_own_limit_allows(
    completions: int, told: dict[int, Program], limit: int, most: int
) -> None:
    spec = {
        "completions": completions,
        "parallelism": completions,
        "completionMode": "Indexed",
        "backoffLimitPerIndex": limit,
        "maxFailedIndexes": min(most, completions),
    }
    by_index = [Told(indexes.of([index]), (program,)) for index, program in told.items()]
    course = play.play(job(spec), Story((GOOD,), by_index), DAY)
    tries = Counter(objects.annotation(pod, INDEX) for pod in pods(course))
    assert course.end == OVER
    assert all(count <= limit + 1 for count in tries.values())
    failing = {index for index, one in told.items() if one.exits and index < completions}
    assert objects.is_true(last(course), "Failed") is bool(failing)


def test_it_is_the_same_each_time() -> None:
    one, two = (play.play(job({"completions": 3, "parallelism": 2}), Story(), DAY) for _ in "12")
    assert [objects.name(pod) for pod in pods(one)] == [objects.name(pod) for pod in pods(two)]
    assert last(one) == last(two)


def test_a_pod_that_replaces_a_failed_one_is_the_next_try() -> None:
    story = Story((Program(runs=1, exits=1), Program(runs=1, exits=2), GOOD))
    course = play.play(job({"completions": 2, "parallelism": 1}), story, DAY)
    assert codes(course) == [1, 2, 0, 1, 2, 0]


def test_a_container_that_is_restarted_is_the_next_try() -> None:
    story = Story((Program(runs=1, exits=1), Program(runs=1, exits=2), GOOD))
    course = play.play(job({}, restartPolicy="OnFailure"), story, DAY)
    assert len(pods(course)) == 1
    assert codes(course) == [2, 0]  # a kubelet tells of the last two


def test_an_index_has_a_story_of_its_own() -> None:
    told = [Told(indexes.parse("1", 9), (Program(runs=1, exits=42), GOOD))]
    spec = {"completions": 3, "parallelism": 3, "completionMode": "Indexed"}
    course = play.play(job(spec), Story((GOOD,), told), DAY)
    found = [
        (objects.annotation(pod, INDEX), attempt.exit_code)
        for pod in pods(course)
        for attempt in objects.attempts(pod)
    ]
    assert found == [("0", 0), ("1", 42), ("2", 0), ("1", 0)]


def test_an_eviction_is_a_disruption_and_the_next_pod_finds_a_node() -> None:
    rules = [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]
    spec = {"backoffLimit": 0, "podFailurePolicy": {"rules": rules}}
    story = Story((Program(runs=60, exits=0, ends=0, stopped=143),), drains=[20])
    course = play.play(job(spec), story, DAY)
    assert objects.is_true(last(course), "Complete")
    evicted, replaced = pods(course)
    condition = objects.condition(evicted, "DisruptionTarget") or {}
    assert (condition["reason"], condition["message"]) == (
        "EvictionByEvictionAPI",
        "Eviction API: evicting",
    )
    assert seconds(course) == pytest.approx(90, abs=2)  # 20 s, the back-off, 60 s
    assert objects.status(replaced)["phase"] == "Succeeded"


def test_an_init_container_succeeds_and_a_sidecar_serves_until_the_pod_ends() -> None:
    sidecar = {"name": "proxy", "image": "proxy", "restartPolicy": "Always"}
    inits = [{"name": "prepare", "image": "prepare"}, sidecar]
    course = play.play(job({}, initContainers=inits), Story((GOOD,)), DAY)
    assert objects.is_true(last(course), "Complete")


@pytest.mark.parametrize(
    ("spec", "pod"),
    [
        ({"suspend": True}, {}),
        ({"parallelism": 0}, {}),
        ({"managedBy": "example.com/another"}, {}),
        ({}, {"schedulingGates": [{"name": "example.com/gate"}]}),
    ],
)
def test_a_job_for_which_nothing_will_ever_happen_is_idle(
    spec: dict[str, Any], pod: dict[str, Any]
) -> None:
    assert play.play(job(spec, **pod), Story(), 10**9).end == IDLE


def test_a_job_that_runs_for_ever_is_idle() -> None:
    assert play.play(job({}), Story((Program(runs=math.inf),)), 10**9).end == IDLE


def test_a_job_that_takes_longer_is_left() -> None:
    course = play.play(job({}), Story((Program(runs=100, exits=0),)), 60)
    assert course.end == LATE
    assert not objects.is_finished(last(course))


def test_what_the_api_refuses_is_not_played() -> None:
    with pytest.raises(StatusError, match="restartPolicy"):
        play.play(job({}, restartPolicy="Always"), Story(), DAY)


def test_a_field_that_does_not_exist_is_refused() -> None:
    with pytest.raises(StatusError, match=r'unknown field "spec[.]paralelism"'):
        play.play(job({"paralelism": 2}), Story(), DAY)


def test_a_day_of_waiting_is_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timers that fire while a Job only waits would be all the work of a long simulation."""
    fired: list[float] = []
    set_timer = virtual.VirtualLoop.call_at

    def counted(loop: Any, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        def fire(*told: Any) -> None:
            fired.append(when)
            callback(*told)

        return set_timer(loop, when, fire, *args, context=context)

    monkeypatch.setattr(virtual.VirtualLoop, "call_at", counted)
    course = play.play(job({}), Story((Program(runs=DAY - 3600, exits=0),)), DAY)
    assert course.end == OVER
    assert len([when for when in fired if 3600 < when < DAY - 7200]) < DAY / 3600
