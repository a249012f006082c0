"""The server as a whole: real processes, many clients, kill -9 in the middle of it."""

from __future__ import annotations

import http.client
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.practice.clusters import Cluster, await_true

MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
JOBS = "/apis/batch/v1/namespaces/default/jobs"
BINDINGS = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings"
GONE = None  # what is known of an object that is not there


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster that runs."""
    made = Cluster(tmp_path)
    made.have_documents()
    made.up()
    yield made
    made.end()


def job(name: str, script: str, **spec: Any) -> dict[str, Any]:
    """A Job whose Pods run a script of sh once."""
    container = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", script]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {"metadata": {"name": name}, "spec": {**spec, "template": template}}


def pod(name: str, script: str) -> dict[str, Any]:
    """A Pod of nobody's."""
    spec = job(name, script)["spec"]["template"]["spec"]
    return {"metadata": {"name": name}, "spec": spec}


def running(argument: str) -> list[str]:
    """The processes of this machine that have an argument."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = entry.read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended
        if argument.encode() in arguments:
            found.append(entry.parent.name)
    return found


# ---- kill -9 under load


@dataclass
class Client:
    """A client that writes until the server is gone.

    known: the last acknowledged state of each object that it has written.
    """

    cluster: Cluster
    number: int
    answers: threading.Semaphore
    known: dict[str, str | None] = field(default_factory=dict)
    asked: tuple[str, str | None] = ("", GONE)  # what has no answer yet

    def write(self) -> None:
        """Create, change and delete, round after round."""
        for round_ in range(1_000_000):
            name = f"c{self.number}-{round_}"
            try:
                self._do("POST", name, MAPS, "first")
                self._do("PUT", name, f"{MAPS}/{name}", "second")
                if round_ % 3 == 0:
                    self._do("DELETE", name, f"{MAPS}/{name}", GONE)
            except (OSError, http.client.HTTPException):
                return

    def _do(self, method: str, name: str, path: str, state: str | None) -> None:
        self.asked = (name, state)
        body = {"metadata": {"name": name}, "data": {"state": state}} if state else None
        self.cluster.request(method, path, body, port=self.port)
        self.known[name] = state
        self.asked = ("", GONE)
        self.answers.release()

    def __post_init__(self) -> None:
        self.port = self.cluster.server.port


# Python's SSLSocket._create leaves a socket open whose server was killed before the handshake
@pytest.mark.filterwarnings("ignore:.*ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("answers", [5, 60, 200])
def test_what_was_acknowledged_is_there_after_kill_9_under_load(
    cluster: Cluster, answers: int
) -> None:
    semaphore = threading.Semaphore(0)
    clients = [Client(cluster, number, semaphore) for number in range(4)]
    threads = [threading.Thread(target=client.write) for client in clients]
    for thread in threads:
        thread.start()
    for _ in range(answers):
        assert semaphore.acquire(timeout=30)
    cluster.kill()
    for thread in threads:
        thread.join()
    cluster.up()
    items = cluster.request("GET", MAPS)["items"]
    found = {one["metadata"]["name"]: one.get("data", {}).get("state") for one in items}
    for client in clients:
        unanswered, state = client.asked
        for name, known in client.known.items():
            allowed = {known, state} if name == unanswered else {known}
            assert found.get(name, GONE) in allowed, name


def test_a_killed_server_takes_its_pods_along_and_their_job_goes_on(cluster: Cluster) -> None:
    mark = f"{86400 + os.getpid()}.5"
    tree = f"(setsid sleep {mark} &) ; sleep {mark} & sleep {mark}"
    cluster.request("POST", JOBS, job("long", tree, backoffLimit=3))
    await_true(lambda: len(running(mark)) >= 3)
    # a server that is killed before it has told of the container starts the same Pod's again
    told = f"{PODS}?fieldSelector=status.phase%3DRunning"
    await_true(lambda: len(cluster.request("GET", told)["items"]) == 1)
    cluster.kill()
    await_true(lambda: not running(mark))
    cluster.up()
    await_true(lambda: len(running(mark)) >= 3)
    await_true(
        lambda: (
            cluster.request("GET", f"{JOBS}/long")["status"].get("failed") == 1
            and cluster.request("GET", f"{JOBS}/long")["status"].get("active") == 1
        )
    )
    cluster.down()
    assert not running(mark)


# ---- a Pod asks the API

ASK = """
import os, ssl, time, urllib.error, urllib.request
files = "/var/run/secrets/kubernetes.io/serviceaccount"
host, port = (os.environ["KUBERNETES_SERVICE_" + part] for part in ("HOST", "PORT"))
space = open(files + "/namespace").read()
url = f"https://{host}:{port}/api/v1/namespaces/{space}/pods"
token = {"Authorization": "Bearer " + open(files + "/token").read()}
context = ssl.create_default_context(cafile=files + "/ca.crt")
while True:
    try:
        urllib.request.urlopen(urllib.request.Request(url, headers=token), context=context)
    except urllib.error.HTTPError as refused:
        print(refused.read().decode(), flush=True)
    else:
        break
    time.sleep(0.2)
"""


def test_a_pod_may_do_what_roles_let_its_account_do(cluster: Cluster) -> None:
    if why := cluster.server.why_no_namespaces:
        pytest.skip(f"plain processes have no token: {why}")
    main = {"name": "main", "image": "python:3.12", "command": ["python3", "-c", ASK]}
    body = {"metadata": {"name": "p"}, "spec": {"restartPolicy": "Never", "containers": [main]}}
    cluster.request("POST", PODS, body)
    running = f"{PODS}?fieldSelector=status.phase%3DRunning"
    await_true(lambda: len(cluster.request("GET", running)["items"]) == 1)
    binding = {
        "metadata": {"name": "view"},
        "roleRef": {"kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "default"}],
    }
    cluster.request("POST", BINDINGS, binding)
    await_true(lambda: cluster.request("GET", f"{PODS}/p")["status"]["phase"] == "Succeeded")


# ---- many


def test_500_pods_come_and_go_and_leave_nothing(cluster: Cluster) -> None:
    bare, of_the_job = 60, 440
    cluster.request("POST", JOBS, job("many", "true", completions=of_the_job, parallelism=40))
    for number in range(bare):
        cluster.request("POST", PODS, pod(f"bare-{number}", "exit 3"))
    await_true(lambda: has_ended(cluster.request("GET", f"{JOBS}/many")))
    failed = f"{PODS}?fieldSelector=status.phase%3DFailed"
    await_true(lambda: len(cluster.request("GET", failed)["items"]) == bare)
    names, way = [], ""
    while True:
        page = cluster.request("GET", f"{PODS}?limit=77{way}")
        names += [one["metadata"]["name"] for one in page["items"]]
        if not page["metadata"].get("continue"):
            break
        way = f"&continue={page['metadata']['continue']}"
    assert len(names) == len(set(names)) == bare + of_the_job
    cluster.request("DELETE", f"{JOBS}/many?propagationPolicy=Background")
    cluster.request("DELETE", PODS)
    await_true(lambda: not cluster.request("GET", f"{PODS}?limit=1")["items"])
    await_true(lambda: not list(cluster.home.pods.iterdir()))


def has_ended(found: dict[str, Any]) -> bool:
    """Whether a Job is Complete; it must not be Failed."""
    true = [one["type"] for one in found["status"].get("conditions", []) if one["status"] == "True"]
    assert "Failed" not in true
    return "Complete" in true
