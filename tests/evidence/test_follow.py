"""Following a Job on a scripted server: nothing of it is left when it is over."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

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
        self.pods: list[Object | Gate] = []
        self.logs: dict[str, Sequence[Answer]] = {}  # what is answered to each request for a log

    def next_step(self, request: Request) -> Step:
        """By what is asked for, not by the order of the questions."""
        if request.path.endswith("/log"):
            return next(self._logs["previous" if "previous" in request.query else "current"])
        if "watch" not in request.query:
            return Answer({"items": [], "metadata": SILENT})
        told = self.jobs if "/jobs" in request.path else []
        gone = self.deleted if "/jobs" in request.path else []
        events = [("MODIFIED", job) for job in told] + [("DELETED", job) for job in gone]
        lines: list[str | Gate] = [told_as(kind, job) for kind, job in events]
        pods = self.pods if "/pods" in request.path else []
        lines += [one if isinstance(one, Gate) else told_as("ADDED", one) for one in pods]
        return Answer(chunks=[*lines, self.hold])

    @cached_property
    def _logs(self) -> dict[str, Iterator[Answer]]:
        return {which: iter(answers) for which, answers in self.logs.items()}


def told_as(kind: str, obj: Object) -> str:
    """A line of a watch."""
    return json.dumps({"type": kind, "object": obj}) + "\n"


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


# ---- logs of what runs


def logs_when(client: Client, is_so: Callable[[dict[int, Any]], bool]) -> dict[int, Any]:
    """The logs of the attempts of the one Pod, by number, when they are so."""
    recorder = Recorder(versioned(b.job(), 1), "labs")
    logs: dict[int, Any] = {}
    for _ in Follow(client, recorder, lambda: None).run(timeout=PATIENCE):
        pods = recorder.view(b.at(9)).pods
        logs = {one.number: one.log for pod in pods for one in pod.attempts}
        if is_so(logs):
            break
    return logs


def stamped(*texts: str) -> list[str]:
    """Log lines, each written a second after the one before."""
    return [f"{b.stamp(number)} {text}\n" for number, text in enumerate(texts, 1)]


def test_the_lines_of_a_container_are_known_while_it_runs(cluster: Cluster, client: Client) -> None:
    cluster.pods = [versioned(b.runs("demo-a", 1), 2)]
    cluster.logs = {"current": [Answer(chunks=[*stamped("one", "two"), cluster.hold])]}
    logs = logs_when(client, lambda logs: len(logs.get(1) or ()) > 1)
    assert logs == {1: ("one", "two")}


def test_a_log_that_is_read_again_after_a_break_has_each_line_once(
    cluster: Cluster, client: Client
) -> None:
    one, two, three = stamped("one", "two", "three")
    cluster.pods = [versioned(b.runs("demo-a", 1), 2)]
    cluster.logs = {
        "current": [
            Answer(chunks=[one, two], end="cut"),
            Answer(chunks=[one, two, three, cluster.hold]),
        ]
    }
    logs = logs_when(client, lambda logs: "three" in (logs.get(1) or ()))
    assert logs == {1: ("one", "two", "three")}


def test_a_log_that_was_read_for_the_attempt_before_counts_for_its_own_alone(
    cluster: Cluster, client: Client
) -> None:
    def restarted(number: int) -> Object:
        entry = b.container(b.running(5), last=b.ended(1, 3, 1), restarts=number)
        return b.pod("demo-a", entry, restart_policy="OnFailure")

    held, known = Gate(), list[dict[int, Any]]()
    first, second = stamped("first", "second")
    cluster.pods = [versioned(b.runs("demo-a", 1), 2), versioned(restarted(1), 3)]
    # the container was restarted between the first watch event and its answer
    wrong = right = Answer(chunks=[second, held])
    cluster.logs = {"current": [wrong, right], "previous": [Answer(chunks=[first])]}

    def is_told_apart(logs: dict[int, Any]) -> bool:
        known.append(logs)
        if logs.get(2):
            held.open()
        return logs == {1: ("first",), 2: ("second",)}

    logs = logs_when(client, is_told_apart)
    assert logs == {1: ("first",), 2: ("second",)}
    assert {1: ("second",), 2: ("second",)} not in known
