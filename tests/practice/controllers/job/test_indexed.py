"""Indexes: which are done, failed, next; which Pods are one too many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import indexed, indexes, pods
from tests.practice.controllers import build
from tests.practice.controllers.build import names, pod


def test_succeeded_indexes_are_the_completed_ones_and_those_not_counted_yet() -> None:
    job = build.indexed(6, {"completedIndexes": "0,2"})
    some = [
        pod("a", "Succeeded", index=3),
        pod("counted", "Succeeded", index=4, tracked=False),
        pod("beyond", "Succeeded", index=9),
        pod("failed", "Failed", index=5),
    ]
    assert str(indexed.succeeded(job, some)) == "0,2,3"


def test_an_elastic_job_that_was_made_smaller_forgets_its_highest_indexes() -> None:
    job = build.indexed(3, {"completedIndexes": "0,2-5"})
    assert str(indexed.succeeded(job, [])) == "0,2"


@pytest.mark.parametrize(
    ("one", "limit", "rules", "failed"),
    [
        pytest.param(pod("p", "Failed", index=1, failures=0), 0, None, "1", id="no retry"),
        pytest.param(pod("p", "Failed", index=1, failures=0), 1, None, "", id="one retry is left"),
        pytest.param(pod("p", "Failed", index=1, failures=1), 1, None, "1", id="none is left"),
        pytest.param(
            pod("p", "Failed", index=1, failures=0, exit_code=3),
            5,
            [{"action": "FailIndex", "onExitCodes": {"operator": "In", "values": [3]}}],
            "1",
            id="FailIndex needs no retries",
        ),
        pytest.param(
            pod("p", "Failed", index=1, failures=5, exit_code=3),
            0,
            [{"action": "Ignore", "onExitCodes": {"operator": "In", "values": [3]}}],
            "",
            id="an ignored failure does not fail it",
        ),
        pytest.param(
            pod("p", "Failed", index=1, failures=0, tracked=False), 0, None, "", id="counted before"
        ),
    ],
)
def test_an_index_fails_when_its_retries_are_used_up(
    one: Object, limit: int, rules: list[Object] | None, failed: str
) -> None:
    policy = None if rules is None else {"rules": rules}
    job = build.indexed(4, backoffLimitPerIndex=limit, podFailurePolicy=policy)
    assert str(indexed.failed(job, [one])) == failed


@given(st.sets(st.integers(0, 15)), st.integers(0, 20), st.integers(0, 12))
def test_the_lowest_indexes_that_need_a_pod_come_first(
    busy: set[int], count: int, completions: int
) -> None:
    job = build.indexed(completions)
    free = [index for index in range(completions) if index not in busy]
    assert indexed.first_pending(job, indexes.of(busy), count) == free[:count]


def test_of_several_pods_with_one_index_the_furthest_stays() -> None:
    job = build.indexed(3)
    removed, left = indexed.surplus(
        job,
        [
            pod("none"),
            pod("beyond", index=3),
            pod("pending", "Pending", index=1),
            pod("running", index=1),
            pod("only", index=0),
        ],
    )
    assert names(removed) == ["none", "pending", "beyond"]
    assert names(left) == ["only", "running"]


def test_the_last_failure_of_an_index_is_kept_until_it_is_replaced() -> None:
    job = build.indexed(4, backoffLimitPerIndex=3)
    kept = indexed.delayed_deletions(
        job,
        [
            pod("first", "Failed", index=0, failures=0, finished=-9),
            pod("second", "Failed", index=0, failures=1, finished=-5),
            pod("settled", "Failed", index=1, failures=0),
            pod("running", index=2),
        ],
        settled=indexes.of([1]),
    )
    assert {index: one["metadata"]["name"] for index, one in kept.items()} == {0: "second"}


@pytest.mark.parametrize(
    ("replaced", "annotations"),
    [
        pytest.param(None, {pods.FAILURE_COUNT: "0"}, id="the first Pod of an index"),
        pytest.param(
            pod("p", "Failed", index=0, failures=1, exit_code=1),
            {pods.FAILURE_COUNT: "2"},
            id="one failure more",
        ),
        pytest.param(
            pod("p", "Failed", index=0, failures=1, ignored=2, exit_code=7),
            {pods.FAILURE_COUNT: "1", pods.IGNORED_FAILURE_COUNT: "3"},
            id="one ignored failure more",
        ),
    ],
)
def test_a_new_pod_says_how_often_its_index_failed(
    replaced: Object | None, annotations: dict[str, str]
) -> None:
    ignore = {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [7]}}
    job = build.indexed(1, backoffLimitPerIndex=5, podFailurePolicy={"rules": [ignore]})
    assert indexed.failure_annotations(job, replaced) == annotations
