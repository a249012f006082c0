"""Jobs that are followed while the cluster's clock is moved: all is told as if it had been waited.

After a jump the API shows the past as older, and tells each watch its objects again. Each watch is
read by a thread, so the Job's may be behind the Pods', or the other way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.evidence import anchors, records, snapshot
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.objects import Object
from tests.evidence.test_recorder import RUNS, Run, Step, Watched, feed, replay
from tests.labs import builders as b

# which watch is read first after a jump; "late": only after the next step
ORDERS = ("Job first", "Pods first", "Job late", "Pods late")


def moved(obj: Object, seconds: float) -> Object:
    """An object as the API shows it where the clock is so far ahead."""
    return anchors.shifted(obj, -timedelta(seconds=seconds))


class Told(NamedTuple):
    """A run as its watches tell it. ahead: how far the clock was moved in the end."""

    steps: list[Step]
    job: Object
    ahead: int


class Watches:
    """What the watches of a Job tell, where the clock is moved during its run."""

    def __init__(self, job: Object) -> None:
        self._job = job
        self._pods: dict[str, Object] = {}
        self.ahead = 0

    def step(self, step: Watched) -> Watched:
        """A step of the run, as it is told."""
        if step.object["kind"] == "Job":
            self._job = step.object
        elif step.kind == "DELETED":
            self._pods.pop(objects.uid(step.object), None)
        else:
            self._pods[objects.uid(step.object)] = step.object
        return self._told(step.object, step.seconds, step.kind)

    def jump(self, seconds: int, at: float) -> tuple[list[Step], list[Step]]:
        """What is told again after a jump: of the Job, and of its Pods. at: cluster time."""
        self.ahead += seconds
        again = [self._told(obj, at + seconds) for obj in (self._job, *self._pods.values())]
        return [again[0]], [*again[1:]]

    def _told(self, obj: Object, seconds: float, kind: str = "MODIFIED") -> Watched:
        return Watched(seconds - self.ahead, moved(obj, self.ahead), kind)


def told(run: Run, jumps: dict[int, str]) -> Told:
    """A run with a jump over all whole seconds before some of its steps. jumps: with the order."""
    steps, job = run
    watches = Watches(job)
    told: list[Step] = []
    before = 0.0
    for index, step in enumerate(steps):
        assert isinstance(step, Watched)
        late: list[Step] = []
        gap = int(step.seconds - before)
        if index in jumps and gap > 0:
            again = dict(zip(("Job", "Pods"), watches.jump(gap, before), strict=True))
            told_first, how = jumps[index].split()
            is_of_late = (step.object["kind"] == "Job") == (told_first == "Job")
            if how == "late" and not is_of_late:  # a watch tells all in order
                late = again.pop(told_first)
            else:
                told += again.pop(told_first)
            told += [one for rest in again.values() for one in rest]
        told += [watches.step(step), *late]
        before = max(before, step.seconds)
    return Told(told, job, watches.ahead)


def lines_of(run: Told) -> tuple[Recorder, list[str]]:
    """The recorder after a run, and the lines of the stream as start prints them."""
    return replay(run.steps, run.job)


def as_waited(seen: Snapshot, ahead: int) -> Snapshot:
    """A snapshot with its times as they would be had nobody moved the clock."""
    by = timedelta(seconds=ahead)
    assert seen.job
    return seen._replace(
        now=seen.now + by,
        job=anchors.shifted(seen.job, by),
        pods=tuple(record.shifted(by) for record in seen.pods),
        gone_at=anchors.at(seen.gone_at, by),
        history=tuple(one.shifted(by) for one in seen.history),
        events=tuple(anchors.shifted(one, by) for one in seen.events or ()),
    )


# ---- whole runs


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", RUNS)
def test_a_run_whose_waits_are_skipped_is_told_as_one_that_was_waited_for(
    name: str, order: str
) -> None:
    run = RUNS[name]
    skipped = told(run, dict.fromkeys(range(len(run[0])), order))
    assert skipped.ahead > 10
    recorder, lines = lines_of(skipped)
    once, waited = replay(*run)
    assert lines == waited
    end = 50.0
    seen = recorder.view(b.at(end - skipped.ahead))
    assert as_waited(seen, skipped.ahead) == once.view(b.at(end))


@pytest.mark.parametrize("name", RUNS)
@b.SLOW_PROPERTY
@given(data=st.data())
def test_jumps_anywhere_change_nothing(name: str, data: st.DataObject) -> None:
    run = RUNS[name]
    places = st.integers(0, len(run[0]) - 1)
    jumps = data.draw(st.dictionaries(places, st.sampled_from(ORDERS)))
    skipped = told(run, jumps)
    recorder, lines = lines_of(skipped)
    once, waited = replay(*run)
    assert lines == waited
    seen = recorder.view(b.at(60 - skipped.ahead))
    assert as_waited(seen, skipped.ahead) == once.view(b.at(60))


# ---- what is kept and not told again


def gone_pod_then_jumps(*jumps: tuple[int, str]) -> Recorder:
    """A Job whose Pod ran for two seconds and went, before the clock was moved, by watch."""
    recorder = Recorder(b.job(), b.NAMESPACE)
    feed(recorder, Watched(0, b.runs("demo-a", 1), "ADDED"))
    feed(recorder, Watched(4, b.ran("demo-a", 1, 3, 3), "DELETED"))
    ahead = 0
    for seconds, kind in jumps:
        ahead += seconds
        other = b.runs("demo-b", 5, created=5)
        obj = b.job(status={"failed": 1}) if kind == "Job" else other
        feed(recorder, Watched(6, moved(obj, ahead)))
    return recorder


@pytest.mark.parametrize(
    ("jumps", "ahead"),
    [
        pytest.param([], 0, id="no jump"),
        pytest.param([(20, "Job")], 20, id="one jump, told by the Job"),
        pytest.param([(20, "Job"), (600, "Job"), (1, "Job")], 621, id="several jumps"),
        pytest.param([(0, "Pod"), (20, "Pod")], 20, id="told by another Pod, before the Job"),
        pytest.param([(0, "Pod"), (20, "Pod"), (0, "Job")], 20, id="told by both"),
        pytest.param([(0, "Pod"), (20, "Pod"), (30, "Job")], 50, id="the Job tells two at once"),
    ],
)
def test_a_pod_that_is_gone_moves_with_the_rest(jumps: list[tuple[int, str]], ahead: int) -> None:
    recorder = gone_pod_then_jumps(*jumps)
    record = next(one for one in recorder.pods if one.gone)
    assert record.attempts == (b.attempt(1 - ahead, 3 - ahead, 3),)
    assert objects.created(record.pod) == b.at(-ahead)


def test_a_pod_is_gone_before_the_job_tells_of_the_jump() -> None:
    recorder = Recorder(b.job(), b.NAMESPACE)
    feed(recorder, Watched(0, b.runs("demo-a", 1), "ADDED"))
    feed(recorder, Watched(4, moved(b.ran("demo-a", 1, 3, 3), 20), "DELETED"))
    assert recorder.age(b.at(4)) == 24
    feed(recorder, Watched(4.1, moved(b.job(), 20)))
    assert recorder.pods[0].attempts == (b.attempt(-19, -17, 3),)
    assert recorder.age(b.at(4)) == 24


def test_the_end_of_a_pod_from_before_the_jump_is_read_after_the_jobs_telling() -> None:
    recorder = Recorder(b.job(), b.NAMESPACE)
    feed(recorder, Watched(0, b.runs("demo-a", 1), "ADDED"))
    feed(recorder, Watched(4, moved(b.job(), 20)))
    feed(recorder, Watched(4.1, b.ran("demo-a", 1, 3, 3), "DELETED"))
    assert recorder.pods[0].attempts == (b.attempt(-19, -17, 3),)


def test_a_new_pod_that_is_read_before_the_jobs_telling_is_not_moved_twice() -> None:
    recorder = Recorder(b.job(), b.NAMESPACE)
    new = b.runs("demo-a", 1, created=1)
    feed(recorder, Watched(1, new, "ADDED"))  # though the clock has been moved by 20 s before
    feed(recorder, Watched(1.1, moved(b.job(), 20)))
    feed(recorder, Watched(3, new))
    feed(recorder, Watched(4, b.ran("demo-a", 1, 3, created=1), "DELETED"))
    assert recorder.pods[0].attempts == (b.attempt(1, 3),)


def test_where_a_new_pod_led_too_far_the_job_tells_how_far_it_was() -> None:
    recorder = gone_pod_then_jumps((20, "Job"))
    new = b.runs("demo-c", 5, created=5)
    feed(recorder, Watched(6, new, "ADDED"))  # from before the jump, and told again after it
    feed(recorder, Watched(6.1, moved(new, 20)))
    feed(recorder, Watched(8, moved(b.job(status={"failed": 1}), 20)))
    assert recorder.pods[0].attempts == (b.attempt(-19, -17, 3),)
    assert recorder.age(b.at(8)) == 28


def test_what_is_left_of_a_job_that_is_gone_tells_of_further_jumps() -> None:
    recorder = Recorder(b.job(), b.NAMESPACE)
    pod = b.ran("demo-a", 1, 3)
    feed(recorder, Watched(3, pod, "ADDED"))
    feed(recorder, Watched(4, b.complete(4, deleted=9)))
    feed(recorder, Watched(9, b.complete(4, deleted=9), "DELETED"))
    feed(recorder, Watched(9, moved(pod, 30)))
    seen = recorder.view(b.at(9))
    assert (seen.gone_at, objects.finished_at(seen.job or {})) == (b.at(-21), b.at(-26))
    assert [one.time for one in seen.history] == [b.at(-26), b.at(-26)]


def told_event(about: str, seconds: float = 0) -> Object:
    """An event about an object of this kind, with the anchor that a server gives it."""
    event = b.event("Failed", about, seconds=seconds)
    event["metadata"]["creationTimestamp"] = b.stamp(seconds)
    event["involvedObject"] = {"kind": about}
    return event


@pytest.mark.parametrize(
    ("about", "kind", "again"),
    [
        pytest.param("Job", "ADDED", True, id="one about the Job is told again"),
        pytest.param("Job", "DELETED", False, id="one that is gone is not"),
        pytest.param("Pod", "ADDED", False, id="one about a Pod is read once"),
    ],
)
@pytest.mark.parametrize("order", ["the Job first", "the event first"])
def test_events_move_with_the_rest(about: str, kind: str, again: bool, order: str) -> None:
    recorder = Recorder(b.job(), b.NAMESPACE)
    event = told_event(about, 2)
    feed(recorder, Watched(2, event, kind))
    steps = [Watched(4, moved(b.job(), 20)), *([Watched(4, moved(event, 20))] if again else [])]
    for step in steps if order == "the Job first" else reversed(steps):
        feed(recorder, step)
    (seen,) = recorder.view(b.at(4)).events or ()
    assert seen == moved(event, 20)


def test_a_pod_that_was_silent_for_the_time_of_a_jump_is_worth_a_line() -> None:
    recorder = Recorder(b.job(), b.NAMESPACE)
    pending = b.pod("demo-a", b.container(b.waiting("ContainerCreating")))
    assert feed(recorder, Watched(0, pending, "ADDED")) == []
    feed(recorder, Watched(1, moved(b.job(), 5)))
    (line,) = recorder.tick(b.at(1))
    assert (line.status, line.age) == ("ContainerCreating", 6)


# ---- records


def tell(ahead: int, *pods: PodRecord, job: Object | None = None, **more: Any) -> Snapshot:
    """What is seen of a Job where the clock is so far ahead."""
    seen = b.seen(job or b.failed(21), *pods)._replace(**more)
    return as_waited(seen, -ahead)._replace(now=seen.now)


GONE = b.record(b.ran("demo-a", 1, 3, 3), b.attempt(1, 3, 3, log=["try 1"]), gone=True)
LEFT = b.record(b.ran("demo-b", 14, 16, 3, created=14))
# of a version that kept the Pods alone
PODS_ALONE = b.seen(b.failed(21), GONE)._replace(job=None, history=())


@pytest.mark.parametrize(
    ("record", "seen", "started"),
    [
        pytest.param(tell(0, GONE), tell(0, LEFT), 1, id="no jump since"),
        pytest.param(tell(0, GONE), tell(30, LEFT), -29, id="a jump since"),
        pytest.param(tell(10, GONE), tell(640, LEFT), -639, id="jumps before and since"),
        pytest.param(tell(0, GONE, LEFT), tell(30, LEFT), -29, id="a Pod that both have"),
        pytest.param(PODS_ALONE, tell(30, LEFT), 1, id="of an earlier version: no anchor"),
    ],
)
def test_a_record_moves_to_the_time_of_what_is_seen(
    tmp_path: Path, record: Snapshot, seen: Snapshot, started: float
) -> None:
    found = snapshot.with_record(seen, record, logs=True)
    pod = next(one for one in found.pods if one.name == GONE.name)
    assert pod.attempts == (b.attempt(started, started + 2, 3, log=["try 1"]),)
    assert found.job == seen.job
    assert set(found.history) >= set(snapshot.transitions(seen.job or {}))
    if record.job:
        records.keep(tmp_path, "here", record, _unkept)
        kept = records.keep(tmp_path, "here", seen, _unkept)
        assert (kept.pods, kept.job) == (_from_cluster(found.pods), seen.job)


def test_a_record_of_a_job_that_is_gone_moves_with_the_pods_that_it_left() -> None:
    record = tell(0, GONE, LEFT, gone=True, gone_at=b.at(25))
    now = tell(60, LEFT)._replace(job=record.job)  # as `gather.gone` takes it from the record
    found = snapshot.with_record(now, record, logs=True)
    assert objects.created(found.job or {}) == b.at(-60)
    assert found.pods[0].attempts[0].started == b.at(-59)
    assert record.as_in(now).gone_at == b.at(-35)


def _from_cluster(pods: Sequence[PodRecord]) -> tuple[PodRecord, ...]:
    """The Pods without what says that the record tells more."""
    return tuple(record._replace(source=snapshot.CLUSTER) for record in pods)


def _unkept(error: OSError) -> None:
    raise AssertionError(error)


# ---- an object


def test_only_what_the_server_writes_is_moved() -> None:
    free = {"startTime": b.stamp(1), "note": b.stamp(2)}
    obj = {
        "metadata": {
            "name": b.stamp(0),
            "creationTimestamp": b.stamp(0),
            "annotations": free,
            "labels": free,
            "managedFields": [{"time": b.stamp(3), "fieldsV1": {"f:time": {}}}],
        },
        "spec": {"template": {"metadata": {"creationTimestamp": b.stamp(4)}}},
        "status": {"startTime": None, "conditions": [{"lastTransitionTime": b.stamp(5)}]},
        "eventTime": "2026-03-01T12:00:06.123456Z",
        "lastTimestamp": "never",
        "message": b.stamp(7),
    }
    assert anchors.shifted(obj, timedelta(seconds=-20)) == {
        "metadata": {
            "name": b.stamp(0),
            "creationTimestamp": b.stamp(-20),
            "annotations": free,
            "labels": free,
            "managedFields": [{"time": b.stamp(-17), "fieldsV1": {"f:time": {}}}],
        },
        "spec": {"template": {"metadata": {"creationTimestamp": b.stamp(4)}}},
        "status": {"startTime": None, "conditions": [{"lastTransitionTime": b.stamp(-15)}]},
        "eventTime": "2026-03-01T11:59:46.123456Z",
        "lastTimestamp": "never",
        "message": b.stamp(7),
    }
    assert anchors.shifted(obj, timedelta()) is obj


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00Z", "9999-13-01T00:00:00Z", "", "12:00", objects.NEVER]
)
def test_what_is_no_time_or_beyond_the_calendar_stays(text: str) -> None:
    container = {"state": {"terminated": {"startedAt": text}}}
    assert anchors.shifted(container, timedelta(seconds=-1)) == container


FIRST = "2026-03-01T12:00:40.123456789Z try 1"


@pytest.mark.parametrize(
    ("again", "is_same"),
    [
        pytest.param(FIRST, True, id="read twice at once"),
        pytest.param("2026-03-01T12:00:20.123456789Z try 1", True, id="a jump in between"),
        pytest.param("2026-03-01T11:50:20.123456789Z try 1", True, id="two jumps in between"),
        pytest.param("2026-03-01T12:01:00.123456789Z try 1", True, id="read before the other"),
        pytest.param("2026-03-01T12:00:30.123456789Z try 1", False, id="no jump was so long"),
        pytest.param("2026-03-01T12:00:20.123456788Z try 1", False, id="other nanoseconds"),
        pytest.param("2026-03-01T12:00:20.123456789Z try 2", False, id="another text"),
    ],
)
def test_a_log_line_is_known_again_after_a_jump(again: str, is_same: bool) -> None:
    recorder = gone_pod_then_jumps((20, "Job"), (600, "Job"))
    assert recorder.is_same_line(FIRST, again) is is_same


@pytest.mark.parametrize("line", ["", " ", "no time at all"])
def test_a_line_without_a_time_is_the_same_where_it_is_equal(line: str) -> None:
    recorder = gone_pod_then_jumps()
    assert recorder.is_same_line(line, line)
    assert not recorder.is_same_line(line, f"{line} more")
