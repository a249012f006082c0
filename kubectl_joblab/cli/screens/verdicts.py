"""How verdicts are shown: the table, what to do about a FAIL, and the machine-readable forms.

check, start, status and `lab test` use it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from kubectl_joblab.cli.screens import predictions
from kubectl_joblab.cli.session import Session
from kubectl_joblab.evidence import retry
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import Phrase, Sentence, phrase, plural
from kubectl_joblab.printing import dump, fold, tabwriter

FORMATS = ("wide", "json", "yaml", "name", "junit")
BECAUSE = phrase("because")
HEADER = ("NAME", "RESULT", "EXPECTED", "OBSERVED")


def table(
    session: Session, judged: Iterable[Judged], *, wide: bool, headers: bool = True
) -> list[str]:
    """The lines of a table with a row for each check.

    A Job that is not there has one row, except with `wide`. Where the table is too wide for a
    terminal it becomes a table for each Job, as kubectl prints several kinds; in one that is still
    too wide, checks that are not judged only say so, and `hint` tells why.
    """
    header = [*HEADER, "SOURCE"] if wide else list(HEADER)
    judged = list(judged)
    groups = [_rows(session, one, wide=wide, lab=_shares(one, judged)) for one in judged]
    lines = session.layout(header, [row for group in groups for row in group], headers=headers)
    if wide or not headers or not session.is_terminal(session.stdout) or fold.fits(lines):
        return session.coloured(lines)
    tables = [["", *_narrow(session, one, lab=_shares(one, judged))] for one in judged]
    return [line for one in tables if one[1:] for line in one][1:]


def _narrow(session: Session, one: Judged, *, lab: bool) -> list[str]:
    """The table of one Job, whose cells say less only where it is too wide for a terminal."""
    rows: list[list[str]] = []
    for brief in (False, True):
        rows = _rows(session, one, wide=False, lab=lab, brief=brief)
        lines = session.layout(list(HEADER), rows, headers=True)
        if not rows or fold.fits(lines):
            return session.coloured(lines) if rows else []
    return session.table(list(HEADER), [_shortened(session, row) for row in rows])


def _shortened(session: Session, row: list[str]) -> list[str]:
    """The row where what was expected and observed alike is said once."""
    name, result, expected, observed = row
    same = session.text(phrase("the same"))
    if observed == expected and tabwriter.width(same) < tabwriter.width(expected):
        observed = same
    return [name, result, expected, observed]


def _shares(one: Judged, judged: Iterable[Judged]) -> bool:
    """Whether another lab has a Job of the same name, so that rows need the lab's name."""
    return any(
        other.exercise.variant.job == one.exercise.variant.job
        and other.exercise.lab.folder != one.exercise.lab.folder
        for other in judged
    )


def _rows(
    session: Session, one: Judged, *, wide: bool, lab: bool, brief: bool = False
) -> list[list[str]]:
    """The rows of an exercise. lab: whether the name of the lab stands before that of the Job.

    brief: whether of checks that are not judged no more is said than that.
    """
    prefix = f"{one.exercise.lab.name}/" if lab else ""
    rows: list[list[Sentence]] = [
        [
            f"{prefix}{verdict.name}",
            verdict.result.value,
            *(
                ("", phrase("not judged"))
                if brief and verdict.left_out
                else (verdict.measure.expected_text, verdict.measure.observed_text)
            ),
            *([verdict.source] if wide else []),
        ]
        for verdict in one.verdicts
    ]
    if not one.started and not wide:
        job = one.exercise.job
        rows = [[f"{prefix}{job}/*", "PENDING", f"Job {job}", phrase("not found")]]
    return [[session.text(cell) for cell in row] for row in rows]


def details(session: Session, verdicts: Iterable[Verdict], *, run: bool = True) -> list[str]:
    """The lines for each FAIL and UNKNOWN: what was asked, the reason, what to do, what to run.

    run: whether to say what to run, which is of no use where the Job is no longer there.
    """
    lines = []
    for verdict in verdicts:
        if verdict.result not in (Result.FAIL, Result.UNKNOWN):
            continue
        task = session.text(phrase("task {n}", n=verdict.check.task))
        asked = f"{session.text.marked(verdict.check.ask)} ({task})"
        lines += session.fold(f"{verdict.result.value} {verdict.name}: {asked}", rest="  ")
        if verdict.because is not None:
            lines += _because(session, verdict.because)
        if verdict.result is Result.FAIL:
            lines += _entry(session, phrase("do"), verdict.fix)
        if run:
            lines.append(_label(session, phrase("run")) + session.with_flags(verdict.run))
    return session.coloured(lines)


def measured(session: Session, verdicts: Iterable[Verdict]) -> list[str]:
    """The lines for each verdict, with what was seen and whether it is late."""
    lines = []
    for verdict in verdicts:
        found = details(session, [verdict], run=False)
        if not found:
            asked = session.text.marked(verdict.check.ask)
            found = session.fold(f"{verdict.result.value} {verdict.name}: {asked}", rest="  ")
        seen = phrase(
            "expected {expected}, observed {observed}",
            expected=verdict.measure.expected_text,
            observed=verdict.measure.observed_text,
        )
        lines += [*session.coloured(found[:1]), *found[1:], *_entry(session, phrase("found"), seen)]
        if verdict.late:
            late = phrase("its within, {n}s, has passed", n=verdict.check.within)
            lines += _entry(session, BECAUSE, late)
    return lines


def explained(session: Session, found: Iterable[Cause]) -> list[str]:
    """The lines for each cause: what is the case, why, what to do, what to run."""
    lines = []
    for cause in found:
        head = phrase("{object}: {what}", object=cause.object, what=cause.what)
        lines += session.fold(head, rest="  ")
        if cause.because:
            lines += _because(session, cause.because)
        lines += _entry(session, phrase("do"), cause.fix)
        lines.append(_label(session, phrase("run")) + session.with_flags(cause.run))
    return lines


def _because(session: Session, because: Sentence) -> list[str]:
    """The lines that say why. A server's message stays whole where it is piped; ours are folded."""
    if isinstance(because, str) and not session.is_terminal(session.stdout):
        return [_label(session, BECAUSE) + because]
    return _entry(session, BECAUSE, because)


def _entry(session: Session, name: Phrase, sentence: Sentence) -> list[str]:
    label = _label(session, name)
    return session.fold(sentence, first=label, rest=" " * tabwriter.width(label))


def _label(session: Session, name: Phrase) -> str:
    return f"  {tabwriter.pad(session.text(name), 9)} "


def report(
    session: Session,
    judged: Sequence[Judged],
    shown: Sequence[Judged],
    *,
    wide: bool = False,
    headers: bool = True,
) -> None:
    """Print the table, what is to be explained below it, and the counts.

    shown: those of `judged` that have rows; the counts are of all.
    """
    session.out(*table(session, shown, wide=wide, headers=headers))
    if failed := details(session, [v for one in shown for v in one.verdicts]):
        session.out("", *failed)
    if found := explained(session, [c for one in shown for c in one.causes]):
        session.out("", *found)
    session.out(*next_tries(shown))
    notes = (recorded(shown), overdue(shown))
    session.out(*(note for note in notes if note is not None))
    session.out(*(line for one in shown for line in stage(one)))
    session.out(*(to_create(one) for one in shown if one.between))
    session.out(summary(session, judged))
    if compared := [line for one in shown for line in predictions.compared(session, one)]:
        session.out("", *compared)


def next_tries(judged: Iterable[Judged]) -> list[Sentence]:
    """A line for each Job that waits before its next try."""
    return [
        phrase("job.batch/{name}: next try {when}", name=one.seen.name, when=said)
        for one in judged
        if one.seen is not None and (said := retry.says(one.seen))
    ]


def summary(session: Session, judged: Sequence[Judged]) -> str:
    """The counts in one line, as in `2 passed, 1 failed, 1 lab not started.`

    Of a single Job that has passed it also says which of its lab's tasks was left to the learner.
    """
    shown = counted(session, (v.result for one in judged if one.started for v in one.verdicts))
    if waiting := len({one.exercise.lab.name for one in judged if not one.started}):
        shown.append(session.text(plural(waiting, "{n} lab not started", "{n} labs not started")))
    said = ", ".join(shown) + "."
    if len(judged) == 1 and all(one is Result.PASS for one in judged[0].results):
        for task in _left_to_the_learner(judged[0]):
            said += " " + session.text(phrase("Task {n} is optional.", n=task))
    return said


def _left_to_the_learner(one: Judged) -> list[int]:
    """The tasks with an optional check that there is nothing to judge of yet."""
    judged = {verdict.check.id for verdict in one.verdicts}
    return [
        check.task for check in one.exercise.checks if check.optional and check.id not in judged
    ]


def counted(session: Session, results: Iterable[Result]) -> list[str]:
    """The counts of results, as in `2 passed, 1 failed`, without those that are 0."""
    counts = Counter(results)
    parts: list[Sentence] = [
        phrase("{n} passed", n=counts[Result.PASS]),
        phrase("{n} failed", n=counts[Result.FAIL]),
        phrase("{n} pending", n=counts[Result.PENDING]),
        phrase("{n} unknown", n=counts[Result.UNKNOWN]),
    ]
    numbers = [counts[key] for key in (Result.PASS, Result.FAIL, Result.PENDING, Result.UNKNOWN)]
    return [session.text(part) for part, number in zip(parts, numbers, strict=True) if number]


def recorded(judged: Iterable[Judged]) -> Sentence | None:
    """The note that verdicts rest on more than the cluster still shows; None where they do not."""
    if any(verdict.source != "cluster" for one in judged for verdict in one.verdicts):
        return phrase(
            "Some of this is gone from the cluster; it is judged by what was recorded before."
        )
    return None


def overdue(judged: Iterable[Judged]) -> Sentence | None:
    """The note that Jobs take longer than their labs expect; None where none does by itself."""
    if any(verdict.late for one in judged if not one.causes for verdict in one.verdicts):
        return phrase("It takes longer than the lab expects; what is PENDING may still pass.")
    return None


# ---- for programs


def document(
    session: Session, judged: Sequence[Judged], *, everywhere: bool = False
) -> dict[str, Any]:
    """The CheckList that -o json and -o yaml print. everywhere: it is of all namespaces."""
    verdicts = [verdict for one in judged for verdict in one.verdicts]
    counts = Counter(verdict.result for verdict in verdicts)
    return {
        "apiVersion": model.LIST_FORMAT,
        "kind": "CheckList",
        "summary": {result.value.lower(): counts[result] for result in Result},
        "items": [_item(session, verdict, everywhere) for verdict in verdicts],
    }


def _item(session: Session, verdict: Verdict, everywhere: bool) -> dict[str, Any]:
    failed = verdict.result is Result.FAIL
    because = None if verdict.because is None else session.text(verdict.because)
    run = session.with_flags(verdict.run, verdict.namespace if everywhere else "")
    return {
        "lab": verdict.exercise.lab.name,
        "variant": verdict.exercise.variant.name,
        "check": verdict.check.id,
        "task": verdict.check.task,
        "result": verdict.result.value,
        "namespace": verdict.namespace,
        "job": verdict.exercise.job,
        "uid": verdict.uid,
        "title": session.text(verdict.check.ask),
        "operator": verdict.measure.operator,
        "expected": verdict.measure.expected,
        "observed": verdict.measure.observed,
        "expectedText": session.text(verdict.measure.expected_text),
        "observedText": session.text(verdict.measure.observed_text),
        "source": verdict.source,
        "because": because,
        "fix": session.text(verdict.fix) if failed else None,
        "run": run if failed else None,
    }


def junit(session: Session, judged: Sequence[Judged], *, everywhere: bool = False) -> str:
    """The text of JUnit's XML: a suite for each Job, a case for each check."""
    from xml.etree import ElementTree  # only for this format; it writes, it parses nothing

    root = ElementTree.Element("testsuites", name="kubectl joblab")
    for one in judged:
        job = one.exercise.job
        job = f"{one.namespace}/{job}" if everywhere else job
        suite = ElementTree.SubElement(root, "testsuite", name=job)
        counts = Counter(verdict.result for verdict in one.verdicts)
        suite.set("tests", str(len(one.verdicts)))
        suite.set("failures", str(counts[Result.FAIL]))
        suite.set("skipped", str(counts[Result.PENDING] + counts[Result.UNKNOWN]))
        for verdict in one.verdicts:
            item = _item(session, verdict, everywhere)
            case = ElementTree.SubElement(suite, "testcase", classname=job)
            case.set("name", verdict.check.id)
            seen = session.text(
                phrase(
                    "expected {expected}, observed {observed}",
                    expected=item["expectedText"],
                    observed=item["observedText"],
                )
            )
            if verdict.result is Result.FAIL:
                failure = ElementTree.SubElement(case, "failure", message=seen)
                failure.text = "\n".join(
                    str(item[key]) for key in ("because", "fix", "run") if item[key]
                )
            elif verdict.result is not Result.PASS:
                ElementTree.SubElement(case, "skipped", message=f"{verdict.result.value}: {seen}")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode")


def stage(one: Judged) -> list[Phrase]:
    """The line that says which stage of its lab an exercise is in; none where all have passed.

    It is the first stage with a check that has not passed.
    """
    stages = one.exercise.lab.stages_of(one.exercise.variant)
    open_ones = {
        verdict.check.stage or stages[0].name
        for verdict, result in zip(one.verdicts, one.results, strict=True)
        if stages and result is not Result.PASS
    }
    return [heading(one.exercise, stage) for stage in stages if stage.name in open_ones][:1]


def unseen(exercise: Exercise) -> Sentence:
    """The line about a Job that has gone by itself before anybody saw how."""
    return phrase(
        "job.batch/{name} has run, as its events show, and is gone: watch or check --wait has to be"
        " there when it ends.",
        name=exercise.job,
    )


def to_create(one: Judged) -> Sentence:
    """The line between two stages, where the Job of the next is not there yet."""
    return phrase(
        "There is no job.batch/{name}: create the Job of this stage.", name=one.exercise.job
    )


def heading(exercise: Exercise, stage: model.Stage) -> Phrase:
    """The line that a stage begins with."""
    stages = exercise.lab.stages_of(exercise.variant)
    if len(stages) == 1:
        return phrase("Stage {name}: {title}", name=stage.name, title=stage.title)
    return phrase(
        "Stage {n} of {total}, {name}: {title}",
        n=stages.index(stage) + 1,
        total=len(stages),
        name=stage.name,
        title=stage.title,
    )


def print_as(
    session: Session, judged: Sequence[Judged], form: str, *, everywhere: bool = False
) -> None:
    """Print in one of FORMATS other than wide. everywhere: names begin with their namespace."""
    if form == "junit":
        session.out(junit(session, judged, everywhere=everywhere))
    elif form == "name":
        found = [verdict for one in judged for verdict in one.verdicts]
        session.out(*((f"{v.namespace}/" if everywhere else "") + v.name for v in found))
    else:
        session.out(dump.dump(document(session, judged, everywhere=everywhere), form))
