"""What lint says of tasks without checks, and of hints, solutions, cheats and starters amiss."""

from __future__ import annotations

from pathlib import Path

from tests.labs.definition.lint.lab import (
    Case,
    each,
    edit,
    remove,
    said,
    starter,
    two_variants,
    write,
)

CASES = [
    Case(
        "a check proves a task that is there",
        edit("task: 2", "task: 5"),
        says=[
            "lab.yaml:11: tasks[1]: no check proves it; add one with task: 2",
            "lab.yaml:36: checks[1].task: 5 is not a task; write 1 to 2",
        ],
    ),
    Case(
        "a task is proven by a check",
        edit("task: 2", "task: 1"),
        says=[
            "lab.yaml:11: tasks[1]: no check proves it; add one with task: 2",
        ],
    ),
    Case(
        "a task has a check that a cheat fails",
        edit("fails: complete", "fails: job"),
        says=[
            "lab.yaml:11: tasks[1]: no cheat fails on a check of it; add one for complete",
        ],
    ),
    Case(
        "a check is about a variant that is there",
        edit("id: job\n", "id: job\n  variant: onces\n"),
        says=[
            'lab.yaml:29: checks[0].variant: "onces" is not a variant; did you mean once?',
            'lab.yaml:50: cheats[0].fails: "job" is not a check of variant once; write complete',
        ],
    ),
    Case(
        "a solution is about a variant that is there",
        edit("- file: sol", "- variant: twice\n  file: sol"),
        says=[
            'lab.yaml:47: solutions[0].variant: "twice" is not a variant; write once',
        ],
    ),
    Case(
        "a hint helps with a check that is there",
        edit("check: complete", "check: compleat"),
        says=[
            'lab.yaml:43: hints[0].check: "compleat" is not a check; did you mean complete?',
        ],
    ),
    Case(
        "a cheat by spec is there",
        edit("by: spec", "by: behaviour"),
        says=[
            "lab.yaml:48: cheats: none is by spec; add one",
        ],
    ),
    Case(
        "a cheat by behaviour is there",
        edit("by: behaviour", "by: spec"),
        says=[
            "lab.yaml:48: cheats: none is by behaviour; add one",
        ],
    ),
    Case(
        "a cheat fails on a check that is there",
        edit("fails: job", "fails: jobs"),
        says=[
            "lab.yaml:10: tasks[0]: no cheat fails on a check of it; add one for job",
            'lab.yaml:49: cheats[0].fails: "jobs" is not a check of variant once; did you mean '
            "job?",
        ],
    ),
    Case(
        "a cheat fails on a check of its own variant",
        two_variants,
        edit("id: job\n", "id: job\n  variant: again\n"),
        says=[
            'lab.yaml:51: cheats[0].fails: "job" is not a check of variant once; write complete',
        ],
    ),
    Case(
        "a starter has a solution",
        starter,
        edit("solutions:\n- file: solutions/two.yaml\n", ""),
        remove("solutions/two.yaml"),
        says=[
            "lab.yaml:26: variants[0].starter: has no solution; add one to solutions, with "
            "variant: once",
        ],
    ),
    Case(
        "a starter may be incomplete",
        starter,
    ),
    Case(
        "a starter is a mapping",
        starter,
        write("job.yaml", "- kind: Job\n"),
        says=[
            "job.yaml:1: is a list, not a mapping; write one Kubernetes object",
        ],
    ),
    Case(
        "a starter's checks cannot use parameters",
        starter,
        edit("succeeded: 1", "succeeded: =completions"),
        says=[
            "lab.yaml:38: checks[1].assert.condition.succeeded: variant once is a starter, "
            "which the learner completes; write a number",
        ],
    ),
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says
