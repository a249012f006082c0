"""What is known of a Job: how many Pods ran at once, what a record adds, which attempts show."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.evidence import snapshot
from kubectl_joblab.evidence.snapshot import CLUSTER, START
from kubectl_joblab.objects import Object
from tests.labs import builders as b

# ---- how many at once


@pytest.mark.parametrize(
    ("pods", "highest"),
    [
        pytest.param([], 0, id="no Pod is none at once"),
        pytest.param([[]], 0, id="a Pod that never started is none at once"),
        pytest.param([[(1, 11)]], 1, id="one Pod is one at once"),
        pytest.param([[(1, 11)], [(1, 11)], [(1, 11)]], 3, id="three together are three"),
        pytest.param([[(1, 5)], [(5, 9)]], 1, id="a start in the second of a finish is no overlap"),
        pytest.param([[(1, 6)], [(5, 9)]], 2, id="one second together is an overlap"),
        pytest.param([[(4, 4)]], 1, id="a run within one second counts as one"),
        pytest.param([[(4, 4)], [(4, 4)]], 1, id="runs within the same second need not have met"),
        pytest.param([[(1, 9)], [(4, 4)]], 1, id="a run within a second of another need not meet"),
        pytest.param([[(1, 9), (2, 8)]], 1, id="two containers of one Pod are one Pod"),
        pytest.param([[(1, 3), (3, 5)], [(2, 4)]], 2, id="a restarted Pod stays one Pod"),
        pytest.param(
            [[(1, 11)], [(1, 11)], [(15, 25)], [(15, 25)]], 2, id="a second wave is no addition"
        ),
    ],
)
def test_the_most_pods_at_once(pods: list[list[tuple[int, int]]], highest: int) -> None:
    intervals = [[(b.at(start), b.at(end)) for start, end in pod] for pod in pods]
    assert snapshot.peak(intervals) == highest


MILLISECONDS = st.integers(0, 12_000)
REAL_RUN = st.tuples(MILLISECONDS, MILLISECONDS).map(lambda pair: (min(pair), max(pair)))


def really_at_once(pods: list[tuple[int, int]]) -> int:
    """The most at any millisecond; a run occupies the one it starts in."""
    moments = {start for start, _ in pods}
    return max((sum(s <= moment < max(e, s + 1) for s, e in pods) for moment in moments), default=0)


def as_served(run: tuple[int, int]) -> snapshot.Interval:
    return b.at(run[0] // 1000), b.at(run[1] // 1000)


@b.PROPERTY
@given(st.lists(REAL_RUN, max_size=12))
def test_never_more_at_once_than_there_really_were(pods: list[tuple[int, int]]) -> None:
    assert snapshot.peak([as_served(run)] for run in pods) <= really_at_once(pods)


@b.PROPERTY
@given(st.lists(REAL_RUN, min_size=1, max_size=12))
def test_any_run_is_at_least_one_at_once(pods: list[tuple[int, int]]) -> None:
    assert snapshot.peak([as_served(run)] for run in pods) >= 1


@b.PROPERTY
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), max_size=12))
def test_runs_of_whole_seconds_are_counted_exactly(pods: list[tuple[int, int]]) -> None:
    runs = [(start, start + length) for start, length in pods]
    exact = max((sum(s <= now < e for s, e in runs) for now in range(30)), default=0)
    assert snapshot.peak([(b.at(s), b.at(e))] for s, e in runs) == exact


@b.PROPERTY
@given(st.lists(MILLISECONDS, min_size=2, max_size=9, unique=True).map(sorted))
def test_pods_one_after_another_are_never_two_at_once(moments: list[int]) -> None:
    assert snapshot.peak([as_served(pair)] for pair in pairwise(moments)) == 1


def test_a_pod_that_still_runs_runs_until_now() -> None:
    assert snapshot.runs(b.record(b.runs("demo-a", 1)), b.at(7)) == [(b.at(1), b.at(7))]


def test_a_clock_behind_the_nodes_makes_no_negative_run() -> None:
    assert snapshot.runs(b.record(b.runs("demo-a", 3)), b.at(2)) == [(b.at(3), b.at(3))]


def test_a_pod_that_is_gone_no_longer_runs() -> None:
    # its end was never seen: start was stopped, or the Pod deleted by force
    gone = b.record(b.runs("demo-a", 1), gone=True)
    later = b.record(b.ran("demo-b", 30, 40, created=29))
    assert snapshot.peak(snapshot.runs(one, b.at(60)) for one in (gone, later)) == 1


def test_a_pod_gone_before_its_end_was_seen_is_not_wholly_known() -> None:
    gone = b.record(b.runs("demo-a", 1), gone=True)
    assert not b.seen(b.complete(20), gone).has_every_start


# ---- attempts


def crashing() -> Object:
    """Started five times, held back before the sixth."""
    state = b.crash_loop("demo-a", 80)
    held = b.container(state, last=b.ended(50, 52, 3), restarts=4)
    return b.pod("demo-a", held, restart_policy="OnFailure")


@pytest.mark.parametrize(
    ("pod", "known"),
    [
        pytest.param(b.pod("a"), [], id="a Pod without a container has none"),
        pytest.param(
            b.pod("a", b.container(b.waiting("ContainerCreating"))), [], id="one to come has none"
        ),
        pytest.param(b.runs("a", 2), [(1, 2, None, None)], id="a first run goes on"),
        pytest.param(b.ran("a", 2, 4, 3), [(1, 2, 4, 3)], id="a first run has ended"),
        pytest.param(
            b.pod("a", b.container(b.running(3), last=b.ended(1, 3, 3), restarts=1)),
            [(1, 1, 3, 3), (2, 3, None, None)],
            id="after the restart both runs are known",
        ),
        pytest.param(
            b.pod("a", b.container(b.ended(18, 20, 3), last=b.ended(3, 5, 3), restarts=2)),
            [(2, 3, 5, 3), (3, 18, 20, 3)],
            id="of three runs only the last two are known",
        ),
        pytest.param(crashing(), [(5, 50, 52, 3)], id="in CrashLoopBackOff the last run is known"),
    ],
)
def test_the_attempts_a_pod_tells_of(
    pod: Object, known: list[tuple[int, int, int | None, int | None]]
) -> None:
    expected = [
        (number, b.at(start), None if end is None else b.at(end), code)
        for number, start, end, code in known
    ]
    found = [(a.number, a.started, a.finished, a.exit_code) for a in objects.attempts(pod)]
    assert found == expected


def test_a_container_that_never_started_has_an_attempt_without_a_start() -> None:
    # what the kubelet says of a command that is not there
    state = b.ended(0, 2, 128, "StartError")
    state["terminated"]["startedAt"] = "1970-01-01T00:00:00Z"
    (attempt,) = objects.attempts(b.pod("a", b.container(state)))
    assert (attempt.started, attempt.exit_code, attempt.reason) == (None, 128, "StartError")
    assert snapshot.runs(b.record(b.pod("a", b.container(state))), b.at(9)) == []


def test_a_run_that_ended_before_its_start_was_noted_has_no_length() -> None:
    # seen of an echo: the runtime takes the time of the start when the program may be done already
    (attempt,) = objects.attempts(b.pod("a", b.container(b.ended(3, 2))))
    assert (attempt.started, attempt.finished) == (b.at(2), b.at(2))


@pytest.mark.parametrize(
    ("pod", "starts", "all_known"),
    [
        pytest.param(b.pod("a"), 0, True, id="none"),
        pytest.param(
            b.pod("a", b.container(b.waiting("ContainerCreating"))), 0, True, id="to come"
        ),
        pytest.param(b.ran("a", 1, 2), 1, True, id="one run"),
        pytest.param(crashing(), 5, False, id="CrashLoopBackOff after five starts"),
        pytest.param(
            b.pod("a", b.container(b.running(3), last=b.ended(1, 3, 3), restarts=1)),
            2,
            True,
            id="one restart",
        ),
        pytest.param(
            b.pod("a", b.container(b.running(18), last=b.ended(3, 5, 3), restarts=2)),
            3,
            False,
            id="two restarts",
        ),
    ],
)
def test_starts_are_counted_though_not_each_is_known(
    pod: Object, starts: int, all_known: bool
) -> None:
    found = b.record(pod)
    assert (found.starts, found.knows_every_start) == (starts, all_known)


# ---- what belongs to the Job


def test_a_job_that_counted_more_pods_than_there_are_has_not_every_pod() -> None:
    job = b.failed(41, pods=3)
    two = [b.ran("demo-a", 2, 4, 3), b.ran("demo-b", 14, 16, 3, created=14)]
    third = b.ran("demo-c", 36, 38, 3, created=36)
    assert not b.seen(job, *two).has_every_pod
    assert b.seen(job, *two, third).has_every_pod


def test_pods_stand_in_the_order_of_their_creation_then_by_name() -> None:
    pods = [b.runs("demo-z", 1), b.runs("demo-a", 20, created=20), b.runs("demo-k", 1)]
    assert [r.name for r in b.seen(b.job(), *pods).pods] == ["demo-k", "demo-z", "demo-a"]


# ---- what start recorded


def test_a_pod_only_the_record_has_is_gone_and_told_by_start() -> None:
    recorded = b.record(b.ran("demo-a", 1, 3, 3))
    (found,) = snapshot.merge(b.seen(b.failed(21)), [recorded], logs=False).pods
    assert (found.name, found.gone, found.source) == ("demo-a", True, START)
    assert found.attempts == recorded.attempts


def test_a_record_that_adds_nothing_leaves_the_cluster_as_the_source() -> None:
    pod = b.ran("demo-a", 1, 3)
    (found,) = snapshot.merge(b.seen(b.complete(5), pod), [b.record(pod)], logs=True).pods
    assert (found.gone, found.source) == (False, CLUSTER)


def test_attempts_the_cluster_forgot_come_from_the_record() -> None:
    known = b.record(
        b.runs("demo-a", 1), b.attempt(1, 3, 3), b.attempt(3, 5, 3, number=2), gone=False
    )
    last = b.container(b.ended(18, 20, 0), last=b.ended(3, 5, 3), restarts=2)
    (found,) = snapshot.merge(
        b.seen(b.complete(21), b.pod("demo-a", last)), [known], logs=False
    ).pods
    assert [(a.number, a.exit_code) for a in found.attempts] == [(1, 3), (2, 3), (3, 0)]
    assert (found.source, found.gone, found.knows_every_start) == (START, False, True)


RECORDED = b.attempt(1, 9, 0, log=["recorded"])


@pytest.mark.parametrize(
    ("pod", "wins"),
    [
        pytest.param(b.ran("demo-a", 1, 3, 3), b.attempt(1, 3, 3), id="another end and exit code"),
        pytest.param(b.ran("demo-a", 2, 9), b.attempt(2, 9, 0), id="another start"),
        pytest.param(b.runs("demo-a", 1), b.attempt(1), id="it has not ended at all"),
    ],
)
def test_a_record_never_overrules_the_cluster(pod: Object, wins: objects.Attempt) -> None:
    recorded = b.record(pod, RECORDED)
    (found,) = snapshot.merge(b.seen(b.job(), pod), [recorded], logs=False).pods
    assert found.attempts == (wins,)
    assert found.source == CLUSTER


def test_a_record_that_adds_an_attempt_overrules_none_of_the_others() -> None:
    pod = b.pod("demo-a", b.container(b.running(3), restarts=1))
    second = b.attempt(3, 5, 3, number=2, log=["recorded"])
    recorded = b.record(pod, b.attempt(1, 3, 3), second)
    cluster = b.seen(b.job(), b.record(pod, b.attempt(3, number=2, log=["from the cluster"])))
    (found,) = snapshot.merge(cluster, [recorded], logs=True).pods
    running = b.attempt(3, number=2, log=["from the cluster"])
    assert found.attempts == (b.attempt(1, 3, 3), running)


def test_a_log_the_cluster_has_is_not_replaced_by_the_recorded_one() -> None:
    pod = b.ran("demo-a", 1, 9)
    cluster = b.seen(b.complete(10), b.record(pod, logs="from the cluster"))
    (found,) = snapshot.merge(cluster, [b.record(pod, RECORDED)], logs=True).pods
    assert (found.attempts[0].log, found.source) == (("from the cluster",), CLUSTER)


@pytest.mark.parametrize(
    ("asked", "source"),
    [
        pytest.param(True, START, id="a log that was asked for and is gone is evidence"),
        pytest.param(False, CLUSTER, id="a log nobody asked for is none"),
    ],
)
def test_a_recorded_log_counts_only_where_logs_were_asked_for(asked: bool, source: str) -> None:
    pod = b.ran("demo-a", 1, 9)
    cluster = b.seen(b.complete(10), pod)
    (found,) = snapshot.merge(cluster, [b.record(pod, RECORDED)], logs=asked).pods
    assert found.source == source
    assert (found.attempts[0].log == ("recorded",)) is asked


def test_merged_pods_are_in_the_order_of_their_creation() -> None:
    older = b.record(b.ran("demo-z", 1, 3, 3))
    newer = b.ran("demo-a", 14, 16, 3, created=14)
    merged = snapshot.merge(b.seen(b.failed(18, pods=2), newer), [older], logs=False)
    assert [record.name for record in merged.pods] == ["demo-z", "demo-a"]
