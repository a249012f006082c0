"""What lint says of manifests and assertions that no cluster could bear out.

The labs are loaded nevertheless: commands took them before lint said so.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kubectl_joblab.cli import manifests
from kubectl_joblab.labs.definition import lint, loader
from kubectl_joblab.labs.definition.facts import indexes
from tests.labs.definition.lint.lab import JOB, Case, Change, each, edit, write

POD = write("cheats/pod.yaml", JOB.replace("Job", "Pod").replace("batch/v1", "v1"))
TEMPLATE = """\
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: main, image: busybox:1.36}
"""


def job(*changes: tuple[str, str], file: str = "job.yaml") -> Change:
    """The manifest of the variant, with a template and these changes."""
    text = JOB + TEMPLATE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return write(file, text)


def labelled(name: str, manager: str = "kubectl-joblab") -> Change:
    labels = f"app.kubernetes.io/managed-by: {manager}\n    app.kubernetes.io/name: {name}"
    return job(("name: demo\n", f"name: demo\n  labels:\n    {labels}\n"))


def measure(assertion: str) -> Change:
    return edit("assert: {exists: {kind: Job}}", f"assert: {{{assertion}}}")


CASES = [
    Case("a manifest that can be created", job()),
    Case("the lab's own labels", labelled("demo")),
    Case(
        "another lab's label",
        labelled("sleep"),
        says=[
            'job.yaml:7: metadata.labels["app.kubernetes.io/name"]: is "sleep"; write demo,'
            " by which clean finds it"
        ],
    ),
    Case(
        "another manager's label",
        labelled("demo", "helm"),
        says=[
            'job.yaml:6: metadata.labels["app.kubernetes.io/managed-by"]: is "helm"; write'
            " kubectl-joblab, by which clean finds it"
        ],
    ),
    Case(
        "another apiVersion",
        job(("batch/v1", "batch/v1beta1")),
        says=['job.yaml:1: apiVersion: is "batch/v1beta1"; write batch/v1'],
    ),
    Case(
        "no apiVersion",
        job(("apiVersion: batch/v1\n", "")),
        says=["job.yaml:1: apiVersion: is missing; write batch/v1"],
    ),
    Case(
        "a Pod of the Job's apiVersion",
        write("cheats/pod.yaml", JOB.replace("Job", "Pod")),
        says=['cheats/pod.yaml:1: apiVersion: is "batch/v1"; write v1'],
    ),
    Case(
        "a namespace",
        job(("name: demo", "name: demo\n  namespace: labs")),
        says=["job.yaml:5: metadata.namespace: is the learner's to choose; remove it"],
    ),
    Case(
        "a restartPolicy that no Job takes",
        job(("Never", "Always")),
        says=[
            'job.yaml:9: spec.template.spec.restartPolicy: is "Always"; write Never or OnFailure,'
            " which a Job takes"
        ],
    ),
    Case(
        "no restartPolicy",
        job(("      restartPolicy: Never\n", "")),
        says=[
            "job.yaml:8: spec.template.spec.restartPolicy: is missing; write Never or OnFailure,"
            " which a Job takes"
        ],
    ),
    Case(
        "a number in quotes",
        job(("completions: 1", "completions: '1'")),
        says=["job.yaml:6: spec.completions: is text; write 1, without quotes"],
    ),
    Case(
        "a cheat's Job of another name",
        job(("name: demo", "name: other"), file="cheats/few.yaml"),
        says=['cheats/few.yaml:4: metadata.name: is "other"; write demo, as variant once has it'],
    ),
    Case(
        "a field that there is not",
        job(("completions: 1", "completions: 1\n  parallelsm: 2")),
        says=[
            'job.yaml:7: spec.parallelsm: "parallelsm" is no field here; did you mean parallelism?'
        ],
    ),
    Case(
        "a field of a container that there is not",
        job(("image: busybox:1.36", "image: busybox, comand: [sh]")),
        says=[
            'job.yaml:11: spec.template.spec.containers[0].comand: "comand" is no field here;'
            " did you mean command?"
        ],
    ),
    Case(
        "a field like no other",
        job(("completions: 1", "completions: 1\n  xyz: 2")),
        says=['job.yaml:7: spec.xyz: "xyz" is no field here; remove it, or see kubectl explain'],
    ),
    Case("any label", job(("name: demo", "name: demo\n  annotations: {any: thing}"))),
    Case(
        "a field of the status", measure("field: {path: status.succeeded, operator: ==, value: 1}")
    ),
    Case(
        "a field that no Job has",
        measure("field: {path: spec.paralelism, operator: ==, value: 1}"),
        says=[
            'lab.yaml:31: checks[0].assert.field.path: "paralelism" is no field here;'
            " did you mean parallelism?"
        ],
    ),
    *(
        Case(
            f"a field named without {what}",
            measure(f"field: {{path: {short}, operator: ==, value: {value}}}"),
            says=[
                f'lab.yaml:31: checks[0].assert.field.path: "{strange}" is no field here; did you'
                f" mean {path}?"
            ],
        )
        for what, short, strange, path, value in (
            ("its spec", "parallelism", "parallelism", "spec.parallelism", 1),
            (
                "its template",
                "spec.restartPolicy",
                "restartPolicy",
                "spec.template.spec.restartPolicy",
                "Never",
            ),
            (
                "its list",
                "spec.template.spec.image",
                "image",
                "spec.template.spec.containers[0].image",
                "x",
            ),
        )
    ),
    *(
        Case(
            f"{value} for {path}",
            measure(f"field: {{path: {path}, operator: ==, value: {value}}}"),
            says=[f"lab.yaml:31: checks[0].assert.field.value: {says}"] if says else [],
        )
        for path, value, says in (
            ("spec.parallelism", "'1'", "spec.parallelism is a number; write 1, without quotes"),
            ("spec.parallelism", "one", "spec.parallelism is a number; write a whole number"),
            ("spec.parallelism", "true", "spec.parallelism is a number; write a whole number"),
            ("spec.parallelism", "=completions", ""),
            ("spec.suspend", "'true'", "spec.suspend is true or false; write true, without quotes"),
            ("spec.suspend", "1", "spec.suspend is true or false; write true or false"),
            ("spec.suspend", "true", ""),
            (
                "spec.template.spec.restartPolicy",
                "1",
                "spec.template.spec.restartPolicy is text; put the value in quotes",
            ),
            ("'spec.template.spec.containers[0].image'", "busybox", ""),
            (
                "spec.completionMode",
                "indexed",
                '"indexed" is not a value of spec.completionMode; did you mean Indexed?',
            ),
            (
                "'spec.podFailurePolicy.rules[0].action'",
                "Retry",
                '"Retry" is not a value of spec.podFailurePolicy.rules[].action; write Count,'
                " FailIndex, FailJob or Ignore",
            ),
            ("'metadata.labels.app'", "x", ""),
            ("'spec.template.spec.containers[0].resources.limits.cpu'", "1", ""),
        )
    ),
    Case(
        "a parameter of text for a number in quotes",
        edit("type: integer\n  minimum: 1\n  maximum: 9", "type: string"),
        edit("succeeded: =completions", "succeeded: 1"),
        job(("completions: 1", "completions: '1'")),
        says=[
            "lab.yaml:20: parameters[0].type: a parameter for spec.completions must be an integer"
        ],
    ),
    Case(
        "a field in a list",
        measure(
            "field: {path: 'spec.template.spec.containers[0].env[0].value', operator: ==, value: x}"
        ),
    ),
    Case(
        "a reason of containers that is misspelt",
        measure("exitCodes: {reason: OomKilled, operator: ==, value: 137}"),
        says=[
            'lab.yaml:31: checks[0].assert.exitCodes.reason: "OomKilled" is not a reason of'
            " containers; did you mean OOMKilled?"
        ],
    ),
    Case(
        "a reason of events that is misspelt",
        measure("event: {reason: SuccesfulCreate, operator: ==, value: 1}"),
        says=[
            'lab.yaml:31: checks[0].assert.event.reason: "SuccesfulCreate" is not a reason of'
            " events; did you mean SuccessfulCreate?"
        ],
    ),
    Case("a reason of another's", measure("event: {reason: Frobnicated, operator: ==, value: 1}")),
    Case(
        "indexes that no status has so",
        measure("completedIndexes: {value: '0-1,3'}"),
        job(("completions: 1", "completions: 1\n  completionMode: Indexed")),
        says=[
            'lab.yaml:31: checks[0].assert.completedIndexes.value: "0-1,3" is in no status;'
            " write 0,1,3"
        ],
    ),
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    folder = case.lab(tmp_path)
    if "Pod" not in case.sentence:
        POD(folder)
    lab = loader.load(folder)
    found = [*lint.unfit(lab), *lint.misfits([lab], manifests.fields())]
    assert [str(it).replace(f"{folder}{os.sep}", "", 1) for it in found] == case.says


@pytest.mark.parametrize("value", ["", "0", "0,1", "0-2", "1,3-5,7", "0,1,3,4", "10-20"])
def test_a_status_has_such_indexes(value: str) -> None:
    assert indexes.unwritten(value) == ""


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("0-1", "0,1"),
        ("0,1,2", "0-2"),
        ("3,1", "1,3"),
        ("0, 2", "0,2"),
        ("1,1", "1"),
        ("02", "2"),
        ("0-4,3-6", "0-6"),
    ],
)
def test_indexes_are_written_in_order_and_as_short_as_a_status_does(value: str, right: str) -> None:
    assert indexes.unwritten(value).endswith(f"; write {right}")


@pytest.mark.parametrize("value", ["all", "0..2", "2-0", "0,", "1-", "0-999999", "-1"])
def test_what_is_no_indexes_is_told(value: str) -> None:
    assert indexes.unwritten(value).endswith(
        "; write indexes as a status does, such as 0,1 or 1,3-5"
    )
