"""The one command to go on with: what each command suggests, over all that can have been judged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, measures, next_step
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from tests.labs import builders as b
from tests.labs import ours

PASS, FAIL, PENDING, UNKNOWN = Result.PASS, Result.FAIL, Result.PENDING, Result.UNKNOWN
RETRY = ours.BY_NAME["retry"]
NEVER, ON_FAILURE, RECOVER = (Exercise(RETRY, one) for one in RETRY.variants)
MINE = ON_FAILURE._replace(name="mine")
SLEEP, ECHO, YAML, PARALLELISM = (
    Exercise(ours.BY_NAME[name], ours.BY_NAME[name].variants[0])
    for name in ("sleep", "echo", "yaml", "parallelism")
)
VARIED = PARALLELISM._replace(changes={"parallelism": 2})
PULL = Cause(
    *("image", True, "pod/sleep-abcde", "ImagePullBackOff", "no such host", "Correct the image."),
    run="kubectl describe pod sleep-abcde",
)


def verdict(exercise: Exercise, result: Result) -> Verdict:
    """A verdict of this result; the rest of it decides nothing here, but what to run anew."""
    check: model.Check = exercise.checks[0]
    measured = measures.Measure(1, 1, result is PASS, "1", "1")
    run = exercise.start() if result is UNKNOWN else ""
    return checks.Verdict(
        exercise, check, result, b.NAMESPACE, b.JOB_UID, measured, "cluster", None, check.fix, run
    )


def found(exercise: Exercise, *results: Result, cause: Cause | None = None) -> Judged:
    """An exercise whose Job is there, with a verdict of each of these results."""
    verdicts = [verdict(exercise, result) for result in results]
    causes = [cause] if cause else []
    return Judged(exercise, verdicts, True, "Running", causes, b.NAMESPACE)


def absent(exercise: Exercise) -> Judged:
    """An exercise without a Job."""
    return Judged(exercise, [verdict(exercise, PENDING)], False, namespace=b.NAMESPACE)


def standing(lab: model.Lab, done: Sequence[str], there: Sequence[str]) -> list[Judged]:
    """The exercises of a lab, of which variants were done once, and Jobs are there that passed."""
    return [
        (found(one, PASS) if one.variant.name in there else absent(one))._replace(
            done=one.variant.name in done
        )
        for one in (Exercise(lab, variant) for variant in lab.variants)
    ]


def subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    return [some for size in range(len(names) + 1) for some in combinations(names, size)]


# labs with several Jobs x which of these were done x which of the done are there still
DONE = [
    pytest.param(lab, done, there, id=f"{lab.name}: done {done}, there {there}")
    for lab in ours.LABS
    if len(lab.variants) > 1
    for done in subsets([one.name for one in lab.variants])
    for there in subsets(done)
]


@pytest.mark.parametrize("after", [After.CHECK, After.HINT])
@pytest.mark.parametrize(("lab", "done", "there"), DONE)
def test_of_a_lab_with_several_jobs_what_is_not_done_comes_next(
    after: After, lab: model.Lab, done: Sequence[str], there: Sequence[str]
) -> None:
    left = [Exercise(lab, one) for one in lab.variants if one.name not in done]
    if left or not there:  # without any Job it is done anew
        expected = (left if there or not done else [Exercise(lab, lab.variants[0])])[0].begin()
    else:
        expected = lab.next if after is After.CHECK else f"kubectl joblab show {lab.name} --debrief"
    assert next_step.next_step(after, standing(lab, done, there)) == expected


ALL_OF_RETRY = [found(NEVER, PASS), found(ON_FAILURE, PASS), found(RECOVER, PASS)]
CASES: dict[str, tuple[After, Sequence[Judged], str]] = {
    "check: what failed gets a hint": (
        After.CHECK,
        [found(SLEEP, PASS, FAIL)],
        "kubectl joblab hint sleep",
    ),
    "check: a variant keeps its name": (
        After.CHECK,
        [found(ON_FAILURE, FAIL)],
        "kubectl joblab hint retry --variant=onfailure",
    ),
    "check: a Job of another name keeps it": (
        After.CHECK,
        [found(MINE, FAIL)],
        "kubectl joblab hint retry --variant=onfailure --name=mine",
    ),
    "check: what fails comes before what is pending": (
        After.CHECK,
        [found(SLEEP, PENDING), found(ECHO, FAIL)],
        "kubectl joblab hint echo",
    ),
    "check: what is pending is waited for": (
        After.CHECK,
        [found(MINE, PENDING, PASS)],
        "kubectl joblab check retry --variant=onfailure --name=mine --wait",
    ),
    "check: what is pending comes before what is unknown": (
        After.CHECK,
        [found(SLEEP, UNKNOWN), found(ECHO, PENDING)],
        "kubectl joblab check echo --wait",
    ),
    "check: a Pod that is stuck is looked at, not waited for": (
        After.CHECK,
        [found(SLEEP, PENDING, cause=PULL)],
        "kubectl describe pod sleep-abcde",
    ),
    "check: what failed comes before a Pod that is stuck": (
        After.CHECK,
        [found(SLEEP, PENDING, cause=PULL), found(ECHO, FAIL)],
        "kubectl joblab hint echo",
    ),
    "check: evidence that is gone is made anew": (
        After.CHECK,
        [found(MINE, UNKNOWN, PASS)],
        "kubectl joblab start retry --variant=onfailure --name=mine",
    ),
    "check: what was not run comes after all that was": (
        After.CHECK,
        [absent(SLEEP), found(ECHO, PASS)],
        "kubectl joblab start sleep",
    ),
    "check: a starter is begun with its manifest": (
        After.CHECK,
        [absent(YAML)],
        "kubectl joblab scaffold yaml",
    ),
    "check: a lab that is done leads to where it says": (
        After.CHECK,
        ALL_OF_RETRY,
        ours.BY_NAME["retry"].next,
    ),
    "check: a variant that is done leads to the next": (
        After.CHECK,
        [found(NEVER, PASS), absent(ON_FAILURE), absent(RECOVER)],
        "kubectl joblab start retry --variant=onfailure",
    ),
    "check: several labs that are done lead nowhere": (
        After.CHECK,
        [found(SLEEP, PASS), found(ECHO, PASS)],
        "",
    ),
    "check: the last lab leads to a variation of it": (
        After.CHECK,
        [found(PARALLELISM, PASS)],
        "kubectl joblab start parallelism --parallelism=2",
    ),
    "check: a variation that was run is not suggested again": (
        After.CHECK,
        [found(VARIED, PASS)],
        "kubectl joblab list",
    ),
    "check: a variation that was run by another name is not either": (
        After.CHECK,
        [found(VARIED._replace(name="mine"), PASS)],
        "kubectl joblab list",
    ),
    "start: a variation that was run is not suggested again": (
        After.START,
        [found(VARIED, PASS)],
        "kubectl joblab list",
    ),
    "start: what failed gets a hint": (
        After.START,
        [found(MINE, PASS, FAIL)],
        "kubectl joblab hint retry --variant=onfailure --name=mine",
    ),
    "start: what is unknown gets a hint": (
        After.START,
        [found(SLEEP, UNKNOWN)],
        "kubectl joblab hint sleep",
    ),
    "start: a variant leads to the next": (
        After.START,
        [found(ON_FAILURE, PASS), absent(RECOVER)],
        "kubectl joblab start retry --variant=recover",
    ),
    "start: the last variant leads to where the lab says": (
        After.START,
        [found(RECOVER, PASS)],
        ours.BY_NAME["retry"].next,
    ),
    "status: what passed has logs worth reading": (
        After.STATUS,
        [found(MINE, PASS, PASS)],
        "kubectl joblab logs retry --variant=onfailure --name=mine",
    ),
    "status: anything else is checked": (
        After.STATUS,
        [found(MINE, PASS, PENDING)],
        "kubectl joblab check retry --variant=onfailure --name=mine",
    ),
    "list: the first lab that is not done, though a later one failed": (
        After.LIST,
        [found(SLEEP, PASS), absent(ECHO), found(NEVER, FAIL)],
        "kubectl joblab start echo",
    ),
    "list: what was begun is checked": (
        After.LIST,
        [found(SLEEP, PASS), found(ON_FAILURE, PENDING), absent(ECHO)],
        "kubectl joblab check retry --variant=onfailure",
    ),
    "list: where all is done, it can be cleaned up": (
        After.LIST,
        [found(SLEEP, PASS), found(ECHO, PASS)],
        "kubectl joblab clean --all",
    ),
    "everywhere: what failed is checked where it failed": (
        After.EVERYWHERE,
        [found(SLEEP, PENDING), found(MINE, FAIL)],
        f"kubectl joblab check retry --variant=onfailure --name=mine -n {b.NAMESPACE}",
    ),
    "everywhere: what is pending is waited for there": (
        After.EVERYWHERE,
        [found(SLEEP, PENDING), found(ECHO, UNKNOWN)],
        f"kubectl joblab check sleep --wait -n {b.NAMESPACE}",
    ),
    "everywhere: what was not run of a lab that was begun is begun there": (
        After.EVERYWHERE,
        [found(NEVER, PASS), absent(ON_FAILURE)],
        f"kubectl joblab start retry --variant=onfailure -n {b.NAMESPACE}",
    ),
    "everywhere: what is unknown is checked there": (
        After.EVERYWHERE,
        [found(ECHO, UNKNOWN)],
        f"kubectl joblab check echo -n {b.NAMESPACE}",
    ),
    "everywhere: all passed lead nowhere": (After.EVERYWHERE, [found(ECHO, PASS)], ""),
    "hint: what was not run is begun": (
        After.HINT,
        [found(NEVER, PASS), absent(ON_FAILURE), absent(RECOVER)],
        "kubectl joblab start retry --variant=onfailure",
    ),
    "hint: a lab that is done is explained": (
        After.HINT,
        ALL_OF_RETRY,
        "kubectl joblab show retry --debrief",
    ),
    "hint: another variant that failed gets its hint": (
        After.HINT,
        [found(NEVER, PASS), found(ON_FAILURE, FAIL), absent(RECOVER)],
        "kubectl joblab hint retry --variant=onfailure",
    ),
}


@pytest.mark.parametrize(("after", "judged", "step"), CASES.values(), ids=CASES)
def test_the_command_to_go_on_with(after: After, judged: Sequence[Judged], step: str) -> None:
    assert next_step.next_step(after, judged) == step


@pytest.mark.parametrize(
    ("exercise", "more", "step"),
    [
        pytest.param(MINE, True, f"kubectl joblab hint {MINE.arguments}", id="a further stage"),
        pytest.param(MINE, False, f"kubectl joblab scaffold {MINE.arguments}", id="the last stage"),
        pytest.param(YAML, False, "kubectl joblab scaffold yaml", id="a starter's last"),
    ],
)
def test_the_command_to_go_on_with_from_a_hint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, exercise: Exercise, more: bool, step: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert next_step.after_hint(exercise, more=more) == step


def test_the_last_hint_overwrites_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for one in (YAML, ECHO):
        one.path().parent.mkdir()
        one.path().write_text("mine", "utf-8")
    assert next_step.after_hint(YAML, more=False) == f"kubectl joblab start yaml -f {YAML.path()}"
    assert next_step.after_hint(ECHO, more=False) == "kubectl joblab scaffold echo -d -"


RESULTS = st.lists(st.sampled_from(Result), min_size=1, max_size=4)
STANDING = st.one_of(
    st.builds(lambda one, results: found(one, *results), st.sampled_from([SLEEP, MINE]), RESULTS),
    st.builds(absent, st.sampled_from([ECHO, YAML, NEVER])),
)


@b.PROPERTY
@given(
    st.sampled_from([After.CHECK, After.START, After.HINT, After.STATUS]),
    st.lists(STANDING, min_size=1),
)
def test_no_command_but_a_list_passes_over_what_is_worse(
    after: After, judged: list[Judged]
) -> None:
    begun = [one for one in judged if one.started]
    worst = next_step.worst([result for one in begun for result in one.results])
    alone = [one for one in begun if worst in one.results][:1]
    if worst is not PASS:
        assert next_step.next_step(after, judged) == next_step.next_step(after, alone)


@pytest.mark.parametrize(
    ("results", "worst"),
    [
        ([PASS, UNKNOWN, PENDING, FAIL], FAIL),
        ([PASS, UNKNOWN, PENDING], PENDING),
        ([PASS, UNKNOWN], UNKNOWN),
        ([PASS], PASS),
        ([], PASS),
    ],
)
def test_one_order_of_severity(results: list[Result], worst: Result) -> None:
    assert next_step.worst(results) is worst
