"""What lint says of texts that learners would read as nobody meant them."""

from __future__ import annotations

import os
from pathlib import Path

from kubectl_joblab.labs.definition import lint, loader
from tests.labs.definition.lint.lab import Case, each, edit, said

LITERAL = "{job} is filled in in commands, run and hints alone; write the Job's name"
CUT = "ends at its #; put the text in quotes, or the comment in a line of its own"
REASON = "when: {owner: {kind: Job}}, ko: 그렇습니다."
TEXTS = {
    "the goal": ("en: One success.", "lab.yaml:8: goal.en"),
    "a task": ("en: Create a Job.", "lab.yaml:10: tasks[0].en"),
    "what to observe": ("en: There is one Pod.", "lab.yaml:13: observe[0].en"),
    "the debrief": ("en: It ran once.", "lab.yaml:15: debrief.en"),
    "what a check asks": ("ko: Job이 있습니다", "lab.yaml:32: checks[0].ask.ko"),
    "what to do": ("en: Wait for it.", "lab.yaml:40: checks[1].fix.en"),
    "a parameter": ("en: how many", "lab.yaml:24: parameters[0].help.en"),
}
CASES = [
    *(
        Case(
            f"{{job}} is no word of {what}",
            edit(text, f"{text.partition(':')[0]}: '{{job}}이'"),
            says=[f"{where}: {LITERAL}"],
        )
        for what, (text, where) in TEXTS.items()
        if "ko" in text
    ),
    *(
        Case(
            f"{{job}} is no word of {what}",
            edit(text, "en: 'It is {job}.'"),
            says=[f"{where}: {LITERAL}"],
        )
        for what, (text, where) in TEXTS.items()
        if "en" in text
    ),
    Case(
        "{job} is no word of a reason",
        edit("  within: 60\n", f"  within: 60\n  because: [{{{REASON}, en: 'So is {{job}}.'}}]\n"),
        says=[f"lab.yaml:38: checks[1].because[0].en: {LITERAL}"],
    ),
    Case(
        "{job} is no word of next",
        edit("joblab list", "joblab check {job}"),
        says=[f"lab.yaml:16: next: {LITERAL}"],
    ),
    Case(
        "{job} is filled in in hints and commands",
        edit("en: Have patience.", "en: 'See {job}.'"),
        edit("[kubectl get jobs]", "['kubectl get job {job}']"),
    ),
    Case(
        "a title is one line",
        edit("en: A demo", r'en: "A\ndemo"'),
        says=["lab.yaml:7: title.en: has several lines; write one"],
    ),
    Case(
        "a folder is called NN-name",
        lambda folder: folder.rename(folder.with_name("demo")),
        lambda folder: folder.symlink_to(folder.with_name("demo")),
        says=[
            "lab.yaml:2: warning: name: is in the folder demo; call it 07-demo, as scaffold does"
        ],
    ),
    Case(
        "a text ends at its #",
        edit("{en: It ran once., ko: 한 번 실행되었습니다.}", "\n  en: Try #1 ran.\n  ko: 첫 시도"),
        says=[f"lab.yaml:16: warning: debrief.en: {CUT}"],
    ),
    Case(
        "a command ends at its #",
        edit("[kubectl get jobs]", "\n- kubectl get jobs # all"),
        edit("describe job {job}", "describe job {job}  # it"),
        says=[
            f"lab.yaml:15: warning: commands[0]: {CUT}",
            f"lab.yaml:42: warning: checks[1].run: {CUT}",
        ],
    ),
    Case(
        "a comment behind a number, in a line of its own or in quotes cuts nothing",
        edit("minutes: 5", "minutes: 5 # about"),
        edit("next: ", "# next\nnext: "),
        edit("[kubectl get jobs]", "\n- 'kubectl get jobs # all' # all\n- kubectl get pod#1"),
    ),
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    folder = case.lab(tmp_path)
    found = [str(it) for it in lint.unfit(loader.load(folder)) if it.file.name == "lab.yaml"]
    assert [it.replace(f"{folder}{os.sep}", "", 1) for it in found] == case.says


def test_a_text_in_braces_that_a_sharp_cuts_is_told_so(tmp_path: Path) -> None:
    case = Case("", edit("en: A demo, ko: 시연}", "en: Exit #3, ko: 시연}"))
    assert said(case.lab(tmp_path)) == [
        "lab.yaml:8: is not YAML: expected ',' or '}', but got '<scalar>'; put the text with a # in"
        " line 7 in quotes"
    ]
