"""Stories of one Job, told as data in scenarios/NAME.yaml, and what became of them.

A scenario is run on a cluster, real or not, by whoever can; here it is read, and what was seen is
brought into a form that is the same each time. scenarios/NAME.json is what a real cluster of
Kubernetes 1.37 did (measure.py writes it).

    title: what it is about
    spec: the Job's spec, without what all of them have (see `manifest`)
    pods: what each Pod does, the first entry that fits: {index, runs: seconds, exits: code}
    steps: what is done to it, each after its status is so: {after, patch | deletePods | deleteJob}
    until: when it is over
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import tables

FOLDER = Path(__file__).parent / "scenarios"
INDEX = "batch.kubernetes.io/job-completion-index"
JOB = "j"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_POD = re.compile(r"\bj-(\d+-)?[bcdfghjklmnpqrstvwxz2456789]{5}\b")

Object = dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """One story of a Job; the module's docstring explains the fields."""

    name: str
    title: str
    spec: Object
    pods: list[Object]
    until: Object
    steps: list[Object] = field(default_factory=list)

    def manifest(self) -> Object:
        """The Job as a client sends it."""
        spec = {key: value for key, value in deepcopy(self.spec).items() if value is not None}
        pod = spec["template"]["spec"]
        pod.setdefault("restartPolicy", "Never")
        pod["terminationGracePeriodSeconds"] = 1
        pod["containers"][0] |= {"name": "main", "image": "busybox:1.36"}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": JOB},
            "spec": spec,
        }

    def behaviour(self, pod: Object) -> Object:
        """What a Pod of the scenario's Job does."""
        index = pod["metadata"].get("annotations", {}).get(INDEX)
        return next(one for one in self.pods if str(one.get("index", index)) == str(index))

    @property
    def measured(self) -> Path:
        """The file with what a real cluster did."""
        return FOLDER / f"{self.name}.json"


def load() -> list[Scenario]:
    """All scenarios, by name."""
    return [Scenario(path.stem, **tables.read(path)) for path in sorted(FOLDER.glob("*.yaml"))]


@dataclass
class Seen:
    """What watches of Jobs and Pods have told so far."""

    states: list[Object] = field(default_factory=list)
    job: Object | None = None
    pods: dict[str, Object] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def job_changed(self, kind: str, job: Object) -> None:
        """The Job was ADDED, MODIFIED or DELETED."""
        if kind == "DELETED":
            self.job = None
            self.states.append({"gone": True})
            return
        self.job = job
        state = dict(job.get("status") or {})
        if finalizers := job["metadata"].get("finalizers"):
            state["finalizers"] = finalizers
        if not self.states or self.states[-1] != state:
            self.states.append(state)

    def pod_changed(self, kind: str, pod: Object) -> None:
        """A Pod was ADDED, MODIFIED or DELETED."""
        uid = pod["metadata"]["uid"]
        self.pods[uid] = pod
        if kind == "DELETED":
            self.gone.add(uid)

    def has_come_to(self, wanted: Mapping[str, Any]) -> bool:
        """Whether the Job is now as wanted: status fields, a condition, number of Pods, gone."""
        status = {} if self.job is None else self.job.get("status") or {}
        rest = {**wanted}
        rest.pop("seconds", None)
        pods = rest.pop("pods", None)
        if rest.pop("gone", False) != (self.job is None and bool(self.states)):
            return False
        if pods is not None and len(self.pods) - len(self.gone if not pods else ()) != pods:
            return False
        if (kind := rest.pop("condition", None)) is not None:
            conditions = status.get("conditions") or ()
            if not any(one["type"] == kind and one["status"] == "True" for one in conditions):
                return False
        return all(status.get(key) == value for key, value in rest.items())


def recording(seen: Seen, events: list[Object]) -> Object:
    """What was seen, without names, uids and times. events: all events of the namespace."""
    pods = sorted(seen.pods.values(), key=lambda pod: int(pod["metadata"]["resourceVersion"]))
    pods.sort(key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    shown: Object = {
        "statuses": seen.states,
        "pods": [_pod(pod, gone=pod["metadata"]["uid"] in seen.gone) for pod in pods],
        "events": sorted(_event(one) for one in events if one["involvedObject"]["kind"] == "Job"),
    }
    text = json.dumps(shown)
    for number, pod in enumerate(pods, 1):
        text = text.replace(pod["metadata"]["uid"], f"pod-{number}")
        text = text.replace(f"{pod['metadata']['namespace']}/", "NAMESPACE/")
    text = _POD.sub(lambda match: f"j-{match[1] or ''}xxxxx", _TIME.sub("TIME", text))
    found: Object = json.loads(text)
    return found


def _pod(pod: Object, *, gone: bool) -> Object:
    meta = pod["metadata"]
    return {
        "name": meta["name"],
        "phase": pod["status"]["phase"],
        "annotations": meta.get("annotations", {}),
        "finalizers": meta.get("finalizers", []),
        "owners": [owner["kind"] for owner in meta.get("ownerReferences", [])],
        "deleted": "deletionTimestamp" in meta,
        "gone": gone,
    }


def _event(event: Object) -> str:
    return f"{event['type']} {event['reason']} x{event['count']}: {event['message']}"
