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
from datetime import timedelta
from pathlib import Path
from typing import Any

from kubectl_joblab import objects
from tests.fidelity.cluster import Cluster
from tests.fidelity.normal import Words
from tests.fidelity.scenario import Scenario

PATIENCE = 300.0  # seconds for any one command, as those of tests/clients take on a busy machine
QUICK = timedelta(seconds=2)  # within which a container may begin and end unseen
_OF_THE_WHOLE = ("conditions", "startTime", "completionTime")  # of a status, not counted by Pods


# what is created when all is over, so that a watch which has seen it has seen the rest: a Job and a
# Pod that nobody works on, and no level of Pod Security refuses
_SAFE = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
_SAFE_CONTAINER = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
_POD_SPEC = {
    "restartPolicy": "Never",
    "securityContext": _SAFE,
    "containers": [{"name": "main", "image": "none", "securityContext": _SAFE_CONTAINER}],
}
LAST_NAME = "last"
LAST: dict[str, dict[str, Any]] = {
    "Job": {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "spec": {"suspend": True, "template": {"spec": _POD_SPEC}},
    },
    "Pod": {
        "apiVersion": "v1",
        "kind": "Pod",
        "spec": {**_POD_SPEC, "schedulingGates": [{"name": "tests/never"}]},
    },
}


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
            self._objects(found)
            jobs.await_last()
            pods.await_last()
        self.kubectl(f"delete namespace {self.namespace} --wait=false")
        for name, seen in jobs.seen.items():
            shown = self.words.text(name)  # Jobs of a CronJob have the same name in each minute
            number = sum(one.partition("#")[0] == shown for one in found.statuses)
            found.statuses[f"{shown}#{number}" if number else shown] = _distinct(
                json.dumps(status, sort_keys=True) for one in seen if (status := self._status(one))
            )
        found.phases = [_phases(seen) for seen in pods.seen.values()]
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

    def _objects(self, found: Recording) -> None:
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

    def kubectl(self, arguments: str, stdin: str = "") -> str:
        """What `kubectl ARGUMENTS` prints; it has to succeed."""
        done = self._shell(f"kubectl {arguments}", stdin)
        assert done.returncode == 0, f"kubectl {arguments}: {done.stderr}"
        return done.stdout

    def _shell(self, line: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command line; one that does not end is ended, with 124 as timeout(1) has it."""
        process = subprocess.Popen(
            ["bash", "-c", line],
            cwd=self.home,
            env=self.environ,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(stdin or None, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            return subprocess.CompletedProcess(line, 124, out, f"{err}timed out")
        return subprocess.CompletedProcess(line, process.returncode, out, err)


class _Watch:
    """Watches a namespace beside the steps: every version of every object, by name.

    A watch that a busy machine lets end is begun again where it has ended.
    """

    def __init__(self, run: _Run, path: str, kind: str) -> None:
        self.seen: dict[str, list[dict[str, Any]]] = {}
        self._run = run
        self._kind = kind
        self._path = path
        self._news = threading.Condition()
        self._is_over = self._has_last = False
        listed = json.loads(run.kubectl(f"get --raw {path}?limit=1"))
        self._version = listed["metadata"]["resourceVersion"]
        self._process = self._begun()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> _Watch:
        return self

    def __exit__(self, *_: object) -> None:
        with self._news:
            self._is_over = True
            self._process.terminate()
        self._reader.join()

    def _begun(self) -> subprocess.Popen[str]:
        path = f"{self._path}?watch=true&resourceVersion={self._version}"
        return subprocess.Popen(
            ["kubectl", "get", "--raw", path],
            env=self._run.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def await_last(self) -> None:
        """Wait until the watch has seen all that was before now; LAST is created for it."""
        body = {
            **LAST[self._kind],
            "metadata": {"name": LAST_NAME, "namespace": self._run.namespace},
        }
        self._run.kubectl("create --validate=false -f -", json.dumps(body))
        with self._news:
            there = self._news.wait_for(lambda: self._has_last, PATIENCE)
        assert there, f"the watch of {self._kind}s is behind"

    def _read(self) -> None:
        while True:
            with self._process as process:
                for line in process.stdout or ():
                    self._note(line)
            with self._news:
                if self._is_over:
                    return
                self._process = self._begun()

    def _note(self, line: str) -> None:
        if not line.strip():
            return
        event = json.loads(line)
        obj = event["object"]
        with self._news:
            self._version = obj["metadata"]["resourceVersion"]
            if obj["metadata"]["name"] == LAST_NAME:
                self._has_last = True
            elif event["type"] != "DELETED":
                self.seen.setdefault(obj["metadata"]["name"], []).append(obj)
            self._news.notify_all()


def _distinct(texts: Any) -> list[str]:
    found: list[str] = []
    for text in texts:
        if not found or found[-1] != text:
            found.append(text)
    return found


def _phases(seen: list[dict[str, Any]]) -> list[str]:
    """The phases of a Pod over time, with a Running that was too short to be told of.

    A kubelet looks once a second what containers do, and tells only what it then finds.
    """
    phases = _distinct(str((one.get("status") or {}).get("phase")) for one in seen)
    if "Running" not in phases and phases[-1] in ("Succeeded", "Failed") and _was_quick(seen[-1]):
        phases.insert(-1, "Running")
    return phases


def _was_quick(pod: Mapping[str, Any]) -> bool:
    """Whether a Pod's containers have run, and none longer than two seconds."""
    ended = [
        one["state"]["terminated"]
        for one in pod["status"].get("containerStatuses") or ()
        if "terminated" in one["state"]
    ]
    times = [
        (objects.time(one.get("startedAt")), objects.time(one.get("finishedAt"))) for one in ended
    ]
    return bool(times) and all(start and end and end - start <= QUICK for start, end in times)


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
