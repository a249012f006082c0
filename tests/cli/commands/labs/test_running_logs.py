"""What a Pod that runs has printed counts by then: what a lab does, checks and explains by it."""

from __future__ import annotations

import io
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl_joblab.evidence import records
from kubectl_joblab.labs import prove
from kubectl_joblab.labs.definition import loader
from tests.cli.commands.labs.test_watch import watched
from tests.cli.commands.test_requests import sent
from tests.inprocess.cluster import Cluster
from tests.labs.definition.lint.lab import edit, make_lab, write
from tests.practice.node.fake import Program

JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: demo
spec:
  completions: 2
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: main, image: busybox:1.36, command: [echo, done]}
"""
LABS = "--lab-path=own"
COMPLETE = "{condition: {type: Complete, succeeded: =completions}}"
TWO_PODS = '{pods: {operator: ">=", value: 2}}'
# what holds when the Pod has run for 20 s, and not before
BY_THEN = {
    "lines": '{log: {contains: ready, operator: ">=", value: 2}}',
    "lines, exactly": '{log: {contains: ready, operator: "==", value: 2}}',
    "lines of each Pod": '{log: {contains: ready, operator: ">=", value: 2, perPod: true}}',
    "a sum": '{sum: {after: "n=", operator: ">=", value: 3}}',
    "several": '[{log: {contains: ready, operator: ">=", value: 1}},'
    ' {sum: {after: "n=", operator: "==", value: 3}}]',
}
PROGRAM = Program(runs=100, log=((5, "ready n=1"), (20, "ready n=2")))
STAGE = """\
stages:
- name: only
  title: {{en: Only one., ko: 하나뿐.}}
  do:
  - when: {when}
    scale: {{parallelism: 2}}
variants:
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster whose Jobs' containers print two lines and run on for long."""
    with Cluster(tmp_path, defaultdict(lambda: [[PROGRAM]])) as made:
        yield made


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A lab with a Job and nothing that goes by logs."""
    folder = make_lab(tmp_path / "own")
    write("job.yaml", JOB)(folder)
    edit("format: joblab/v1", "format: joblab/v2")(folder)
    return folder


def ages(text: str, of: str) -> list[int]:
    """The ages, in seconds, in the rows of a stream that have a text."""
    found = [row.split()[0].replace("m", " ").rstrip("s") for row in text.splitlines() if of in row]
    minutes = [one.split() for one in found]
    return [int(one[-1]) + 60 * int(one[0] if len(one) > 1 else 0) for one in minutes]


@pytest.mark.parametrize("when", BY_THEN.values(), ids=BY_THEN)
def test_what_waits_for_it_is_done_while_the_pod_runs(
    cluster: Cluster, lab: Path, when: str
) -> None:
    edit("variants:\n", STAGE.format(when=when))(lab)
    cluster.run("start", "demo", "--no-wait", LABS)
    lines = cluster.run("start", "demo", LABS, "--timeout=40s").out.splitlines()
    assert any(line.startswith("# kubectl patch job/demo") for line in lines)


@pytest.mark.parametrize("when", BY_THEN.values(), ids=BY_THEN)
def test_lab_test_does_it_too(cluster: Cluster, lab: Path, when: str) -> None:
    edit("variants:\n", STAGE.format(when=when))(lab)
    edit("within: 60", "within: 40")(lab)
    edit(COMPLETE, TWO_PODS)(lab)
    found = loader.load(lab)
    session = cluster.session(io.StringIO(), io.StringIO())
    case = next(one for one in prove.cases(found) if one.name == "manifest job.yaml")
    outcome = prove.run(session.client, "default", found, case, threading.Event())
    assert [one.check.id for one in outcome.verdicts] == []


@pytest.mark.parametrize("when", [BY_THEN["lines"], BY_THEN["a sum"]])
def test_a_check_that_is_late_fails_for_the_reason_that_holds(
    cluster: Cluster, lab: Path, when: str
) -> None:
    edit("within: 60", "within: 30")(lab)
    because = f"  because:\n  - {{when: {when}, en: it was ready, ko: 준비되었습니다}}\n"
    run = "  run: kubectl describe job {job}\n"
    edit(run, run + because)(lab)
    cluster.run("start", "demo", "--no-wait", LABS)
    text, code = watched(cluster, f"watch demo {LABS}", "FAIL")
    assert "because   it was ready" in text
    assert code == 2


def test_a_check_is_decided_as_soon_as_the_line_is_there(cluster: Cluster, lab: Path) -> None:
    edit(COMPLETE, BY_THEN["lines"])(lab)
    cluster.run("start", "demo", "--no-wait", LABS)
    screen = cluster.run("check", "demo", "--wait", LABS)
    assert ages(screen.err, "demo/complete") in ([20], [21])


def test_each_log_is_asked_for_once(cluster: Cluster, lab: Path) -> None:
    edit(COMPLETE, BY_THEN["a sum"])(lab)
    found = sent(cluster, f"start demo {LABS}")
    assert [one for one in found if "log" in one] == ["2 FOLLOW log"]  # there are two Pods


def test_what_it_had_printed_when_the_watching_stopped_is_no_whole_log(
    cluster: Cluster, lab: Path
) -> None:
    edit("completions: 2", "completions: 1", "job.yaml")(lab)
    edit(COMPLETE, '{log: {contains: ready, operator: "==", value: 1}}')(lab)
    cluster.run("start", "demo", LABS, "--timeout=15s")
    (path,) = (cluster.state / "records").glob("*.json")
    seen = records.load(path.parent, path.stem)
    assert seen is not None
    assert [one.log for pod in seen.pods for one in pod.attempts] == [("ready n=1",)]
    cluster.sleep(100)
    cluster.delete_pods_with_kubectl("demo")
    cluster.sleep(3)
    screen = cluster.run("check", "demo", LABS)
    assert "demo/complete   UNKNOWN" in screen.out
