"""Runs a scenario on one cluster and records what happened, normalised."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.fidelity.cluster import Cluster
from tests.fidelity.normal import Words
from tests.fidelity.scenario import Scenario

PATIENCE = 100.0  # seconds for any one command
_OF_THE_WHOLE = ("conditions", "startTime", "completionTime")  # of a status, not counted by Pods


@dataclass(frozen=True)
class Step:
    """A command line of a scenario, and what it did."""

    line: str
    code: int
    out: list[str]
    err: list[str]


@dataclass
class Recording:
    """What happened on one cluster.

    statuses: the statuses of each Job over time, as text, without repetitions. phases: those of
    each Pod. objects: the objects at the end, by kind/name; the Pods of a Job are numbered in order
    of their statuses. events: sorted lines. steps: the commands.
    """

    statuses: dict[str, list[str]] = field(default_factory=dict)
    phases: list[list[str]] = field(default_factory=list)
    objects: dict[str, Any] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def run(scenario: Scenario, cluster: Cluster, folder: Path, kubectl: Path) -> Recording:
    """What happened when the scenario was run in a new namespace of the cluster."""
    return _Run(scenario, cluster, folder, kubectl).recording()


class _Run:
    def __init__(self, scenario: Scenario, cluster: Cluster, folder: Path, kubectl: Path) -> None:
        self.scenario = scenario
        self.namespace = f"fidelity-{scenario.name}-{secrets.token_hex(3)}"
        self.words = Words(self.namespace, cluster.node)
        self.home = folder / f"{cluster.name}-{self.namespace}"
        (self.home / "bin").mkdir(parents=True)
        (self.home / "bin" / "kubectl").symlink_to(kubectl)
        kubeconfig = self.home / ".kubeconfig"
        kubeconfig.write_bytes(cluster.kubeconfig.read_bytes())
        self.environ = {
            "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "KUBECONFIG": str(kubeconfig),
            "LC_ALL": "C.UTF-8",
            "KUBE_EDITOR": "sed -i s/REPLACED/edited/",
        }

    def recording(self) -> Recording:
        """Run the scenario, and record it."""
        self.kubectl(f"config set-context --current --namespace={self.namespace}")
        self.kubectl(f"create namespace {self.namespace}")
        self.kubectl("wait --for=create serviceaccount/default --timeout=60s")
        for name, text in self.scenario.files.items():
            file = self.home / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        found = Recording()
        jobs_path = f"/apis/batch/v1/namespaces/{self.namespace}/jobs"
        pods_path = f"/api/v1/namespaces/{self.namespace}/pods"
        with _Watch(self, jobs_path, "Job") as jobs, _Watch(self, pods_path, "Pod") as pods:
            found.steps = [self._step(line) for line in self.scenario.steps]
            items = self._objects(found)
            jobs.await_versions(items)
            pods.await_versions(items)
        self.kubectl(f"delete namespace {self.namespace} --wait=false")
        for name, seen in jobs.seen.items():
            shown = self.words.text(name)  # Jobs of a CronJob have the same name in each minute
            number = sum(one.partition("#")[0] == shown for one in found.statuses)
            found.statuses[f"{shown}#{number}" if number else shown] = _distinct(
                json.dumps(status, sort_keys=True) for one in seen if (status := self._status(one))
            )
        found.phases = [
            _distinct(str((one.get("status") or {}).get("phase")) for one in seen)
            for seen in pods.seen.values()
        ]
        return found

    def _status(self, job: Mapping[str, Any]) -> Any:
        """A Job's status without what milliseconds decide: `ready`, and counts of several Pods."""
        several = job["spec"].get("parallelism") != 1
        status = {
            key: value
            for key, value in (job.get("status") or {}).items()
            if key != "ready" and (key in _OF_THE_WHOLE or not several)
        }
        return self.words.object(status)

    def _step(self, line: str) -> Step:
        done = self._shell(line)
        screens = (self.words.screen(done.stdout), self.words.screen(done.stderr))
        return Step(line, done.returncode, *screens)

    def _objects(self, found: Recording) -> list[dict[str, Any]]:
        items = json.loads(self.kubectl("get jobs,pods,events -o json"))["items"]
        for item in items:
            # what the kubelet read of the cgroup, sometimes with a limit that nobody has set
            (item.get("status") or {}).pop("resources", None)
        shown = [self.words.object(item) for item in items if not _is_late_mount(item)]
        found.events = sorted(_event(one) for one in shown if one["kind"] == "Event")
        rest = [one for one in shown if one["kind"] != "Event"]
        rest.sort(key=lambda one: json.dumps([one["kind"], one["metadata"]["name"], one]))
        for number, one in enumerate(rest):
            found.objects[f"{one['kind']}/{one['metadata']['name']}#{number}"] = one
        return list(items)

    def kubectl(self, arguments: str) -> str:
        """What `kubectl ARGUMENTS` prints; it has to succeed."""
        done = self._shell(f"kubectl {arguments}")
        assert done.returncode == 0, f"kubectl {arguments}: {done.stderr}"
        return done.stdout

    def _shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a command line; one that does not end is ended, with 124 as timeout(1) has it."""
        process = subprocess.Popen(
            ["bash", "-c", line],
            cwd=self.home,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            return subprocess.CompletedProcess(line, 124, out, f"{err}timed out")
        return subprocess.CompletedProcess(line, process.returncode, out, err)


class _Watch:
    """Watches a namespace beside the steps: every version of every object, by name."""

    def __init__(self, run: _Run, path: str, kind: str) -> None:
        self.seen: dict[str, list[dict[str, Any]]] = {}
        self._kind = kind
        self._news = threading.Condition()
        listed = json.loads(run.kubectl(f"get --raw {path}?limit=1"))
        version = listed["metadata"]["resourceVersion"]
        self._process = subprocess.Popen(
            ["kubectl", "get", "--raw", f"{path}?watch=true&resourceVersion={version}"],
            env=run.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,))
        self._reader.start()

    def __enter__(self) -> _Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._reader.join()

    def await_versions(self, items: list[dict[str, Any]]) -> None:
        """Wait until the watch has seen these versions of the objects, or later ones."""
        wanted = {
            item["metadata"]["name"]: int(item["metadata"]["resourceVersion"])
            for item in items
            if item["kind"] == self._kind
        }

        def seen() -> bool:
            return (
                all(
                    any(
                        int(one["metadata"]["resourceVersion"]) >= version
                        for one in self.seen[name]
                    )
                    for name, version in wanted.items()
                    if name in self.seen
                )
                and wanted.keys() <= self.seen.keys()
            )

        with self._news:
            assert self._news.wait_for(seen, PATIENCE), f"the watch of {self._kind}s is behind"

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                if not line.strip():
                    continue
                event = json.loads(line)
                obj = event["object"]
                with self._news:
                    if event["type"] != "DELETED":
                        self.seen.setdefault(obj["metadata"]["name"], []).append(obj)
                    self._news.notify_all()


def _distinct(texts: Any) -> list[str]:
    found: list[str] = []
    for text in texts:
        if not found or found[-1] != text:
            found.append(text)
    return found


def _is_late_mount(item: Mapping[str, Any]) -> bool:
    """Whether an event is that of a busy kubelet which has to mount the token a second time."""
    return item.get("reason") == "FailedMount" and "kube-api-access" in item["message"]


def _event(event: Mapping[str, Any]) -> str:
    involved = event["involvedObject"]
    source = (event.get("source") or {}).get("component") or event.get("reportingComponent")
    return (
        f"{involved['kind']}/{involved['name']} {involved.get('fieldPath', '')} {event['type']} "
        f"{event['reason']} {source}: {event.get('message', '')}"
    )
