"""Where commands about any Job lead: each `Next:` is run in its world, and ends in no error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from kubectl_joblab.errors import ExitCode
from tests.inprocess.cluster import Cluster
from tests.practice.node.fake import Program

FAILS = Program(runs=1, exits=1, log=((0, "no such table"),))
TABLE = {
    "fine": [[Program(runs=1, log=((0, "counted 12 orders"),))]],
    "fails": [[FAILS]],
    "limit": [[FAILS, FAILS]],
    "runs": [[Program(runs=900)]],
    "silent": [[Program(runs=1)]],
    "init": [[Program(runs=1, exits=3)]],
}
NOWHERE = {"nodeSelector": {"disk": "ssd"}}
PREP = {"name": "prep", "image": "busybox:1.36", "command": ["prepare"]}


def manifest(name: str, pod: Mapping[str, Any], **spec: object) -> str:
    container = {"name": "main", "image": "busybox:1.36", "command": ["work"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container], **pod}}
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}}
    return json.dumps({**body, "spec": {**spec, "template": template}})


def without_pods(cluster: Cluster, name: str) -> None:
    cluster.delete_pods_with_kubectl(name)
    cluster.sleep(5)


# what the Job of a name is made of: its Pods, its spec, and what is done to it after a minute
Done = Callable[[Cluster, str], object]
WORLDS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, object], Done | None]] = {
    "fine": ({}, {}, None),
    "fine-without-pods": ({}, {}, without_pods),
    "silent": ({}, {}, None),
    "fails": ({}, {"backoffLimit": 0}, None),
    "fails-without-pods": ({}, {"backoffLimit": 0}, without_pods),
    "fails-still": ({}, {"backoffLimit": 9}, None),
    "limit": ({"restartPolicy": "OnFailure"}, {"backoffLimit": 1}, None),
    "none": ({}, {"completions": 0}, None),
    "nowhere": (NOWHERE, {}, None),
    "nowhere-in-time": (NOWHERE, {"activeDeadlineSeconds": 5}, None),
    "runs": ({}, {}, None),
    "runs-too-long": ({}, {"activeDeadlineSeconds": 5}, None),
    "suspended": ({}, {"suspend": True}, None),
    "parallelism-0": ({}, {"parallelism": 0}, None),
    "no-account": ({"serviceAccountName": "none"}, {}, None),
    "no-image": ({"containers": [{**PREP, "image": "bussybox:9.99"}]}, {}, None),
    "image-in-time": (
        {"containers": [{**PREP, "image": "bussybox:9.99"}]},
        {"activeDeadlineSeconds": 5},
        None,
    ),
    "init": ({"initContainers": [PREP]}, {"backoffLimit": 0}, None),
    "deleted": ({}, {"backoffLimit": 0}, lambda cluster, name: cluster.delete_with_kubectl(name)),
}
VERBS = ("status", "describe", "diagnose", "timeline", "logs", "events", "watch")
ENDLESS = ("runs", "nowhere", "suspended", "parallelism-0", "no-account", "no-image", "fails-still")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with all of these Jobs, as they are after a minute."""
    table = {
        name: TABLE.get(name, TABLE[name.partition("-")[0]])
        for name in WORLDS
        if name.partition("-")[0] in TABLE
    }
    with Cluster(tmp_path_factory.mktemp("led"), table) as made:
        for name, (pod, spec, _) in WORLDS.items():
            made.create_with_kubectl(manifest(name, pod, **spec))
        made.sleep(60)
        for name, (_, _, then) in WORLDS.items():
            if then is not None:
                then(made, name)
        yield made


@pytest.mark.parametrize("name", WORLDS)
def test_what_comes_next_ends_in_no_error(cluster: Cluster, name: str) -> None:
    endless = ["watch", f"job/{name}"] if name in ENDLESS else []
    codes: dict[str, int] = {}
    to_run = [[verb, f"job/{name}"] for verb in VERBS]
    led: list[list[str]] = []
    while to_run:
        words = to_run.pop()
        if words == endless or " ".join(words) in codes:
            continue
        screen = cluster.run(*words)
        codes[" ".join(words)] = screen.code
        for line in re.findall(r"^Next: kubectl (.*)$", screen.err, re.MULTILINE):
            led.append(line.split())
            to_run += [led[-1][1:]] if led[-1][0] == "joblab" else []
    for verb, *words in led:
        assert codes.get(" ".join(words)) != ExitCode.ERROR, words
        if verb in ("describe", "logs") and words[0] in ("job", "pod"):
            assert words[1] in cluster.names(words[0].capitalize()), (verb, *words)
