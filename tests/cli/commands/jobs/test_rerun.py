"""rerun: the same Job under a new name, and nothing else is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubectl_joblab.cli.commands.jobs import rerun
from kubectl_joblab.errors import ExitCode
from kubectl_joblab.practice.api.registry import kinds
from tests.cli.commands.conftest import Compare
from tests.inprocess.cluster import Cluster
from tests.practice.node.fake import Program

TABLE = {name: [[Program(runs=2)]] for name in ("report", "report-2", "fixed")}


def manifest(**spec: Any) -> str:
    container = {"name": "main", "image": "busybox:1.36", "command": ["work"]}
    template = {
        "metadata": {"labels": {"team": "orders"}},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    meta = {"name": "report", "labels": {"app": "report"}, "annotations": {"note": "kept"}}
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta}
    return json.dumps({**body, "spec": {"backoffLimit": 2, **spec, "template": template}})


@pytest.fixture
def there(cluster: Cluster) -> Cluster:
    """A cluster with a Job that is Complete."""
    cluster.create_with_kubectl(manifest())
    cluster.sleep(5)
    return cluster


@pytest.mark.parametrize("table", [TABLE])
def test_it_runs_again_and_the_old_one_stays(
    tmp_path: Any, compare: Compare, table: dict[str, Any]
) -> None:
    with Cluster(tmp_path, table) as made:
        made.create_with_kubectl(manifest())
        made.sleep(5)
        before = made.run("status", "job/report", "-o", "json").out
        assert compare(made, "rerun", "rerun job/report").code == 0
        made.sleep(5)
        assert made.names("Job") == ["report", "report-2"]
        first, second = (_job(made, name) for name in ("report", "report-2"))
        assert second["status"]["succeeded"] == 1
        assert _shared(first) == _shared(second)
        assert json.loads(made.run("status", "job/report", "-o", "json").out) == json.loads(before)
        assert made.run("rerun", "job/report-2", "-o", "name").out == "job.batch/report-3\n"


def _job(cluster: Cluster, name: str) -> dict[str, Any]:
    (job, *_) = json.loads(cluster.run("status", f"job/{name}", "-o", "json").out)["items"]
    return dict(job)


def _shared(job: dict[str, Any]) -> dict[str, Any]:
    """What two runs of a Job have in common: all of the spec that is not the controller's."""
    template = job["spec"]["template"]
    labels = {k: v for k, v in template["metadata"]["labels"].items() if k == "team"}
    spec = {k: v for k, v in job["spec"].items() if k not in ("selector", "template")}
    return {**spec, "labels": labels, "pod": template["spec"]}


def test_a_dry_run_of_the_client_prints_the_manifest(there: Cluster, compare: Compare) -> None:
    line = "rerun job/report --name=fixed --set-image=main=busybox:1.37 --dry-run=client -o yaml"
    assert compare(there, "rerun-manifest", line).code == 0
    assert there.names("Job") == ["report"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--dry-run=client", "job.batch/report-2 created (dry run)\n"),
        ("--dry-run=server", "job.batch/report-2 created (server dry run)\n"),
        ("--dry-run=server --name=fixed -o name", "job.batch/fixed\n"),
    ],
)
def test_a_dry_run_creates_nothing(there: Cluster, words: str, says: str) -> None:
    screen = there.run("rerun", "job/report", *words.split())
    assert (screen.out, screen.err, screen.code) == (says, "", 0)
    assert there.names("Job") == ["report"]


def test_nothing_is_sent_but_one_creation(there: Cluster) -> None:
    before = len(there.requests)
    assert there.run("rerun", "job/report", "--name=fixed").code == 0
    sent = [one.method for one in there.requests[before:]]
    assert sent.count("POST") == 1
    assert set(sent) == {"GET", "POST"}


def test_a_manual_selector_would_select_the_pods_of_the_old_job(cluster: Cluster) -> None:
    labels = {"matchLabels": {"team": "orders"}}
    cluster.create_with_kubectl(manifest(manualSelector=True, selector=labels))
    assert cluster.run("rerun", "job/report").code == 0
    again = _job(cluster, "report-2")
    assert set(again["spec"]["selector"]["matchLabels"]) == {"batch.kubernetes.io/controller-uid"}


def test_the_owner_is_not_taken_along(there: Cluster) -> None:
    job = there.registry.get(kinds.JOBS, "report", "default")
    owned = {**job, "metadata": {**job["metadata"], "ownerReferences": [{"uid": "1"}]}}
    assert set(rerun.again(owned, "x")["metadata"]) == {
        "name",
        "namespace",
        "labels",
        "annotations",
    }


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("job/none", 'Error from server (NotFound): jobs.batch "none" not found'),
        ("pod/report", 'error: this command takes job/NAME, not "pod/report"'),
        ("job/report --name=report", 'Error from server (AlreadyExists): jobs.batch "report"'),
        ("job/report --name=Report", 'The Job "Report" is invalid: '),
        ("job/report --set-image=busybox", '"busybox" for "--set-image" flag: must be CONTAINER'),
        ("job/report --set-image=x=busybox", 'error: unable to find container named "x"'),
    ],
)
def test_what_is_refused(there: Cluster, words: str, says: str) -> None:
    screen = there.run("rerun", *words.split())
    assert screen.code == ExitCode.ERROR
    assert says in screen.err.splitlines()[0]
    assert there.names("Job") == ["report"]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("report", "report-2"),
        ("report-2", "report-3"),
        ("report-99", "report-100"),
        ("nightly-29384756", "nightly-29384756-2"),
        ("a" * 63, "a" * 61 + "-2"),
        ("a" * 60 + "-bc", "a" * 60 + "-2"),
    ],
)
def test_a_name_is_counted_up(name: str, first: str) -> None:
    assert next(rerun._names(name)) == first


def test_an_image_may_be_given_to_all_containers() -> None:
    pod = {"initContainers": [{"name": "a"}], "containers": [{"name": "b"}, {"name": "c"}]}
    job = {"spec": {"template": {"spec": pod}}}
    rerun.set_images(job, {"*": "x:1", "b": "y:2"})
    assert [one["image"] for one in (*pod["initContainers"], *pod["containers"])] == [
        "x:1",
        "y:2",
        "x:1",
    ]
