"""How many Pods a Job should have, and which go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import backoff, manage, snapshot
from kubectl_joblab.practice.controllers.job.backoff import Record
from tests.practice.controllers.build import NOW, indexed, job, names, pod


def plan(one: Object, some: Sequence[Object] = (), record: Record | None = None) -> manage.Plan:
    return manage.plan(snapshot.observe(one, some, record or Record(), NOW))


def running(count: int) -> list[Object]:
    return [pod(f"r{number}") for number in range(count)]


@pytest.mark.parametrize(
    ("one", "some", "created"),
    [
        pytest.param(job(), [], 1, id="one Pod by default"),
        pytest.param(job(completions=5, parallelism=2), [], 2, id="no more than parallelism"),
        pytest.param(job(completions=2, parallelism=5), [], 2, id="no more than completions"),
        pytest.param(
            job({"succeeded": 3}, completions=5, parallelism=5), [], 2, id="what is left to do"
        ),
        pytest.param(job(completions=5, parallelism=3), running(1), 2, id="beside those that run"),
        pytest.param(job(completions=None, parallelism=3), [], 3, id="a work queue begins"),
        pytest.param(
            job({"succeeded": 1}, completions=None, parallelism=3),
            running(1),
            0,
            id="a work queue takes nobody in after a success",
        ),
        pytest.param(job(parallelism=0), [], 0, id="parallelism 0"),
        pytest.param(job(completions=0), [], 0, id="completions 0"),
        pytest.param(
            job(completions=9, parallelism=2),
            [pod("t", deleted=True)],
            2,
            id="a terminating Pod is replaced at once",
        ),
        pytest.param(
            job(completions=9, parallelism=2, podReplacementPolicy="Failed"),
            [pod("t", deleted=True)],
            1,
            id="or only when it has ended",
        ),
        pytest.param(job(parallelism=900, completions=900), [], 500, id="five hundred at once"),
    ],
)
def test_missing_pods_are_made(one: Object, some: list[Object], created: int) -> None:
    record = Record()
    assert len(plan(one, some, record).create) == created
    assert plan(one, some, record).remove == ()


@pytest.mark.parametrize(
    ("one", "removed"),
    [
        pytest.param(job(completions=9, parallelism=3), [], id="as many as there should be"),
        pytest.param(
            job(completions=9, parallelism=1), ["unscheduled", "new"], id="parallelism lowered"
        ),
        pytest.param(
            job(completions=9, parallelism=3, suspend=True),
            ["unscheduled", "new", "old"],
            id="suspended: all",
        ),
        pytest.param(
            job({"succeeded": 8}, completions=9, parallelism=3),
            ["unscheduled", "new"],
            id="more than are left to do",
        ),
        pytest.param(
            job({"succeeded": 1}, completions=None, parallelism=1),
            [],
            id="a work queue sends nobody away",
        ),
    ],
)
def test_pods_that_are_too_many_go_the_least_far_first(one: Object, removed: list[str]) -> None:
    some = [pod("old", created=-90), pod("new"), pod("unscheduled", "Pending", node="")]
    assert names(list(plan(one, some).remove)) == removed


def test_nothing_is_made_while_pods_are_removed() -> None:
    some = [pod("a", index=0), pod("b", index=0)]
    found = plan(indexed(3), some)
    assert (names(list(found.remove)), found.create) == (["a"], ())


def test_pods_wait_after_failures() -> None:
    failed = [pod("f", "Failed", finished=-4)]
    assert plan(job(), failed) == manage.Plan(wait=timedelta(seconds=6))


def test_earlier_failures_make_the_wait_longer() -> None:
    failed = [pod("f", "Failed", finished=-4)]
    record = backoff.Record(2, NOW)
    assert plan(job(), failed, record) == manage.Plan(wait=timedelta(seconds=36))


def test_indexes_are_taken_from_the_lowest() -> None:
    some = [pod("a", index=1), pod("t", index=2, deleted=True)]
    assert plan(indexed(9, parallelism=3), some).create == [0, 2]
    only_ended = indexed(9, parallelism=3, podReplacementPolicy="Failed")
    assert plan(only_ended, some).create == [0]


def test_one_index_waits_while_others_begin() -> None:
    job_per_index = indexed(3, parallelism=2, backoffLimitPerIndex=2)
    failed = [pod("f", "Failed", index=0, failures=0, finished=-1)]
    assert plan(job_per_index, failed).create == [1]


def test_where_all_indexes_wait_the_first_that_may_begin_is_waited_for() -> None:
    job_per_index = indexed(2, backoffLimitPerIndex=5)
    failed = [
        pod("a", "Failed", index=0, failures=3, finished=-1),
        pod("b", "Failed", index=1, failures=0, finished=-4),
    ]
    assert plan(job_per_index, failed) == manage.Plan(wait=timedelta(seconds=6))


def test_failed_indexes_are_not_tried_again() -> None:
    job_per_index = indexed(3, {"failedIndexes": "0"}, backoffLimitPerIndex=0)
    assert plan(job_per_index).create == [1, 2]
