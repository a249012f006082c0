"""Lives of Pods, told as data in lives.yaml, and how a node has told them.

measure.py plays them on a real cluster and writes lives/NAME.txt; test_lives.py plays them on the
practice node, in virtual time, and compares. A status is a few lines of text, without times,
addresses and identities; of each but the first only the lines that are new are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kubectl_joblab.objects import Object
from tests import tables

FOLDER = Path(__file__).parent / "lives"
PATIENCE = 75.0
AFTERWARDS = 2.0  # seconds to see what follows at once
_COMMANDS = {
    "ends": ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"],
    "never": ["sleep", "100000"],
    "fails": ["nope"],
}


@dataclass(frozen=True)
class Life:
    """The life of one Pod; lives.yaml explains the fields."""

    name: str
    does: dict[str, Object]
    inits: list[str] = field(default_factory=list)
    sidecars: list[str] = field(default_factory=list)
    spec: Object = field(default_factory=dict)
    container: Object = field(default_factory=dict)
    finalizers: list[str] = field(default_factory=list)
    delete: Object = field(default_factory=dict)
    until: Object = field(default_factory=dict)

    @property
    def golden(self) -> Path:
        """The file with what the real node told of the Pod."""
        return FOLDER / f"{self.name}.txt"

    @property
    def manifest(self) -> Object:
        """The Pod, as a client sends it."""
        meta: Object = {"name": self.name, "namespace": "default"}
        if self.finalizers:
            meta["finalizers"] = self.finalizers
        mains = [self._container(name) for name in self.does if name not in self.inits]
        spec: Object = {"restartPolicy": "Never", "containers": mains, **self.spec}
        if self.inits:
            spec["initContainers"] = [self._container(name) for name in self.inits]
        return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}

    def _container(self, name: str) -> Object:
        does = self.does[name]
        command = next((_COMMANDS[key] for key in does if key in _COMMANDS), None)
        if does.get("oom"):
            command = ["sh", "-c", f"sleep {does['runs']}; exec tail /dev/zero"]
        elif path := does.get("fills"):
            filling = f"dd if=/dev/zero of={path} bs=1M count=3; exec sleep 100000"
            command = ["sh", "-c", filling]
        elif command is None:
            command = ["sh", "-c", f"sleep {does['runs']}; exit {does['exits']}"]
        found: Object = {"name": name, "image": "busybox:1.36", "command": command}
        if name in self.sidecars:
            found["restartPolicy"] = "Always"
        return found | (self.container if name == "main" else {})


def load() -> list[Life]:
    """All lives of lives.yaml."""
    told = tables.read(Path(__file__).with_name("lives.yaml"))
    return [Life(name, **facts) for name, facts in told.items()]


def is_over(life: Life, pod: Object) -> bool:
    """Whether the Pod has ended and nothing more is to be seen of it."""
    if life.until:
        return has_come_to(pod, life.until)
    if life.delete and not life.finalizers:
        return False  # it will be gone
    conditions = {one["type"]: one["status"] for one in pod["status"].get("conditions") or ()}
    gone = pod["metadata"].get("deletionGracePeriodSeconds") == 0 or not life.finalizers
    return (
        gone
        and pod["status"].get("phase") in ("Succeeded", "Failed")
        and conditions.get("PodReadyToStartContainers") == "False"
    )


def has_come_to(pod: Object, state: Object) -> bool:
    """Whether a container of the Pod is in this state."""
    status = pod["status"]
    for entry in [
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
    ]:
        if entry["name"] == state.get("runs") and "running" in entry["state"]:
            return bool(entry["restartCount"] == state.get("restarts", 0))
        if entry["name"] == state.get("waits") and "waiting" in entry["state"]:
            return bool(entry["state"]["waiting"]["reason"] == state["reason"])
    return False


def told(life: Life, pods: Iterable[Object], events: Iterable[Object]) -> str:
    """What was told of a Pod: its statuses in order, and the events about it."""
    lines: list[str] = []
    before: list[str] = []
    for pod in pods:
        if "startTime" not in pod["status"]:
            continue  # the node has not yet seen it
        status = list(_status(pod))
        if new := [line for line in status if line not in before]:
            lines += ["--", *new]
        before = status
        if life.until and has_come_to(pod, life.until):
            break
    about = {_event(event) for event in events if event["reason"] != "Scheduled"}
    return "\n".join([*lines, "-- events", *sorted(about)]) + "\n"


def _status(pod: Object) -> Iterator[str]:
    status, meta = pod["status"], pod["metadata"]
    deleted = ""
    if "deletionTimestamp" in meta:
        deleted = f" deleted with {meta['deletionGracePeriodSeconds']}s"
    seen = status.get("observedGeneration", 0)
    why = f" {status.get('reason', '')} {status.get('message', '')}".rstrip()
    yield f"{status['phase']}{why}{deleted} observed {seen}"
    known = {key: key in status for key in ("hostIP", "podIP", "startTime", "qosClass")}
    yield " ".join(key for key in known if known[key])
    if allocated := status.get("allocatedResources"):
        yield f"allocated {json.dumps(allocated, sort_keys=True)}"
    for one in status.get("conditions") or ():
        text = f"{one['type']} {one['status']} {one.get('reason', '')} {one.get('message', '')}"
        yield _plain(text.rstrip())
    for key in ("initContainerStatuses", "containerStatuses"):
        for entry in status.get(key) or ():
            yield _plain(_container_status(entry))


def _container_status(entry: Object) -> str:
    flags = [key for key in ("ready", "started") if entry.get(key)]
    flags += [key for key in ("imageID", "user", "resources") if entry.get(key)]
    allocated = json.dumps(entry.get("allocatedResources"), sort_keys=True)
    parts = [
        f"{entry['name']}: {_state(entry['state'])}",
        f"last {_state(entry['lastState'])}" if entry.get("lastState") else "",
        f"restarts {entry['restartCount']}",
        entry["image"],
        " ".join(flags),
        f"allocated {allocated}" if "allocatedResources" in entry else "",
    ]
    return ", ".join(part for part in parts if part)


def _state(state: Object) -> str:
    kind, facts = next(iter(state.items()))
    shown = {
        key: value
        for key, value in facts.items()
        if key not in ("containerID",) and not (key.endswith("At") and value)
    }
    return f"{kind} {json.dumps(shown, sort_keys=True)}"


def _event(event: Object) -> str:
    where = event["involvedObject"].get("fieldPath", "")
    return _plain(" ".join((event["type"], event["reason"], where, event["message"])))


def _plain(text: str) -> str:
    """The text without what is never the same, and without why a registry has no image."""
    text = re.sub(r"\([0-9a-f-]{36}\)", "(UID)", text)
    text = re.sub(r"_[a-z0-9-]+\(UID\)", "_NAMESPACE(UID)", text)
    return re.sub(r"(failed to resolve image: )[^\n]*?(?=(\"[,}]|$))", r"\1WHY", text)
