"""Following a Job on a scripted server: nothing of it is left when it is over."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kubectl_joblab import objects
from kubectl_joblab.client import kubeconfig
from kubectl_joblab.client.kubeconfig import ConnectionFlags
from kubectl_joblab.client.resources import Client
from kubectl_joblab.errors import WaitTimeoutError
from kubectl_joblab.evidence import follow as following
from kubectl_joblab.evidence.follow import Follow
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.objects import Object
from tests.api_server import PATIENCE, Answer, Gate, Request, Server, Step
from tests.labs import builders as b

SILENT = {"resourceVersion": "9"}


class Cluster(Server):
    """Answers lists with nothing, and watches with what a Job does; then it is silent."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.hold = Gate()
        self.jobs: list[Object] = []
        self.deleted: list[Object] = []

    def next_step(self, request: Request) -> Step:
        """By what is asked for, not by the order of the questions."""
        if "watch" not in request.query:
            return Answer({"items": [], "metadata": SILENT})
        told = self.jobs if "/jobs" in request.path else []
        gone = self.deleted if "/jobs" in request.path else []
        events = [("MODIFIED", job) for job in told] + [("DELETED", job) for job in gone]
        lines = [json.dumps({"type": kind, "object": job}) + "\n" for kind, job in events]
        return Answer(chunks=[*lines, self.hold])


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    with made:
        yield made
        made.hold.open()


def versioned(job: Object, version: int) -> Object:
    """The Job as a watch tells it."""
    return {**job, "metadata": {**job["metadata"], "resourceVersion": str(version)}}


@pytest.fixture
def client(cluster: Cluster, tmp_path: Path) -> Client:
    config = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        "clusters": [{"name": "here", "cluster": {"server": cluster.url}}],
        "users": [{"name": "me", "user": {}}],
    }
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return Client(kubeconfig.load(ConnectionFlags(), {"KUBECONFIG": str(path)}), on_warning=print)


@pytest.fixture
def follow(client: Client) -> Follow:
    return Follow(client, Recorder(versioned(b.job(), 1), "labs"), on_lost=lambda: None)


def await_ends(before: set[threading.Thread]) -> list[str]:
    """The threads of joblab that are new and do not end."""
    new = [one for one in threading.enumerate() if one not in before and "_pump" in one.name]
    for thread in new:
        thread.join(PATIENCE / 2)
    return [thread.name for thread in new if thread.is_alive()]


def test_its_watches_end_with_it(
    cluster: Cluster, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SETTLE", 0.0)  # the Pod that succeeded is not shown
    before = set(threading.enumerate())
    cluster.jobs = [versioned(b.complete(5), 2)]
    for _ in follow.run():
        pass
    assert objects.is_finished(follow.recorder.job)
    assert await_ends(before) == []


def test_its_watches_end_when_nobody_follows_it_any_more(follow: Follow) -> None:
    before = set(threading.enumerate())
    for _ in follow.run():
        break
    assert await_ends(before) == []


def test_its_watches_end_when_the_time_is_over(follow: Follow) -> None:
    before = set(threading.enumerate())
    with pytest.raises(WaitTimeoutError):
        for _ in follow.run(timeout=0.0):
            pass
    assert await_ends(before) == []


# ---- past the end


def test_a_finished_job_is_followed_until_it_and_its_pods_are_gone(
    cluster: Cluster, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SETTLE", 0.0)  # the Pod that succeeded is not shown
    cluster.jobs = [versioned(b.complete(5), 2)]
    cluster.deleted = [versioned(b.complete(5), 3)]
    recorder = Recorder(versioned(b.job(), 1), "labs")
    told = [
        change.status
        for changes in Follow(client, recorder, lambda: None, goes_on=lambda: True).run()
        for change in changes
    ]
    assert (told[-2:], recorder.gone_at is not None) == (["Complete", "DELETED"], True)


def test_pods_that_outlive_their_job_are_not_waited_for_long(
    cluster: Cluster, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SETTLE", 0.0)
    cluster.deleted = [versioned(b.complete(5), 3)]
    recorder = Recorder(versioned(b.job(), 1), "labs")
    recorder.on_pod("ADDED", b.ran("demo-a", 1, 3), b.at(4))
    for _ in Follow(client, recorder, lambda: None, goes_on=lambda: True).run():
        pass
    assert (recorder.deleted, recorder.is_empty) == (True, False)


def test_it_goes_on_only_as_long_as_it_is_to(
    cluster: Cluster, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SETTLE", 0.0)
    cluster.jobs = [versioned(b.complete(5), 2)]
    recorder = Recorder(versioned(b.job(), 1), "labs")
    answers = iter([True, False])
    for _ in Follow(client, recorder, lambda: None, goes_on=lambda: next(answers)).run():
        pass
    assert (recorder.finished, recorder.deleted, list(answers)) == (True, False, [])
