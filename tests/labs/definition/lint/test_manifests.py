"""What lint says of a lab's manifests: YAML, their kinds, the names of their Jobs."""

from __future__ import annotations

from pathlib import Path

from tests.labs.definition.lint.lab import Case, each, edit, said, write

CASES = [
    Case(
        "a manifest is YAML",
        edit("kind: Job", "kind: 'Job", "job.yaml"),
        says=[
            "job.yaml:2: is not YAML: found unexpected end of stream; end the quote that begins "
            "here",
        ],
    ),
    Case(
        "a manifest is not empty",
        write("cheats/pod.yaml", ""),
        says=[
            "cheats/pod.yaml:1: is empty; write one Kubernetes object",
        ],
    ),
    Case(
        "a manifest has no key twice",
        edit("kind: Pod", "kind: Pod\nkind: Job", "cheats/pod.yaml"),
        says=[
            "cheats/pod.yaml:3: kind: is already in line 2; remove one of the two",
        ],
    ),
    Case(
        "a manifest may have dates and fractions",
        edit("kind: Pod", "kind: Pod\nwhen: 2026-01-01\nhow: 1.5", "cheats/pod.yaml"),
    ),
    Case(
        "a variant's manifest is a Job",
        edit("kind: Job", "kind: CronJob", "job.yaml"),
        says=[
            'job.yaml:2: kind: is "CronJob"; write Job, as variant once has it',
        ],
    ),
    Case(
        "a solution is a Job",
        edit("kind: Job\n", "", "solutions/two.yaml"),
        says=[
            "solutions/two.yaml:1: kind: is missing; write Job, as variant once has it",
        ],
    ),
    Case(
        "a solution's Job has its variant's name",
        edit("name: demo", "name: other", "solutions/two.yaml"),
        says=[
            'solutions/two.yaml:4: metadata.name: is "other"; write demo, as variant once has it',
        ],
    ),
    Case(
        "a cheat is a Job or a Pod",
        edit("kind: Pod", "kind: CronJob", "cheats/pod.yaml"),
        says=[
            'cheats/pod.yaml:2: kind: is "CronJob"; lab test makes a Job or a Pod',
        ],
    ),
    Case(
        "a cheat may have no kind",
        edit("kind: Pod\n", "", "cheats/pod.yaml"),
    ),
    Case(
        "a Job's name leaves room for more",
        edit("job: demo", f"job: {'d' * 60}"),
        says=[
            "lab.yaml:26: variants[0].job: has more than 57 characters; shorten it",
        ],
    ),
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says
