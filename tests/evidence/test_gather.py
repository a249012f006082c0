"""All namespaces read at once, from a server that chooses and pages as the API does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubectl_joblab import objects
from kubectl_joblab.client import kubeconfig, resources
from kubectl_joblab.client.kubeconfig import ConnectionFlags
from kubectl_joblab.client.resources import Client
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import records
from kubectl_joblab.evidence.gather import Gatherer, Wanted
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot, Transition
from kubectl_joblab.objects import Object
from tests.listing_server import Cluster

NOON = datetime(2030, 1, 1, 12, tzinfo=timezone.utc)
JOBS, PODS = "/apis/batch/v1/jobs", "/api/v1/pods"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    with made:
        yield made


@pytest.fixture
def client(cluster: Cluster, tmp_path: Path) -> Client:
    config = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here"}}],
        "clusters": [{"name": "here", "cluster": {"server": cluster.url}}],
    }
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(config), "utf-8")
    target = kubeconfig.load(ConnectionFlags(), {"KUBECONFIG": str(path)})
    return Client(target, lambda _: None)


def job(namespace: str, name: str, **spec: object) -> Object:
    metadata = {"namespace": namespace, "name": name, "uid": f"{namespace}-{name}"}
    return {"metadata": {**metadata, "managedFields": [{"manager": "x"}]}, "spec": spec}


def pod(owner: Object, name: str, **labels: str) -> Object:
    """A Pod of a Job that has ended."""
    whose = owner["metadata"]
    label = {"batch.kubernetes.io/job-name": whose["name"]}
    ended = {"terminated": {"exitCode": 0, "startedAt": "2030-01-01T00:00:00Z"}}
    return {
        "metadata": {
            "namespace": whose["namespace"],
            "name": name,
            "uid": f"uid-{name}",
            "labels": labels or label,
            "creationTimestamp": "2030-01-01T00:00:00Z",
            "ownerReferences": [
                {"controller": True, "kind": "Job", "name": "x", "uid": whose["uid"]}
            ],
        },
        "spec": {"containers": [{"name": "main", "image": "busybox"}], "volumes": [{}]},
        "status": {"containerStatuses": [{"name": "main", "state": ended}]},
    }


SERVER = "127.0.0.1:6443"


def on_record(folder: Path, client: Client, *records_of: Snapshot) -> Gatherer:
    """A gatherer that has a record of each of these."""
    for number, seen in enumerate(records_of):
        uid = objects.uid(seen.job or {})
        records.keep(folder, SERVER, seen, lambda error: pytest.fail(str(error)))
        os.utime(folder / f"{uid}.json", (number, number))

    def newest(namespace: str, name: str) -> Snapshot | None:
        return records.newest(folder, SERVER, namespace, name)

    return Gatherer(client, lambda uid: records.load(folder, uid), newest)


def kept(job: Object, *pods: Object, **more: Any) -> Snapshot:
    """What is on record of a Job and its Pods."""
    place = job["metadata"]["name"], job["metadata"]["namespace"]
    found = tuple(PodRecord(one, tuple(objects.attempts(one))) for one in pods)
    return Snapshot(*place, NOON, job, found, **more)


def gathered(client: Client, **logs: bool) -> list[Snapshot]:
    """What all namespaces have of Jobs of these names, with logs or without."""
    wanted = {name: Wanted(logs=needed) for name, needed in logs.items()}
    return Gatherer(client, lambda _: None).everywhere(wanted)


def seen(client: Client, **logs: bool) -> list[tuple[str, str, list[str]]]:
    """Namespace, name and Pods of what is found; a bare Pod in a Job's place as such."""
    return [
        (one.namespace, one.name, ["bare"] if one.bare_pod else [pod.name for pod in one.pods])
        for one in gathered(client, **logs)
    ]


def test_each_job_is_found_with_its_pods(cluster: Cluster, client: Client) -> None:
    one, two, other = job("a", "sleep"), job("b", "sleep"), job("b", "echo")
    cluster.jobs = [one, two, other, job("b", "mine")]
    cluster.pods = [pod(one, "p1"), pod(two, "p2"), pod(two, "p3"), pod(other, "p4")]
    assert seen(client, sleep=False, echo=False, retry=False) == [
        ("a", "sleep", ["p1"]),
        ("b", "sleep", ["p2", "p3"]),
        ("b", "echo", ["p4"]),
    ]


def test_what_has_another_name_is_not_asked_for(cluster: Cluster, client: Client) -> None:
    cluster.jobs = [job("a", "sleep"), job("a", "mine")]
    seen(client, sleep=False, echo=False)
    asked = sorted(
        (r.path, r.query.get("fieldSelector") or r.query["labelSelector"]) for r in cluster.requests
    )
    assert asked == [
        (PODS, "batch.kubernetes.io/job-name in (sleep)"),
        (PODS, "metadata.name=echo"),
        (PODS, "metadata.name=sleep"),
        (JOBS, "metadata.name=echo"),
        (JOBS, "metadata.name=sleep"),
    ]


def test_for_rare_bare_pods_the_server_need_not_read_all_pods_anew(
    cluster: Cluster, client: Client
) -> None:
    cluster.jobs = [job("a", "sleep")]
    seen(client, sleep=False)
    cached = {
        (request.path, "fieldSelector" in request.query)
        for request in cluster.requests
        if request.query.get("resourceVersion") == "0"
    }
    assert cached == {(PODS, True)}


def test_where_there_is_no_job_no_pods_of_jobs_are_asked_for(
    cluster: Cluster, client: Client
) -> None:
    assert seen(client, sleep=False) == []
    assert [request.query["fieldSelector"] for request in cluster.requests] == [
        "metadata.name=sleep"
    ] * 2


def test_pods_come_page_by_page(
    cluster: Cluster, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "PAGE", 2)
    cluster.jobs = [job(f"n{index}", "sleep") for index in range(5)]
    cluster.pods = [pod(one, f"p{index}") for index, one in enumerate(cluster.jobs)]
    assert seen(client, sleep=False) == [(f"n{i}", "sleep", [f"p{i}"]) for i in range(5)]


def test_pods_of_an_earlier_job_of_the_name_are_left_out(cluster: Cluster, client: Client) -> None:
    now, earlier = job("a", "sleep"), job("a", "sleep")
    earlier["metadata"]["uid"] = "gone"
    cluster.jobs = [now]
    cluster.pods = [pod(earlier, "old"), pod(now, "new")]
    assert seen(client, sleep=False) == [("a", "sleep", ["new"])]


def test_a_job_that_chooses_its_pods_itself_is_asked_for_them(
    cluster: Cluster, client: Client
) -> None:
    own = job("a", "sleep", manualSelector=True, selector={"matchLabels": {"mine": "yes"}})
    cluster.jobs = [own]
    cluster.pods = [pod(own, "p1", mine="yes")]
    cluster.pods.append(pod(own, "p2", **{"mine": "yes", "batch.kubernetes.io/job-name": "sleep"}))
    assert seen(client, sleep=False) == [("a", "sleep", ["p1", "p2"])]


def test_a_bare_pod_in_the_place_of_a_job_is_told(cluster: Cluster, client: Client) -> None:
    with_job = job("a", "sleep")
    cluster.jobs = [with_job]
    cluster.pods = [pod(with_job, "sleep"), pod(job("b", "x"), "sleep")]
    assert seen(client, sleep=False) == [("a", "sleep", ["sleep"]), ("b", "sleep", ["bare"])]


def test_logs_are_read_only_of_jobs_whose_checks_need_them(
    cluster: Cluster, client: Client
) -> None:
    echo, sleep = job("a", "echo"), job("a", "sleep")
    cluster.jobs = [echo, sleep]
    cluster.pods = [pod(echo, "p1"), pod(echo, "p2"), pod(sleep, "p3")]
    cluster.logs = {"p1": "one\n", "p2": "two\n"}
    found = gathered(client, echo=True, sleep=False)
    logs = {pod.name: pod.attempts[0].log for one in found for pod in one.pods}
    assert logs == {"p1": ("one",), "p2": ("two",), "p3": None}


def test_what_nothing_is_judged_by_is_not_kept(cluster: Cluster, client: Client) -> None:
    cluster.jobs = [job("a", "sleep")]
    cluster.pods = [pod(cluster.jobs[0], "p1")]
    (found,) = gathered(client, sleep=False)
    assert found.job is not None
    assert "managedFields" not in found.job["metadata"]
    assert found.pods[0].pod["spec"] == {"initContainers": []}


# ---- a Job that is gone

HELD = Transition("Suspended", "True", "JobSuspended", NOON)
GONE = Wanted(gone=True)
OF_SLEEP = {"matchLabels": {objects.JOB_NAME_LABEL: "sleep"}}


def test_a_job_that_is_gone_is_what_was_kept_of_it(
    cluster: Cluster, client: Client, tmp_path: Path
) -> None:
    old = job("a", "sleep", selector=OF_SLEEP)
    cluster.pods = [left := pod(old, "p2")]
    record = kept(old, pod(old, "p1"), left, gone=True, gone_at=NOON, history=(HELD,))
    seen = on_record(tmp_path, client, record).named("a", "sleep", GONE)
    assert (seen.job, seen.gone, seen.gone_at, seen.history) == (old, True, NOON, (HELD,))
    assert [(one.name, one.gone) for one in seen.pods] == [("p1", True), ("p2", False)]


def test_a_job_that_is_gone_counts_only_where_that_is_wanted(
    cluster: Cluster, client: Client, tmp_path: Path
) -> None:
    gatherer = on_record(tmp_path, client, kept(job("a", "sleep", selector=OF_SLEEP)))
    assert gatherer.named("a", "sleep", Wanted()).job is None
    assert gatherer.named("a", "echo", GONE).job is None
    cluster.pods = [pod(job("a", "x"), "sleep")]
    assert gatherer.named("a", "sleep", GONE).bare_pod


def test_a_job_that_is_there_is_none_that_is_gone(
    cluster: Cluster, client: Client, tmp_path: Path
) -> None:
    now, earlier = job("a", "sleep", selector=OF_SLEEP), job("a", "sleep", selector=OF_SLEEP)
    earlier["metadata"]["uid"] = "earlier"
    cluster.jobs = [now]
    gatherer = on_record(tmp_path, client, kept(earlier), kept(now, history=(HELD,)))
    seen = gatherer.named("a", "sleep", GONE)
    assert (objects.uid(seen.job or {}), seen.gone, seen.history) == ("a-sleep", False, (HELD,))


def test_events_that_were_kept_stand_beside_those_that_are_left(
    cluster: Cluster, client: Client, tmp_path: Path
) -> None:
    old = job("a", "sleep", selector=OF_SLEEP)
    event = {"metadata": {"uid": "e1"}, "reason": "Suspended"}
    gatherer = on_record(tmp_path, client, kept(old, events=(event,)))
    assert gatherer.named("a", "sleep", GONE).events is None
    assert gatherer.named("a", "sleep", Wanted(gone=True, events=True)).events == (event,)


@pytest.mark.parametrize("path", [JOBS, PODS])
def test_a_refusal_is_raised(cluster: Cluster, client: Client, path: str) -> None:
    cluster.refused = {path}
    with pytest.raises(ApiError) as caught:
        gathered(client, sleep=False)
    assert caught.value.code == 403
