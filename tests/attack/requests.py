"""Hostile requests: numbers at their extremes in any field, queries, tokens, what is nested deeply.

Each is answered, and not with a mistake of the server's; no other client waits for long meanwhile.
"""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from tests.attack import bodies
from tests.attack.bodies import Body
from tests.attack.rounds import JOBS, MAPS, PODS, Round
from tests.client.test_spoiled import JUNK, MARK, places_in
from tests.practice.api.http.test_forged import TOKENS
from tests.practice.clusters import Cluster

# Seconds that another client waits at most, held by a whole run alone: a machine may be busy.
# What holds the server's loop is measured inside of it: tests/practice/api/http/test_holds.py.
LONGEST = 3.0
EXTREMES = (
    *(
        "1e999999999",
        "-1e999999999",
        "1e-999999999",
        "1e50000",
        "9" * 5000,
        "0x10",
        "1Ei",
        "\u0661",
    ),
    *(str(2**63 - 1), str(2**63), str(-(2**63)), "86399999999999", "100000000000", "NaN", "-0"),
)
NUMBERS = (
    *("limit", "timeoutSeconds", "resourceVersion", "gracePeriodSeconds", "tailLines"),
    *("sinceSeconds", "limitBytes", "sinceTime", "continue"),
)
MEDIA = (
    *(bodies.JSON, bodies.YAML, bodies.PROTOBUF, bodies.JSON_PATCH, bodies.MERGE_PATCH),
    *(bodies.STRATEGIC_PATCH, bodies.APPLY_PATCH),
)


def play(trial: Round) -> None:
    """Send a row of them to one server."""
    with trial.cluster() as cluster:
        cluster.up()
        cluster.make_config_map("hostile")
        with _other(trial, cluster) as other:
            for _ in range(40 if trial.quick else 250):
                method, path, body = _make(trial.chance)
                other.during = f"{method} {path[:200]} {body.media} {body.raw[:300]!r}"
                _send(trial, cluster, method, path, body, other.during)
        trial.hold(cluster.ask("GET", "/readyz")[0] == 200, "the server has gone")


def _send(trial: Round, cluster: Cluster, method: str, path: str, body: Body, what: str) -> None:
    trial.requests += 1
    try:
        code, said = cluster.ask(method, path, body.raw, media=body.media)
    except Exception as error:
        trial.hold(False, f"{what}: no answer: {type(error).__name__}: {error}")
        return
    trial.hold("see kubectl joblab" not in said, f"{what}: {code} {said[:200]}")


def _make(chance: random.Random) -> tuple[str, str, Body]:
    """A request: method, path with its query, and body."""
    return chance.choice((_spoiled, _spoiled, _spoiled, _query, _token, _large))(chance)


def _spoiled(chance: random.Random) -> tuple[str, str, Body]:
    """An object of which a value is junk, or a number at its extremes."""
    whole = json.loads(json.dumps(chance.choice((_JOB, _POD, _MAP))))
    path = {"Job": JOBS, "Pod": PODS, "ConfigMap": MAPS}[whole["kind"]]
    inside, key = chance.choice(list(places_in(whole)))
    inside[key] = MARK
    junk = chance.choice((*JUNK, *(json.dumps(one) for one in EXTREMES)))
    raw = json.dumps(whole).replace(f'"{MARK}"', junk, 1).encode("utf-8", "surrogatepass")
    method, media = chance.choice((("POST", bodies.JSON), ("PUT", bodies.JSON), ("PATCH", "")))
    name = "" if method == "POST" else "/hostile"
    media = media or chance.choice(MEDIA)
    query = "fieldValidation=Ignore&fieldManager=me"
    return method, f"{path}{name}?{query}", Body(media, raw, whole["kind"])


def _query(chance: random.Random) -> tuple[str, str, Body]:
    """A query that takes long to read, or has a number at its extremes."""
    query = chance.choice(list(bodies.QUERIES.values()))
    if chance.random() < 0.5:
        query = f"{chance.choice(NUMBERS)}={quote(chance.choice(EXTREMES))}"
    path = chance.choice((MAPS, PODS, JOBS, f"{PODS}/hostile/log"))
    # a watch is left out: its answer does not end by itself
    return chance.choice(("GET", "DELETE")), f"{path}?{query}", Body(bodies.JSON, b"")


def _token(chance: random.Random) -> tuple[str, str, Body]:
    """A continue token that no server has given."""
    text = chance.choice(list(TOKENS))
    token = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return "GET", f"{MAPS}?limit=1&continue={quote(token)}", Body(bodies.JSON, b"")


def _large(chance: random.Random) -> tuple[str, str, Body]:
    """A body that takes long to read, at a fraction of its size."""
    table = chance.choice((bodies.UNREADABLE, bodies.TAKEN, bodies.PATCHES))
    body = table[chance.choice(list(table))](bodies.scaled(chance.choice((0.001, 0.02))))
    path = {"Job": JOBS, "Pod": PODS, "ConfigMap": MAPS}[body.kind]
    if table is bodies.PATCHES:
        return "PATCH", f"{path}/hostile?fieldManager=me&fieldValidation=Ignore", body
    return "POST", f"{path}?dryRun=All&fieldValidation=Ignore", body


@dataclass
class _Other:
    """Another client, which asks all the while. during: what the first one sends meanwhile."""

    trial: Round
    cluster: Cluster
    during: str = ""
    over: bool = False

    def ask(self) -> None:
        """Ask until it is over, and hold that each answer comes."""
        while not self.over:
            begun = time.monotonic()
            code, _ = self.cluster.ask("GET", "/readyz")
            seconds = time.monotonic() - begun
            self.trial.hold(code == 200, f"another client gets {code} during {self.during}")
            is_short = self.trial.quick or seconds < LONGEST
            self.trial.hold(is_short, f"another client waits {seconds:.1f} s for {self.during}")


@contextmanager
def _other(trial: Round, cluster: Cluster) -> Iterator[_Other]:
    other = _Other(trial, cluster)
    thread = threading.Thread(target=other.ask, daemon=True)
    thread.start()
    try:
        yield other
    finally:
        other.over = True
        thread.join()


_CONTAINER = {
    "name": "main",
    "image": "busybox",
    "command": ["true"],
    "resources": {
        "requests": {"cpu": "1m", "memory": "1Mi", "example.com/gpu": "0"},
        "limits": {"cpu": "1", "memory": "1Gi", "example.com/gpu": "0"},
    },
    "ports": [{"containerPort": 80}],
    "env": [{"name": "A", "value": "b"}],
    "livenessProbe": {"exec": {"command": ["true"]}, "periodSeconds": 5, "timeoutSeconds": 1},
    "volumeMounts": [{"name": "v", "mountPath": "/v"}],
}
_SPEC = {
    "restartPolicy": "Never",
    "activeDeadlineSeconds": 60,
    "terminationGracePeriodSeconds": 1,
    "priority": 0,
    "nodeSelector": {"a": "b"},
    "tolerations": [{"key": "a", "operator": "Exists", "tolerationSeconds": 5}],
    "securityContext": {"runAsUser": 0, "fsGroup": 0, "sysctls": []},
    "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Mi"}}],
    "containers": [_CONTAINER],
}
_META = {
    "name": "hostile",
    "labels": {"a": "b"},
    "annotations": {"a": "b"},
    "creationTimestamp": None,
    "resourceVersion": "0",
    "generation": 1,
    "deletionGracePeriodSeconds": 1,
}
_POD = {"kind": "Pod", "apiVersion": "v1", "metadata": _META, "spec": _SPEC}
_JOB = {
    "kind": "Job",
    "apiVersion": "batch/v1",
    "metadata": _META,
    "spec": {
        "suspend": True,
        "parallelism": 1,
        "completions": 1,
        "completionMode": "Indexed",
        "backoffLimit": 1,
        "backoffLimitPerIndex": 1,
        "maxFailedIndexes": 1,
        "activeDeadlineSeconds": 60,
        "ttlSecondsAfterFinished": 1,
        "podReplacementPolicy": "Failed",
        "successPolicy": {"rules": [{"succeededIndexes": "0", "succeededCount": 1}]},
        "podFailurePolicy": {
            "rules": [{"action": "FailIndex", "onExitCodes": {"operator": "In", "values": [1, 2]}}]
        },
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": _SPEC},
    },
    "status": {"active": 1, "startTime": "2024-01-01T00:00:00Z"},
}
_MAP = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": _META, "data": {"a": "b"}}
