"""Measures `diagnose -A` on a practice cluster of 5,000 Jobs in 50 namespaces, against kubectl.

In each namespace most Jobs are Complete, a tenth is a CronJob's, a tenth has Failed after three
tries, and some are suspended; all with the Pods and the events that playing one of each has left.

Usage: python -m bench.operators [RUNS]
"""

from __future__ import annotations

import contextlib
import json
import re
import statistics
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from bench import manifests, measure, practice, stores
from bench.start import joblab, run
from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.writer import key_of
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.home import Home
from tests.practice import kubelet
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster

NAMESPACES = 50
# what each namespace has of each that is played: 100 Jobs
NUMBERS = {"done": 75, "run": 10, "lost": 10, "held": 5}
PLAYED = (kinds.CRON_JOBS, kinds.JOBS, kinds.PODS, kinds.EVENTS)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=\.?\d*Z)")
WHAT = ("wall", "all", "CPU", "memory")
THEIRS = ["kubectl", "get", "jobs,pods", "-A", "-o", "json"]


def main(runs: str = "5") -> None:
    """Print what diagnose costs, to what kubectl costs that reads Jobs and Pods."""
    with tempfile.TemporaryDirectory() as folder:
        environ = practice.practice_environ(Path(folder))
        home = Home(Path(environ["XDG_STATE_HOME"]) / "kubectl-joblab" / "practice")
        run(environ, joblab(), "practice", "up")
        run(environ, joblab(), "practice", "down")
        counts: Counter[str] = Counter()
        with contextlib.closing(Store(home.database)) as store:
            for kind, obj in population():
                store.put(key_of(kind, obj), obj, rests=kind.strategy.rests(obj))
                counts[kind.plural] += 1
        print(", ".join(f"{number:,} {plural}" for plural, number in counts.items()), flush=True)
        run(environ, joblab(), "practice", "up")
        try:
            ours = [joblab(), "diagnose", "-A"]
            compare([THEIRS, ours, [*ours, "-o", "json"]], int(runs), environ, stores.process(home))
        finally:
            run(environ, joblab(), "practice", "down", "--wipe")


def compare(commands: list[list[str]], runs: int, environ: dict[str, str], server: Path) -> None:
    """Print what each command costs, to the first. They take turns; the first round is for nobody.

    all: the processor time of the command and of the server together, which has the same ratios on
    a machine that does other things too.
    """
    costs: list[list[tuple[float, ...]]] = [[] for _ in commands]
    for number in range(runs + 1):
        for command, found in zip(commands, costs, strict=True):
            before = practice.cpu_seconds(server)
            cost = measure.once(command, environ)
            if number:
                both = cost.cpu + practice.cpu_seconds(server) - before
                found.append((cost.wall, both, cost.cpu, cost.memory))
    theirs, *ours = [[statistics.median(one) for one in zip(*cost, strict=True)] for cost in costs]
    for command, ours_of in zip(commands[1:], ours, strict=True):
        for name, one, other in zip(WHAT, ours_of, theirs, strict=True):
            what = f"{name} of {' '.join(command[1:])}, to {' '.join(THEIRS[1:])}"
            measure.told(what, one / other, "1")


def population() -> Iterator[tuple[Kind, Object]]:
    """All objects, namespace by namespace."""
    played = _played()
    for number in range(NAMESPACES):
        place = f"team-{number:02}"
        meta = {"name": place, "uid": str(uuid.uuid4())}
        status = {"phase": "Active"}
        yield kinds.NAMESPACES, {**_KIND, "metadata": meta, "spec": {}, "status": status}
        for name, count in NUMBERS.items():
            for copy in range(count):
                yield from _copied(played[name], name, f"{name}-{copy:02}", place)


_KIND = {"apiVersion": "v1", "kind": "Namespace"}


def _copied(
    group: list[tuple[Kind, Object]], old: str, new: str, place: str
) -> Iterator[tuple[Kind, Object]]:
    """What was played of one Job, as another's: other uids, names and times of today."""
    text = json.dumps([obj for _, obj in group])
    for uid in {objects.uid(obj) for _, obj in group}:
        text = text.replace(uid, str(uuid.uuid4()))
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    text = TIME.sub(now, text).replace('"namespace": "default"', f'"namespace": "{place}"')
    text = re.sub(rf"\b{old}\b", new, text)
    yield from zip((kind for kind, _ in group), json.loads(text), strict=True)


def _played() -> dict[str, list[tuple[Kind, Object]]]:
    """A Job that is Complete, one of a CronJob, one that Failed, one that is held, by name."""
    found: dict[str, list[tuple[Kind, Object]]] = {}

    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, _failing("lost"))
        on.create(kinds.JOBS, manifests.job("done"))
        on.create(kinds.JOBS, _held("held"))
        on.create(kinds.CRON_JOBS, _cron_job("run"))
        await on.wait(lambda: _are_over(on))
        for name in NUMBERS:
            found[name] = [
                (kind, _settled(obj))
                for kind in PLAYED
                for obj in on.all(kind)
                if re.match(rf"{name}\b", objects.name(obj))
            ]

    def behaves(pod: Object) -> Object:
        return {"runs": 1, "exits": 3 if objects.name(pod).startswith("lost") else 0}

    cluster.run(scene, behaves, node=kubelet.node(pods="99", cpu="99"))
    return found


def _are_over(on: Cluster) -> bool:
    done = [one for one in on.all(kinds.JOBS) if objects.is_finished(one)]
    told = objects.status(on.get(kinds.CRON_JOBS, "run")).get("lastSuccessfulTime")
    return len(done) >= len(NUMBERS) - 1 and told is not None


def _settled(obj: Object) -> Object:
    """The object, which is never due again while it is measured."""
    if obj["kind"] == "CronJob":
        return {**obj, "spec": {**obj["spec"], "schedule": "0 0 1 1 *"}}
    return obj


def _failing(name: str) -> Object:
    found = manifests.job(name)
    return {**found, "spec": {**found["spec"], "backoffLimit": 2}}


def _held(name: str) -> Object:
    found = manifests.job(name)
    found["metadata"]["labels"] = {"kueue.x-k8s.io/queue-name": "team"}
    return {**found, "spec": {**found["spec"], "suspend": True}}


def _cron_job(name: str) -> Object:
    spec = {"schedule": "* * * * *", "jobTemplate": {"spec": manifests.job("")["spec"]}}
    meta = {"name": name}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta, "spec": spec}


if __name__ == "__main__":
    main(*sys.argv[1:])
