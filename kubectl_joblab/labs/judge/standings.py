"""Where a learner stands: exercises, each with what was found of its Job and the verdicts on it.

`check`, `list`, `hint`, `status` and `start` get their verdicts here, all in the same way.
evidence/gather.py finds the evidence, checks.py gives the verdicts, next_step.py says what comes
next. The module knows nothing of the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import prefetch
from kubectl_joblab.evidence.causes import kinds, table, waiting
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.evidence.gather import Gatherer, Wanted
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import refusals
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import answers, checks, measures
from kubectl_joblab.labs.judge.checks import Result, Verdict

FEW = 8  # exercises whose Jobs are asked for one by one


class Judged(NamedTuple):
    """An exercise and the verdicts on its Job.

    started: whether the Job is there, or a bare Pod of its name, or the record of a Job that is
    gone, or `between`. status: the Job's STATUS in the cluster. causes: why it does not succeed,
    without failures that the lab asks for. done: whether the learner has done the exercise once,
    wherever it was (labs/progress.py). seen: the evidence, None where nothing was looked at. due:
    the kubectl line of what the lab does to the cluster, where it is to be done now and is not done
    yet. between: whether a round is passed, its Job is deleted, and the next Job is to be created.
    """

    exercise: Exercise
    verdicts: Sequence[Verdict]
    started: bool
    status: str = "<none>"
    causes: Sequence[Cause] = ()
    namespace: str = ""
    done: bool = False
    seen: Snapshot | None = None
    due: str = ""
    between: bool = False

    @property
    def gone(self) -> bool:
        """Whether the Job that was judged is in the cluster no longer."""
        return self.seen is not None and self.seen.gone

    @property
    def following(self) -> Exercise | None:
        """The exercise in its next round, where all checks of the round of its Job have passed."""
        own = [check.id for check in self.exercise.checks]
        passed = all(one.result is Result.PASS for one in self.verdicts if one.check.id in own)
        number = self.exercise.round + 1
        if not (self.started and passed) or number >= len(self.exercise.rounds):
            return None
        return self.exercise._replace(round=number)

    @property
    def leaves_another_run(self) -> bool:
        """Whether all that is open is what this Job cannot show, and another would."""
        still_open = [one for one in self.verdicts if one.result is Result.PENDING]
        return self.started and bool(still_open) and all(one.left_out for one in still_open)

    @property
    def leaves_deletion(self) -> bool:
        """Whether all that is left is that the learner deletes the finished Job."""
        seen = self.seen
        return seen is not None and checks.leaves_deletion(self.exercise, self.verdicts, seen)

    @property
    def results(self) -> list[Result]:
        """The result of each check; all are PENDING where the exercise was not started."""
        return [verdict.result if self.started else Result.PENDING for verdict in self.verdicts]


def wanted(exercise: Exercise) -> Wanted:
    """The evidence that the checks of this round rest on, beside the Job and its Pods.

    And that by which it is known whether what the lab does to the cluster is due, and whether what
    the learner has predicted is right.
    """
    whens = [action.when for action in exercise.rounds[exercise.round].do]
    for question in exercise.questions if exercise.said else ():
        if question.id in exercise.said:
            whens += [(question.measure,), *(reason.when for reason in question.because)]
    judged = checks.assertion_kinds(exercise)
    kinds = judged.union(one.kind for when in whens for one in when)
    return Wanted(
        logs=not kinds.isdisjoint(("log", "sum")),
        events=not kinds.isdisjoint(("event", "suspended")),
        gone="deleted" in judged,
        schedule=not kinds.isdisjoint(("cronJob", "scheduled")),
    )


def gathered(gatherer: Gatherer, namespace: str, exercise: Exercise) -> Snapshot:
    """What is seen of an exercise's Job, with what the round wants that the Job is of.

    Raises ApiError.
    """
    job = gatherer.job(namespace, exercise.job)
    if job is not None and not exercise.owns(job):
        return Snapshot(exercise.job, namespace, gatherer.client.now(), None)
    needed = wanted(exercise.at(job))
    return gatherer.of(job, needed) if job else gatherer.gone(namespace, exercise.job, needed)


def judge(
    gatherer: Gatherer, exercise: Exercise, seen: Snapshot, *, explain: bool = True
) -> Judged:
    """The verdicts over a snapshot; the exercise has the values that the Job was made with.

    What keeps a Job from having Pods is in its events, which are read then. explain: whether more
    is read where something is to be explained: the events where a check failed, the end of the log
    of a try that failed, the objects that the lab changes beside the Job. Where the exercise has
    several rounds, those before this Job's are judged by what is on record of theirs. Raises
    ApiError.
    """
    exercise = exercise.at(seen.job, gatherer.client.host, seen.namespace)
    if exercise.said:
        right = {one.id: found.right for one, found in answers.given(exercise, seen)}
        seen = seen._replace(answers=right)
    verdicts = checks.judge(exercise, seen)
    failed = explain and any(verdict.result is Result.FAIL for verdict in verdicts)
    if seen.job is not None and seen.events is None and (failed or _waits_for_pods(seen)):
        seen = gatherer.with_events(seen, of_pods=False)
        verdicts = checks.judge(exercise, seen)
    if explain and not seen.over and (slow := waiting.slow(seen)):
        seen = gatherer.with_events_of(seen, slow)
    if explain and table.missing(seen):
        seen = gatherer.with_arrived(seen)
        verdicts = checks.judge(exercise, seen)
    found = unasked(exercise, verdicts, table.of(seen))
    if explain and any(cause.kind in kinds.RAN for cause in found):
        last_line = gatherer.last_line(seen)
        found = unasked(exercise, verdicts, table.of(seen, last_line))
    status = objects.job_status(seen.job) if seen.job and not seen.gone else "<none>"
    between = _is_between(gatherer.client.host, exercise, seen)
    started = seen.job is not None or seen.bare_pod or between
    made_with = {**checks.overrides(seen.job or {}, exercise.parameters), **exercise.changes}
    exercise = exercise._replace(changes=made_with)
    due = due_now(gatherer, exercise, verdicts, seen) if explain else ""
    verdicts = [*_before(gatherer, exercise, seen), *verdicts, *_after(exercise, seen)]
    return Judged(
        exercise,
        verdicts,
        started,
        status,
        found,
        seen.namespace,
        seen=seen,
        due=due,
        between=between,
    )


def _is_between(cluster: str, exercise: Exercise, seen: Snapshot) -> bool:
    """Whether rounds were passed before the exercise's, and nothing is there of its own.

    After the last round the learner has begun nothing new. cluster: the API server.
    """
    if seen.job is not None or seen.bare_pod or not exercise.round:
        return False
    passed = exercise.run_in(cluster, seen.namespace).passed
    return any(check.id not in passed for check in exercise.checks)


def due_now(
    gatherer: Gatherer, exercise: Exercise, verdicts: Sequence[Verdict], seen: Snapshot
) -> str:
    """The kubectl line of what the lab does to the cluster, where it is to be done now; else "".

    exercise: in the round of the Job that is seen. Raises ApiError.
    """
    if not exercise.rounds[exercise.round].do:
        return ""
    from kubectl_joblab.labs import due  # which few labs need

    return due.command(gatherer.client, exercise, verdicts, seen)


def _before(gatherer: Gatherer, exercise: Exercise, seen: Snapshot) -> list[Verdict]:
    """The verdicts on the Jobs of the rounds before, as far as they are on record."""
    found: list[Verdict] = []
    passed = exercise.run_in(gatherer.client.host, seen.namespace).passed
    for number in range(exercise.round):
        one = exercise._replace(round=number)
        uid = next((passed[check.id] for check in one.checks if check.id in passed), "")
        then = gatherer.recorded(uid) if uid else None
        nothing = Snapshot(seen.name, seen.namespace, seen.now, None)
        for verdict in checks.judge(one, then if then and then.job else nothing):
            known = verdict.result is Result.PASS or verdict.check.id not in passed
            found.append(verdict if known else checks.passed_before(verdict))
    return found


def _after(exercise: Exercise, seen: Snapshot) -> list[Verdict]:
    """The verdicts on the rounds to come: nothing of them is there yet."""
    nothing = Snapshot(seen.name, seen.namespace, seen.now, None)
    return [
        verdict
        for number in range(exercise.round + 1, len(exercise.rounds))
        for verdict in checks.judge(exercise._replace(round=number), nothing)
    ]


def _waits_for_pods(seen: Snapshot) -> bool:
    """Whether the Job's events alone may tell why it has no Pods."""
    return not seen.pods and not seen.over and not table.of(seen)


def unasked(exercise: Exercise, verdicts: Sequence[Verdict], found: Sequence[Cause]) -> list[Cause]:
    """The causes without the failing tries that a check of these asks for, nor a suspension.

    What is asked for in Pods of their own is not asked for in one Pod that goes on trying.
    """
    left = []
    for cause in found:
        if cause.kind == "suspended" and any(map(_speaks_of_suspension, exercise.checks)):
            continue
        asked = any(_asks_for(verdict, cause) for verdict in verdicts)
        asked = asked or any(_asks_for_first(check, cause) for check in exercise.checks)
        if not asked:
            left.append(refusals.way_on(cause, exercise))
        elif not any(map(_names_policy, verdicts)) and (
            other := refusals.in_one_pod(cause, exercise)
        ):
            left.append(other)
    return left


def _names_policy(verdict: Verdict) -> bool:
    """Whether a check says already that the restartPolicy is not what the lab asks for."""
    assertion = verdict.check.assertion
    its = assertion.kind == "field" and assertion.options["path"] == refusals.POLICY
    return its and verdict.result is Result.FAIL


def _asks_for(verdict: Verdict, cause: Cause) -> bool:
    """Whether a check can only pass where a try fails as this one did.

    A check that is met by any failure means a command that ends with an exit code of its own. One
    that counts events means a Pod that was ended for the reason of these, and one that counts
    restarts as many tries as these come after.
    """
    assertion, measured = verdict.check.assertion, verdict.measure
    if assertion.kind == "event":
        return bool(assertion.options["reason"] == cause.what)
    if assertion.kind == "restarts":
        enough = measured.operator in ("==", ">=") and cause.tries <= measured.expected
        return bool(enough and cause.kind == "exit")
    if cause.code is None:
        return False
    if assertion.kind == "exitCodes":
        fits = measures.compare(measured.operator, cause.code, measured.expected)
        if not fits or measures.compare(measured.operator, 0, measured.expected):
            return False
        if assertion.options.get("which") == "first":
            return False
        return cause.kind == "exit" or measured.operator == "=="
    fails = assertion.kind == "condition" and assertion.options["type"] == "Failed"
    return fails and cause.kind == "exit"


def _asks_for_first(check: model.Check, cause: Cause) -> bool:
    """Whether a check can only pass where the first try fails, whether it applies by now or not."""
    assertion = check.assertion
    options = assertion.options
    if assertion.kind != "exitCodes" or options.get("which") != "first":
        return False
    fits = measures.compare(options["operator"], cause.code, options["value"])
    fails = not measures.compare(options["operator"], 0, options["value"])
    return fits and fails and cause.tries == 1 and cause.kind == "exit"


def _speaks_of_suspension(check: model.Check) -> bool:
    """Whether a check is about a Job that is suspended, or was."""
    assertion = check.assertion
    kind, options = assertion.kind, assertion.options
    return (
        kind == "suspended"
        or (kind == "condition" and options["type"] == "Suspended")
        or (kind == "conditionOrder" and "Suspended" in options["types"])
        or (kind == "field" and options["path"] == "spec.suspend")
        or (kind == "event" and options["reason"] in ("Suspended", "Resumed"))
    )


def not_there(exercise: Exercise, namespace: str, now: datetime) -> Judged:
    """The exercise as it stands where it has no Job. now: the server's time."""
    seen = Snapshot(exercise.job, namespace, now, None)
    verdicts = [*checks.judge(exercise, seen), *_after(exercise, seen)]
    return Judged(exercise, verdicts, False, namespace=namespace)


def in_namespace(gatherer: Gatherer, namespace: str, exercises: Sequence[Exercise]) -> list[Judged]:
    """The exercises as they stand in a namespace, started or not, in their order.

    Their Jobs are read at the same time, as a cluster may be far away; where they are many, those
    alone whose names are there. Raises ApiError.
    """
    there = _names(gatherer, namespace) if len(exercises) > FEW else None
    now = gatherer.client.now()

    def look(exercise: Exercise) -> Judged:
        if there is None or exercise.job in there or wanted(exercise.at(None)).gone:
            seen = gathered(gatherer, namespace, exercise)
        else:
            seen = Snapshot(exercise.job, namespace, now, None)
        return judge(gatherer, exercise, seen)

    return prefetch.each(look, exercises, clock=gatherer.client.clock)


def _names(gatherer: Gatherer, namespace: str) -> set[str] | None:
    """The names of Jobs and Pods in a namespace; None for a user who may not list them."""
    try:
        kinds = (resources.JOBS, resources.PODS)
        return {name for kind in kinds for name in gatherer.client.names(kind, namespace)}
    except ApiError as error:
        if error.code != 403:
            raise
        return None


def everywhere(gatherer: Gatherer, exercises: Sequence[Exercise], *, explain: bool) -> list[Judged]:
    """The exercises as they stand in each namespace that has a Job of their lab, started or not.

    The order is that of namespaces, then of the exercises. explain: as for `judge`. Raises
    ApiError.
    """
    by_job: dict[str, list[Exercise]] = {}
    for exercise in exercises:
        by_job.setdefault(exercise.job, []).append(exercise)
    needed = {job: _together(map(wanted, _in_each_round(of))) for job, of in by_job.items()}
    found = [
        (exercise, seen)
        for seen in gatherer.everywhere(needed)
        for exercise in by_job[seen.name]
        if exercise.owns(seen.job or {})
    ]

    def judged(one: tuple[Exercise, Snapshot]) -> Judged:
        return judge(gatherer, *one, explain=explain)

    started = prefetch.each(judged, found, clock=gatherer.client.clock)
    return list(_with_others(exercises, started, gatherer.client.now()))


def _in_each_round(exercises: Sequence[Exercise]) -> Iterator[Exercise]:
    for exercise in exercises:
        yield from (exercise._replace(round=number) for number in range(len(exercise.rounds)))


def _together(needed: Iterator[Wanted]) -> Wanted:
    """What is wanted of a Job that several exercises share."""
    several = list(needed)
    return Wanted(
        logs=any(one.logs for one in several),
        events=any(one.events for one in several),
        gone=any(one.gone for one in several),
        schedule=any(one.schedule for one in several),
    )


def _with_others(
    exercises: Sequence[Exercise], started: Sequence[Judged], now: datetime
) -> Iterator[Judged]:
    """What was started, and in each namespace beside it the other exercises of the same lab."""
    for namespace, group in groupby(started, key=lambda one: one.namespace):
        there = {(one.exercise.lab.name, one.exercise.job): one for one in group}
        begun = {lab for lab, _ in there}
        for exercise in exercises:
            lab = exercise.lab.name
            if lab in begun:
                found = there.get((lab, exercise.job))
                yield found or not_there(exercise, namespace, now)


def relevant(judged: Sequence[Judged]) -> list[Judged]:
    """Of each lab the exercises that were started; where none was, the lab's first."""
    return [
        one
        for standing in by_lab(judged)
        for one in [one for one in standing if one.started] or standing[:1]
    ]


def by_lab(judged: Sequence[Judged]) -> list[list[Judged]]:
    """The exercises of each lab, in their order."""
    found: dict[str, list[Judged]] = {}
    for one in judged:
        found.setdefault(one.exercise.lab.name, []).append(one)
    return list(found.values())


def all_of(lab: model.Lab) -> list[Exercise]:
    """Every exercise of a lab."""
    return [Exercise(lab, variant) for variant in lab.variants]


def missed(gatherer: Gatherer, judged: Sequence[Judged]) -> Exercise | None:
    """The exercise whose Job has gone by itself, as its lab wants it, and was not seen in time.

    Its events tell of it. Raises ApiError.
    """
    for one in judged:
        if one.started or not checks.goes_by_itself(one.exercise):
            continue
        if gatherer.events_of_gone(one.namespace, one.exercise.job):
            return one.exercise
    return None


def require_namespace(client: resources.Client, namespace: str) -> None:
    """Raise the server's NotFound where the namespace is not there.

    Commands that found nothing call it. For a user who may not read namespaces it does nothing.
    Raises ApiError.
    """
    try:
        client.get(resources.NAMESPACES, namespace)
    except ApiError as error:
        if error.code != 403:
            raise
