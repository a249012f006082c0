"""Measures what 100,000 stored objects cost a practice cluster that has just come up.

They are ConfigMaps, or finished Jobs with their Pods, each a copy of one that was played.
bench.growth runs it. Times are processor time, of the server and of the command that asks, but for
`start`, which waits for its Pod.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import manifests, measure, practice
from bench.start import joblab, run
from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import lifecycle
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.writer import key_of
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.home import Home
from tests.practice import kubelet
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster

STORED = 100_000
RUNS = 5
NAMESPACE = "default"
IDLE_SECONDS = 5
GET = "kubectl", "get", "configmap", "kube-root-ca.crt"

Many = Iterator[tuple[Kind, Object]]


def main() -> None:
    """Print what up, get, start and idle memory cost with many objects, to a new cluster."""
    few = costs(lambda: iter(()))
    for what, make in (("ConfigMaps", config_maps), ("finished Jobs and Pods", finished)):
        many = costs(make)
        for name in few:
            measure.told(f"{name} with {STORED:,} {what}, to none", many[name] / few[name], "2")


def costs(make: Callable[[], Many]) -> dict[str, float]:
    """What a cluster costs that has these objects; by what is done with it."""
    with tempfile.TemporaryDirectory() as folder:
        environ = practice.practice_environ(Path(folder))
        home = Home(Path(environ["XDG_STATE_HOME"]) / "kubectl-joblab" / "practice")
        run(environ, joblab(), "practice", "up")
        run(environ, joblab(), "practice", "down")
        with contextlib.closing(Store(home.database)) as store:
            for kind, obj in make():
                store.put(key_of(kind, obj), obj, rests=kind.strategy.rests(obj))
        try:
            ups = [up(environ, home) for _ in range(RUNS)]
            found = {"up": statistics.median(ups), **measured(environ, home)}
        finally:
            run(environ, joblab(), "practice", "down", "--wipe")
    return found


def up(environ: dict[str, str], home: Home) -> float:
    """Processor seconds of `practice up` and of the server that it starts, until it is ready."""
    run(environ, joblab(), "practice", "down")
    command = measure.once((joblab(), "practice", "up"), environ)
    return command.cpu + practice.cpu_seconds(process(home))


def measured(environ: dict[str, str], home: Home) -> dict[str, float]:
    """What the cluster that is up costs."""
    server = process(home)
    time.sleep(IDLE_SECONDS)
    memory = practice.memory_kib(server)
    before = practice.cpu_seconds(server)
    gets = [measure.once(GET, environ).cpu for _ in range(4 * RUNS)]
    get = sum(gets) + practice.cpu_seconds(server) - before
    starts = [start(environ) for _ in range(RUNS)]
    return {"idle memory": memory, "get": get, "start": statistics.median(starts)}


def start(environ: dict[str, str]) -> float:
    """Seconds of `start echo`, of a Job that is not there yet."""
    began = time.monotonic()
    run(environ, joblab(), "start", "echo")
    seconds = time.monotonic() - began
    run(environ, "kubectl", "delete", "job", "echo")
    return seconds


def process(home: Home) -> Path:
    """The folder in /proc of the server that runs."""
    server = lifecycle.find(home)
    assert server is not None
    return Path(f"/proc/{server.pid}")


# ---- many objects


def config_maps() -> Many:
    """ConfigMaps."""
    for number in range(STORED):
        obj = manifests.config_map(f"o-{number}")
        obj["metadata"] |= {"namespace": NAMESPACE, "uid": str(uuid.uuid4())}
        yield kinds.CONFIG_MAPS, obj


def finished() -> Many:
    """Finished Jobs with a Pod each, half of the number each."""
    played = json.dumps(_played())
    job, pod = json.loads(played)
    for number in range(STORED // 2):
        text = played
        for part in (objects.uid(job), objects.uid(pod)):
            text = text.replace(part, str(uuid.uuid4()))
        text = text.replace(objects.name(job), f"work-{number}")  # the Pod's begins with it
        yield from zip((kinds.JOBS, kinds.PODS), json.loads(text), strict=True)


def _played() -> list[Object]:
    """A finished Job and its Pod."""
    found: list[Object] = []

    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, manifests.job("named-as-nothing-else"))
        await on.wait(lambda: objects.is_finished(on.get(kinds.JOBS, "named-as-nothing-else")))
        found.append(on.get(kinds.JOBS, "named-as-nothing-else"))
        found.extend(on.registry.list(kinds.PODS).items)

    cluster.run(scene, lambda _: {"runs": 1, "exits": 0}, node=kubelet.node(pods="9", cpu="9"))
    return found
