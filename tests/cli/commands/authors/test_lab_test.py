"""lab test: what it says of the cases that do not end as they have to."""

from __future__ import annotations

import io
import re
import shutil
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.authors import lab as authors
from kubectl_joblab.client import resources
from kubectl_joblab.labs import prove
from kubectl_joblab.labs.definition import loader
from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster
from tests.labs.definition.lint.lab import JOB, Change, edit, make_lab, write
from tests.practice.node.fake import Program


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster where the container of every Job prints nothing and ends well."""
    with Cluster(tmp_path, defaultdict(lambda: [[Program(runs=30)]])) as cluster:
        yield cluster


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The lab basics once more."""
    folder = tmp_path / "own" / "00-basics"
    shutil.copytree(MANIFESTS / "00-basics", folder)
    return folder


def told(cluster: Cluster, folder: Path, name: str) -> list[str]:
    """What `lab test` says of the case of this name, which must not hold."""
    lab = loader.load(folder)
    session = cluster.session(io.StringIO(), io.StringIO())
    (case,) = (one for one in prove.cases(lab) if one.name == name)
    outcome = prove.run(session.client, "default", lab, case, threading.Event())
    assert not outcome.holds
    return authors.why(session, outcome)


def test_a_failure_has_its_case_above_it_and_no_command_on_what_is_deleted(
    cluster: Cluster, folder: Path
) -> None:
    head, failed, *rest = told(cluster, folder, "manifest job.yaml")
    assert head == "manifest job.yaml:"
    assert failed.startswith("FAIL basics/log: ")
    assert failed.endswith(": the log has the line it printed (task 5)")
    labels = [line.split()[0] for line in rest if line[2] != " "]  # the others are folded
    assert labels == ["because", "do", "found"]


def test_what_does_not_come_in_its_time_has_failed(tmp_path: Path, folder: Path) -> None:
    lab = loader.load(folder)
    case = prove.Case("cheat endless", "job.yaml", lab.variants[0], "complete")
    with Cluster(tmp_path, defaultdict(lambda: [[Program()]])) as cluster:
        session = cluster.session(io.StringIO(), io.StringIO())
        outcome = prove.run(session.client, "default", lab, case, threading.Event())
    assert outcome.observed == "fails complete, log"


def test_of_what_is_refused_the_servers_words_are_told(cluster: Cluster, folder: Path) -> None:
    solution = folder / "solutions" / "echo.yaml"
    text = solution.read_text("utf-8")
    solution.write_text(text.replace("restartPolicy: Never", "restartPolicy: Always"), "utf-8")
    head, refused = told(cluster, folder, "solution echo.yaml")
    assert head == "solution echo.yaml:"
    assert "spec.template.spec.restartPolicy: Required value" in refused


@pytest.mark.parametrize(
    ("expected", "lines"),
    [
        ("complete", ["PASS basics/complete", "FAIL basics/log"]),
        ("log", ["PENDING basics/pods-gone", "FAIL basics/log"]),
    ],
)
def test_of_a_cheat_that_does_not_fail_as_it_has_to_each_check_is_told(
    cluster: Cluster, folder: Path, expected: str, lines: list[str]
) -> None:
    lab = loader.load(folder)
    session = cluster.session(io.StringIO(), io.StringIO())
    case = prove.Case("cheat", "job.yaml", lab.variants[0], expected, do=())
    outcome = prove.run(session.client, "default", lab, case, threading.Event())
    assert not outcome.holds
    told = authors.why(session, outcome)
    heads = [one.partition(":")[0] for one in told]
    assert set(lines) <= set(heads)
    assert sum(one.startswith("  found ") for one in told) == len(outcome.verdicts)
    assert told[-1] == f"It has to fail {expected} alone: change the cheat, or its fails."


def test_a_deletion_that_nobody_does_has_failed(cluster: Cluster, folder: Path) -> None:
    lab = loader.load(folder)
    session = cluster.session(io.StringIO(), io.StringIO())
    case = prove.Case("cheat", "job.yaml", lab.variants[0], "pods-gone", do=())
    outcome = prove.run(session.client, "default", lab, case, threading.Event())
    assert outcome.observed == "fails log, pods-gone"


def test_a_job_that_someone_deletes_is_told_of(cluster: Cluster, folder: Path) -> None:
    client = cluster.session(io.StringIO(), io.StringIO()).client

    def delete() -> None:
        cluster.sleep(5)
        for job in client.list(resources.JOBS, "default").items:
            client.delete(resources.JOBS, objects.name(job), "default", uid=objects.uid(job))

    cluster.clock.start(delete)
    head, said = told(cluster, folder, "manifest job.yaml")
    assert head == "manifest job.yaml:"
    assert said.endswith(" was deleted while it was waited for")


def test_a_try_that_failed_says_how(tmp_path: Path, folder: Path) -> None:
    with Cluster(tmp_path, defaultdict(lambda: [[Program(runs=2, exits=7)]])) as cluster:
        lines = told(cluster, folder, "manifest job.yaml")
    joined = " ".join(line.strip() for line in lines)
    assert re.search(r"job.batch/basics-\w{5}: 4 tries failed, the last with exit code 7", joined)
    assert "found     expected Complete" in joined


def test_what_is_late_says_by_when_it_had_to_come(tmp_path: Path, folder: Path) -> None:
    with Cluster(tmp_path, defaultdict(lambda: [[Program()]])) as cluster:
        lines = told(cluster, folder, "manifest job.yaml")
    within = {check.within for check in loader.load(folder).checks if check.id == "complete"}
    assert [line for line in lines if line.startswith("PENDING basics/complete: ")]
    assert f"  because   its within, {within.pop()}s, has passed" in lines


def made(tmp_path: Path, *changes: Change) -> Path:
    """The smallest lab, with a Job that can be created and a stage."""
    folder = make_lab(tmp_path / "own")
    pods = "{restartPolicy: Never, containers: [{name: main, image: busybox:1.36}]}"
    write("job.yaml", f"{JOB}  template: {{spec: {pods}}}\n")(folder)
    edit("format: joblab/v1", "format: joblab/v2")(folder)
    for change in changes:
        change(folder)
    return folder


def test_what_was_never_done_is_named(cluster: Cluster, tmp_path: Path) -> None:
    stage = "{name: only, title: {en: One., ko: 하나.}, do: [DO]}"
    action = (
        "{when: {pods: {phase: Failed, operator: ==, value: 1}}, "
        "patch: {kind: Job, patch: {spec: {activeDeadlineSeconds: 40}}}}"
    )
    folder = made(
        tmp_path,
        edit("variants:\n", f"stages:\n- {stage.replace('DO', action)}\nvariants:\n"),
        edit("succeeded: =completions", "succeeded: 2"),
    )
    joined = " ".join(line.strip() for line in told(cluster, folder, "manifest job.yaml"))
    assert joined.endswith("stages[0].do[0] was not done: its when did not hold, or it had no Pod")


def test_nobody_answers_questions_here(cluster: Cluster, tmp_path: Path) -> None:
    folder = made(
        tmp_path,
        edit(
            "checks:\n",
            "questions:\n- id: pods\n  ask: {en: How many?, ko: 몇 개?}\n  measure: {pods: {}}\n"
            "  because: {en: so, ko: 그래서}\nchecks:\n",
        ),
        edit("{exists: {kind: Job}}", "{answered: {question: pods}}"),
        edit("fails: job", "fails: complete"),
    )
    lab = loader.load(folder)
    session = cluster.session(io.StringIO(), io.StringIO())
    case = prove.cases(lab)[0]
    outcome = prove.run(session.client, "default", lab, case, threading.Event())
    assert (outcome.holds, outcome.observed) == (True, "all pass")


@pytest.mark.parametrize("command", ["start demo", "lab test demo"])
def test_a_lab_for_a_newer_kubernetes_is_refused_with_a_way_on(
    command: str, cluster: Cluster, tmp_path: Path
) -> None:
    made(tmp_path, edit("minutes: 5", "minutes: 5\nkubernetes: '>=1.99'"))
    screen = cluster.run(*command.split(), "--lab-path=own")
    assert screen.code == 1
    error, way = screen.err.splitlines()
    assert error.startswith("error: lab demo needs Kubernetes 1.99 or later; this cluster has v1.")
    assert way == "Next: kubectl joblab list --lab-path=own"


def test_the_rows_of_two_labs_with_one_job_are_told_apart(cluster: Cluster, tmp_path: Path) -> None:
    made(tmp_path)
    more = make_lab(tmp_path / "own", "08-more")
    edit("name: demo", "name: more")(more)
    edit("number: 7", "number: 8")(more)
    screen = cluster.run("check", "demo", "more", "--lab-path=own")
    assert [line.split()[0] for line in screen.out.splitlines()[1:3]] == [
        "demo/demo/*",
        "more/demo/*",
    ]
