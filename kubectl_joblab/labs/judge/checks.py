"""Judges a Job: pure functions from a snapshot to verdicts.

standings.py and prove.py call it. An assertion measures something and says what was expected;
whether that is a PASS, a FAIL, PENDING or UNKNOWN follows from three facts alone: can the measured
value still change, has the Job finished, is all the evidence there. What would be PENDING is a FAIL
where it does not hold, the check's `within` is over, and nothing shows that it may still come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.errors import ExitCode
from kubectl_joblab.evidence import snapshot
from kubectl_joblab.evidence.causes import failing, forbidden, kinds, table, tries
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import refusals
from kubectl_joblab.labs.definition import expressions, model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions, measures, shortfall, steps
from kubectl_joblab.labs.judge.measures import Measure
from kubectl_joblab.language import Sentence, phrase, plural

# kinds of assertion that rest on the Job and its events, so that no record of Pods adds to them
FROM_JOB = (
    *("exists", "absent", "field", "condition", "completedIndexes", "failedIndexes", "event"),
    *("suspended", "conditionOrder", "answered", "cronJob", "scheduled", "noted"),
)
# kinds of assertion whose failure is not explained by Pods that could not be created
FROM_OTHERS = (
    *("field", "exitCodes", "owner", "event", "completedIndexes", "failedIndexes"),
    *("suspended", "deleted", "replaced", "answered", "cronJob", "scheduled", "noted"),
)
OF_SCHEDULE = ("cronJob", "scheduled")  # kinds that rest on the CronJob that a Job is of


class Result(str, Enum):
    """A verdict in one word, never translated."""

    PASS = "PASS"  # noqa: S105 -- no password
    FAIL = "FAIL"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"


class Verdict(NamedTuple):
    """One check's verdict over the Job of an exercise.

    uid: the Job's, None where there is none. source: where the evidence comes from, CLUSTER or
    START (evidence/snapshot.py). because: why the check failed, or what evidence is missing. fix
    and run: what to do where it failed, and the kubectl command to look at then; run is what leads
    to another run where evidence is missing. refused: whether
    it failed because the API server kept the Job controller from creating Pods, which no hint of
    the lab helps with. hint: the lab's hint that is so here, None where there is none. late:
    whether the check's `within` is over, and what does not hold may yet come. left_out: whether it
    is not judged, as the Job is not what the check is about, though the lab's own would be.
    """

    exercise: Exercise
    check: model.Check
    result: Result
    namespace: str
    uid: str | None
    measure: Measure
    source: str
    because: Sentence | None
    fix: Sentence
    run: str
    refused: bool = False
    hint: model.Hint | None = None
    late: bool = False
    left_out: bool = False

    @property
    def name(self) -> str:
        """JOB/CHECK, as in the NAME column. JOB is the variant's own, whatever --name says."""
        return f"{self.exercise.variant.job}/{self.check.id}"


class _Advice(NamedTuple):
    """Why a check failed, as far as it is known, what to do, and the command to look at then."""

    because: Sentence | None
    fix: Sentence
    run: str
    refused: bool = False


def judge(exercise: Exercise, seen: Snapshot) -> list[Verdict]:
    """The verdicts of all checks of this exercise that apply, or would to the lab's own Job.

    An optional check has one once there is something for it to judge.

    Expressions are evaluated with the values that the Job's annotations name, as far as the lab
    allows them, else with the lab's own.
    """
    lab, parameters = exercise.lab, exercise.parameters
    asked = overrides(seen.job or {}, parameters)
    asked = {key: value for key, value in asked.items() if _fits(lab, key, value)}
    values = {**parameters, **asked}
    late = any(is_late(exercise, one, seen) for one in exercise.checks)
    turn = late and steps.await_learner(exercise, seen, values)
    stuck = late and not _may_come(exercise, seen, values)
    verdicts = []
    for check in exercise.checks:
        applies = _applies(lab, check, seen, values)
        expected = applies or all(assertions.by_default(lab, one, values) for one in check.when)
        if applies is False and not expected:
            continue
        found = assertions.of_check(check.assertion, seen, values)
        if check.optional and found.observed is None:
            continue
        overdue = bool(applies) and not found.holds and is_late(exercise, check, seen)
        done = seen.over and found.outlasts  # nothing more is to come than its deletion
        stuck_here = stuck or _reason(check, seen, values) is not None
        wrong = overdue and not turn and (done or stuck_here)
        if applies:
            result = _result(exercise, check, found, seen, wrong=wrong)
        elif applies is False:
            result, found = _left_out(check, found, seen, values)
        else:
            result = Result.FAIL if expected and _is_lost(check, found) else Result.PENDING
        advice = _Advice(None, check.fix, check.run)
        if result is Result.FAIL and _is_early(exercise, check, seen):
            found = found._replace(observed_text=phrase("the Job is still there"))
        if result is Result.FAIL:
            about = exercise._replace(changes=asked)
            advice = _advice(about, check, found, seen, values)
            if seen.gone:
                advice = _of_gone(exercise, check, advice, seen)
        elif result is Result.UNKNOWN:
            missing = _missing(check.assertion, seen)
            advice = advice._replace(because=missing, run=again(exercise, seen))
            found = found._replace(observed=None, observed_text="<unknown>")
        from_pods = check.assertion.kind not in FROM_JOB
        recorded = seen.gone or (from_pods and _rests_on_record(seen))
        source = snapshot.START if recorded else snapshot.CLUSTER
        uid = objects.uid(seen.job) if seen.job else None
        verdicts.append(
            Verdict(
                exercise=exercise,
                check=check,
                result=result,
                namespace=seen.namespace,
                uid=uid,
                measure=found,
                source=source,
                because=advice.because,
                fix=advice.fix,
                run=advice.run.replace("{job}", seen.name),
                refused=advice.refused,
                hint=None if applies is False else _hint(lab, check, result, seen, values),
                late=overdue and result is Result.PENDING,
                left_out=applies is False,
            )
        )
    return verdicts


def passed_before(verdict: Verdict) -> Verdict:
    """The verdict on a check that has passed once, where its evidence is gone."""
    shown = verdict.measure._replace(observed_text=phrase("passed before"))
    return verdict._replace(
        result=Result.PASS, measure=shown, source=snapshot.START, because=None, hint=None
    )


def overrides(job: objects.Object, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that the Job's annotations name, each of the type of the lab's own value."""
    found: dict[str, Any] = {}
    for name, default in parameters.items():
        value = objects.annotation(job, model.PARAMETER_PREFIX + name)
        if value is not None and not isinstance(default, int):
            found[name] = value
        elif value is not None and measures.is_number(value):
            found[name] = int(value)
    return found


def _fits(lab: model.Lab, name: str, value: Any) -> bool:
    """Whether a parameter may have this value; an annotation must not make a lab easier."""
    bounds = {one.name: (one.minimum, one.maximum) for one in lab.parameters}
    low, high = bounds.get(name, (None, None))
    return (low is None or value >= low) and (high is None or value <= high)


def exit_code(results: Iterable[Result]) -> ExitCode:
    """0 all passed, 2 something failed, 3 something pending, unknown or not started."""
    found = set(results)
    if Result.FAIL in found:
        return ExitCode.FAILED
    if found - {Result.PASS} or not found:
        return ExitCode.PENDING
    return ExitCode.OK


def again(exercise: Exercise, seen: Snapshot) -> str:
    """The command line that leads to another run, where evidence of this one is missing.

    A Job that no lab made is in the way of a new one, and nobody but its owner deletes it.
    """
    from kubectl_joblab.labs import launch  # not imported where all evidence is there

    if seen.gone or launch.is_ours(seen.job or {}, exercise.lab):
        return exercise.start()
    return f"kubectl delete job {seen.name}"


def is_lost(verdicts: Iterable[Verdict]) -> bool:
    """Whether a check has failed for good, whatever the Job still does."""
    return any(one.result is Result.FAIL and one.measure.settled for one in verdicts)


def awaits_more(exercise: Exercise, seen: Snapshot) -> bool:
    """Whether a Job that is finished is worth following: until it is deleted, or its CronJob acts.

    A check then asks whether the Job is deleted, which nobody has to do, and may still pass. When
    the Job has gone, so may a check that asks it of the Pods, which go after the Job. What a check
    asks of the CronJob may come as long as there is time for it.
    """
    verdicts = judge(exercise, seen)
    return not is_lost(verdicts) and any(
        one.result is Result.PENDING
        and not one.left_out
        and (
            (
                one.check.assertion.kind == "deleted"
                and (seen.gone or _is_to_go_by_itself(exercise, one.check))
            )
            or (one.check.assertion.kind in OF_SCHEDULE and not one.late)
        )
        for one in verdicts
    )


def goes_by_itself(exercise: Exercise) -> bool:
    """Whether the Job is to be deleted without the learner, as a ttl does."""
    deleted = [one for one in exercise.checks if one.assertion.kind == "deleted"]
    return any(_is_to_go_by_itself(exercise, one) for one in deleted)


def _is_to_go_by_itself(exercise: Exercise, check: model.Check) -> bool:
    """Whether a check asks that the Job is deleted, and nobody has to do that."""
    return check.assertion.options["kind"] == "Job" and not exercise.deletes_job(check)


def allows_deletion(exercise: Exercise) -> bool:
    """Whether the Job may be deleted before its end: a check asks for that, not only afterwards."""
    by_learner = any(exercise.deletes_job(check) for check in exercise.checks)
    return "deleted" in assertion_kinds(exercise) and not by_learner


def leaves_deletion(exercise: Exercise, verdicts: Sequence[Verdict], seen: Snapshot) -> bool:
    """Whether all that is left of the exercise is that the learner deletes the finished Job."""
    if not seen.finished or seen.gone:
        return False
    still_open = [one for one in verdicts if one.result is not Result.PASS]
    return bool(still_open) and all(
        one.result is Result.PENDING and exercise.deletes_job(one.check) for one in still_open
    )


def is_decided(
    verdicts: Iterable[Verdict], seen: Snapshot, since: datetime = objects.FIRST
) -> bool:
    """Whether each check is settled, or the time is over in which it must hold.

    since: when the waiting began. A Job that goes on, or that someone may release, is given that
    time once more from then.
    """
    goes_on = not any(
        cause.kind not in kinds.RELEASED and (cause.fatal or cause.kind in kinds.MAY_LAST)
        for cause in table.of(seen)
    )
    return not any(
        one.result is Result.PENDING
        and not one.left_out
        and _has_begun(one.exercise, one.check, seen)
        and not is_late(one.exercise, one.check, seen, since if goes_on else None)
        for one in verdicts
    )


def is_late(
    exercise: Exercise, check: model.Check, seen: Snapshot, since: datetime | None = None
) -> bool:
    """Whether the check's `within` is over. since: counted from this moment where it is later."""
    begun = _since(exercise, check, seen)
    return begun is not None and seen.now > max(begun, since or begun) + timedelta(
        seconds=check.within
    )


def is_out_of_time(exercise: Exercise, seen: Snapshot) -> bool:
    """Whether the `within` of each check is over whose time has begun."""
    begun = [check for check in exercise.checks if _has_begun(exercise, check, seen)]
    return bool(begun) and all(is_late(exercise, check, seen) for check in begun)


def _has_begun(exercise: Exercise, check: model.Check, seen: Snapshot) -> bool:
    """Whether the time of a check runs; that of a deletion does not before the learner's."""
    return _since(exercise, check, seen) is not None


def _may_come(exercise: Exercise, seen: Snapshot, values: Mapping[str, Any]) -> bool:
    """Whether what does not hold in its time may do so yet, as nothing of the Job has failed.

    Its Pods run, or are on their way, or something holds the Job that a lab does not ask about,
    which where it has no Pods may be known from its events alone. A try that fails speaks against
    it, unless the lab is about one that does.
    """
    if tries.failed_try(seen) is not None:
        return any(_means_failure(check.assertion, values) for check in exercise.checks)
    if seen.pods or seen.events is None:
        return True
    return any(cause.fatal for cause in table.of(seen))


def _means_failure(assertion: model.Assertion, values: Mapping[str, Any]) -> bool:
    """Whether an assertion can only hold where a try fails."""
    kind, options = assertion.kind, assertion.options
    if kind in ("exitCodes", "restarts") or (kind == "pods" and options.get("phase") == "Failed"):
        expected = expressions.evaluate(options["value"], values)
        return not measures.compare(options["operator"], 0, expected)
    if kind == "failedIndexes":
        return bool(options["value"])
    if kind == "conditionOrder":
        return "Failed" in options["types"]
    return kind == "condition" and options["type"] == "Failed"


def assertion_kinds(exercise: Exercise) -> set[str]:
    """The kinds of the assertions among the checks, and in a `when` of what they say."""
    applying = exercise.checks
    ids = {check.id for check in applying}
    found = {one.kind for hint in exercise.lab.hints if hint.check in ids for one in hint.when}
    for check in applying:
        found.add(check.assertion.kind)
        reasons = (reason.when for reason in check.because)
        for when in (check.when, check.fix_when, *reasons):
            found.update(one.kind for one in when)
    return found


def _left_out(
    check: model.Check, found: Measure, seen: Snapshot, values: Mapping[str, Any]
) -> tuple[Result, Measure]:
    """The result of a check that does not apply to this Job, and what to show as observed.

    It stays PENDING, as nothing of it has been shown. It is UNKNOWN where the evidence is gone that
    would say whether it applies.
    """
    whens = [(when, assertions.measure(when, seen, values)) for when in check.when]
    wanting = [one for one in whens if not one[1].holds]
    when, measured = next((one for one in wanting if one[1].settled), wanting[0])
    if not (measured.settled or measured.complete):
        return Result.UNKNOWN, found
    observed = measured.observed_text
    if when.kind == "field":  # whose value alone says little
        shown = "<none>" if measured.observed is None else measured.observed
        observed = f"{when.options['path'].rpartition('.')[2]} {shown}"
    text = phrase("not judged: {observed}", observed=observed)
    return Result.PENDING, found._replace(observed_text=text)


def _is_lost(check: model.Check, found: Measure) -> bool:
    """Whether a check can no longer hold, whether it applies or not.

    A field may be changed by hand, and another Job be created; of what happened nothing is undone.
    """
    return found.settled and not found.holds and check.assertion.kind not in ("field", "exists")


def _applies(
    lab: model.Lab, check: model.Check, seen: Snapshot, values: Mapping[str, Any]
) -> bool | None:
    """Whether a check applies to this Job; None where that is not sure yet."""
    if seen.job is None:
        by_default = all(assertions.by_default(lab, one, values) for one in check.when)
        return (None if check.when else True) if by_default else False
    measured = [(one.kind, assertions.measure(one, seen, values)) for one in check.when]
    open_ones = [(kind, found) for kind, found in measured if not found.holds]
    if not open_ones:
        return True
    if any(found.settled for _, found in open_ones):
        return False
    to_go = not seen.gone and any(kind in ("absent", "deleted") for kind, _ in open_ones)
    return None if to_go or not seen.over else False


def _is_early(exercise: Exercise, check: model.Check, seen: Snapshot) -> bool:
    """Whether a check asks what is deleted with the Job, which the learner has not deleted yet."""
    return check.assertion.kind == "deleted" and exercise.deletes_job(check) and not seen.gone


def _since(exercise: Exercise, check: model.Check, seen: Snapshot) -> datetime | None:
    """When the time of a check begins, by the server's clock; None where nobody knows.

    That is the Job's start, which begins anew when the Job is resumed; or its deletion, where the
    learner is to delete it.
    """
    if exercise.deletes_job(check):
        return seen.gone_at
    created = objects.created(seen.job or {})
    started = objects.time(objects.status(seen.job or {}).get("startTime"))
    return max(created, started or created) if created else None


def _result(
    exercise: Exercise, check: model.Check, found: Measure, seen: Snapshot, *, wrong: bool
) -> Result:
    """The result of a check that applies. wrong: whether its time is over, and it will not hold."""
    if seen.job is None and not (check.assertion.kind in ("exists", "absent") and found.settled):
        return Result.PENDING
    if _is_early(exercise, check, seen):
        # Pods that have gone before the Job do not show that they go with it
        return Result.FAIL if found.holds and found.settled else Result.PENDING
    if found.holds and found.settled:
        return Result.PASS
    if not found.holds and found.settled:
        return Result.FAIL
    if seen.over and not found.outlasts:
        if not found.complete:
            return Result.UNKNOWN
        return Result.PASS if found.holds else Result.FAIL
    return Result.FAIL if wrong else Result.PENDING


def _reason(check: model.Check, seen: Snapshot, values: Mapping[str, Any]) -> model.Reason | None:
    """The first of the reasons that the lab gives for a FAIL that is so; None where none is."""
    holding = (one for one in check.because if assertions.hold(one.when, seen, values))
    return next(holding, None)


def _hint(
    lab: model.Lab,
    check: model.Check,
    result: Result,
    seen: Snapshot,
    values: Mapping[str, Any],
) -> model.Hint | None:
    """The first of the lab's hints for this check that is so; None where none is.

    A hint without `when` is known to be so only where its check has failed.
    """
    started = seen.job is not None or seen.bare_pod
    if not started or result not in (Result.FAIL, Result.PENDING):
        return None
    for hint in lab.hints:
        if hint.check != check.id:
            continue
        if assertions.hold(hint.when, seen, values) if hint.when else result is Result.FAIL:
            return hint
    return None


def _advice(
    exercise: Exercise,
    check: model.Check,
    found: Measure,
    seen: Snapshot,
    values: Mapping[str, Any],
) -> _Advice:
    """Why a check failed, and what to do.

    The first that fits: a reason that the lab gives; a refusal that kept the Job controller from
    creating Pods; lateness, where it is that; what the Pods have logged, or the field has, instead;
    what was observed.
    """
    remedy = _Advice(None, check.fix, check.run)
    if not assertions.hold(check.fix_when, seen, values):
        remedy = _comparison(exercise)
    if reason := _reason(check, seen, values):
        if reason.fix:
            return _Advice(reason.text, reason.fix, reason.run or check.run)
        return remedy._replace(because=reason.text, run=reason.run or remedy.run)
    refused = forbidden.refused(seen)
    if refused and check.assertion.kind not in FROM_OTHERS:
        way = refusals.way_on(refused, exercise)
        message = str(refused.because).removeprefix("Error creating: ")
        return _Advice(message, way.fix, way.run, refused=True)
    open_still = not seen.over or found.outlasts
    if not found.settled and open_still and seen.job is not None:
        late = phrase("not so within {seconds}s of the Job's start", seconds=check.within)
        if exercise.deletes_job(check):
            late = phrase("not so within {seconds}s of the Job's deletion", seconds=check.within)
        return remedy._replace(because=late)
    if check.assertion.kind == "exitCodes" and _never_ran(seen):
        never = phrase("a container could not be started, so its command has no exit code")
        return remedy._replace(because=never, run=f"kubectl describe pod -l {_selector(seen)}")
    scripts = (failing.short_script(record.pod) for record in seen.pods)
    if check.assertion.kind in ("log", "sum") and (script := next(filter(None, scripts), None)):
        return remedy._replace(because=script[0], fix=script[1])
    if check.assertion.kind in ("log", "sum") and (printed := _printed(check.assertion, seen)):
        return remedy._replace(because=printed)
    if check.assertion.kind == "field":
        options = check.assertion.options
        shown = phrase("{path} is {value}", path=options["path"], value=found.observed)
        unset = phrase("{path} is not set", path=options["path"])
        return remedy._replace(because=unset if found.observed is None else shown)
    return remedy._replace(because=shortfall.of(check.assertion, found, seen))


def _of_gone(exercise: Exercise, check: model.Check, advice: _Advice, seen: Snapshot) -> _Advice:
    """The advice about a Job that is not there to be looked at or deleted any more."""
    if check.assertion.kind == "deleted":  # which is about that
        of_job = check.assertion.options["kind"] == "Job"
        return advice._replace(run=exercise.begin()) if of_job else advice
    if not measures.attempts(seen):
        fix = phrase("Create the Job again, and delete it when it has ended.")
        if goes_by_itself(exercise):
            fix = phrase("Create the Job again, and leave it alone until it is gone.")
        return advice._replace(fix=fix, run=exercise.begin())
    fix = phrase("{fix} (It is deleted already.)", fix=advice.fix)
    return advice._replace(fix=fix, run=exercise.begin())


def _never_ran(seen: Snapshot) -> bool:
    return any(not attempt.has_run for attempt in measures.attempts(seen))


def _selector(seen: Snapshot) -> str:
    return f"{objects.JOB_NAME_LABEL}={seen.name}"


def _comparison(exercise: Exercise) -> _Advice:
    """What to do where the lab's own advice is not about what the Job shows."""
    if exercise.variant.starter:
        fix = phrase("Compare the Job with what the lab asks for.")
        return _Advice(None, fix, f"kubectl joblab show {exercise.lab.name}")
    fix = phrase("Compare the Job with the lab's own manifest.")
    return _Advice(None, fix, f"{exercise.scaffold()} -d -")


def _printed(assertion: model.Assertion, seen: Snapshot) -> Sentence | None:
    """What the Pods without the line printed instead; None where there are none, or no log."""
    logs = [
        [line for attempt in record.attempts for line in attempt.log or ()]
        for record in seen.pods
        if any(attempt.log is not None for attempt in record.attempts)
    ]
    text = assertion.options["after" if assertion.kind == "sum" else "contains"]
    without = [log for log in logs if not any(text in one for one in log)]
    if not without:
        return None
    lines = [line for log in without for line in log if line.strip()]
    if not lines:
        return phrase("the log is empty")
    first = failing.quoted(lines[0])
    if len(lines) == 1:
        return phrase('the log says "{line}"', line=first)
    return plural(
        len(lines) - 1,
        'the log says "{line}" and {n} line more',
        'the log says "{line}" and {n} lines more',
        line=first,
    )


def _missing(assertion: model.Assertion, seen: Snapshot) -> Sentence:
    """Why it is not known whether the assertion holds."""
    if assertion.kind == "deleted":
        return phrase("nobody saw when the Job was deleted; start does, as it follows the Job")
    gone = objects.ended_pods(seen.job or {}) - len(seen.pods)
    policy = objects.field(seen.job or {}, refusals.POLICY)
    if gone > 0 and policy == "OnFailure" and objects.is_true(seen.job or {}, "Failed"):
        return phrase(
            "with restartPolicy OnFailure the Job controller deletes the Pod at the limit; with"
            " Never each failed Pod stays"
        )
    if gone > 0:
        return plural(
            gone,
            "{n} Pod of the Job is gone, and nothing is left that shows what it did",
            "{n} Pods of the Job are gone, and nothing is left that shows what they did",
        )
    return phrase("the cluster no longer has what would show it")


def _rests_on_record(seen: Snapshot) -> bool:
    return any(record.source == snapshot.START for record in seen.pods)
