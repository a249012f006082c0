"""diagnose: the verdict on any Job, what shows it, what to do; and all that is not well."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kubectl_joblab.errors import ExitCode
from tests.cli.commands.conftest import Compare
from tests.inprocess.cluster import Cluster
from tests.practice.node.fake import Program

LOG = ((0, "opening orders.csv"), (1, "no such file"))
TABLE = {
    "report": [[Program(runs=4, log=((0, "counted 12 orders"),))]],
    "import": [[Program(runs=2, exits=1, log=LOG)]],
    "merge": [[Program(runs=2, exits=127, log=((0, "sh: psql: not found"),))]],
    "once": [[Program(runs=2, exits=1)]],
    "shards": [[Program(runs=1)], [Program(runs=1, exits=4, log=((0, "disk full"),))]],
    "late": [[Program()]],
    "fatal": [[Program(runs=1, exits=42, log=((0, "bad input"),))]],
    "forever": [[Program(runs=1, exits=4)]],
    "unfit": [[Program(runs=1, exits=42, log=((0, "bad input"),))]],
}


def manifest(name: str, pod: object = None, **spec: object) -> str:
    container = {"name": "main", "image": "busybox:1.36", "command": ["work"]}
    made = {"restartPolicy": "Never", "containers": [container], **(pod or {})}  # type: ignore[dict-item]
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}}
    return json.dumps({**body, "spec": {**spec, "template": {"spec": made}}})


def policy(action: str, operator: str, *codes: int) -> dict[str, object]:
    on = {"operator": operator, "values": list(codes)}
    return {"rules": [{"action": action, "onExitCodes": on}]}


JOBS = {
    "report": manifest("report"),
    "import": manifest("import", backoffLimit=2),
    "merge": manifest("merge", backoffLimit=1),
    "once": manifest("once", {"restartPolicy": "OnFailure"}, backoffLimit=1),
    "shards": manifest(
        "shards", completionMode="Indexed", completions=2, parallelism=2, backoffLimitPerIndex=0
    ),
    "late": manifest("late", activeDeadlineSeconds=30),
    "held": manifest("held", suspend=True),
    "nowhere": manifest("nowhere", {"nodeSelector": {"disk": "ssd"}}),
    "typo": manifest(
        "typo", {"containers": [{"name": "main", "image": "busybx:1.36", "command": ["work"]}]}
    ),
    "nobody": manifest("nobody", {"serviceAccountName": "reporter"}),
    "fatal": manifest("fatal", backoffLimit=3, podFailurePolicy=policy("FailJob", "In", 42)),
    "forever": manifest("forever", backoffLimit=0, podFailurePolicy=policy("Ignore", "NotIn", 0)),
    "unfit": manifest("unfit", podFailurePolicy=policy("FailJob", "In", 41)),
    "gone": manifest("gone", ttlSecondsAfterFinished=5),
}
TABLE["gone"] = TABLE["report"]
CODES = dict.fromkeys(JOBS, ExitCode.FAILED) | {
    "report": ExitCode.OK,
    "held": ExitCode.OK,
    "once": ExitCode.PENDING,
    "gone": ExitCode.PENDING,
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with these Jobs, after two minutes."""
    with Cluster(tmp_path_factory.mktemp("diagnose"), TABLE) as made:
        for one in JOBS.values():
            made.create_with_kubectl(one)
        made.sleep(120)
        yield made


@pytest.mark.parametrize("job", JOBS)
def test_a_job_is_diagnosed_on_one_screen(cluster: Cluster, compare: Compare, job: str) -> None:
    screen = compare(cluster, f"diagnose-{job}", f"diagnose job/{job}")
    assert screen.code == CODES[job]
    lines = screen.out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_in_korean_all_that_is_not_kubernetes_is_korean(cluster: Cluster, compare: Compare) -> None:
    compare(cluster, "diagnose-import-ko", "diagnose job/import --lang=ko")
    compare(cluster, "diagnose-once-ko", "diagnose job/once --lang=ko")
    compare(cluster, "diagnose-all-ko", "diagnose --lang=ko")


def test_a_program_gets_ids_that_stay_the_same(cluster: Cluster, compare: Compare) -> None:
    compare(cluster, "diagnose-as-json", "diagnose job/merge -o json")
    compare(cluster, "diagnose-once-as-json", "diagnose job/once -o json")


@pytest.mark.parametrize("line", ["diagnose", "diagnose -A"])
def test_without_a_name_all_that_is_not_well(cluster: Cluster, compare: Compare, line: str) -> None:
    name = "diagnose-everywhere" if "-A" in line else "diagnose-all"
    assert compare(cluster, name, line).code == ExitCode.FAILED


def test_all_and_each_name_the_same_causes(cluster: Cluster) -> None:
    every = json.loads(cluster.run("diagnose", "-o", "json").out)["items"]
    each = [json.loads(cluster.run("diagnose", f"job/{name}", "-o", "json").out) for name in JOBS]
    wrong = {one["target"]: one["cause"] for one in each if one["cause"] or not one["known"]}
    wrong.pop("job/gone")  # which is not there to be listed
    assert {one["target"]: one["cause"] for one in every} == wrong


def test_each_request_that_the_overview_sends_is_for_all_jobs(cluster: Cluster) -> None:
    before = len(cluster.requests)
    cluster.run("diagnose")
    sent = cluster.requests[before:]
    assert len(sent) <= 6


def test_a_name_beside_all_namespaces_is_one_line(cluster: Cluster) -> None:
    screen = cluster.run("diagnose", "job/import", "-A")
    said = "error: job/import is in one namespace; -A goes without it"
    assert screen.err.splitlines()[0] == said
