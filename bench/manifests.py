"""The manifests of the objects of which the benchmarks of growth make many."""

from __future__ import annotations

from kubectl_joblab.objects import Object


def config_map(name: str) -> Object:
    """A ConfigMap of one key."""
    meta = {"name": name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"a": "b"}}


def pod(name: str) -> Object:
    """A Pod of one container."""
    container = {"name": "main", "image": "busybox:1.36", "command": ["true"]}
    spec = {"restartPolicy": "Never", "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def job(name: str, completions: int = 1, parallelism: int = 1) -> Object:
    """A Job of such Pods."""
    spec = {
        "completions": completions,
        "parallelism": parallelism,
        "template": {"spec": pod("")["spec"]},
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}
