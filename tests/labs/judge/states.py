"""What a Job of a lab can look like, from the lab's own manifests, for the tests of its advice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_joblab.evidence import snapshot
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.labs import manifest
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.objects import Attempt, Object
from tests.labs import builders as b
from tests.labs import ours
from tests.labs.judge import indexed, limits, outcomes, policies, scheduled

EXERCISES = [
    Exercise(lab, one, round=number)
    for lab in ours.LABS
    for one in lab.variants
    for number in range(len(Exercise(lab, one).rounds))
]
SOON, LATE = 20, 1000  # seconds after the creation: before and after each check's `within`
_WORK = 12  # seconds that a container works where it succeeds, as long as any lab asks for
_DEFAULTS = {"completions": 1, "parallelism": 1, "backoffLimit": 6}
_GATES = {"schedulingGates": [{"name": "example.com/hold"}]}


def called(exercise: Exercise) -> str:
    """A name for the exercise, its Job's, with the stage in a later round."""
    stage = exercise.rounds[exercise.round].name
    return f"{exercise.job}-{stage}" if exercise.round else exercise.job


def spec_of(exercise: Exercise) -> dict[str, Any]:
    """The Job's spec as the API server has it, from the lab's manifest or a starter's solution."""
    lab, variant = exercise.lab, exercise.variant
    file = lab.solutions[0].file if variant.starter else exercise.file
    own: dict[str, Any] = manifest.parse(lab.read(file), file).data["spec"]
    found = {**_DEFAULTS, **own}
    if "parallelism" in own and "completions" not in own:
        found["completions"] = None  # as pkg/apis/batch/v1/defaults.go leaves it
    return found


def lines_of(lab: model.Lab) -> list[str]:
    """The lines that the lab's checks look for in logs."""
    asked = (check.assertion for check in lab.checks if check.assertion.kind == "log")
    return [one.options["contains"] for one in asked]


class Maker(NamedTuple):
    """Makes snapshots of an exercise's Job. spec: the Job's."""

    exercise: Exercise
    spec: Mapping[str, Any]

    @property
    def _at_once(self) -> int:
        successes = self.spec.get("completions") or self.spec["parallelism"]
        return int(min(self.spec["parallelism"], successes))

    @property
    def _policy(self) -> str:
        return str(self.spec["template"]["spec"]["restartPolicy"])

    def seen(
        self, job: Object | None, *pods: PodRecord, now: float, bare: bool = False
    ) -> Snapshot:
        """A snapshot with this Job, which is called as the exercise's."""
        return b.seen(job, *pods, now=now, bare_pod=bare, name=self.exercise.job)

    def _pod(self, number: int, *containers: Object, created: float = 0, **more: Any) -> Object:
        name = f"{self.exercise.job}-{number:02}"
        return b.pod(name, *containers, created=created, restart_policy=self._policy, **more)

    def _job(self, **more: Any) -> Object:
        return b.job(self.exercise.job, **{"spec": self.spec, **more})

    def bare_pod(self) -> Snapshot:
        """A Pod of the Job's name, and no Job."""
        return self.seen(None, now=SOON, bare=True)

    def created(self, now: float) -> Snapshot:
        """The Job, and no Pod yet."""
        return self.seen(self._job(), now=now)

    def pending(self, now: float) -> Snapshot:
        """Pods whose containers were not started."""
        waits = b.container(b.waiting("ContainerCreating"))
        pods = (b.record(self._pod(n, waits)) for n in range(self._at_once))
        return self.seen(self._job(), *pods, now=now)

    def running(self, now: float) -> Snapshot:
        """Pods at their first try, which have printed nothing so far."""
        pods = (
            b.record(self._pod(n, b.container(b.running(2))), b.attempt(2, log=[]))
            for n in range(self._at_once)
        )
        return self.seen(self._job(), *pods, now=now)

    def held(self, now: float, **more: Any) -> Snapshot:
        """A Job that creates no Pod. more: what in its spec keeps it from it."""
        spec = {**self.spec, **more}
        conditions = [b.condition("Suspended", 0, "JobSuspended")] if spec.get("suspend") else []
        job = b.job(self.exercise.job, spec=spec, conditions=conditions)
        return self.seen(job, now=now)

    def gated(self, now: float) -> Snapshot:
        """Pods that no scheduler may take."""
        pods = []
        for number in range(self._at_once):
            pod = self._pod(number, phase="Pending")
            pod["spec"] |= _GATES
            pods.append(b.record(pod))
        return self.seen(self._job(), *pods, now=now)

    def failing(self, now: float, code: int = 1, reason: str = "Error") -> Snapshot:
        """A first try that has failed, and a second that is still to come."""
        log = None if reason == "StartError" else ["no such file"]
        end = b.ended(2, 3, code, reason)
        one = b.attempt(2, 3, code, log=log)._replace(reason=reason)
        if self._policy == "OnFailure":
            waits = b.container(b.crash_loop("demo", 10), last=end, restarts=1)
            pods = [b.record(self._pod(0, waits), one)]
        else:
            pods = [b.record(self._pod(0, b.container(end)), one)]
        return self.seen(self._job(status={"failed": len(pods)}), *pods, now=now)

    def never_started(self) -> Snapshot:
        """Two tries, in a Pod each, whose containers could not be started."""
        end, one = b.ended(2, 2, 128, "StartError"), b.attempt(2, 2, 128)
        pods = [
            b.record(self._pod(n, b.container(end)), one._replace(reason="StartError"))
            for n in range(2)
        ]
        return self.seen(self._job(status={"failed": 2}), *pods, now=SOON)

    def done(
        self, lines: Sequence[str], seconds: int = _WORK, *, gone: bool = False, apart: bool = False
    ) -> Snapshot:
        """A Complete Job whose tries all succeeded.

        lines: those of each log. apart: no two Pods have met, whatever the Job allows.
        """
        successes, at_once = int(self.spec.get("completions") or 1), 1 if apart else self._at_once
        end, pods = 0.0, []
        for number in range(successes):
            start = 2 + (number // at_once) * (seconds + 4)
            end = start + seconds
            pod = self._pod(number, b.container(b.ended(start, end)), created=start - 1)
            pods.append(b.record(pod, b.attempt(start, end, log=list(lines))))
        job = b.complete(end + 1, successes, self.exercise.job, spec=self.spec)
        return self.seen(job, *(() if gone else pods), now=LATE)

    def content_with_one(self, lines: Sequence[str]) -> Snapshot:
        """A Job that its successPolicy made Complete after one success."""
        end = 2 + _WORK
        pod = self._pod(0, b.container(b.ended(2, end)))
        job = b.complete(end + 1, 1, self.exercise.job, spec=self.spec)
        for condition in job["status"]["conditions"]:
            condition["reason"] = "SuccessPolicy"
        return self.seen(job, b.record(pod, b.attempt(2, end, log=list(lines))), now=LATE)

    def recovered(self, lines: Sequence[str]) -> Snapshot:
        """A Complete Job of one Pod, which has succeeded after a restart."""
        first, second = b.ended(2, 3, 3), b.ended(4, 4 + _WORK)
        pod = self._pod(0, b.container(second, last=first, restarts=1))
        tries = b.attempt(2, 3, 3, log=[]), b.attempt(4, 4 + _WORK, number=2, log=list(lines))
        job = b.complete(20, 1, self.exercise.job, spec=self.spec)
        return self.seen(job, b.record(pod, *tries), now=LATE)

    def gave_up(self, *, gone: bool = False, reason: str = "BackoffLimitExceeded") -> Snapshot:
        """A Job that Failed when its tries had failed."""
        tries = int(self.spec["backoffLimit"]) + 1
        if self._policy == "Never":
            tries = max(tries, self._at_once)
        starts, start = [], 2
        for number in range(tries):
            starts.append(start)
            if (number + 1) % self._at_once == 0:
                start += 2 + 10 * 2**number
        attempts = [b.attempt(s, s + 1, 3, log=["no such file"]) for s in starts]
        job = b.failed(start + 3, tries, self.exercise.job, reason, spec=self.spec)
        if self._policy == "Never":
            pods = [
                b.record(self._pod(n, b.container(b.ended(s, s + 1, 3)), created=s), one)
                for n, (s, one) in enumerate(zip(starts, attempts, strict=True))
            ]
            return self.seen(job, *(() if gone else pods), now=LATE)
        last = b.container(b.ended(starts[-1], starts[-1] + 1, 3), restarts=tries - 1)
        numbered = [one._replace(number=n + 1) for n, one in enumerate(attempts)]
        removed = b.record(self._pod(0, last, phase="Failed"), *numbered)
        job["status"]["failed"] = 1
        left = self.seen(job, now=LATE)
        return left if gone else snapshot.merge(left, [removed], logs=True)

    def out_of_time(self) -> Snapshot:
        """A Job that Failed by its deadline, with its Pod on record."""
        killed = b.ended(2, 7, 137)
        one: Attempt = b.attempt(2, 7, 137, log=[])
        spec = {**self.spec, "activeDeadlineSeconds": 5}
        job = b.failed(7, 1, self.exercise.job, "DeadlineExceeded", spec=spec)
        record = b.record(self._pod(0, b.container(killed), phase="Failed"), one)
        return snapshot.merge(self.seen(job, now=LATE), [record], logs=True)


def in_one_pod(exercise: Exercise, now: float) -> Snapshot:
    """A try that has failed, in a Pod whose container starts again, whatever the lab's own does."""
    spec = spec_of(exercise)
    pod_spec = {**spec["template"]["spec"], "restartPolicy": "OnFailure"}
    containers = pod_spec["containers"][:1]
    template = {"spec": {**pod_spec, "containers": containers}}
    return Maker(exercise, {**spec, "template": template}).failing(now)


def states(exercise: Exercise) -> Iterator[tuple[str, Snapshot]]:
    """What the Job of an exercise can look like, each with its name."""
    spec, lines = spec_of(exercise), lines_of(exercise.lab)
    own = Maker(exercise, spec)
    yield "nothing yet", own.seen(None, now=SOON)
    yield "a bare Pod", own.bare_pod()
    for when, now in (("", SOON), (", late", LATE)):
        yield f"created, no Pod{when}", own.created(now)
        yield f"Pending{when}", own.pending(now)
        yield f"running{when}", own.running(now)
        yield f"a try failed{when}", own.failing(now)
        yield f"StartError{when}", own.failing(now, 128, "StartError")
        yield f"suspended{when}", own.held(now, suspend=True)
        yield f"parallelism 0{when}", own.held(now, parallelism=0)
        yield f"gated{when}", own.gated(now)
    if spec["template"]["spec"]["restartPolicy"] == "Never":
        yield "StartError in two Pods", own.never_started()
        yield "OnFailure, and a try failed", in_one_pod(exercise, SOON)
        yield "OnFailure, and a try failed, late", in_one_pod(exercise, LATE)
    if ends := [
        *indexed.states(exercise, spec),
        *outcomes.states(exercise, spec),
        *policies.states(exercise, spec),
    ]:
        yield from ends
        return
    yield "finished well", own.done(lines)
    if spec["completions"] == 1:
        yield "finished well after a restart", own.recovered(lines)
    else:
        yield "finished well by its successPolicy", own.content_with_one(lines)
    if exercise.lab.cron_job(exercise.file):
        yield from scheduled.states(own.running(SOON), own.done(lines), own.gave_up())
    if exercise.lab.name == "basics":
        yield from _deleted(own, lines)
    yield "finished well, silent", own.done([])
    yield "finished well, uncomputed", own.done(["2 + 3 = $((2 + 3))"])
    yield "finished well, in 1s", own.done(lines, 1)
    yield "finished well, in 1s and apart", own.done(lines, 1, apart=True)
    yield "finished well, apart", own.done(lines, apart=True)
    yield "finished well, evidence gone", own.done(lines, gone=True)
    yield "finished badly", own.gave_up()
    yield "finished badly, evidence gone", own.gave_up(gone=True)
    yield "finished badly at the first try", Maker(exercise, {**spec, "backoffLimit": 0}).gave_up()
    yield "finished by its deadline", own.out_of_time()
    yield "finished by its podFailurePolicy", own.gave_up(reason="PodFailurePolicy")

    policy = {"Never": "OnFailure", "OnFailure": "Never"}[own._policy]
    pod_spec = {**spec["template"]["spec"], "restartPolicy": policy}
    other = Maker(exercise, {**spec, "template": {"spec": pod_spec}})
    plain = Maker(exercise, {**spec, **_DEFAULTS})
    more = Maker(exercise, {**spec, "completions": 8, "parallelism": 8})
    queue = Maker(exercise, {**spec, "completions": None, "parallelism": 2})
    less = Maker(exercise, {**spec, "completions": 2, "backoffLimit": 1})
    alone = Maker(exercise, {**spec, "parallelism": 1})
    if spec["parallelism"] > 1:
        yield "one Pod at a time: finished well", alone.done(lines)
    for name, maker in (
        ("the other restartPolicy", other),
        ("the fields left out", plain),
        ("8 of 8 at once", more),
        ("parallelism 2, no completions", queue),
        ("completions 2, backoffLimit 1", less),
    ):
        yield f"{name}: running", maker.running(SOON)
        yield f"{name}: a try failed", maker.failing(SOON)
        yield f"{name}: a try failed, late", maker.failing(LATE)
        yield f"{name}: finished well", maker.done(lines)
        yield f"{name}: finished badly", maker.gave_up()
        yield f"{name}: suspended, late", maker.held(LATE, suspend=True)
    yield from limits.states(exercise, spec)


def _deleted(own: Maker, lines: Sequence[str]) -> Iterator[tuple[str, Snapshot]]:
    """A Job that the learner has deleted."""
    finished, early = own.done(lines), own.running(SOON)
    for name, seen, when in (
        ("deleted just now", finished, LATE - 1),
        ("deleted, its Pod left behind", finished, LATE - 100),
        ("deleted, nobody knows when, its Pod left behind", finished, None),
        ("deleted before its end", early, SOON - 1),
        ("deleted before it ran", own.created(SOON), SOON - 1),
        ("deleted while its image was pulled", own.pending(SOON), SOON - 1),
    ):
        yield name, seen._replace(gone=True, gone_at=None if when is None else b.at(when))
    pods = tuple(one._replace(gone=True) for one in finished.pods)
    yield "deleted with its Pod", finished._replace(pods=pods, gone=True, gone_at=b.at(LATE - 100))
