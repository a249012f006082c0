"""Measures the practice cluster against a real one: how soon Pods run, what being idle costs.

Both clusters take turns in one run. Printed are medians and ratios, with the targets beside them.

Usage: python -m bench.practice [RUNS]    (needs the project's own cluster: its memory is compared)
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.start import joblab, run
from kubectl_joblab.client import kubeconfig as config
from kubectl_joblab.client import resources
from tests.cluster import home, lifecycle

COMPLETIONS, PARALLELISM = 100, 20
IDLE_SECONDS = 20


def main(runs: str = "5") -> None:
    """Measure the time that `up` takes, then compare the clusters; runs: how often."""
    count = int(runs)
    with tempfile.TemporaryDirectory() as folder:
        environ = practice_environ(Path(folder))
        cold = [up_cold(environ) for _ in range(count)]
        print(f"up to ready, from cold: {statistics.median(cold):.2f} s (at most 1 s)")
        try:
            compare(environ, count)
        finally:
            run(environ, joblab(), "practice", "down")


def practice_environ(folder: Path) -> dict[str, str]:
    """The environment of a user who has a practice cluster of their own below the folder."""
    return {
        **os.environ,
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "KUBECONFIG": str(folder / "kubeconfig"),
    }


def up_cold(environ: dict[str, str]) -> float:
    """Seconds that `practice up` takes where nothing is left of an earlier cluster."""
    run(environ, joblab(), "practice", "down", "--wipe")
    began = time.monotonic()
    run(environ, joblab(), "practice", "up")
    return time.monotonic() - began


def compare(environ: dict[str, str], runs: int) -> None:
    """Print the times of Pods and Jobs on both clusters, and what each costs while it is idle."""
    path = str(lifecycle.up())
    real, practice = client(path), client(environ["KUBECONFIG"])
    with namespace(real) as there, namespace(practice) as here:
        starts = [
            (pod_seconds(practice, here, index), pod_seconds(real, there, index))
            for index in range(runs)
        ]
        show("Pod created to Running", starts, "practice at most 0.05 s")
        jobs = [
            (job_seconds(practice, here, index), job_seconds(real, there, index))
            for index in range(max(1, runs // 2))
        ]
        show(f"Job of {COMPLETIONS}, {PARALLELISM} at once", jobs, "ratio at most 0.1")
        show(
            "CronJob, from its time to its Job Complete", cronjobs(practice, here, real, there), ""
        )
        sides = (environ, here, practice), ({**os.environ, "KUBECONFIG": path}, there, real)
        execs, drains = (
            [
                (ours, theirs)
                for ours, theirs in zip(*(one(*side, runs) for side in sides), strict=True)
            ]
            for one in (exec_seconds, drain_seconds)
        )
        show("kubectl exec POD -- true", execs, "")
        show("kubectl drain NODE with one Pod", drains, "")
    ours, theirs = processes(is_practice(environ)), processes(is_real)
    memory = sum(map(memory_kib, ours)) / sum(map(memory_kib, theirs))
    print(f"idle memory, practice/real: {memory:.3f} (at most 0.125)")
    before = sum(map(cpu_seconds, ours))
    time.sleep(IDLE_SECONDS)
    share = (sum(map(cpu_seconds, ours)) - before) / IDLE_SECONDS
    print(f"idle, share of a core: {share:.4f} (at most 0.01)")


def show(what: str, pairs: list[tuple[float, float]], target: str) -> None:
    """Print a line with the medians of both sides and their ratio; pairs: practice, real."""
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(
        f"{what}: practice {ours:.3f} s, real {theirs:.3f} s, ratio {ours / theirs:.3f} ({target})"
    )


# ---- what is measured


def client(path: str) -> resources.Client:
    """A client of the cluster that the kubeconfig at this path names."""
    flags = config.ConnectionFlags(kubeconfig=path)
    return resources.Client(config.load(flags, {}), on_warning=lambda _: None)


@contextlib.contextmanager
def namespace(client: resources.Client) -> Iterator[str]:
    """A context in which a new namespace exists; at its end the namespace is deleted and gone."""
    name = f"joblab-bench-{os.getpid()}"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    created = client.create(resources.NAMESPACES, body)
    accounts = resources.Resource("", "v1", "serviceaccounts", "ServiceAccount")
    for event in client.watch(accounts, name):
        if event.object["metadata"]["name"] == "default":
            break
    yield name
    client.delete(resources.NAMESPACES, name)
    for event in client.watch(
        resources.NAMESPACES, "", fields=f"metadata.name={name}", known=created
    ):
        if event.kind == "DELETED":
            break


def pod_seconds(client: resources.Client, namespace: str, index: int) -> float:
    """Seconds from the creation of a Pod until a watch shows it Running."""
    body = pod(f"start-{index}", ["sleep", "30"])
    began = time.monotonic()
    created = client.create(resources.PODS, body, namespace)
    until(client, resources.PODS, namespace, created, lambda one: status(one, "phase") == "Running")
    seconds = time.monotonic() - began
    client.delete(resources.PODS, f"start-{index}", namespace)
    return seconds


def job_seconds(client: resources.Client, namespace: str, index: int) -> float:
    """Seconds from the creation of a Job of many short Pods until it is Complete."""
    template = pod("", ["true"])
    body = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"many-{index}"},
        "spec": {
            "completions": COMPLETIONS,
            "parallelism": PARALLELISM,
            "template": {"spec": template["spec"]},
        },
    }
    began = time.monotonic()
    created = client.create(resources.JOBS, body, namespace)
    until(
        client, resources.JOBS, namespace, created, lambda one: bool(status(one, "completionTime"))
    )
    return time.monotonic() - began


def cronjobs(
    ours: resources.Client, here: str, theirs: resources.Client, there: str
) -> list[tuple[float, float]]:
    """Seconds from the next full minute until the Job of a CronJob is Complete, on both at once."""
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(cronjob_seconds, (ours, theirs), (here, there))
        return [(next(found), next(found))]


def cronjob_seconds(client: resources.Client, namespace: str) -> float:
    """Seconds from the next full minute until the Job of a CronJob is Complete."""
    template = {"spec": {"template": {"spec": pod("", ["true"])["spec"]}}}
    body = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "minutely"},
        "spec": {"schedule": "* * * * *", "jobTemplate": template},
    }
    due = (time.time() // 60 + 1) * 60
    client.create(resources.Resource("batch", "v1", "cronjobs", "CronJob"), body, namespace)
    for event in client.watch(resources.JOBS, namespace):
        named = event.object["metadata"]["name"].startswith("minutely-")
        if named and status(event.object, "completionTime"):
            break
    return time.time() - due


def exec_seconds(
    environ: dict[str, str], namespace: str, client: resources.Client, runs: int
) -> list[float]:
    """Seconds that `kubectl exec` takes for a program that ends at once."""
    running(client, namespace, "entered", {})
    found = []
    for _ in range(runs):
        began = time.monotonic()
        run(environ, "kubectl", "-n", namespace, "exec", "entered", "--", "true")
        found.append(time.monotonic() - began)
    return found


def drain_seconds(
    environ: dict[str, str], namespace: str, client: resources.Client, runs: int
) -> list[float]:
    """Seconds that `kubectl drain` takes to evict one Pod; the node takes Pods again at once."""
    found = []
    for index in range(runs):
        node = running(client, namespace, f"drained-{index}", {"bench": namespace})
        began = time.monotonic()
        try:
            run(environ, "kubectl", "drain", node, f"--pod-selector=bench={namespace}", "--force")
            found.append(time.monotonic() - began)
        finally:
            run(environ, "kubectl", "uncordon", node)
    return found


def running(client: resources.Client, namespace: str, name: str, labels: dict[str, str]) -> str:
    """Create a Pod that sleeps, and wait until it runs; the name of its node."""
    body = pod(name, ["sleep", "1000"])
    body["metadata"]["labels"] = labels
    created = client.create(resources.PODS, body, namespace)
    until(client, resources.PODS, namespace, created, lambda one: status(one, "phase") == "Running")
    node: str = client.get(resources.PODS, name, namespace)["spec"]["nodeName"]
    return node


def pod(name: str, command: list[str]) -> dict[str, Any]:
    """The manifest of a Pod that runs a command."""
    container = {"name": "main", "image": "busybox:1.36", "command": command}
    spec = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def status(obj: dict[str, Any], field: str) -> Any:
    """The value of a field of the object's status."""
    return (obj.get("status") or {}).get(field)


def until(
    client: resources.Client,
    resource: resources.Resource,
    namespace: str,
    created: dict[str, Any],
    wanted: Callable[[dict[str, Any]], bool],
) -> None:
    """Watch an object that was just created until it is as wanted."""
    fields = f"metadata.name={created['metadata']['name']}"
    for event in client.watch(resource, namespace, fields=fields, known=created):
        if wanted(event.object):
            return


# ---- what it costs (Linux)


def processes(wanted: Callable[[Path], bool]) -> list[Path]:
    """The /proc folders of the processes that `wanted` chooses."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted(folder):
                found.append(folder)
    return found


def is_real(folder: Path) -> bool:
    """Whether a process is a component of the project's own cluster, by the program it runs."""
    return Path(os.readlink(folder / "exe")).parent == home.find().bin


def is_practice(environ: dict[str, str]) -> Callable[[Path], bool]:
    """A function that tells whether a process belongs to the practice cluster of `environ`.

    It does where the cluster's state folder is in the process' environment.
    """
    mark = f"XDG_STATE_HOME={environ['XDG_STATE_HOME']}".encode()
    return lambda folder: mark in (folder / "environ").read_bytes().split(b"\0")


def memory_kib(folder: Path) -> int:
    """The proportional set size of a process: shared memory counts in parts."""
    for line in (folder / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def cpu_seconds(folder: Path) -> float:
    """The processor time that a process has used."""
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(*sys.argv[1:])
