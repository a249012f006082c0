"""Makes a class of fifty on a real cluster: 1,000 Jobs, 350 of them labs', and 10,000 Pods.

Only the echo labs really run, because `check` reads their logs. No controller manages the other
Jobs and no scheduler their Pods; what they would have done is written into their status.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import prefetch
from kubectl_joblab.labs import manifest
from kubectl_joblab.labs.definition import loader

Object = dict[str, Any]
NAMESPACES, JOBS, PODS = 50, 20, 200  # namespaces, and what each has
NOBODY = "bench.example/nobody"
WRITERS = 8
BEGAN, ENDED = "2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z"
LABS = {  # the first Job of each lab: how many Pods it has
    "basics": 1,
    "sleep": 1,
    "yaml": 1,
    "completions": 3,
    "parallelism": 6,
    "retry": 3,
}
REAL = "echo"
ACCOUNTS = resources.Resource("", "v1", "serviceaccounts", "ServiceAccount")


@contextlib.contextmanager
def populated(client: resources.Client, prefix: str) -> Iterator[list[str]]:
    """A context in which the population exists; its namespaces, whose names begin with `prefix`."""
    names = [f"{prefix}-{index:02}" for index in range(NAMESPACES)]
    try:
        prefetch.each(lambda name: _fill(client, name), names, WRITERS)
        prefetch.each(lambda name: _await(client, name), names, WRITERS)
        yield names
    finally:
        for name in names:
            with contextlib.suppress(ApiError):
                client.delete(resources.NAMESPACES, name)


def _fill(client: resources.Client, namespace: str) -> None:
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    client.create(resources.NAMESPACES, body)
    # a Pod is refused while its namespace has no default service account
    for event in client.watch(ACCOUNTS, namespace, fields="metadata.name=default"):
        if event.kind == "ADDED":
            break
    lab = loader.find(REAL, [])
    real = manifest.render(lab, lab.variants[0], {}, "").data
    client.create(resources.JOBS, real, namespace)
    for name, pods in _sizes().items():
        _add(client, namespace, name, pods)


def _sizes() -> dict[str, int]:
    """The number of Pods of each Job that does not run, by the Job's name."""
    others = JOBS - len(LABS) - 1
    left = PODS - sum(LABS.values()) - 1
    sizes = [left // others + (index < left % others) for index in range(others)]
    return LABS | {f"work-{index}": size for index, size in enumerate(sizes)}


def _add(client: resources.Client, namespace: str, name: str, pods: int) -> None:
    job = client.create(resources.JOBS, _job(name, pods), namespace)
    condition = {"status": "True", "lastTransitionTime": ENDED, "lastProbeTime": ENDED}
    condition["reason"] = "CompletionsReached"
    status = {
        "startTime": BEGAN,
        "completionTime": ENDED,
        "succeeded": pods,
        "conditions": [{"type": kind, **condition} for kind in ("SuccessCriteriaMet", "Complete")],
    }
    client.patch(resources.JOBS, f"{name}/status", {"status": status}, namespace)
    for index in range(pods):
        made = client.create(resources.PODS, _pod(job, f"{name}-{index:03}"), namespace)
        patch = {"status": _status(made)}
        client.patch(resources.PODS, f"{made['metadata']['name']}/status", patch, namespace)


def _job(name: str, pods: int) -> Object:
    container = {"name": "main", "image": "busybox:1.36", "command": ["sleep", "10"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    spec = {"managedBy": NOBODY, "completions": pods, "parallelism": pods, "template": template}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}


def _pod(job: Object, name: str) -> Object:
    """A Pod as the Job controller creates it, of a scheduler that does not exist."""
    owner = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": job["metadata"]["name"],
        "uid": job["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    template = job["spec"]["template"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "labels": template["metadata"]["labels"],
            "ownerReferences": [owner],
        },
        "spec": {**template["spec"], "schedulerName": "nobody"},
    }


def _status(pod: Object) -> Object:
    ended = {"exitCode": 0, "reason": "Completed", "startedAt": BEGAN, "finishedAt": ENDED}
    ended["containerID"] = f"containerd://{pod['metadata']['uid'].replace('-', '') * 2}"
    container = {
        "name": "main",
        "image": "docker.io/library/busybox:1.36",
        "imageID": "docker.io/library/busybox@sha256:" + "0" * 64,
        "containerID": ended["containerID"],
        "ready": False,
        "started": False,
        "restartCount": 0,
        "state": {"terminated": ended},
        "lastState": {},
    }
    true = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    return {
        "phase": "Succeeded",
        "startTime": BEGAN,
        "conditions": [
            {"type": kind, "status": "True", "lastTransitionTime": BEGAN} for kind in true
        ],
        "containerStatuses": [container],
    }


def _await(client: resources.Client, namespace: str) -> None:
    """Wait until the namespace's echo lab is Complete."""
    for event in client.watch(resources.JOBS, namespace, fields=f"metadata.name={REAL}"):
        if (event.object.get("status") or {}).get("completionTime"):
            return
