"""What lint says of objects that no cluster would take: what the API says, with file and line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kubectl_joblab.cli import trials
from kubectl_joblab.labs.definition import loader
from tests.labs.definition.lint.lab import Change, edit, make_lab, write
from tests.labs.definition.lint.test_done import JOB, lab

CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: '* * * * *'
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}
"""
WORDS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: words}\ndata: {mode: bad}\n"


def told(tmp_path: Path, *changes: Change) -> list[str]:
    """What the API refuses of the lab with these changes, without the lab's folder."""
    folder = make_lab(tmp_path)
    for change in (*lab(), write("cheats/few.yaml", JOB), write("solutions/two.yaml", JOB)):
        change(folder)
    for change in (write("cheats/pod.yaml", JOB), *changes):
        change(folder)
    found = trials.refused(loader.load(folder))
    return [str(one).replace(f"{folder}{os.sep}", "", 1) for one in found]


def test_what_every_cluster_takes_is_not_told(tmp_path: Path) -> None:
    assert told(tmp_path) == []


CONTAINER = "        image: busybox:1.36\n"
QUANTITY = (
    "quantities must match the regular expression"
    " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'; correct it"
)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "completions: 1",
            'completions: "3"',
            "6: spec.completions: a number belongs here, without quotes: 3",
        ),
        (
            "completions: 1",
            "activeDeadlineSeconds: 30s",
            "6: spec.activeDeadlineSeconds: a whole number belongs here",
        ),
        (
            "completions: 1",
            "completions: -3",
            "6: spec.completions: invalid value: -3: must be greater than or equal to 0;"
            " correct it",
        ),
        (
            "completions: 1",
            "completionMode: indexed",
            "6: spec.completionMode: capital and small letters differ: write Indexed, not indexed",
        ),
        (
            "completions: 1",
            "completionMode: Indexed\n  parallelism: 2",
            "5: spec.completions: is missing",
        ),
        (
            CONTAINER,
            f"{CONTAINER}        resources: {{requests: {{memory: 64MB}}}}\n",
            f"13: spec.template.spec.containers[0].resources.requests.memory: {QUANTITY}",
        ),
        (
            CONTAINER,
            f"{CONTAINER}        resources: {{limits: {{cpu: 1}}, requests: {{cpu: 2}}}}\n",
            "13: spec.template.spec.containers[0].resources.requests: invalid value:"
            ' "2": must be less than or equal to cpu limit of 1; correct it',
        ),
        (
            CONTAINER,
            f"{CONTAINER}        command: echo hello\n",
            "13: spec.template.spec.containers.command: a list belongs here, one item an argument,"
            " as in [echo, two words]",
        ),
        (CONTAINER, "", "11: spec.template.spec.containers[0].image: is missing"),
        (
            "busybox:1.36",
            "5",
            "12: spec.template.spec.containers.image: YAML reads 5 as a number; in quotes it is"
            ' text: "5"',
        ),
        (
            CONTAINER,
            f"{CONTAINER}        env: [{{name: A, value: 3}}]\n",
            "13: spec.template.spec.containers.env.value: YAML reads 3 as a number; in quotes it is"
            ' text: "3"',
        ),
        (
            CONTAINER,
            f"{CONTAINER}        volumeMounts: [{{name: data, mountPath: /data}}]\n",
            "13: spec.template.spec.containers[0].volumeMounts[0].name: not found:"
            ' "data"; correct it',
        ),
    ],
)
@pytest.mark.parametrize("file", ["job.yaml", "cheats/few.yaml"])
def test_a_job_that_no_cluster_takes_is_told(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    parameter = edit("field: spec.completions", "field: spec.template.spec.containers[0].name")
    kind = edit("type: integer\n  minimum: 1\n  maximum: 9", "type: string")
    check = edit("succeeded: =completions", "succeeded: 1")
    changes = (parameter, kind, check, edit(old, new, file))
    assert told(tmp_path, *changes) == [f"{file}:{said}"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "'* * * * *'",
            "'* * * *'",
            '5: spec.schedule: invalid value: "* * * *": expected exactly 5 fields, found 4:'
            " [* * * *]; correct it",
        ),
        (
            "  jobTemplate",
            "  concurrencyPolicy: forbid\n  jobTemplate",
            "6: spec.concurrencyPolicy: capital and small letters differ: write Forbid, not forbid",
        ),
        (
            "  jobTemplate",
            "  timeZone: Asia/Soul\n  jobTemplate",
            '6: spec.timeZone: invalid value: "Asia/Soul": unknown time zone Asia/Soul; correct it',
        ),
        (
            "{mode: bad}",
            "apple",
            "14: data: a mapping belongs here: lines of key: value, indented by two more spaces",
        ),
        (
            "{mode: bad}",
            "[apple]",
            "14: data: a mapping belongs here: lines of key: value, indented by two more spaces",
        ),
    ],
)
def test_an_object_beside_it_that_no_cluster_takes_is_told(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = f"{CRON_JOB}---\n{WORDS}".replace(old, new, 1)
    assert told(tmp_path, write("words.yaml", text)) == [f"words.yaml:{said}"]


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        (
            "{kind: Job, patch: {spec: {parallelism: -1}}}",
            "spec.parallelism: invalid value: -1: must be greater than or equal to 0; correct it",
        ),
        (
            "{kind: Job, patch: {spec: {parallelism: two}}}",
            "spec.parallelism: a whole number belongs here",
        ),
        (
            "{kind: ConfigMap, name: words, patch: {data: apple}}",
            "data: a mapping belongs here: lines of key: value, indented by two more spaces",
        ),
    ],
)
def test_an_object_that_no_cluster_takes_after_a_patch_is_told(
    tmp_path: Path, patch: str, said: str
) -> None:
    do = edit("do: []", f"do: [patch: {patch}]")
    assert told(tmp_path, do) == [f"lab.yaml:6: stages[0].do[0].patch.patch.{said}"]
