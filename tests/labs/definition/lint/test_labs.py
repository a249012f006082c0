"""What lint says of whole labs: one that is right, one with many problems, labs together."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubectl_joblab.cli.syntax import words
from kubectl_joblab.labs.definition import lint, loader, model
from kubectl_joblab.labs.definition.advice import command_lines
from tests.labs import ours
from tests.labs.definition.lint.lab import Case, Change, each, edit, make_lab, said

CASES = [
    Case(
        "all problems are told, in the order of lines",
        edit("task: 1", "task: 3"),
        edit("fails: complete", "fails: done"),
        edit("kind: Job", "kind: Jobs", "job.yaml"),
        says=[
            "lab.yaml:10: tasks[0]: no check proves it; add one with task: 1",
            "lab.yaml:11: tasks[1]: no cheat fails on a check of it; add one for complete",
            "lab.yaml:29: checks[0].task: 3 is not a task; write 1 to 2",
            'lab.yaml:50: cheats[1].fails: "done" is not a check of variant once; write job or '
            "complete",
            'job.yaml:2: kind: is "Jobs"; write Job, as variant once has it',
        ],
    ),
    Case(
        "a merged mapping has its lines",
        edit(
            "- id: complete\n  task: 2\n  within: 60",
            "- &it\n  <<: {task: 5, within: 60}\n  id: complete",
        ),
        says=[
            "lab.yaml:11: tasks[1]: no check proves it; add one with task: 2",
            "lab.yaml:36: checks[1].task: 5 is not a task; write 1 to 2",
        ],
    ),
]


def test_a_lab_that_is_right_has_no_problems_and_can_be_loaded(tmp_path: Path) -> None:
    folder = make_lab(tmp_path)
    assert said(folder) == []
    assert loader.load(folder).name == "demo"


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says


def test_a_flag_of_joblabs_own_is_none_of_a_lab(tmp_path: Path) -> None:
    lab = load(tmp_path, "second", edit("flag: --completions", "flag: --timeout"))
    assert [str(it) for it in lint.taken([lab], ["--timeout", "--wait"])] == [
        f"{lab.folder / 'lab.yaml'}:19: parameters[0].flag: --timeout is a flag of kubectl joblab"
        " itself; choose another"
    ]


def test_the_commands_that_take_a_lab_first_are_those_that_are_declared() -> None:
    declared = {
        path
        for path, entry in words.COMMANDS.items()
        if entry.arguments[:1] in (["lab"], ["labs..."], ["subject"]) and " " not in path
    }
    assert declared == command_lines.TAKE_A_LAB


# ---- among labs

SLEEP = (
    edit("name: demo", "name: sleep"),
    edit("number: 7", "number: 6"),
    edit("requires: [sleep]\n", ""),
    edit("job: demo", "job: sleep"),
    edit("name: demo", "name: sleep", "job.yaml"),
    edit("name: demo", "name: sleep", "solutions/two.yaml"),
)


def load(parent: Path, name: str, *changes: Change) -> model.Lab:
    """The lab, changed; a folder of this name may hold any."""
    folder = make_lab(parent, name)
    for change in changes:
        change(folder)
    return loader.load(folder)


def test_labs_that_go_together_have_no_problems_among_them(tmp_path: Path) -> None:
    labs = [load(tmp_path, "first", *SLEEP), load(tmp_path, "second")]
    assert lint.problems_among(labs) == []


@pytest.mark.parametrize(
    ("changes", "line", "message"),
    [
        pytest.param(
            [edit("name: demo", "name: sleep"), edit("[sleep]", "[]")],
            2,
            'name: "sleep" is the name of {other}; choose another',
            id="a name is given once",
        ),
        pytest.param(
            [edit("number: 7", "number: 6")],
            3,
            "number: 6 is the number of {other}; choose another",
            id="a number is given once",
        ),
        pytest.param(
            [edit("[sleep]", "[sleep, slep]")],
            6,
            'requires[1]: "slep" is not a lab; did you mean sleep?',
            id="a lab that is required is there",
        ),
        pytest.param(
            [edit("next: kubectl joblab list", "next: kubectl joblab start -n a slep")],
            16,
            'next: "slep" is not a lab; did you mean sleep?',
            id="what follows a flag is no lab",
        ),
        pytest.param(
            [edit("next: kubectl joblab list", "next: kubectl joblab start slep")],
            16,
            'next: "slep" is not a lab; did you mean sleep?',
            id="the next lab is there",
        ),
        pytest.param(
            [edit("joblab list", "joblab start sleep --completions=2 --variant=onec")],
            16,
            'next: "onec" is not a variant of sleep; did you mean once?',
            id="the next variant is there",
        ),
        pytest.param(
            [
                edit("job: demo", "job: sleep"),
                edit("name: demo", "name: sleep", "job.yaml"),
                edit("name: demo", "name: sleep", "solutions/two.yaml"),
            ],
            26,
            'variants[0].job: "sleep" is a Job of lab sleep; choose another, in the manifests too',
            id="a Job is of one lab",
        ),
    ],
)
def test_lint_says_of_labs_together(
    changes: list[Change], line: int, message: str, tmp_path: Path
) -> None:
    first, second = load(tmp_path, "first", *SLEEP), load(tmp_path, "second", *changes)
    expected = f"{second.folder / 'lab.yaml'}:{line}: {message.format(other=first.folder)}"
    assert [str(it) for it in lint.problems_among([first, second])] == [expected]


def test_no_lab_comes_before_itself_by_way_of_another(tmp_path: Path) -> None:
    first = load(tmp_path, "first", *SLEEP, edit("minutes: 5", "minutes: 5\nrequires: [demo]"))
    second = load(tmp_path, "second")
    assert [str(it) for it in lint.problems_among([first, second])] == [
        f"{first.folder / 'lab.yaml'}:6: requires[0]: leads back here, by demo; remove it from one"
        " of them",
        f"{second.folder / 'lab.yaml'}:6: requires[0]: leads back here, by sleep; remove it from"
        " one of them",
    ]


def test_a_lab_that_has_vanished_is_named_all_the_same(tmp_path: Path) -> None:
    lab = load(tmp_path, "second")
    file = lab.folder / "lab.yaml"
    file.unlink()
    assert [str(it) for it in lint.problems_among([lab])] == [
        f'{file}:6: requires[0]: "sleep" is not a lab; write demo'
    ]


@pytest.mark.parametrize("folder", loader.folders([]), ids=lambda folder: folder.name)
def test_a_lab_of_joblab_has_no_problems(folder: Path) -> None:
    assert said(folder) == []


def test_the_labs_of_joblab_go_together() -> None:
    assert lint.problems_among(ours.LABS) + lint.unsaid(ours.LABS) == []


def test_a_hint_of_joblabs_own_labs_says_when_it_is_so() -> None:
    (lab, *_) = ours.LABS
    bare = lab._replace(hints=tuple(hint._replace(when=()) for hint in lab.hints[:2]))
    (problem,) = lint.unsaid([bare])
    assert (problem.key, problem.message) == ("hints[1]", "does not say when it is so; add a when")


def test_others_labs_need_not_say_it(tmp_path: Path) -> None:
    assert lint.unsaid([load(tmp_path, "second")]) == []
