"""What lint says of a Job that is made from the lab's CronJob, and is not as its jobTemplate."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kubectl_joblab.labs.definition import lint, loader

JOB, CRON_JOB = "job-cronjob.yaml", "cronjob.yaml"


def changed(tmp_path: Path, old: str, new: str, file: str = JOB) -> list[str]:
    """What lint says of lab 23, where a text of one of its files was replaced."""
    folder = tmp_path / "23-cronjob"
    shutil.copytree(loader.built_in() / folder.name, folder)
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    return [str(one).partition(": ")[2] for one in lint.unfit(loader.load(folder))]


def test_lab_23_is_right(tmp_path: Path) -> None:
    assert changed(tmp_path, "", "") == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "  backoffLimit: 0",
            "  backoffLimit: 3",
            "spec.backoffLimit: is 3; write 0, as the jobTemplate in cronjob.yaml has it",
        ),
        (
            "  backoffLimit: 0\n",
            "",
            "spec.backoffLimit: is missing; write 0, as the jobTemplate in cronjob.yaml has it",
        ),
        (
            "  backoffLimit: 0",
            "  backoffLimit: 0\n  parallelism: 2",
            "spec.parallelism: is 2; remove it, as the jobTemplate in cronjob.yaml has it",
        ),
        (
            "sleep 2",
            "sleep 3",
            'spec.template.spec.containers[0].command[2]: is "date; echo report written; sleep 3";'
            ' write "date; echo report written; sleep 2", as the jobTemplate in cronjob.yaml has'
            " it",
        ),
        (
            "cronjob\n  annotations",
            "cronjob\n    more: x\n  annotations",
            'metadata.labels.more: is "x"; remove it, as the jobTemplate in cronjob.yaml has it',
        ),
    ],
)
def test_a_job_that_differs_from_its_template_is_told(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert changed(tmp_path, old, new) == [said]


def test_a_job_that_is_not_marked_may_differ(tmp_path: Path) -> None:
    mark = "cronjob.kubernetes.io/instantiate"
    assert changed(tmp_path / "marked", "image: busybox:1.36", "image: busybox") != []
    said = changed(tmp_path, mark, "example.com/other")
    assert not any("jobTemplate" in one for one in said)
