"""Measures how what the practice cluster does grows with what is in it, in processor time.

Processor time has the same ratios on a machine that does other things too. A Job is played in
virtual time, in one process; objects are created, listed and watched over HTTP.

Usage: python -m bench.growth [SECTION...]    (objects, jobs, stores, deletion; all by default)
"""

from __future__ import annotations

import contextlib
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import manifests, measure, practice, stores
from bench.start import joblab, run
from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.resources import Resource
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import lifecycle
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.clock import RandomIds, SystemClock
from kubectl_joblab.practice.home import Home
from tests.practice import kubelet
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster

FEW, MANY = 100, 10_000
SMALL_JOB, LARGE_JOB = (100, 10), (2_000, 200)  # completions, and how many at once
NAMESPACE = "default"
# what a watch goes on from that begins with all objects, without a list before it
ANYTHING = {"metadata": {"uid": "", "resourceVersion": "0"}}


def main(*sections: str) -> None:
    """Measure the sections of these names, and print a line for each ratio."""
    for name in sections or SECTIONS:
        SECTIONS[name]()


# ---- objects


def of_objects() -> None:
    """Creating, listing and watching over HTTP: what one of many costs the server."""
    with tempfile.TemporaryDirectory() as folder:
        environ = practice.practice_environ(Path(folder))
        run(environ, joblab(), "practice", "up")
        try:
            server = Server(environ)
            for plural, make in MAKERS.items():
                few = [server.costs(plural, make, FEW) for _ in range(5)]
                many = server.costs(plural, make, MANY)
                for verb in ("create", "list", "watch"):
                    below = statistics.median(one[verb] for one in few)
                    measure.told(
                        f"{verb} {plural}, {MANY:,} to {FEW}, each", many[verb] / below, "1"
                    )
        finally:
            run(environ, joblab(), "practice", "down", "--wipe")


class Server:
    """A practice cluster whose processor time is measured."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._client = practice.client(environ["KUBECONFIG"])
        home = Home(Path(environ["XDG_STATE_HOME"]) / "kubectl-joblab" / "practice")
        server = lifecycle.find(home)
        assert server is not None
        self._process = Path(f"/proc/{server.pid}")

    def costs(self, plural: str, make: Callable[[str], Object], count: int) -> dict[str, float]:
        """Processor seconds for each of so many objects, by verb; of few, several times."""
        wanted = RESOURCES[plural]
        with practice.namespace(self._client) as namespace:
            found = {"create": self._spent(lambda: self._fill(wanted, namespace, make, count))}
            times = max(1, MANY // count // 5)
            for verb, read in (("list", self._list), ("watch", self._watch)):
                found[verb] = self._spent(partial(_often, times, read, wanted, namespace, count))
                found[verb] /= times
        return {verb: seconds / count for verb, seconds in found.items()}

    def _spent(self, do: Callable[[], object]) -> float:
        before = practice.cpu_seconds(self._process)
        do()
        time.sleep(0.5)  # controllers see to what was created, too
        return practice.cpu_seconds(self._process) - before

    def _fill(
        self, wanted: Resource, namespace: str, make: Callable[[str], Object], count: int
    ) -> None:
        for number in range(count):
            self._client.create(wanted, make(f"o-{number}"), namespace)

    def _list(self, wanted: Resource, namespace: str, count: int) -> None:
        assert len(self._client.list(wanted, namespace)[0]) >= count

    def _watch(self, wanted: Resource, namespace: str, count: int) -> None:
        events = self._client.watch(wanted, namespace, known=ANYTHING)
        for _ in range(count):
            next(events)


def _often(times: int, do: Callable[..., None], *given: object) -> None:
    for _ in range(times):
        do(*given)


def gated(name: str) -> Object:
    """A Pod that is not scheduled."""
    found = manifests.pod(name)
    return {**found, "spec": {**found["spec"], "schedulingGates": [{"name": "bench/wait"}]}}


def suspended(name: str) -> Object:
    """A Job that creates no Pods."""
    found = manifests.job(name)
    return {**found, "spec": {**found["spec"], "suspend": True}}


MAKERS = {"configmaps": manifests.config_map, "jobs": suspended, "pods": gated}
RESOURCES = {
    "configmaps": resources.CONFIG_MAPS,
    "jobs": resources.JOBS,
    "pods": resources.PODS,
}


# ---- a Job


def of_jobs() -> None:
    """A large Job to a small one, with controllers, scheduler and a fake node."""
    small = statistics.median(job_seconds(*SMALL_JOB) for _ in range(3))
    large = job_seconds(*LARGE_JOB)
    what = "a Job of {:,} completions, {} at once".format(*LARGE_JOB)
    measure.told(f"{what}, to one of {SMALL_JOB[0]}, {SMALL_JOB[1]} at once", large / small, "22")


def job_seconds(completions: int, parallelism: int) -> float:
    """Processor seconds until a Job is finished."""
    found = 0.0

    async def scene(on: Cluster) -> None:
        nonlocal found
        began = time.process_time()
        on.create(kinds.JOBS, manifests.job("j", completions, parallelism))
        await on.wait(lambda: objects.is_finished(on.get(kinds.JOBS, "j")))
        found = time.process_time() - began

    cluster.run(scene, lambda _: {"runs": 1, "exits": 0}, node=kubelet.node(pods="250", cpu="100"))
    return found


# ---- what is deleted


@contextlib.contextmanager
def stored() -> Iterator[Registry]:
    """A registry over a new database."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(Store(Path(folder) / "objects.db")) as store,
    ):
        registry = Registry(store, SystemClock(), RandomIds())
        meta = {"name": NAMESPACE}
        registry.create(
            kinds.NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}
        )
        yield registry


def of_deletion() -> None:
    """What is left of 10,000 ConfigMaps that came and went, to what there was before them."""
    with stored() as registry:
        rounds = [left(registry) for _ in range(4)]
    first, last = rounds[1], rounds[-1]
    for place, what in enumerate(("memory", "file descriptors")):
        measure.told(
            f"{what} after {MANY:,} were deleted for the 4th time, to the 2nd",
            last[place] / first[place],
            "1.1",
        )


def left(registry: Registry) -> tuple[int, int]:
    """Create and delete many objects; pages of memory and open files then."""
    for number in range(MANY):
        registry.create(kinds.CONFIG_MAPS, manifests.config_map(f"o-{number}"), NAMESPACE)
    registry.delete_collection(kinds.CONFIG_MAPS, NAMESPACE, DeleteOptions())
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages, len(os.listdir("/proc/self/fd"))


SECTIONS: dict[str, Callable[[], None]] = {
    "objects": of_objects,
    "jobs": of_jobs,
    "stores": stores.main,
    "deletion": of_deletion,
}


if __name__ == "__main__":
    main(*sys.argv[1:])
