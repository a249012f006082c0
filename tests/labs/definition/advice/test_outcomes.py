"""What lint says of checks and cheats that no run can come to."""

from __future__ import annotations

import os
from pathlib import Path

from kubectl_joblab.labs.definition import lint, loader
from tests.labs.definition.lint.lab import JOB, Case, each, edit, remove, said, write

ASSERT = "{exists: {kind: Job}}"
INDEXED = write("job.yaml", JOB + "  completionMode: Indexed\n")
STAGES = """\
stages:
- {name: one, title: {en: First, ko: 처음}}
- {name: two, title: {en: Second, ko: 다음}}
"""
WITH_STAGES = (
    edit("joblab/v1", "joblab/v2"),
    edit("variants:\n", f"{STAGES}variants:\n"),
    edit("  task: 2\n", "  task: 2\n  stage: two\n"),
)
ASKED = (
    edit("joblab/v1", "joblab/v2"),
    edit(
        "checks:\n",
        "questions:\n- id: pods\n  ask: {en: How many?, ko: 몇 개?}\n  measure: {pods: {}}\n"
        "  because: {en: so, ko: 그래서}\nchecks:\n",
    ),
)
NOT_INDEXED = (
    "the Job of variant once is not Indexed; write spec.completionMode: Indexed in job.yaml"
)
CASES = [
    Case("an exit code that there is", edit(ASSERT, "{exitCodes: {operator: ==, value: 255}}")),
    Case(
        "an exit code that there is not",
        edit(ASSERT, "{exitCodes: {operator: ==, value: 256}}"),
        says=[
            "lab.yaml:31: checks[0].assert.exitCodes.value: 256 is no exit code; the highest is 255"
        ],
    ),
    *(
        Case(
            f"{kind} of a Job that has no indexes",
            edit("joblab/v1", "joblab/v2"),
            edit(ASSERT, f"{{{kind}: {{value: 1}}}}"),
            says=[f"lab.yaml:31: checks[0].assert.{kind}: {NOT_INDEXED}"],
        )
        for kind in ("completedIndexes", "failedIndexes", "lastIndex")
    ),
    Case("indexes of an Indexed Job", INDEXED, edit(ASSERT, "{completedIndexes: {value: 0}}")),
    Case(
        "a cheat that is the lab's own manifest",
        edit("file: cheats/few.yaml", "file: ./job.yaml"),
        edit("by: spec, file: cheats/pod.yaml", "by: spec, file: job.yaml"),
        remove("cheats/few.yaml"),
        remove("cheats/pod.yaml"),
        says=[
            "lab.yaml:49: cheats[0].file: is what variants[0] makes, which passes; write another "
            "manifest",
            "lab.yaml:50: cheats[1].file: is what variants[0] makes, which passes; write another "
            "manifest",
        ],
    ),
    Case(
        "two cheats of one file",
        edit("file: cheats/few.yaml", "file: cheats/pod.yaml"),
        remove("cheats/few.yaml"),
        says=[
            "lab.yaml:50: cheats[1].file: is what cheats[0] makes, which fails already; write "
            "another manifest",
        ],
    ),
    Case(
        "two cheats of one file by what is done",
        edit("joblab/v1", "joblab/v2"),
        edit("file: cheats/few.yaml", "file: cheats/pod.yaml, do: []"),
        remove("cheats/few.yaml"),
    ),
    Case(
        "a task whose check is of a later stage",
        *WITH_STAGES,
        says=["lab.yaml:11: tasks[1]: check complete of it is of another; write stage: two"],
    ),
    Case(
        "a task of a later stage whose check is of the first",
        *WITH_STAGES,
        edit("ko: Job을 만듭니다.", "stage: two, ko: Job을 만듭니다."),
        edit("shows: job", "stage: two, shows: job"),
        says=[
            "lab.yaml:10: tasks[0]: check job of it is of the first stage, one; correct one",
        ],
    ),
    Case(
        "a task of the stage of its check",
        *WITH_STAGES,
        edit("shows: job", "stage: two, shows: job"),
    ),
    Case(
        "a question that says the answer",
        *ASKED,
        edit("measure: {pods: {}}", "measure: {pods: {operator: ==, value: 3}}"),
        says=[
            "lab.yaml:30: questions[0].measure.pods.operator: is what the learner says; remove it",
            "lab.yaml:30: questions[0].measure.pods.value: is what the learner says; remove it",
        ],
    ),
    Case(
        "a cheat that answers",
        *ASKED,
        edit(ASSERT, "{answered: {question: pods}}"),
        says=[
            "lab.yaml:54: cheats[0].fails: asks for the learner's answer, which lab test leaves "
            "out; name another check",
        ],
    ),
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    folder = case.lab(tmp_path)
    found = [str(it) for it in lint.unfit(loader.load(folder)) if it.file.name == "lab.yaml"]
    assert [it.replace(f"{folder}{os.sep}", "", 1) for it in found] == case.says


def test_no_cheat_fails_what_only_a_learner_can_answer(tmp_path: Path) -> None:
    answer = Case(
        "",
        *ASKED,
        edit(ASSERT, "{answered: {question: pods}}"),
        edit("fails: job", "fails: complete"),
    )
    assert said(answer.lab(tmp_path)) == []
