"""What lint says of files that a lab names and does not have, or has and does not name."""

from __future__ import annotations

from pathlib import Path

from tests.labs.definition.lint.lab import JOB, Case, each, edit, remove, said, write

CASES = [
    Case(
        "a file that is named is there",
        remove("cheats/few.yaml"),
        says=[
            'lab.yaml:50: cheats[1].file: "cheats/few.yaml" is not a file in this folder; did '
            "you mean cheats/pod.yaml?",
        ],
    ),
    Case(
        "a file's name with a typo is found",
        edit("cheats/pod.yaml", "cheats/pot.yaml"),
        says=[
            "lab.yaml:48: cheats: cheats/pod.yaml is not named here; add it, or delete it",
            'lab.yaml:49: cheats[0].file: "cheats/pot.yaml" is not a file in this folder; did '
            "you mean cheats/pod.yaml?",
        ],
    ),
    Case(
        "a file is inside the folder",
        write("../job.yaml", JOB),
        edit("file: job.yaml", "file: ../job.yaml"),
        says=[
            'lab.yaml:26: variants[0].file: "../job.yaml" is outside of the lab\'s folder; copy '
            "it there",
        ],
    ),
    Case(
        "a file's name does not leave the folder to come back",
        edit("file: job.yaml", "file: cheats/../job.yaml"),
        says=[
            'lab.yaml:26: variants[0].file: "cheats/../job.yaml" is outside of the lab\'s folder; '
            "copy it there",
        ],
    ),
    Case(
        "a file is no longer than anyone's",
        write("job.yaml", JOB + "#" * (1 << 18)),
        says=[
            "job.yaml:1: cannot be read (it has more than 256 KiB); make it shorter",
        ],
    ),
    Case(
        "a file's name may be too long",
        edit("file: job.yaml", f"file: {'j' * 300}.yaml"),
        says=[
            "lab.yaml:26: variants[0].file: "
            '"jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj..." is not a file in this '
            "folder; write cheats/few.yaml, cheats/pod.yaml, job.yaml or "
            "solutions/two.yaml",
        ],
    ),
    Case(
        "a solution that is left over is found",
        write("solutions/old.yaml", JOB),
        says=[
            "lab.yaml:46: solutions: solutions/old.yaml is not named here; add it, or delete it",
        ],
    ),
    Case(
        "a cheat that is left over is found",
        write("cheats/old.yaml", JOB),
        says=[
            "lab.yaml:48: cheats: cheats/old.yaml is not named here; add it, or delete it",
        ],
    ),
    Case(
        "hidden files are left alone",
        write("cheats/.old.yaml.swp", ""),
        write("solutions/.git/config", ""),
    ),
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    assert said(case.lab(tmp_path)) == case.says
