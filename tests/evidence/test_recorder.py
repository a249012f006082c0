"""Watch events replayed: the lines of the stream, what is known in the end, what goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes.table import of as causes_of
from kubectl_joblab.evidence.causes.tries import failed_try
from kubectl_joblab.evidence.recorder import Change, Recorder
from kubectl_joblab.language import Language
from kubectl_joblab.objects import Object
from kubectl_joblab.printing.stream import Stream
from tests.labs import builders as b


@dataclass(frozen=True)
class Watched:
    """A watch event and when it came, in seconds after the Job's creation."""

    seconds: float
    object: Object
    kind: str = "MODIFIED"


@dataclass(frozen=True)
class Tick:
    """Nothing happened, but time passed."""

    seconds: float


Step = Watched | Tick
Run = tuple[list[Step], Object]  # what happens, and the Job at first


def feed(recorder: Recorder, step: Step) -> list[Change]:
    """What the recorder makes of one step."""
    now = b.at(step.seconds)
    if isinstance(step, Tick):
        return recorder.tick(now)
    if step.object["kind"] == "Job":
        return recorder.on_job(step.kind, step.object, now)
    if step.object["kind"] == "Event":
        recorder.on_event(step.kind, step.object, now)
        return []
    return recorder.on_pod(step.kind, step.object, now)


def replay(steps: Sequence[Step], job: Object) -> tuple[Recorder, list[str]]:
    """The recorder after all steps, and the lines of the stream as start prints them."""
    recorder = Recorder(job, b.NAMESPACE)
    stream, english = Stream(objects.name(job)), Language("en")
    lines = [stream.header()]
    for step in steps:
        lines += [
            stream.change(change.age, change.object, change.status, english(change.detail))
            for change in feed(recorder, step)
        ]
    return recorder, lines


def screen(text: str) -> list[str]:
    """The lines of a screen."""
    return text.strip("\n").splitlines()


# ---- whole runs: parallelism and OnFailure as on the screens of start, piped


SIX = {"completions": 6, "parallelism": 3}


def parallelism(**status: Any) -> Object:
    return b.job("parallelism", spec=SIX, status=status)


def first_wave() -> list[Step]:
    names = [f"parallelism-{end}" for end in ("jj96x", "942s6", "kwr2z")]
    return [
        Watched(0, b.job("parallelism", spec=SIX), "ADDED"),
        Watched(0.1, parallelism(active=3, ready=0)),
        *(Watched(0.1, b.pod(name), "ADDED") for name in names),
        *(Watched(0.4, b.pod(name, b.container(b.waiting("ContainerCreating")))) for name in names),
        *(Watched(1.5, b.runs(name, 1)) for name in names),
        Watched(2, parallelism(active=3, ready=3)),
        *(Watched(12, b.ran(name, 1, 11)) for name in sorted(names)),
    ]


def second_wave() -> list[Step]:
    names = [f"parallelism-{end}" for end in ("sfs2w", "np9rk", "slmbk")]
    met = b.condition("SuccessCriteriaMet", 27, "CompletionsReached")
    ending = b.job("parallelism", spec=SIX, status={"succeeded": 3}, conditions=[met])
    return [
        Watched(13, parallelism(active=3, ready=0)),
        Watched(14, parallelism(active=3, ready=0, succeeded=3)),
        *(Watched(14.2, b.pod(name, created=14), "ADDED") for name in names),
        *(Watched(15.9, b.runs(name, 15, created=14)) for name in names),
        *(Watched(25.9, b.ran(name, 15, 25, created=14)) for name in sorted(names)),
        Watched(27, ending),
        Watched(27.4, b.complete(27, 6, name="parallelism", spec=SIX)),
    ]


PARALLELISM: Run = (first_wave() + second_wave(), b.job("parallelism", spec=SIX))
PARALLELISM_SCREEN = """
AGE   OBJECT                  STATUS               DETAIL
0s    job.batch/parallelism   Running              0/6
1s    pod/parallelism-jj96x   Running              1 at once
1s    pod/parallelism-942s6   Running              2 at once
1s    pod/parallelism-kwr2z   Running              3 at once
12s   pod/parallelism-942s6   Completed            exit 0, ran 10s
12s   pod/parallelism-jj96x   Completed            exit 0, ran 10s
12s   pod/parallelism-kwr2z   Completed            exit 0, ran 10s
14s   job.batch/parallelism   Running              3/6
15s   pod/parallelism-sfs2w   Running              1 at once
15s   pod/parallelism-np9rk   Running              2 at once
15s   pod/parallelism-slmbk   Running              3 at once
25s   pod/parallelism-np9rk   Completed            exit 0, ran 10s
25s   pod/parallelism-sfs2w   Completed            exit 0, ran 10s
25s   pod/parallelism-slmbk   Completed            exit 0, ran 10s
27s   job.batch/parallelism   SuccessCriteriaMet   3/6
27s   job.batch/parallelism   Complete             6/6
"""


def retry(**status: Any) -> Object:
    return b.job("retry", spec={"backoffLimit": 2}, status=status)


def failing(name: str, created: float) -> list[Step]:
    start = created + (2 if created == 0 else 0)
    return [
        Watched(created, b.pod(name, created=created), "ADDED"),
        Watched(start, b.runs(name, start, created=created)),
        Watched(start + 2.3, b.ran(name, start, start + 2, 3, created=created)),
    ]


TARGET = b.condition("FailureTarget", 40, "BackoffLimitExceeded")
NEVER: Run = (
    [
        Watched(0, b.job("retry"), "ADDED"),
        Watched(0, retry(active=1)),
        *failing("retry-pvdmc", 0),
        Watched(5, retry(failed=1)),
        *failing("retry-nx8rv", 14),
        Watched(14.5, retry(active=1, failed=1)),
        Watched(17, retry(failed=2)),
        *failing("retry-jjr67", 36),
        Watched(36.5, retry(active=1, failed=2)),
        Watched(40, b.job("retry", status={"failed": 2}, conditions=[TARGET])),
        Watched(41, b.failed(41, 3, name="retry")),
    ],
    b.job("retry"),
)
NEVER_SCREEN = """
AGE   OBJECT            STATUS               DETAIL
0s    job.batch/retry   Running              0/1
2s    pod/retry-pvdmc   Running
4s    pod/retry-pvdmc   Error                exit 3, ran 2s
5s    job.batch/retry   Running              0/1, 1 failed, next try at 14s
14s   pod/retry-nx8rv   Running
16s   pod/retry-nx8rv   Error                exit 3, ran 2s
17s   job.batch/retry   Running              0/1, 2 failed, next try at 36s
36s   pod/retry-jjr67   Running
38s   pod/retry-jjr67   Error                exit 3, ran 2s
40s   job.batch/retry   FailureTarget        0/1, 2 failed
41s   job.batch/retry   Failed               0/1, 3 failed
"""


def restarted(
    state: Object,
    restarts: int = 0,
    last: Object | None = None,
    phase: str = "Running",
    deleted: float | None = None,
) -> Object:
    entry = b.container(state, restarts=restarts, last=last)
    return b.pod(
        "retry-4hk9l", entry, phase=phase, restart_policy="OnFailure", deleted=deleted, grace=30
    )


RUN_1, RUN_2, RUN_3 = b.ended(1, 3, 3), b.ended(3, 5, 3), b.ended(18, 20, 3)
HELD_BACK = b.crash_loop("retry-4hk9l", 10)
ONFAILURE_TARGET = b.condition("FailureTarget", 19, "BackoffLimitExceeded")
ON_FAILURE: Run = (
    [
        Watched(0, b.job("retry"), "ADDED"),
        Watched(0, retry(active=1)),
        Watched(0.2, b.pod("retry-4hk9l", restart_policy="OnFailure"), "ADDED"),
        Watched(1, restarted(b.running(1))),
        Watched(3, restarted(RUN_1)),
        Watched(3, restarted(b.running(3), 1, RUN_1)),
        # the kubelet says waiting, CrashLoopBackOff only when it looks again
        Watched(6, restarted(RUN_2, 1, RUN_1)),
        Watched(18, restarted(HELD_BACK, 1, RUN_2)),
        Watched(18, restarted(b.running(18), 2, RUN_2)),
        Watched(19, restarted(b.running(18), 2, RUN_2, deleted=19)),
        Watched(19, b.job("retry", conditions=[ONFAILURE_TARGET])),
        Watched(20, restarted(RUN_3, 2, RUN_2, "Failed", deleted=19)),
        Watched(21, restarted(RUN_3, 2, RUN_2, "Failed", deleted=19), "DELETED"),
        Watched(21, b.failed(21, name="retry")),
    ],
    b.job("retry"),
)
ON_FAILURE_SCREEN = """
AGE   OBJECT            STATUS               DETAIL
0s    job.batch/retry   Running              0/1
1s    pod/retry-4hk9l   Running
3s    pod/retry-4hk9l   Error                exit 3, ran 2s
3s    pod/retry-4hk9l   Running              restart 1
6s    pod/retry-4hk9l   Error                exit 3, ran 2s, back-off 10s
18s   pod/retry-4hk9l   CrashLoopBackOff
18s   pod/retry-4hk9l   Running              restart 2
19s   pod/retry-4hk9l   Terminating
19s   job.batch/retry   FailureTarget        0/1, its Pod has 30s to stop
20s   pod/retry-4hk9l   Error                exit 3, ran 2s
21s   pod/retry-4hk9l   DELETED
21s   job.batch/retry   Failed               0/1, 1 failed
"""


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        pytest.param(PARALLELISM, PARALLELISM_SCREEN, id="three Pods at a time"),
        pytest.param(NEVER, NEVER_SCREEN, id="Never: a Pod for each try, and when the next is due"),
        pytest.param(ON_FAILURE, ON_FAILURE_SCREEN, id="OnFailure: one Pod, removed at the limit"),
    ],
)
def test_a_run_is_told_as_on_the_screens(run: Run, expected: str) -> None:
    assert replay(*run)[1] == screen(expected)


RUNS: dict[str, Run] = {"parallelism": PARALLELISM, "Never": NEVER, "OnFailure": ON_FAILURE}


@pytest.mark.parametrize("name", RUNS)
def test_all_has_been_seen_at_the_end_and_not_before(name: str) -> None:
    steps, job = RUNS[name]
    recorder = Recorder(job, b.NAMESPACE)
    settled = []
    for step in steps:
        feed(recorder, step)
        settled.append(recorder.settled)
    assert settled == [False] * (len(steps) - 1) + [True]


def test_each_attempt_of_a_removed_pod_is_kept() -> None:
    recorder, _ = replay(*ON_FAILURE)
    (record,) = recorder.pods
    found = [(a.number, a.started, a.finished, a.exit_code) for a in record.attempts]
    assert found == [
        (1, b.at(1), b.at(3), 3),
        (2, b.at(3), b.at(5), 3),
        (3, b.at(18), b.at(20), 3),
    ]
    assert (record.gone, record.knows_every_start) == (True, True)


# ---- events that come more than once


@st.composite
def repeated(draw: st.DrawFn, steps: Sequence[Step]) -> list[Step]:
    """The same events in the same order, some twice, with lists of what is there in between."""
    told: list[Step] = []
    there: dict[str, Object] = {}
    for step in steps:
        told += [step] * draw(st.integers(1, 2))
        assert isinstance(step, Watched)
        there[objects.uid(step.object)] = step.object
        if step.kind == "DELETED":
            del there[objects.uid(step.object)]
        if draw(st.booleans()):
            listed = draw(st.permutations(list(there.values())))
            told += [Watched(step.seconds, obj, "ADDED") for obj in listed]
            told.append(Tick(step.seconds))
    return told


@pytest.mark.parametrize("name", RUNS)
@b.SLOW_PROPERTY
@given(data=st.data())
def test_events_that_come_again_change_nothing_and_are_not_told_again(
    name: str, data: st.DataObject
) -> None:
    steps, job = RUNS[name]
    once, lines = replay(steps, job)
    again, same = replay(data.draw(repeated(steps)), job)
    assert same == lines
    assert (again.pods, again.job, again.settled) == (once.pods, once.job, once.settled)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_joined_at_its_end_has_what_the_cluster_still_shows(name: str) -> None:
    steps, job = RUNS[name]
    there: dict[str, Object] = {}
    for step in steps:
        assert isinstance(step, Watched)
        there[objects.uid(step.object)] = step.object
        if step.kind == "DELETED":
            del there[objects.uid(step.object)]
    recorder, lines = replay([Watched(60, obj, "ADDED") for obj in there.values()], job)
    assert (recorder.finished, len(recorder.pods)) == (True, len(there) - 1)
    assert len(lines) == 1 + len(there)  # the header, and a line for each object


def test_a_status_that_stays_is_not_told_again_after_an_exit() -> None:
    # the kubelet tells of the container's end before it calls the Pod Failed
    steps: list[Step] = [
        Watched(1, restarted(b.running(1))),
        Watched(19, restarted(b.running(1), deleted=19)),
        Watched(20, restarted(b.ended(1, 20, 143), deleted=19)),
        Watched(20, restarted(b.ended(1, 20, 143), phase="Failed", deleted=19)),
    ]
    statuses = [line.split()[2] for line in replay(steps, b.job("retry"))[1][1:]]
    assert statuses == ["Running", "Terminating", "Error"]


# ---- what can happen besides


def test_a_container_that_was_stopped_has_not_failed_though_its_pod_is_gone_later() -> None:
    def pod(state: Object, deleted: float | None, grace: int) -> Object:
        return b.pod("demo-0-a", b.container(state), deleted=deleted, grace=grace)

    stopped = b.ended(1, 9, 137)
    steps = [
        Watched(1, pod(b.running(1), None, 0), "ADDED"),
        Watched(8, pod(b.running(1), 8, 1)),
        Watched(10, pod(stopped, 10, 0)),  # the kubelet's own deletion, with a time of its own
        Watched(10, pod(stopped, 10, 0), "DELETED"),
    ]
    recorder, _ = replay(steps, b.job())
    (record,) = recorder.pods
    assert record.gone
    assert failed_try(b.seen(b.failed(10), record)) is None


def test_when_a_pod_was_asked_to_stop_is_what_was_said_first() -> None:
    asked = b.pod("demo-a", b.container(b.running(1)), deleted=4)
    gone = b.pod("demo-a", b.container(b.ended(1, 5, 137)), deleted=9, grace=0)
    recorder, _ = replay([Watched(4, asked), Watched(5, gone, "DELETED")], b.job())
    (record,) = recorder.pods
    assert objects.metadata(record.pod)["deletionTimestamp"] == b.stamp(34)
    assert causes_of(recorder.view(b.at(6))) == []


def test_a_job_deleted_while_it_is_watched_is_told_with_how_far_it_was() -> None:
    half = parallelism(active=3, succeeded=3)
    gone = [*first_wave(), Watched(14, half), Watched(15, half, "DELETED")]
    recorder, lines = replay(gone, b.job("parallelism", spec=SIX))
    assert lines[-1] == "15s   job.batch/parallelism   DELETED              3/6"
    assert (recorder.deleted, recorder.finished) == (True, False)


def test_when_a_job_went_is_when_it_was_asked_to_else_when_it_was_seen_to() -> None:
    done = b.complete(12)
    for last, went in ((b.complete(12, deleted=22), 22), (done, 25)):
        steps = [Watched(12, done), Watched(25, last, "DELETED")]
        recorder, _ = replay(steps, b.job())
        seen = recorder.view(b.at(30))
        assert (seen.gone, seen.gone_at, seen.finished) == (True, b.at(went), True)


def test_what_a_condition_was_before_is_kept() -> None:
    held = b.condition("Suspended", 0, "JobSuspended")
    resumed = b.condition("Suspended", 7, "JobResumed", "False")
    steps = [
        Watched(1, b.job(conditions=[held])),
        Watched(7, b.job(conditions=[resumed])),
        Watched(9, b.job(conditions=[resumed, TARGET])),
    ]
    seen = replay(steps, b.job())[0].view(b.at(9))
    assert [(one.type, one.status, one.time) for one in seen.transitions] == [
        ("Suspended", "True", b.at(0)),
        ("Suspended", "False", b.at(7)),
        ("FailureTarget", "True", b.at(40)),
    ]


def test_another_job_of_the_same_name_is_not_this_one() -> None:
    job = b.job()
    other = b.complete(40, uid="another")
    pod = b.pod("demo-z", b.container(b.ended(31, 39)), owner="another", created=30)
    steps: list[Step] = [
        Watched(0, b.job(status={"active": 1}), "ADDED"),
        Watched(30, other, "ADDED"),
        Watched(30, pod, "ADDED"),
        Watched(50, other, "DELETED"),
    ]
    recorder, lines = replay(steps, job)
    assert [line.split()[1:3] for line in lines[1:]] == [["job.batch/demo", "Running"]]
    assert (recorder.deleted, recorder.finished, recorder.pods) == (False, False, ())


def test_a_bare_pod_with_the_jobs_labels_is_not_counted() -> None:
    recorder, lines = replay([Watched(1, b.pod("demo-x", owner=None), "ADDED")], b.job())
    assert (recorder.pods, len(lines)) == ((), 1)


def test_a_pod_that_ran_and_ended_between_two_events_is_told_once() -> None:
    _, lines = replay([Watched(3, b.ran("demo-abcde", 1, 2), "ADDED")], b.job())
    assert lines[1:] == ["3s    pod/demo-abcde   Completed            exit 0, ran 1s"]


# ---- Pending


def creating(reason: str = "ContainerCreating") -> Object:
    return b.pod("demo-abcde", b.container(b.waiting(reason)))


NO_NODE = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        pytest.param(
            [Watched(0, b.pod("demo-abcde")), Tick(4.9)], [], id="less than 5s of Pending"
        ),
        pytest.param(
            [Watched(0, b.pod("demo-abcde")), Tick(4.9), Tick(5.0), Tick(6.0), Tick(60)],
            ["5s    pod/demo-abcde   Pending"],
            id="5s of Pending are told once",
        ),
        pytest.param(
            [Watched(0, creating()), Tick(5.2)],
            ["5s    pod/demo-abcde   ContainerCreating"],
            id="5s of ContainerCreating",
        ),
        pytest.param(
            [Watched(0, creating("PodInitializing")), Tick(5.2)],
            ["5s    pod/demo-abcde   PodInitializing"],
            id="5s of PodInitializing",
        ),
        pytest.param(
            [Watched(0, b.pod("demo-abcde")), Tick(5), Watched(8, creating()), Tick(13)],
            ["5s    pod/demo-abcde   Pending", "13s   pod/demo-abcde   ContainerCreating"],
            id="5s of each",
        ),
        pytest.param(
            [Watched(0, b.pod("demo-abcde")), Watched(4, b.runs("demo-abcde", 4)), Tick(9)],
            ["4s    pod/demo-abcde   Running"],
            id="a Pod that runs in time was never Pending",
        ),
        pytest.param(
            [Watched(0, b.unschedulable("demo-abcde", NO_NODE)), Tick(5)],
            ["5s    pod/demo-abcde   Pending              Unschedulable"],
            id="why it is Pending",
        ),
        pytest.param(
            [
                Watched(0, b.pod("demo-abcde")),
                Watched(2, b.pod("demo-abcde"), "DELETED"),
                Tick(9),
            ],
            ["2s    pod/demo-abcde   DELETED"],
            id="a Pod that is gone is not Pending",
        ),
        pytest.param(
            [Watched(0, b.pod("demo-abcde")), Watched(3, b.pod("demo-abcde")), Tick(5)],
            ["5s    pod/demo-abcde   Pending"],
            id="an event about it does not begin the 5s again",
        ),
    ],
)
def test_pending_is_told_after_five_seconds(steps: Sequence[Step], told: list[str]) -> None:
    assert replay(steps, b.job())[1][1:] == told


# ---- trouble

PULL = (
    'Back-off pulling image "busybox:9.99": ErrImagePull: failed to pull and unpack image '
    '"docker.io/library/busybox:9.99": failed to resolve image: no such host'
)


def pulling(reason: str, message: str = PULL) -> Object:
    return b.pod("demo-j64wk", b.container(b.waiting(reason, message)))


def causes(steps: Sequence[Step], now: float) -> list[tuple[bool, str]]:
    """Whether each cause is fatal, and its line."""
    found = replay(steps, b.job())[0].causes(b.at(now))
    return [(cause.fatal, str(cause.line)) for cause in found]


def test_an_image_that_cannot_be_pulled_is_told_and_is_the_end() -> None:
    steps: list[Step] = [
        Watched(0, creating("ContainerCreating"), "ADDED"),
        Watched(1, pulling("ErrImagePull")),
        Watched(14, pulling("ImagePullBackOff")),
    ]
    assert replay(steps, b.job())[1][1:] == [
        "1s    pod/demo-j64wk   ErrImagePull",
        "14s   pod/demo-j64wk   ImagePullBackOff",
    ]
    assert causes(steps, 14) == [(True, f"pod/demo-j64wk: ImagePullBackOff: {PULL}")]


@pytest.mark.parametrize(
    ("reason", "fatal"),
    [
        pytest.param("ImagePullBackOff", True, id="an image that is not there"),
        pytest.param("InvalidImageName", True, id="an image name that is none"),
        pytest.param("ErrImageNeverPull", True, id="an image that must not be pulled"),
        pytest.param("CreateContainerConfigError", True, id="runAsNonRoot without runAsUser"),
        pytest.param("ContainerCreating", None, id="a container being made"),
        pytest.param("CrashLoopBackOff", None, id="a back-off, which the lab is about"),
    ],
)
def test_what_a_job_never_fails_from(reason: str, fatal: bool | None) -> None:
    found = causes([Watched(1, pulling(reason, "why"))], 9)
    expected = [] if fatal is None else [(fatal, f"pod/demo-j64wk: {reason}: why")]
    assert found == expected


def test_an_image_that_is_pulled_at_last_is_no_trouble() -> None:
    steps = [Watched(14, pulling("ImagePullBackOff")), Watched(30, b.runs("demo-j64wk", 29))]
    assert causes(steps, 31) == []


def test_a_removed_pod_is_no_trouble() -> None:
    stuck = pulling("ImagePullBackOff")
    assert causes([Watched(14, stuck), Watched(30, stuck, "DELETED")], 31) == []


def test_an_unschedulable_pod_is_told_and_may_be_scheduled_yet() -> None:
    stuck = b.unschedulable("demo-wbpj9", NO_NODE)
    expected = [(False, f"pod/demo-wbpj9: Unschedulable: {NO_NODE}")]
    assert causes([Watched(0, stuck)], 1) == expected
    assert causes([Watched(0, stuck), Watched(9, b.runs("demo-wbpj9", 8))], 10) == []


NO_PROGRAM = (
    "OCI runtime create failed: runc create failed: unable to start container process: "
    'exec: "nosuchcmd": executable file not found in $PATH'
)


def no_start(name: str, seconds: float, reason: str = "StartError") -> Object:
    """A Pod whose container could not be started."""
    state = b.ended(seconds, seconds, 128, reason)
    state["terminated"]["message"] = NO_PROGRAM
    return b.pod(name, b.container(state), phase="Failed", created=seconds)


NOT_THERE = 'exec: "nosuchcmd": executable file not found in $PATH'


def test_a_container_that_cannot_be_started_is_told_at_once() -> None:
    steps = [Watched(1, no_start("demo-a", 1)), Watched(12, no_start("demo-b", 12))]
    how = "exit code 128 (StartError)"
    assert causes(steps[:1], 1) == [(False, f"pod/demo-a: 1 try failed with {how}: {NOT_THERE}")]
    assert causes(steps, 13) == [
        (False, f"job.batch/demo: 2 tries failed, the last with {how}: {NOT_THERE}")
    ]


def test_a_container_that_is_started_again_in_vain_is_told_too() -> None:
    last = b.ended(1, 1, 128, "ContainerCannotRun")
    last["terminated"]["message"] = NO_PROGRAM
    crashing = b.container(b.waiting("CrashLoopBackOff", "back-off"), last=last, restarts=0)
    found = causes([Watched(9, b.pod("demo-a", crashing))], 9)
    how = "exit code 128 (ContainerCannotRun)"
    assert found == [(False, f"pod/demo-a: 1 try failed with {how}: {NOT_THERE}")]


def test_what_a_try_has_printed_is_worth_the_wait_for_its_log() -> None:
    steps = [Watched(3, b.ran("demo-a", 1, 3, 2))]
    recorder = replay(steps, b.job())[0]
    assert recorder.causes(b.at(7)) == []
    without = ["pod/demo-a: 1 try failed with exit code 2"]
    assert [str(one.line) for one in recorder.causes(b.at(8))] == without
    (record,) = recorder.pods
    recorder.add_lines(objects.uid(record.pod), ("main", 1), ("unknown flag",))
    assert recorder.causes(b.at(4)) == []  # which may go on
    recorder.add_log(objects.uid(record.pod), ("main", 1), ("usage: sh",), False)
    whole = ['pod/demo-a: 1 try failed with exit code 2: the log ends "usage: sh"']
    assert [str(one.line) for one in recorder.causes(b.at(4))] == whole


NONE_ALLOWED = "exceeded quota: pods, requested: pods=1, used: pods=0, limited: pods=0"


@pytest.mark.parametrize(
    ("steps", "now", "fatal"),
    [
        pytest.param([Watched(0, b.refused(NONE_ALLOWED))], 4, None, id="it may get a Pod yet"),
        pytest.param([Watched(0, b.refused(NONE_ALLOWED))], 5, True, id="it never gets a Pod"),
        pytest.param(
            [Watched(0, b.runs("demo-a", 1)), Watched(1, b.refused())],
            2,
            False,
            id="it gets some Pods and goes on",
        ),
        pytest.param(
            [Watched(0, b.refused()), Watched(4, b.runs("demo-a", 4))],
            60,
            False,
            id="it got a Pod at the second try",
        ),
    ],
)
def test_a_quota_that_refuses_pods(steps: Sequence[Step], now: float, fatal: bool | None) -> None:
    found = causes(steps, now)
    assert [one for one, _ in found] == ([] if fatal is None else [fatal])
    begins = 'job.batch/demo: FailedCreate: Error creating: pods "demo-qhxd8"'
    assert all(line.startswith(begins) for _, line in found)
    assert all(": exceeded quota: pods, requested: pods=1, used:" in line for _, line in found)


# ---- the next try


def after(*pods: Object, **job: Any) -> Recorder:
    steps: list[Step] = [Watched(99, pod) for pod in pods]
    return replay(steps, b.job(**job))[0]


def failures(number: int) -> list[Object]:
    return [b.ran(f"demo-{n:02}", n * 100, n * 100 + 2, 3) for n in range(number)]


@pytest.mark.parametrize(
    ("recorder", "seconds"),
    [
        pytest.param(after(), None, id="nothing failed"),
        pytest.param(after(*failures(1)), 2 + 10, id="10s after the first failure"),
        pytest.param(after(*failures(2)), 102 + 20, id="20s after the second"),
        pytest.param(after(*failures(3)), 202 + 40, id="40s after the third"),
        pytest.param(after(*failures(7)), 602 + 600, id="at most 10 minutes"),
        pytest.param(after(*failures(11)), 1002 + 600, id="10 minutes from then on"),
        pytest.param(
            after(b.ran("demo-a", 1, 3, 3), b.ran("demo-b", 1, 4, 3)),
            4 + 20,
            id="two that fail together count as two",
        ),
        pytest.param(
            after(b.ran("demo-a", 1, 3, 3), b.ran("demo-b", 14, 16), b.ran("demo-c", 20, 22, 3)),
            22 + 10,
            id="a success begins the count again",
        ),
        pytest.param(
            after(b.ran("demo-a", 1, 3, 3), b.ran("demo-b", 14, 16)), None, id="it succeeded since"
        ),
        pytest.param(
            after(*failures(1), status={"active": 1}), None, id="the next try runs already"
        ),
        pytest.param(after(*failures(1), spec={"suspend": True}), None, id="it is suspended"),
        pytest.param(
            after(*failures(1), conditions=[b.condition("Failed", 5, "BackoffLimitExceeded")]),
            None,
            id="it has Failed",
        ),
    ],
)
def test_when_the_job_controller_tries_again(recorder: Recorder, seconds: float | None) -> None:
    assert recorder.next_try() == (None if seconds is None else b.at(seconds))


def test_only_a_line_about_the_job_goes_through_its_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Job has several events for each try: all Pods for each would be the square of the tries."""
    asked: list[Object] = []
    monkeypatch.setattr("kubectl_joblab.evidence.retry.after", lambda job, _: asked.append(job))
    recorder = Recorder(b.job(), b.NAMESPACE)
    failed = b.job(status={"failed": 3})
    lines = [recorder.on_job("MODIFIED", failed, b.at(seconds)) for seconds in range(300, 310)]
    assert len([line for line in lines if line]) == len(asked) == 1


# ---- logs


def test_a_log_stays_with_its_attempt() -> None:
    recorder, _ = replay([Watched(3, b.ran("demo-a", 1, 3))], b.job())
    uid = objects.uid(recorder.pods[0].pod)
    recorder.add_log(uid, ("main", 1), ("start", "done"), cut=False)
    feed(recorder, Watched(5, b.ran("demo-a", 1, 3), "DELETED"))
    assert recorder.pods[0].attempts[0].log == ("start", "done")


def test_what_was_written_by_now_is_a_log_until_the_container_ends_and_then_a_part_of_it() -> None:
    recorder, _ = replay([Watched(3, b.runs("demo-a", 1))], b.job())
    uid = objects.uid(recorder.pods[0].pod)
    recorder.add_lines(uid, ("main", 1), ("start",))
    assert logs(recorder) == [(("start",), False)]
    feed(recorder, Watched(5, b.ran("demo-a", 1, 4)))
    assert logs(recorder) == [(("start",), True)]
    recorder.add_log(uid, ("main", 1), ("start", "done"), cut=False)
    assert logs(recorder) == [(("start", "done"), False)]


def logs(recorder: Recorder) -> list[tuple[tuple[str, ...] | None, bool]]:
    """The log of each attempt, and whether it is cut, as they are judged."""
    seen = recorder.view(b.at(9))
    return [(one.log, one.log_cut) for record in seen.pods for one in record.attempts]


def test_a_log_that_was_another_attempts_is_taken_back() -> None:
    recorder, _ = replay([Watched(3, b.ran("demo-a", 1, 3))], b.job())
    uid = objects.uid(recorder.pods[0].pod)
    recorder.add_log(uid, ("main", 1), ("start",), cut=False)
    recorder.add_log(uid, ("main", 1), None, cut=False)
    assert recorder.pods[0].attempts[0].log is None


def test_the_snapshot_has_the_job_its_pods_and_its_events() -> None:
    refused = b.refused()
    steps = [Watched(1, b.runs("demo-a", 1)), Watched(2, refused), Watched(3, refused)]
    seen = replay(steps, b.job())[0].view(b.at(5))
    found = (seen.name, seen.namespace, seen.now, len(seen.pods), seen.events)
    assert found == ("demo", b.NAMESPACE, b.at(5), 1, (refused,))


def test_a_container_that_is_said_to_have_started_two_billion_times_is_held_five_minutes() -> None:
    crashing = b.container(b.ended(0, 1, 3), restarts=2**31 - 1)
    pod = b.pod("x-1", crashing, restart_policy="OnFailure")
    (change,) = Recorder(b.job(), b.NAMESPACE).on_pod("ADDED", pod, b.at(1))
    assert Language("en")(change.detail) == "exit 3, ran 1s, back-off 5m"
