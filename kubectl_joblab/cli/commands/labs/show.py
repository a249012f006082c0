"""show: the page of a lab, or why the lab's Job behaves as it does."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from kubectl_joblab.cli.screens import page
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.labs.definition import model, values
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import fleeting
from kubectl_joblab.language import Text, phrase

_KEEP_THE_TERMINAL = ("-w", "--wait")


@declare.command(
    "show",
    short_help="Show a lab: goal, tasks, what to observe, commands to try",
    lab_flags=True,
    help="Show a lab: its goal, its tasks, what to observe, and kubectl commands to try.",
    examples=[
        ("Show lab 4", "kubectl joblab show retry"),
        ("Show it in Korean, with why it behaves so", "kubectl joblab show 4 --lang=ko --debrief"),
    ],
)
@declare.lab_argument()
@declare.option("--debrief", is_flag=True, help="Show why it behaves so; best read afterwards.")
def show(session: Session, /, lab: model.Lab, debrief: bool, **_: Any) -> int:
    """Print the lab's page, or with --debrief the explanation. The lab's flags change nothing."""
    if not debrief:
        session.out(*_page(session, lab))
        session.next(Exercise(lab, lab.variants[0]).begin())
        return 0
    from kubectl_joblab.labs import progress  # the page is shown without it, which is sooner

    session.out(*_paragraphs(session, lab.debrief))
    kept = progress.load(session.progress)
    exercises = [Exercise(lab, variant) for variant in lab.variants]
    open_ones = [one for one in exercises if not kept.has_done(one)]
    way = _way_on(open_ones[0], kept.passed(open_ones[0])) if open_ones else "kubectl joblab next"
    session.next(way)
    return 0


def _way_on(exercise: Exercise, passed: Collection[str]) -> str:
    """The command to go on with an exercise of which these checks have passed once."""
    if not passed:
        return exercise.begin()
    checks = exercise.lab.checks_of(exercise.variant)
    left = [one for one in checks if not one.optional and one.id not in passed]
    deletes = left and all(map(exercise.deletes_job, left))
    return exercise.deletion if deletes else exercise.command("check")


def _page(session: Session, lab: model.Lab) -> list[str]:
    text = session.text
    head = lab.heading
    if lab.requires:
        head = phrase(
            "Lab {number}, {name}: {title} ({minutes}m, after {requires})",
            number=lab.number,
            name=lab.name,
            title=lab.title,
            minutes=lab.minutes,
            requires=", ".join(lab.requires),
        )
    lines = page.head(session, lab, head)
    lines += ["", text(phrase("Tasks:"))]
    for number, task in enumerate(lab.tasks, 1):
        about = f"(--variant={task.variant}) " if task.variant else ""
        lines += session.fold(about + text.marked(task.text), first=f"  {number}. ")
    lines += ["", *page.observe(session, lab)]
    lines += _fleeting(session, lab)
    if lab.parameters or len(lab.variants) > 1:
        lines += ["", text(phrase("Flags of start and scaffold:")), *_flags(session, lab)]
    lines += ["", text(phrase("Commands to try:"))]
    job = lab.variants[0].job
    lines += [f"  {session.with_flags(one.replace('{job}', job))}" for one in lab.commands]
    words = {word for one in lab.commands for word in one.split()}
    if keeping := [flag for flag in _KEEP_THE_TERMINAL if flag in words]:
        said = phrase(
            "What has {flags} keeps its terminal: go on in a second one meanwhile.",
            flags=", ".join(keeping),
        )
        lines += session.fold(said, first="  ")
    for stage in lab.stages:
        lines += _stage(session, lab, stage)
    return [*lines, ""]


def _stage(session: Session, lab: model.Lab, stage: model.Stage) -> list[str]:
    """A stage in which something is done: what it is about, and the commands that do it."""
    from kubectl_joblab.labs import actions  # few labs have stages

    if not stage.do:
        return []
    exercise = Exercise(lab, lab.variant(stage.variant))
    title = phrase("Stage {name}: {title}", name=stage.name, title=stage.title)
    commands = [session.with_flags(actions.command(one, exercise)) for one in stage.do]
    return ["", *session.fold(title, rest="  "), *(f"  {one}" for one in commands)]


def _fleeting(session: Session, lab: model.Lab) -> list[str]:
    """Which checks nobody can pass who comes later; nothing where there is none."""
    names = [
        f"{variant.job}/{check.id}"
        for variant in lab.variants
        for check in fleeting.fleeting(Exercise(lab, variant))
    ]
    if not names:
        return []
    said = phrase(
        "Only start, watch or a timely check --wait sees what these ask for: {checks}",
        checks=", ".join(names),
    )
    return ["", *session.fold(said, rest="  ")]


def _flags(session: Session, lab: model.Lab) -> list[str]:
    own = values.defaults(lab, lab.variants[0])
    rows = []
    if len(lab.variants) > 1:
        names = "|".join(variant.name for variant in lab.variants)
        rows.append((f"--variant={names}", session.text(phrase("which of the lab's Jobs"))))
    for parameter in lab.parameters:
        value = own.get(parameter.name, "")
        rows.append((f"{parameter.flag}={value}", session.text(parameter.explained)))
    width = max(map(len, dict(rows))) + 2
    return [line for flag, text in rows for line in session.fold(text, first=f"  {flag:<{width}}")]


def _paragraphs(session: Session, text: Text) -> list[str]:
    lines: list[str] = []
    for paragraph in session.text.marked(text).strip().split("\n"):
        lines += session.fold(paragraph) if paragraph.strip() else [""]
    return lines
