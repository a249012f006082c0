"""What lint says of a lab's folder, and of names and ids that are given twice."""

from __future__ import annotations

from pathlib import Path

from tests.labs.definition.lint.lab import Case, each, edit, said, two_variants

CASES = [
    Case(
        "a folder has the number of its lab",
        edit("number: 7", "number: 8"),
        says=[
            "lab.yaml:3: number: 8 is not that of the folder 07-demo; rename one of the two",
        ],
    ),
    Case(
        "a folder has the name of its lab",
        edit("name: demo", "name: demos"),
        says=[
            'lab.yaml:2: name: "demos" is not that of the folder 07-demo; rename one of the two',
        ],
    ),
    Case(
        "a lab does not require itself",
        edit("[sleep]", "[sleep, demo]"),
        says=[
            "lab.yaml:6: requires[1]: is this lab itself; remove it",
        ],
    ),
    Case(
        "ids of checks are given once",
        edit("id: complete", "id: job"),
        edit("check: complete", "check: job"),
        edit("fails: complete", "fails: job"),
        says=[
            'lab.yaml:35: checks[1].id: "job" is already in checks[0]; choose another',
        ],
    ),
    Case(
        "names of cheats are given once",
        edit("name: too-few", "name: bare-pod"),
        says=[
            'lab.yaml:50: cheats[1].name: "bare-pod" is already in cheats[0]; choose another',
        ],
    ),
    Case(
        "Jobs of variants are told apart",
        two_variants,
        edit("job: demo-again", "job: demo"),
        edit("demo-again", "demo", "again.yaml"),
        says=[
            'lab.yaml:27: variants[1].job: "demo" is already in variants[0]; choose another',
        ],
    ),
    Case(
        "names of variants are told apart",
        two_variants,
        edit("name: again", "name: once"),
        says=[
            'lab.yaml:27: variants[1].name: "once" is already in variants[0]; choose another',
        ],
    ),
    Case(
        "a check has its hints in one place",
        edit("hints:\n", "hints:\n- {check: complete, stages: [{en: Wait., ko: 기다리세요.}]}\n"),
        says=[
            'lab.yaml:44: hints[1].check: "complete" is already in hints[0]; choose another',
        ],
    ),
    Case(
        "hints for the way in are in one place",
        edit(
            "- check: complete\n  stages:", "- stages: [{en: Begin., ko: 시작하세요.}]\n- stages:"
        ),
        says=[
            'lab.yaml:44: hints[1].check: "" is already in hints[0]; choose another',
        ],
    ),
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says
