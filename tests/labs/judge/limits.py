"""What Jobs of the labs 7 to 10 can look like beside what states.py has for every lab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.evidence import snapshot
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.objects import Attempt, Object
from tests.labs import builders as b

SOON, LATE = 20, 1000  # seconds after the creation
_END = 5  # when the Jobs of lab 8 finish
# what the containers of a variant of lab 9 end with, where it goes well and where it does not
_CODES: dict[str, list[tuple[int, ...]]] = {
    "exit-codes": [(0, 1, 2), (0, 0, 1)],
    "exit-codes-shell": [(126, 127), (126, 128)],
    "exit-codes-signal": [(137, 143), (0, 143)],
    "exit-codes-start": [(128,), (127,)],
}

_SAID = ("the exit codes asked for", "other exit codes")

States = Iterator[tuple[str, Snapshot]]


def states(exercise: Exercise, spec: Mapping[str, Any]) -> States:
    """The states of an exercise of one of these labs; of another lab's there are none."""
    kinds = {"deadline": _deadline, "ttl": _ttl, "exit-codes": _exit_codes, "attempts": _attempts}
    if exercise.lab.name in kinds:
        yield from kinds[exercise.lab.name](exercise, dict(spec))


def _with_template(spec: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The Job's spec with these fields in its template's spec."""
    pod = {**spec["template"]["spec"], **changes}
    return {**spec, "template": {**spec["template"], "spec": pod}}


def _failed_pods(exercise: Exercise, *ends: tuple[float, float, int]) -> list[PodRecord]:
    """A Pod for each try of one container: its start, its finish and its exit code."""
    return [
        b.record(
            b.pod(f"{exercise.job}-{n}", b.container(b.ended(*end)), created=end[0]),
            b.attempt(*end, log=["working"]),
        )
        for n, end in enumerate(ends)
    ]


# ---- lab 7


def _deadline(exercise: Exercise, spec: dict[str, Any]) -> States:
    own_depth = exercise.variant.name == "job"
    moved = {key: value for key, value in spec.items() if key != "activeDeadlineSeconds"}
    moved = _with_template(moved, activeDeadlineSeconds=30 if own_depth else None)
    if not own_depth:
        moved["activeDeadlineSeconds"] = 5
    job = b.job(exercise.job, spec=moved)
    yield "the deadline at the other depth", b.seen(job, now=SOON, name=exercise.job)
    reason = "DeadlineExceeded" if own_depth else "BackoffLimitExceeded"
    job = b.failed(30, 2, exercise.job, reason, spec=spec)
    fast = _failed_pods(exercise, (1, 2, 1), (13, 14, 1))
    killed = _failed_pods(exercise, (1, 11, 1 if own_depth else 137), (22, 30, 137))
    told = [b.event("SuccessfulCreate", count=2), b.event(reason, kind="Warning")]
    more = b.event("SuccessfulDelete") if own_depth else b.event("DeadlineExceeded", count=2)
    for name, pods, events in (
        ("tries that fail by themselves", fast, told),
        ("a try that is cut off", killed, [*told, more]),
    ):
        yield name, b.seen(job, *pods, now=LATE, events=events, name=exercise.job)


# ---- lab 8


def _ttl(exercise: Exercise, spec: dict[str, Any]) -> States:
    time = spec["ttlSecondsAfterFinished"]
    for name, seconds, gone in (
        ("deleted in time", time, _END + time),
        ("deleted soon, as it asks for", 3, _END + 3),
        ("deleted by hand", time, _END + 2),
        ("to be kept for long", 3600, None),
    ):
        yield name, _finished(exercise, {**spec, "ttlSecondsAfterFinished": seconds}, gone)
    without = {key: value for key, value in spec.items() if key != "ttlSecondsAfterFinished"}
    yield "to be kept for good", _finished(exercise, without, None)
    seen = _finished(exercise, spec, _END + 2)
    left = tuple(record._replace(gone=False) for record in seen.pods)
    yield "deleted by hand, and its Pod left behind", seen._replace(pods=left)


def _finished(exercise: Exercise, spec: dict[str, Any], gone: float | None) -> Snapshot:
    """The Job as it ends where all goes well. gone: when it was deleted, with its Pod."""
    well = exercise.variant.name == "complete"
    made = b.complete if well else b.failed
    log = ["the result is 42" if well else "no such table: orders"]
    end = (1.0, float(_END), 0 if well else 1)
    pod = b.pod(f"{exercise.job}-0", b.container(b.ended(*end)))
    record = b.record(pod, b.attempt(*end, log=log), gone=gone is not None)
    job = made(_END, 1, exercise.job, spec=spec)
    seen = b.seen(job, record, now=LATE, events=[b.event("Completed")], name=exercise.job)
    return seen if gone is None else seen._replace(gone=True, gone_at=b.at(gone))


# ---- lab 9


def _exit_codes(exercise: Exercise, spec: dict[str, Any]) -> States:
    for name, codes in zip(_SAID, _CODES[exercise.job], strict=True):
        job = b.failed(5, 1, exercise.job, spec=spec)
        yield name, b.seen(job, _containers(exercise.job, codes), now=LATE, name=exercise.job)


def _containers(name: str, codes: Sequence[int]) -> PodRecord:
    """A Pod with a container for each exit code; 128 is of one that was not started."""
    reasons = ["StartError" if code == 128 else "" for code in codes]
    entries = [
        b.container(b.ended(2, 3, code, reason), name=f"c{n}")
        for n, (code, reason) in enumerate(zip(codes, reasons, strict=True))
    ]
    return b.record(b.pod(f"{name}-0", *entries))


# ---- lab 10


def _attempts(exercise: Exercise, spec: dict[str, Any]) -> States:
    if exercise.variant.name == "never":
        return
    pod, tries = _restarted(exercise, 0)
    job = b.complete(20, 1, exercise.job, spec=spec)
    yield "the third try succeeded", _seen(job, pod, tries)
    yield "the third try succeeded, the first not read", _seen(job, pod, tries[1:])
    pod, tries = _restarted(exercise, 137)
    pod["status"]["phase"] = "Failed"
    job = b.failed(16, 1, exercise.job, spec={**spec, "backoffLimit": 2})
    left = b.seen(job, now=LATE, name=exercise.job)
    yield "given up during the third try", snapshot.merge(left, [b.record(pod, *tries)], logs=True)


def _seen(job: Object, pod: Object, tries: Sequence[Attempt]) -> Snapshot:
    return b.seen(job, b.record(pod, *tries), now=LATE, name=objects.name(job))


def _restarted(exercise: Exercise, code: int) -> tuple[Object, list[Attempt]]:
    """A Pod whose container was started three times, and its tries. code: the last exit code."""
    ends = [(2, 3, 1), (4, 5, 1), (15, 17, code)]
    tries = [
        b.attempt(*end, number=n, log=[f"this is try {n}"]) for n, end in enumerate(ends, start=1)
    ]
    state = b.container(b.ended(*ends[2]), last=b.ended(*ends[1]), restarts=2)
    return b.pod(f"{exercise.job}-0", state, restart_policy="OnFailure"), tries
