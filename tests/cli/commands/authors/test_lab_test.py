"""lab test: what it says of the cases that do not end as they have to."""

from __future__ import annotations

import io
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
    assert labels == ["because", "do"]


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
