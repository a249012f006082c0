"""What a lab says of what is not right: its hints, reasons and fixes, in each state of its Job.

``REWRITE_GOLDEN=1 pytest tests/labs/judge/test_advice.py`` writes the golden files beside the test
anew. They are to be read line by line: is it so in this state?
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions, checks
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.language import Language, Sentence, Text
from kubectl_joblab.objects import Attempt
from tests import golden
from tests.labs import builders as b
from tests.labs.judge import states

PASS, FAIL, UNKNOWN = Result.PASS, Result.FAIL, Result.UNKNOWN
GOLDEN = Path(__file__).parent / "golden"
# words of a text that says that something has failed; "let it fail" says no such thing, and
# max-failed is a lab
FAILURE = re.compile(
    r"(?<!max-)\b(failed|Failed|StartError|went wrong|other than 0|ended otherwise)\b"
)


def english(sentence: Sentence | None) -> str:
    return "" if sentence is None else Language("en")(sentence)


def parameters(exercise: Exercise, seen: Snapshot) -> dict[str, Any]:
    """The values that the expressions of the exercise have for this Job."""
    own = exercise.parameters
    return {**own, **checks.overrides(seen.job or {}, own)}


def has_failed(seen: Snapshot) -> bool:
    """Whether a try ended with another exit code than 0, or a Pod or the Job is Failed."""
    codes = [one.exit_code for record in seen.pods for one in record.attempts]
    phases = [objects.status(record.pod).get("phase") for record in seen.pods]
    counted = objects.status(seen.job or {}).get("failed")
    return bool(
        any(codes) or counted or "Failed" in phases or objects.is_true(seen.job or {}, "Failed")
    )


def untrue(exercise: Exercise, seen: Snapshot) -> Iterator[str]:
    """What is shown of an exercise and is not so, or is not known to be."""
    values = parameters(exercise, seen)
    for verdict in checks.judge(exercise, seen):
        yield from (f"{verdict.name}: {what}" for what in _untrue(verdict, seen, values))


def _untrue(verdict: Verdict, seen: Snapshot, values: dict[str, Any]) -> Iterator[str]:
    check, hint = verdict.check, verdict.hint
    said = list(hint.stages) if hint else []
    said += [verdict.because] if isinstance(verdict.because, Text) else []
    if verdict.result is PASS and (said or verdict.because):
        yield f"said of a PASS: {said}"
    if hint and verdict.result is UNKNOWN:
        yield f"a hint where nothing is known: {hint.stages[0].en}"
    if hint and hint.check != check.id:
        yield f"a hint for {hint.check}"
    if hint and not (hint.when and holds(hint.when, seen, values)):
        yield f"hint: {hint.stages[0].en}"
    reason = next((one for one in check.because if one.text == verdict.because), None)
    if reason and not holds(reason.when, seen, values):
        yield f"because: {reason.text.en}"
    own_fix = reason is not None and verdict.fix == reason.fix
    shown = verdict.result is FAIL and verdict.fix == check.fix and not own_fix
    if shown and not holds(check.fix_when, seen, values):
        yield f"fix: {check.fix.en}"
    claims = [one.en for one in said if FAILURE.search(one.en)]
    if claims and not has_failed(seen):
        yield f"speaks of a failure: {claims}"


def holds(when: model.When, seen: Snapshot, values: dict[str, Any]) -> bool:
    """Whether each of these is true, and rests on evidence that is all there."""
    measured = [assertions.measure(one, seen, values) for one in when]
    return all(one.holds and (one.complete or one.settled) for one in measured)


# ---- a table of states


def lines(exercise: Exercise) -> Iterator[str]:
    """What is shown of each check in each state, with those states together that look the same."""
    shown: dict[tuple[str, ...], list[str]] = {}
    for name, seen in states.states(exercise):
        verdicts = checks.judge(exercise, seen)
        found = [line for verdict in verdicts for line in _shown(verdict)]
        shown.setdefault(tuple(found), []).append(name)
    for what, names in shown.items():
        yield ""
        yield from (f"# {name}" for name in names)
        yield from what or ["(no check)"]


def _shown(verdict: Verdict) -> Iterator[str]:
    yield f"{verdict.result.value:7} {verdict.check.id}"
    if verdict.because is not None:
        yield f"        because  {english(verdict.because)}"
    if verdict.result is FAIL:
        yield f"        do       {english(verdict.fix)}"
        yield f"        run      {verdict.run}"
    if verdict.hint:
        for stage in verdict.hint.stages:
            yield f"        hint     {stage.en}"


EACH = pytest.mark.parametrize("exercise", states.EXERCISES, ids=states.called)


@EACH
def test_what_a_lab_says_in_each_state(exercise: Exercise) -> None:
    name = states.called(exercise)
    head = f"What is said of job.batch/{name} in each state of it"
    golden.compare(GOLDEN / f"{name}.txt", "\n".join([head, *lines(exercise), ""]))


@EACH
def test_nothing_is_said_that_is_not_so(exercise: Exercise) -> None:
    found = {name: list(untrue(exercise, seen)) for name, seen in states.states(exercise)}
    assert {name: what for name, what in found.items() if what} == {}


@EACH
def test_each_failure_has_a_reason(exercise: Exercise) -> None:
    silent = [
        (name, verdict.name)
        for name, seen in states.states(exercise)
        for verdict in checks.judge(exercise, seen)
        if verdict.result is FAIL and not english(verdict.because)
    ]
    assert silent == []


def test_each_hint_and_each_reason_is_right_in_some_state() -> None:
    """A text that no state shows is one that no learner will ever need, or a `when` gone wrong."""
    seen: set[Text] = set()
    for exercise in states.EXERCISES:
        for _, one in states.states(exercise):
            for verdict in checks.judge(exercise, one):
                seen |= set(verdict.hint.stages) if verdict.hint else set()
                seen |= {verdict.because} if isinstance(verdict.because, Text) else set()
    labs = {exercise.lab.name: exercise.lab for exercise in states.EXERCISES}.values()
    texts = [text for lab in labs for hint in lab.hints if hint.check for text in hint.stages]
    texts += [reason.text for lab in labs for one in lab.checks for reason in one.because]
    assert "\n".join(text.en for text in texts if text not in seen) == ""


# ---- any state


CODES = st.sampled_from([0, 0, 1, 3, 126, 127, 128, 137])
CONDITIONS = [
    ("Complete", "CompletionsReached"),
    ("Complete", "SuccessPolicy"),
    ("Failed", "BackoffLimitExceeded"),
    ("Failed", "DeadlineExceeded"),
    ("Failed", "PodFailurePolicy"),
    ("Suspended", "JobSuspended"),
]


@st.composite
def attempts(draw: st.DrawFn, lines: Sequence[str]) -> list[Attempt]:
    """Tries of one container, one after another; the last may still run."""
    found, now = [], draw(st.integers(1, 400))
    for number in range(1, draw(st.integers(0, 4)) + 1):
        end = now + draw(st.integers(0, 20))
        log = draw(st.none() | st.lists(st.sampled_from([*lines, "$((2 + 3))", "no"]), max_size=3))
        if draw(st.booleans()) and draw(st.booleans()):
            found.append(b.attempt(now, number=number, log=log))
            break
        code = draw(CODES)
        one = b.attempt(now, end, code, number=number, log=log, cut=draw(st.booleans()))
        found.append(one._replace(reason="StartError") if code == 128 else one)
        now = end + draw(st.integers(0, 30))
    missing = draw(st.integers(0, 1))  # the kubelet remembers the last two
    return found[missing:]


@st.composite
def pods(draw: st.DrawFn, number: int, lines: Sequence[str]) -> PodRecord:
    """A Pod as the cluster shows it, or as start has recorded it."""
    tries = draw(attempts(lines))
    last = tries[-1] if tries else None
    state = b.waiting(draw(st.sampled_from(["ContainerCreating", "ImagePullBackOff"])))
    if last is not None:
        running = last.finished is None
        state = b.running(2) if running else b.ended(2, 3, last.exit_code or 0, last.reason)
    phase = draw(st.sampled_from(["", "", "Pending", "Running", "Succeeded", "Failed"]))
    made = b.pod(
        f"demo-{number}",
        b.container(state, restarts=max(len(tries) - 1, 0) + draw(st.integers(0, 1))),
        phase=phase,
        created=draw(st.integers(0, 400)),
        owner=draw(st.sampled_from([b.JOB_UID, b.JOB_UID, None])),
        deleted=draw(st.sampled_from([None, None, 300])),
        restart_policy=draw(st.sampled_from(["Never", "OnFailure"])),
    )
    return b.record(made, *tries, gone=draw(st.booleans()))


@st.composite
def snapshots(draw: st.DrawFn) -> tuple[Exercise, Snapshot]:
    """An exercise, and a Job of it in any state, with what evidence there happens to be."""
    exercise = draw(st.sampled_from(states.EXERCISES))
    lines = states.lines_of(exercise.lab)
    records = [draw(pods(number, lines)) for number in range(draw(st.integers(0, 4)))]
    now = draw(st.sampled_from([1, 9, 11, 119, 121, 179, 301, 4000]))
    if draw(st.integers(0, 9)) == 0:
        return exercise, b.seen(None, now=now, bare_pod=draw(st.booleans()), name=exercise.job)
    policy = draw(st.sampled_from(["Never", "OnFailure"]))
    spec = {
        "completions": draw(st.none() | st.integers(0, 8)),
        "parallelism": draw(st.integers(0, 8)),
        "backoffLimit": draw(st.integers(0, 6)),
        "suspend": draw(st.booleans()),
        "template": {"spec": {"restartPolicy": policy}},
    }
    counts = {key: draw(st.integers(0, 4)) for key in ("succeeded", "failed")}
    if draw(st.booleans()):
        counts = dict.fromkeys(counts, 0)
    conditions = [
        b.condition(kind, 300, reason)
        for kind, reason in draw(st.lists(st.sampled_from(CONDITIONS), max_size=1))
    ]
    ended = {"completionTime": b.stamp(draw(st.integers(1, 400)))} if conditions else {}
    asked = {
        model.PARAMETER_PREFIX + one.name: str(draw(st.integers(one.minimum, one.maximum)))
        for one in exercise.lab.parameters
        if one.minimum is not None and one.maximum is not None and draw(st.booleans())
    }
    job = b.job(
        exercise.job,
        spec=spec,
        status={**counts, **ended},
        conditions=conditions,
        annotations=asked,
    )
    events = draw(st.sampled_from([None, [], [b.refused()], [b.event("SuccessfulCreate")]]))
    return exercise, b.seen(job, *records, now=now, events=events, name=exercise.job)


@settings(deadline=None, max_examples=100)
@given(snapshots())
def test_whatever_is_shown_is_so(drawn: tuple[Exercise, Snapshot]) -> None:
    exercise, seen = drawn
    assert list(untrue(exercise, seen)) == []
    verdicts = checks.judge(exercise, seen)
    assert all(english(one.because) for one in verdicts if one.result is FAIL)
