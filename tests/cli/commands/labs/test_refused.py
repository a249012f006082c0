"""What the API server refuses of a lab itself: what it does, and what it sets up."""

from __future__ import annotations

import io
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl_joblab.labs import prove
from kubectl_joblab.labs.definition import loader
from tests.inprocess.cluster import Cluster
from tests.labs.definition.lint.lab import JOB, edit, make_lab, write
from tests.practice.node.fake import Program

LABS = "--lab-path=own"
WORDS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: words}\ndata: {mode: bad}\n"
DEADLINE = "{patch: {kind: Job, patch: {spec: {activeDeadlineSeconds: 40}}}}"
# what a lab does -> the server's words
REFUSED = {
    "{patch: {kind: Job, patch: {spec: {completionMode: Indexed}}}}": (
        'The Job "demo" is invalid: spec.completionMode: Invalid value: "Indexed": '
        "field is immutable"
    ),
    "{patch: {kind: ConfigMap, name: words, patch: {data: {a b: c}}}}": (
        'The ConfigMap "words" is invalid: data[a b]: Invalid value: "a b": '
        "a valid config key must consist of"
    ),
    "{apply: {file: wrong.yaml}}": (
        'The ConfigMap "words" is invalid: data[a b]: Invalid value: "a b": '
        "a valid config key must consist of"
    ),
}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster whose Jobs' containers run on."""
    with Cluster(tmp_path, defaultdict(lambda: [[Program(runs=50)]])) as made:
        yield made


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A lab with a Job and a ConfigMap."""
    folder = make_lab(tmp_path / "own")
    pods = "{restartPolicy: Never, containers: [{name: main, image: busybox:1.36}]}"
    write("job.yaml", f"{JOB}  template: {{spec: {pods}}}\n")(folder)
    write("words.yaml", WORDS)(folder)
    write("wrong.yaml", WORDS.replace("mode: bad", "a b: bad"))(folder)
    edit("format: joblab/v1", "format: joblab/v2\nsetup: [words.yaml]")(folder)
    return folder


def does(lab: Path, action: str) -> None:
    """Have the lab do something that goes, and then this."""
    stage = "{name: only, title: {en: One., ko: 하나.}, do: ["
    edit("variants:\n", f"stages:\n- {stage}{DEADLINE}, {action}]}}\nvariants:\n")(lab)


@pytest.mark.parametrize("action", REFUSED)
def test_start_says_what_was_refused_where_it_stands_and_why(
    cluster: Cluster, lab: Path, action: str
) -> None:
    does(lab, action)
    screen = cluster.run("start", "demo", LABS)
    wanted = (
        f"error: own/07-demo/lab.yaml: stages[0].do[1]: the cluster refuses it: {REFUSED[action]}"
    )
    assert wanted in screen.err
    assert screen.err.endswith("Next: kubectl joblab lab lint own/07-demo --lab-path=own\n")
    assert screen.code == 1


@pytest.mark.parametrize("action", REFUSED)
def test_to_lab_test_it_is_no_refused_manifest(cluster: Cluster, lab: Path, action: str) -> None:
    does(lab, action)
    outcome = proven(cluster, lab, "manifest job.yaml", prove.REFUSED)
    assert not outcome.holds
    assert "stages[0].do[1]: the cluster refuses it: " in outcome.observed
    edit("file: solutions/two.yaml", f"file: solutions/two.yaml\n  do: [{action}]")(lab)
    write("solutions/two.yaml", (lab / "job.yaml").read_text("utf-8"))(lab)
    outcome = proven(cluster, lab, "solution two.yaml", prove.REFUSED)
    assert "solutions[0].do[0]: the cluster refuses it: " in outcome.observed


@pytest.mark.parametrize("line", ["start demo", "start demo --dry-run=server"])
def test_what_is_refused_of_the_setup_is_told_so(cluster: Cluster, lab: Path, line: str) -> None:
    edit("setup: [words.yaml]", "setup: [wrong.yaml]")(lab)
    screen = cluster.run(*f"{line} {LABS}".split())
    wanted = 'wrong.yaml:4: the cluster refuses it: The ConfigMap "words" is invalid'
    assert wanted in screen.err
    outcome = proven(cluster, lab, "manifest job.yaml", prove.REFUSED)
    assert not outcome.holds
    assert 'wrong.yaml:4: the cluster refuses it: The ConfigMap "words' in outcome.observed


def proven(cluster: Cluster, lab: Path, name: str, expected: str) -> prove.Outcome:
    """What comes of the case of this name, where this is expected of it."""
    found = loader.load(lab)
    session = cluster.session(io.StringIO(), io.StringIO())
    case = next(one for one in prove.cases(found) if one.name == name)
    case = prove.Case(case.name, case.file, case.variant, expected, case.stage, case.do)
    return prove.run(session.client, "default", found, case, threading.Event())


def test_a_manifest_of_the_labs_own_that_is_refused_leads_to_its_author(
    cluster: Cluster, lab: Path
) -> None:
    edit("completions: 1", "completions: -1", "job.yaml")(lab)
    edit("  minimum: 1\n", "")(lab)
    screen = cluster.run("start", "demo", LABS)
    assert "error: own/07-demo/job.yaml:" in screen.err
    assert "spec.completions: Invalid value: -1: must be greater than or equal to 0" in screen.err
    assert screen.err.endswith("Next: kubectl joblab lab lint own/07-demo --lab-path=own\n")
    assert screen.code == 1
