"""What lint says of a lab's folder, and of names and ids that are given twice."""

from __future__ import annotations

from pathlib import Path

from tests.labs.definition.lint.lab import Case, each, edit, said, two_variants

HINT = "  stages:\n  - {en: Have patience., ko: 기다리세요.}\n"
FAILED, ONE = "{condition: {type: Failed}}", "{pods: {operator: ==, value: 1}}"
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
            'lab.yaml:44: hints[1].check: "complete" is already in hints[0]; give the first of '
            "them a when",
        ],
    ),
    Case(
        "hints for the way in are in one place",
        edit(
            "- check: complete\n  stages:", "- stages: [{en: Begin., ko: 시작하세요.}]\n- stages:"
        ),
        says=[
            "lab.yaml:44: hints[1].stages: are for the way in, as those of hints[0]; put all into "
            "one",
        ],
    ),
    Case(
        "a check of another variant may have the same id",
        two_variants,
        edit("- id: complete\n", "- id: job\n  variant: again\n"),
        edit("- id: job\n", "- id: job\n  variant: once\n"),
        edit("check: complete", "check: job"),
        edit("fails: complete}", "fails: job, variant: again}"),
        says=[],
    ),
    Case(
        "a check of all variants may not",
        two_variants,
        edit("- id: complete\n", "- id: job\n  variant: again\n"),
        edit("check: complete", "check: job"),
        edit("fails: complete}", "fails: job, variant: again}"),
        says=[
            'lab.yaml:36: checks[1].id: "job" is already in checks[0]; choose another',
        ],
    ),
    Case(
        "a check may have several hints, each for another state",
        edit(HINT, f"  when: {FAILED}\n{HINT}- check: complete\n  when: [{FAILED}, {ONE}]\n{HINT}"),
        says=[],
    ),
    Case(
        "a hint that has no when is the last of its check",
        edit(HINT, f"{HINT}- check: complete\n  when: {FAILED}\n{HINT}"),
        says=[
            "lab.yaml:47: hints[1].when: comes after hints[0], which has none and is always "
            "taken; exchange the two",
        ],
    ),
    Case(
        "only the Job's name is filled in",
        edit("run: kubectl get job {job}", "run: kubectl get job {Job} -o jsonpath={.kind}"),
        edit(
            "[kubectl get jobs]", "['kubectl get {pod}', \"kubectl get -o go-template='{{end}}'\"]"
        ),
        edit("en: Have patience.", "en: 'Have patience, {name}.'"),
        says=[
            "lab.yaml:14: commands[0]: {pod} is not known; write {job}, for the Job's name",
            "lab.yaml:34: checks[0].run: {Job} is not known; write {job}, for the Job's name",
            "lab.yaml:45: hints[0].stages[0].en: {name} is not known; write {job}, for the Job's "
            "name",
        ],
    ),
    Case(
        "an id that several checks have is listed once",
        edit("id: complete", "id: job"),
        edit("check: complete", "check: job"),
        edit("task: 1", "task: 2"),
        edit("fails: job}", "fails: zzz}"),
        says=[
            "lab.yaml:10: tasks[0]: no check proves it; add one with task: 1",
            "lab.yaml:11: tasks[1]: no cheat fails on a check of it; add one for job",
            'lab.yaml:35: checks[1].id: "job" is already in checks[0]; choose another',
            'lab.yaml:49: cheats[0].fails: "zzz" is not a check of variant once; write job',
            'lab.yaml:50: cheats[1].fails: "complete" is not a check of variant once; write job',
        ],
    ),
    Case(
        "two hints for one state are one too many",
        edit(HINT, f"  when: {FAILED}\n{HINT}- check: complete\n  when: {FAILED}\n{HINT}"),
        says=[
            'lab.yaml:47: hints[1].check: "complete" is already in hints[0]; choose another, or '
            "another when",
        ],
    ),
    Case(
        "the way in is for no state of a Job",
        edit("- check: complete\n", f"- when: {FAILED}\n"),
        says=[
            "lab.yaml:43: hints[0].when: is for the hints of a check; name it, or remove it",
        ],
    ),
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says
