"""Jobs that bring a cause about, as data: fixtures/*.yaml, read here into manifests and steps.

A file maps the id of a cause to its fixtures; `well` is none. A fixture is a Job of one container,
`main`, changed by these fields: script (what its shell runs), container, pod, template (the Pod
template's metadata), job (its spec), job-metadata; cron makes it a CronJob with that spec, of which
`jobs` are created by hand; stored: it is put into etcd as one of an older API server, created so
long ago. namespace: labels of its namespace. beside: objects created first,
`before` so long before the Job; then: objects created once its Pod runs. pod-status: what is
written into the status of its Pods, which no kubelet has.
at-Ns: kubectl's arguments after N seconds. evict: the Pod is evicted then. until: the condition, or
how long, to wait for. practice: whether the practice cluster can bring it about too; real: whether
another one may be asked to, which others use as well. taint, cordon: of all nodes, before the Job;
a taint that drives Pods away once its Pod runs. $NODE stands for a node's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FOLDER = Path(__file__).parent / "fixtures"
WELL = "well"
IMAGE = "busybox:1.36"

Object = dict[str, Any]


class Fixture(NamedTuple):
    """One fixture. cause: the id of what it brings about. number: from 1, for each cause."""

    cause: str
    number: int
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name, which is also that of its Job: such as out-of-memory-1."""
        return f"{self.cause}-{self.number}"

    @property
    def target(self) -> str:
        """What diagnose is asked about."""
        return f"cronjob/{self.name}" if "cron" in self.data else f"job/{self.name}"

    @property
    def in_practice(self) -> bool:
        """Whether the practice cluster can bring it about."""
        return bool(self.data.get("practice", True))

    @property
    def is_for_practice_alone(self) -> bool:
        """Whether it is not brought about on a cluster that others use."""
        return not self.data.get("real", True)

    @property
    def is_by_hand(self) -> bool:
        """Whether what shows it is written by hand, in the words of Kubernetes' source."""
        return "pod-status" in self.data

    @property
    def changes_nodes(self) -> bool:
        """Whether all that runs on the cluster may notice it."""
        beside = [one["kind"] for one in self.data.get("beside", [])]
        return "taint" in self.data or "cordon" in self.data or "Node" in beside

    def manifest(self) -> Object:
        """The Job, or the CronJob."""
        meta = {"name": self.name, **self.data.get("job-metadata", {})}
        spec = self._job_spec()
        if "cron" not in self.data:
            return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec}
        cron = {**self.data["cron"], "jobTemplate": {"spec": spec}}
        return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta, "spec": cron}

    def stored(self) -> Object:
        """The CronJob with the defaults without which its controller cannot read it."""
        whole = self.manifest()
        defaults = {"concurrencyPolicy": "Allow", "suspend": False}
        limits = {"successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1}
        return {**whole, "spec": {**defaults, **limits, **whole["spec"]}}

    def _job_spec(self) -> Object:
        container = {"name": "main", "image": IMAGE, **self.data.get("container", {})}
        if "command" not in container:
            container["command"] = ["sh", "-c", self.data.get("script", "echo done")]
        pod = {"restartPolicy": "Never", **self.data.get("pod", {})}
        pod["containers"] = [container, *pod.get("containers", [])]
        template: Object = {"spec": pod}
        if "template" in self.data:
            template["metadata"] = self.data["template"]
        return {**self.data.get("job", {}), "template": template}

    def steps(self) -> list[tuple[float, str]]:
        """kubectl's arguments, each with the second at which they are given."""
        return [
            (float(key[3:-1]), line)
            for key, lines in self.data.items()
            if key.startswith("at-")
            for line in lines
        ]


def read() -> Iterator[Fixture]:
    """All fixtures, file by file."""
    for file in sorted(FOLDER.glob("*.yaml")):
        for cause, found in yaml.safe_load(file.read_text("utf-8")).items():
            for number, data in enumerate(found, 1):
                yield Fixture(cause, number, data)
