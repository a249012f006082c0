"""How many tries a Job has made: a Pod that stands there is none that is gone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kubectl_joblab.evidence import verdict
from kubectl_joblab.evidence.causes import failing, tries
from kubectl_joblab.evidence.snapshot import PodRecord
from kubectl_joblab.objects import Object
from tests.labs import builders as b


def init_failed(restarts: int = 0) -> Object:
    """A Pod whose init container has failed; its own container has never been started."""
    pod = b.pod("demo-a", b.container(b.waiting("PodInitializing")), phase="Failed")
    pod["spec"]["initContainers"] = [{"name": "prep"}]
    entry = b.container(b.ended(1, 2, 9), name="prep", restarts=restarts)
    pod["status"]["initContainerStatuses"] = [entry]
    return pod


def beside(*codes: int) -> Object:
    """A Pod of several containers, which end together."""
    made = [b.container(b.ended(1, 2, code), name=f"c{n}") for n, code in enumerate(codes)]
    return b.pod("demo-a", *made, phase="Failed")


def again(*codes: int) -> Object:
    """A Pod whose containers have all failed twice, in place."""
    made = [
        b.container(b.ended(6, 2, code), name=f"c{n}", restarts=1, last=b.ended(1, 2, code))
        for n, code in enumerate(codes)
    ]
    return b.pod("demo-a", *made, phase="Failed")


PODS: Mapping[str, tuple[Object, int]] = {
    "one container": (b.ran("demo-a", 1, 2, 3), 1),
    "one that runs": (b.runs("demo-a", 1), 1),
    "none yet": (b.pod("demo-a", b.container(b.waiting("ContainerCreating"))), 0),
    "an init container that failed": (init_failed(), 1),
    "an init container that was started again": (init_failed(2), 3),
    "evicted before it began": (b.pod("demo-a", phase="Failed"), 1),
    "three containers": (beside(0, 1, 2), 1),
    "two containers that failed twice": (again(1, 2), 2),
}


@pytest.mark.parametrize("name", PODS)
def test_the_tries_of_a_pod(name: str) -> None:
    pod, number = PODS[name]
    (record,) = b.seen(b.job(), pod).pods
    assert tries.rounds(record) == number


@pytest.mark.parametrize("name", PODS)
@pytest.mark.parametrize("gone", [False, True])
def test_no_verdict_says_of_a_pod_that_it_is_gone_of_which_something_is_known(
    name: str, gone: bool
) -> None:
    (record,) = b.seen(b.job(), PODS[name][0]).pods
    seen = b.seen(b.failed(9), PodRecord(record.pod, record.attempts, gone))
    assert "gone" not in str(verdict.of_job(seen))


def test_pods_that_nobody_knows_any_more_are_gone() -> None:
    assert str(verdict.of_job(b.seen(b.failed(9, pods=2)))).endswith("2 Pods are gone")


@pytest.mark.parametrize("name", PODS)
def test_no_more_tries_have_failed_than_there_were(name: str) -> None:
    (record,) = b.seen(b.job(), PODS[name][0]).pods
    assert tries.count([record]) <= tries.rounds(record)


@pytest.mark.parametrize(
    ("pod", "number"), [(beside(1, 2), 1), (beside(0, 2), 1), (again(1, 2), 2)]
)
def test_containers_that_fail_together_make_one_try_that_failed(pod: Object, number: int) -> None:
    assert tries.count(b.seen(b.job(), pod).pods) == number


@pytest.mark.parametrize("codes", [(1, 2), (2, 1)])
def test_of_containers_that_fail_together_each_exit_code_is_told(codes: tuple[int, int]) -> None:
    cause = failing.failing(b.seen(b.failed(9), beside(*codes)), None)
    assert f"1 try failed with exit codes c0 {codes[0]}, c1 {codes[1]}" in [
        str(c.what) for c in cause
    ]


@pytest.mark.parametrize("silent", ["c0", "c1"])
def test_of_containers_that_fail_together_one_with_a_log_is_quoted(silent: str) -> None:
    (record,) = b.seen(b.failed(9), beside(1, 2)).pods
    attempts = tuple(
        one._replace(log=() if one.container == silent else ("no table",))
        for one in record.attempts
    )
    (cause,) = failing.failing(b.seen(b.failed(9), record._replace(attempts=attempts)), None)
    assert "no table" in str(cause.because)
