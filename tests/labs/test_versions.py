"""Whether a cluster can run a lab: its version, the fields that it keeps, what it refuses."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.client import kubeconfig, resources
from kubectl_joblab.client.kubeconfig import ConnectionFlags
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.labs import versions
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.objects import Object
from tests.api_server import Answer, Request, Server, Step
from tests.labs import builders as b

MANIFEST: Object = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "demo"},
    "spec": {"completions": 1, "maxFailedIndexes": 1},
}
LABELS = {"app.kubernetes.io/managed-by": "kubectl-joblab", "app.kubernetes.io/name": "demo"}


class Cluster(Server):
    """A cluster of a version that drops a field. taken: whether a finished Job has the name."""

    version = "v1.37.2"
    drops = ""
    taken = False

    def next_step(self, request: Request) -> Step:
        """By what is asked for."""
        if request.path == "/version":
            return Answer({"gitVersion": self.version})
        if request.method == "GET":
            job = b.complete(5)
            return Answer({**job, "metadata": {**job["metadata"], "labels": LABELS}})
        body: Any = json.loads(json.dumps(request.body))
        if self.taken and "name" in body["metadata"]:
            status = {"kind": "Status", "code": 409, "reason": "AlreadyExists", "message": "no"}
            return Answer(status, status=409)
        body["spec"].pop(self.drops, None)
        body["metadata"] |= {"uid": "new", "name": "demo"}
        return Answer(body, status=201)


def connect(server: Server, folder: Path) -> resources.Client:
    """A client of the server."""
    config = folder / "config"
    cluster = f"{{name: a, cluster: {{server: '{server.url}'}}}}"
    config.write_text(
        f"{{clusters: [{cluster}], users: [{{name: a, user: {{}}}}], current-context: a,"
        " contexts: [{name: a, context: {cluster: a, user: a}}]}",
        "utf-8",
    )
    target = kubeconfig.load(ConnectionFlags(), {"KUBECONFIG": str(config)})
    return resources.Client(target, print)


def of_version(kubernetes: str) -> Exercise:
    lab = b.lab()._replace(kubernetes=kubernetes)
    return Exercise(lab, lab.variants[0])


@pytest.mark.parametrize("taken", [False, True], ids=["a free name", "a name that is taken"])
@pytest.mark.parametrize(
    ("kubernetes", "version", "drops", "says"),
    [
        pytest.param(">=1.29", "v1.37.2", "", "", id="it can"),
        pytest.param(">=1.37", "v1.37.0", "", "", id="just so"),
        pytest.param(
            ">=1.29",
            "v1.28.9",
            "maxFailedIndexes",
            "error: lab demo needs Kubernetes 1.29 or later; this cluster has v1.28.9",
            id="it is older",
        ),
        pytest.param(
            ">=1.29",
            "v1.29.1",
            "maxFailedIndexes",
            "error: lab demo needs spec.maxFailedIndexes 1, which this cluster drops (v1.29.1)",
            id="it drops a field",
        ),
        pytest.param("", "v1.20.0", "maxFailedIndexes", "", id="the lab does not care"),
    ],
)
def test_what_a_cluster_lacks_is_told(
    tmp_path: Path, kubernetes: str, version: str, drops: str, says: str, taken: bool
) -> None:
    server = Cluster()
    server.version, server.drops, server.taken = version, drops, taken
    with server:
        client = connect(server, tmp_path)
        expected = pytest.raises(JoblabError) if says else nullcontext()
        with expected as caught:
            versions.try_out(client, b.NAMESPACE, of_version(kubernetes), MANIFEST)
        asked = [one.method for one in server.requests]
    assert (str(caught.value) if caught else "") == says
    # one dry run, and one more where the server has made nothing in the first
    assert asked.count("POST") <= 1 + (taken and bool(kubernetes))


@pytest.mark.parametrize(
    ("message", "is_told"),
    [
        ('admission webhook "a.b" does not support dry run', False),
        ('admission webhook "a.b" denied the request: no', True),
    ],
    ids=["a webhook that takes no part in a dry run", "a webhook that refuses"],
)
@pytest.mark.parametrize("kubernetes", ["", ">=1.29"])
def test_what_would_be_refused_is_told_before(
    tmp_path: Path, kubernetes: str, message: str, is_told: bool
) -> None:
    status = {"kind": "Status", "code": 400, "reason": "BadRequest", "message": message}
    answers: list[Step] = [Answer({"gitVersion": "v1.37.2"})] if kubernetes else []
    with Server([*answers, Answer(status, status=400)]) as server:
        client = connect(server, tmp_path)
        expected = pytest.raises(ApiError, match="denied") if is_told else nullcontext()
        with expected:
            versions.try_out(client, b.NAMESPACE, of_version(kubernetes), b.job())
        request = server.requests[-1]
    assert request.query["dryRun"] == "All"
