"""The wait after failures: doubled, capped, ended by a success."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kubectl_joblab.practice.controllers.job import backoff
from kubectl_joblab.practice.controllers.job.backoff import Record
from tests.practice.controllers.build import NOW, pod


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


@pytest.mark.parametrize(
    ("failures", "wait"),
    [
        pytest.param(0, 0, id="no failure, no wait"),
        pytest.param(1, 10, id="ten seconds first"),
        pytest.param(2, 20, id="doubled"),
        pytest.param(6, 320, id="the sixth failure of the default backoffLimit"),
        pytest.param(7, 600, id="never more than ten minutes"),
        pytest.param(1000, 600, id="however many there are"),
    ],
)
def test_the_wait_doubles_with_each_failure(failures: int, wait: int) -> None:
    assert backoff.delay(failures) == seconds(wait)


@pytest.mark.parametrize(
    ("record", "left"),
    [
        pytest.param(Record(), 0, id="no failure yet"),
        pytest.param(Record(1, NOW - seconds(4)), 6, id="the wait began with the failure"),
        pytest.param(Record(2, NOW - seconds(20)), 0, id="it is over"),
        pytest.param(Record(2, NOW - seconds(50)), 0, id="it has long been over"),
    ],
)
def test_what_is_left_counts_from_the_last_failure(record: Record, left: int) -> None:
    assert backoff.remaining(record, NOW) == seconds(left)


@pytest.mark.parametrize(
    ("succeeded", "failed", "expected"),
    [
        pytest.param([], [], Record(3, NOW), id="nothing has ended"),
        pytest.param([], [5, 9], Record(5, NOW + seconds(9)), id="failures add up"),
        pytest.param([5], [], Record(), id="a success ends the wait"),
        pytest.param([5], [4, 5], Record(), id="failures up to the success do not count"),
        pytest.param([5], [4, 6, 9], Record(2, NOW + seconds(9)), id="those after it do"),
    ],
)
def test_a_record_follows_what_has_ended(
    succeeded: list[int], failed: list[int], expected: Record
) -> None:
    won = [pod(f"s{when}", "Succeeded", finished=when) for when in succeeded]
    lost = [pod(f"f{when}", "Failed", finished=when) for when in failed]
    assert backoff.updated(Record(3, NOW), won, lost) == expected


@pytest.mark.parametrize(
    ("failures", "ignored", "left"),
    [
        pytest.param(0, None, 10, id="the first failure of an index"),
        pytest.param(2, None, 40, id="the annotation counts the earlier ones"),
        pytest.param(1, 1, 40, id="ignored ones make it wait too"),
    ],
)
def test_each_index_waits_by_itself(failures: int, ignored: int | None, left: int) -> None:
    failed = pod("f", "Failed", index=0, failures=failures, ignored=ignored)
    assert backoff.remaining_for_index(failed, NOW) == seconds(left)


def test_an_index_that_never_failed_does_not_wait() -> None:
    assert backoff.remaining_for_index(None, NOW) == seconds(0)
