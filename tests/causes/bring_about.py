"""Brings the causes of fixtures/ about on a cluster, and records what the cluster shows of them.

    python -m tests.causes.bring_about [NAME...]    # on the cluster of KUBECONFIG

Each fixture has a namespace of its own. What it shows is written to recorded/NAME.json: the API's
objects as they are, without what nobody looks at. test_recorded.py judges these files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.causes import fixtures, registry
from tests.causes.fixtures import Fixture
from tests.cluster import etcd

RECORDED = Path(__file__).parent / "recorded"
AT_ONCE = 5
LONGEST = 150.0  # seconds to wait for a condition
CLUSTER_WIDE = (
    "validatingwebhookconfiguration",
    "validatingadmissionpolicy",
    "validatingadmissionpolicybinding",
    "priorityclass",
    "node",
)
ALL_NODES = "--selector=kubernetes.io/os=linux"

Object = dict[str, Any]


def kubectl(*args: str, stdin: str | None = None, check: bool = True) -> str:
    """What kubectl prints. Raises CalledProcessError where it fails and `check`."""
    done = subprocess.run(
        ["kubectl", *args], input=stdin, capture_output=True, text=True, check=False
    )
    if check and done.returncode:
        raise RuntimeError(f"kubectl {' '.join(args)}: {done.stderr}")
    return done.stdout


class Stage:
    """The namespace of a fixture, for the time of a `with`. sleep: lets its seconds pass."""

    def __init__(
        self,
        fixture: Fixture,
        kubeconfig: str = "",
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.fixture = fixture
        self._sleep = sleep
        self._cluster = [f"--kubeconfig={kubeconfig}"] if kubeconfig else []
        self.namespace = f"cause-{fixture.name}"

    def __enter__(self) -> Stage:
        labels = self.fixture.data.get("namespace", {})
        body = {"apiVersion": "v1", "kind": "Namespace"}
        self._create({**body, "metadata": {"name": self.namespace, "labels": labels}})
        _until(
            lambda: bool(
                self.kubectl("get", "serviceaccount", "default", "-o", "name", check=False)
            )
        )
        return self

    def __exit__(self, *_: object) -> None:
        if taint := self.fixture.data.get("taint"):
            self._everywhere("taint", "nodes", "--all", f"{taint.partition('=')[0]}-", check=False)
        if "cordon" in self.fixture.data:
            self._everywhere("uncordon", ALL_NODES, check=False)
        for kind in ("job", "pod", "configmap"):
            for name in self.kubectl("get", kind, "-o", "name", check=False).split():
                patch = '{"metadata":{"finalizers":null}}'
                self.kubectl("patch", name, "--type=merge", "-p", patch, check=False)
        for one in self.fixture.data.get("beside", []):
            if one["kind"].lower() in CLUSTER_WIDE:
                self._everywhere("delete", one["kind"], one["metadata"]["name"], check=False)
        self._everywhere("delete", "namespace", self.namespace, "--wait=false", check=False)

    def kubectl(self, *args: str, check: bool = True) -> str:
        """What kubectl prints of the namespace."""
        return self._everywhere("-n", self.namespace, *args, check=check)

    def _everywhere(self, *args: str, stdin: str | None = None, check: bool = True) -> str:
        return kubectl(*self._cluster, *args, stdin=stdin, check=check)

    def _create(self, body: Object) -> None:
        self._everywhere("-n", self.namespace, "apply", "-f", "-", stdin=json.dumps(body))

    def play(self) -> None:
        """Bring the cause about."""
        data, name = self.fixture.data, self.fixture.name
        for one in data.get("beside", []):
            self._create(one)
        time.sleep(float(str(data.get("before", "0s"))[:-1]))
        taint = str(data.get("taint", ""))
        drives_away = taint.endswith(":NoExecute")
        if taint and not drives_away:
            self._everywhere("taint", "nodes", "--all", taint)
        if "cordon" in data:
            self._everywhere("cordon", ALL_NODES)
        manifest = json.dumps(self.fixture.manifest())
        if "$NODE" in manifest:
            node = self._everywhere("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")
            manifest = manifest.replace("$NODE", node)
        if "stored" in data:
            age = timedelta(seconds=float(data["stored"][:-1]))
            etcd.put_cron_job(self.namespace, self.fixture.stored(), age)
        else:
            self._everywhere("-n", self.namespace, "create", "-f", "-", stdin=manifest)
        begun = time.monotonic()
        if drives_away:
            _until(lambda: "Running" in self.kubectl("get", "pods", check=False))
            self._everywhere("taint", "nodes", "--all", taint)
        for seconds, line in self.fixture.steps():
            time.sleep(max(begun + seconds - time.monotonic(), 0))
            self.kubectl(
                *(
                    word.replace("$NS", self.namespace).replace("$JOB", name)
                    for word in line.split()
                ),
                check=False,
            )
        for number in range(data.get("jobs", 0)):
            self.kubectl("create", "job", f"{name}-{number}", f"--from=cronjob/{name}")
        if "evict" in data:
            self._evict(float(data["evict"][:-1]))
        if "pod-status" in data:
            self._write_status(data["pod-status"])
        for one in data.get("then", []):
            _until(lambda: "Running" in self.kubectl("get", "pods", check=False))
            self._create(one)
        self._wait(str(data["until"]), begun)

    def _evict(self, seconds: float) -> None:
        _until(lambda: "Running" in self.kubectl("get", "pods", check=False))
        time.sleep(seconds)
        for pod in self.kubectl("get", "pods", "-o", "name").split():
            name = pod.partition("/")[2]
            meta = {"name": name, "namespace": self.namespace}
            body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": meta}
            path = f"/api/v1/namespaces/{self.namespace}/pods/{name}/eviction"
            self._everywhere("create", "--raw", path, "-f", "-", stdin=json.dumps(body))

    def _write_status(self, status: Object) -> None:
        """Write into the status of Pods that no kubelet has what a kubelet would."""
        _until(lambda: bool(self.kubectl("get", "pods", "-o", "name")))
        for pod in self.kubectl("get", "pods", "-o", "name").split():
            patch = json.dumps({"status": status})
            self.kubectl("patch", pod, "--subresource=status", "-p", patch)

    def _wait(self, until: str, begun: float) -> None:
        if until[0].isdigit():
            self._sleep(max(begun + float(until[:-1]) - time.monotonic(), 0))
            return
        path = f"jsonpath={{.status.conditions[?(@.type=='{until}')].status}}"
        _until(lambda: self.kubectl("get", "job", self.fixture.name, "-o", path) == "True")
        time.sleep(1)

    def record(self) -> Object:
        """What the cluster shows of it now."""
        now = json.loads(
            self._everywhere("create", "configmap", "x", "--dry-run=server", "-o", "json")
        )
        server = json.loads(self._everywhere("version", "-o", "json"))["serverVersion"]
        world: Object = {
            "server": server["gitVersion"],
            "cause": self.fixture.cause,
            "target": self.fixture.target,
            "namespace": self.namespace,
            "now": now["metadata"]["creationTimestamp"],
        }
        for kind in ("jobs", "cronjobs", "pods", "events"):
            found = json.loads(self.kubectl("get", kind, "-o", "json", "--show-managed-fields"))[
                "items"
            ]
            world[kind] = [_cut(one, managed=kind != "pods" and kind != "events") for one in found]
        place = json.loads(self._everywhere("get", "namespace", self.namespace, "-o", "json"))
        world["namespaces"] = [place]
        claims = self.kubectl("get", "persistentvolumeclaims", "-o", "json", check=False)
        world["claims"] = [
            _cut(one, managed=False) for one in json.loads(claims or "{}").get("items", [])
        ]
        nodes = json.loads(self._everywhere("get", "nodes", "-o", "json"))["items"]
        world["nodes"] = [
            {
                "metadata": {"name": one["metadata"]["name"]},
                "spec": one["spec"],
                "status": {"conditions": one.get("status", {}).get("conditions", [])},
            }
            for one in nodes
        ]
        world["logs"] = {}
        for pod in world["pods"]:
            for kind in ("initContainerStatuses", "containerStatuses"):
                for entry in pod.get("status", {}).get(kind, []):
                    self._log(world["logs"], pod["metadata"]["name"], entry["name"])
        return world

    def _log(self, logs: Object, pod: str, container: str) -> None:
        for flag in ("", "--previous"):
            args = [a for a in ("logs", pod, "-c", container, "--tail=3", flag) if a]
            text = self.kubectl(*args, check=False)
            if text:
                logs[f"{pod}/{container}{'/previous' if flag else ''}"] = text.splitlines()


def _cut(obj: Object, *, managed: bool) -> Object:
    meta = obj["metadata"]
    if not managed:
        meta.pop("managedFields", None)
    meta.get("annotations", {}).pop("kubectl.kubernetes.io/last-applied-configuration", None)
    for volume in obj.get("spec", {}).get("volumes", []):
        volume.get("projected", {}).pop("sources", None)
    return obj


def _lines(world: Object) -> str:
    """The world as JSON with a line for each object."""
    parts = []
    for key, value in world.items():
        if isinstance(value, list):
            items = ",\n".join(json.dumps(one, sort_keys=True, ensure_ascii=False) for one in value)
            parts.append(f'"{key}": [\n{items}\n]' if items else f'"{key}": []')
        else:
            parts.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{" + ",\n".join(parts) + "}\n"


def _until(holds: Any) -> None:
    deadline = time.monotonic() + LONGEST
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError("it does not come about")
        time.sleep(0.5)


def bring_about(fixture: Fixture) -> str:
    """Record a fixture; what went wrong, "" for nothing."""
    try:
        with Stage(fixture) as stage:
            stage.play()
            world = stage.record()
        (RECORDED / f"{fixture.name}.json").write_text(_lines(world), "utf-8")
        return ""
    except Exception as error:
        return f"{fixture.name}: {error}"


def main(names: list[str]) -> int:
    RECORDED.mkdir(exist_ok=True)
    wanted = [
        one for one in fixtures.read() if not names or one.name in names or one.cause in names
    ]
    needs_registry = any(f":{registry.PORT}/" in str(one.data) for one in wanted)
    with (
        registry.running() if needs_registry else nullcontext(),
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        wrong = [said for said in pool.map(bring_about, wanted) if said]
    print("\n".join(wrong) or f"{len(wanted)} recorded from {os.environ.get('KUBECONFIG')}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
