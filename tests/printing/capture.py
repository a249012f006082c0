"""Capture golden files from a real cluster: what the API serves, and what kubectl prints of it.

    KUBECONFIG=FILE python tests/printing/capture.py [NAME...]

It makes what cluster.yaml says in a namespace of its own, asks for each golden file until the
objects and the printed ages are the same before and after one moment, writes that moment as
`now`, and deletes the namespace. `kubectl` is the one on the PATH and should be 1.37.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
NAMESPACE = "describe-test"
ZONE = "Asia/Seoul"  # what test_golden.py calls KST-9, so that it needs no database of zones
PATIENCE = 300.0  # seconds for the cluster to come to what a golden file waits for
MICRO = ("eventTime", "lastObservedTime")


@dataclass(frozen=True)
class Golden:
    """A file to capture: kubectl's arguments, and words it has to print before it is captured."""

    name: str
    arguments: str
    awaits: str = ""


POD_STATES = """
    Pending ContainerCreating Running Completed Error CrashLoopBackOff ImagePullBackOff
    ErrImageNeverPull InvalidImageName CreateContainerConfigError StartError Init:0/2 Init:1/2
    Init:Error Init:CrashLoopBackOff Init:ErrImageNeverPull NotReady SchedulingGated Terminating
    ago)"""
JOB_STATES = "Running Complete Failed Suspended FailureTarget Terminating"
GOLDENS = (
    Golden("pods-no-headers", "get pods restarted said-signal --no-headers", "ago)"),
    Golden("pods", "get pods", POD_STATES),
    Golden("pods-wide", "get pods -o wide", POD_STATES),
    Golden("jobs", "get jobs", JOB_STATES),
    Golden("jobs-wide", "get jobs -o wide", JOB_STATES),
    Golden("jobs-no-headers", "get jobs failed long-run --no-headers"),
    Golden("events", "events --for job/running", "SuccessfulCreate"),
    Golden("events-no-headers", "events --for job/running --no-headers"),
    Golden("events-image-missing", "events --for pod/image-missing", "over BackOff"),
    Golden("describe-running", "describe job running", "(2 Ready)"),
    Golden("describe-complete", "describe job complete", "Completed"),
    Golden("describe-failed", "describe job failed", "BackoffLimitExceeded"),
    Golden("describe-suspended", "describe job suspended", "Suspended"),
    Golden("describe-work-queue", "describe job work-queue", "(3 Ready)"),
    Golden("describe-limited", "describe job limited"),
    Golden("describe-indexed", "describe job indexed"),
    Golden("describe-indexed-one-range", "describe job indexed-one-range"),
    Golden("describe-indexed-none", "describe job indexed-none"),
    Golden("describe-long-run", "describe job long-run"),
    Golden("describe-applied", "describe job applied"),
    Golden("describe-owned", "describe job owned"),
    Golden("describe-template", "describe job template"),
)


def main(names: list[str]) -> None:
    """Capture these golden files, all where none is named."""
    unknown = set(names) - {golden.name for golden in GOLDENS}
    if unknown:
        sys.exit(f"no such golden file: {', '.join(sorted(unknown))}")
    kubectl("create", "namespace", NAMESPACE)  # fails where it is somebody else's
    try:
        populate()
        for golden in GOLDENS:
            if not names or golden.name in names:
                print(golden.name, flush=True)
                capture(golden)
    finally:
        clear()


def kubectl(*arguments: str, stdin: str | None = None) -> str:
    """What kubectl prints on stdout."""
    done = subprocess.run(
        ["kubectl", f"--namespace={NAMESPACE}", *arguments],
        env={**os.environ, "TZ": ZONE},
        input=stdin,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def listed(*arguments: str) -> list[dict[str, Any]]:
    """The objects `kubectl get` serves."""
    found = json.loads(kubectl("get", *arguments, "-o", "json"))
    return list(found["items"]) if found["kind"] == "List" else [found]


# ---- the cluster


def populate() -> None:
    """Make everything cluster.yaml says, and what only a kubectl command makes."""
    while subprocess.run(
        ["kubectl", f"--namespace={NAMESPACE}", "get", "serviceaccount", "default"],
        capture_output=True,
        check=False,
    ).returncode:
        time.sleep(0.5)
    # no token in a Pod: its volume and mount are no news in forty Pods
    kubectl("patch", "serviceaccount", "default", "-p", '{"automountServiceAccountToken": false}')
    cluster = yaml.safe_load((HERE / "cluster.yaml").read_text(encoding="utf-8"))
    for item in cluster["items"]:
        make(dated(item))
    kubectl("create", "job", "owned", "--from=cronjob/hourly")
    applied: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "applied"},
        "spec": {**listed("job", "suspended")[0]["spec"], "selector": None},
    }
    del applied["spec"]["template"]["metadata"]
    kubectl("apply", "-f", "-", stdin=json.dumps(applied))
    until_running("terminating")
    for item in [*listed("pods"), *listed("jobs")]:
        if (item["metadata"].get("annotations") or {}).get("capture") == "delete":
            kubectl("delete", item["kind"], item["metadata"]["name"], "--wait=false")


def make(item: dict[str, Any]) -> None:
    """Create the object, then set the status it comes with."""
    status = item.pop("status", None)
    if item["kind"] == "Event":
        involved = item["involvedObject"]
        involved["uid"] = listed(involved["kind"], involved["name"])[0]["metadata"]["uid"]
        involved["namespace"] = NAMESPACE
    kubectl("create", "-f", "-", stdin=json.dumps(item))
    if status:
        patch = json.dumps({"status": status})
        name = item["metadata"]["name"]
        kubectl("patch", item["kind"], name, "--subresource=status", "--type=merge", "-p", patch)


def dated(value: Any, key: str = "") -> Any:
    """The value with each `-20s` as the time it was 20 seconds ago."""
    if isinstance(value, dict):
        return {name: dated(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [dated(inner) for inner in value]
    if isinstance(value, str) and (ago := re.fullmatch(r"-(\d+)s", value)):
        when = datetime.now(timezone.utc) - timedelta(seconds=int(ago[1]))
        return when.strftime("%Y-%m-%dT%H:%M:%S" + (".%fZ" if key in MICRO else "Z"))
    return value


def until_running(pod: str) -> None:
    """Wait for the Pod to run: deleted before that, it would be gone at once."""
    kubectl("wait", f"pod/{pod}", "--for=jsonpath={.status.phase}=Running", "--timeout=120s")


def clear() -> None:
    """Delete the namespace and what would keep it."""
    for kind in ("pods", "jobs"):
        for item in listed(kind):
            if item["metadata"].get("finalizers"):
                name, patch = item["metadata"]["name"], '{"metadata": {"finalizers": null}}'
                kubectl("patch", kind, name, "--type=merge", "-p", patch)
    kubectl("delete", "pods", "--all", "--force", "--grace-period=0")
    kubectl("delete", "namespace", NAMESPACE)


# ---- capturing


def capture(golden: Golden) -> None:
    """Write the golden file once a whole round has shown the same thing twice."""
    for waited in rounds():
        objects, printed = served(golden), kubectl(*golden.arguments.split())
        now = datetime.now(timezone.utc)
        same = printed == kubectl(*golden.arguments.split()) and objects == served(golden)
        absent = set(golden.awaits.split()) - set(printed.split())
        if same and not absent:
            write(golden, now, objects, printed)
            return
        if waited > PATIENCE:
            sys.exit(f"{golden.name} does not show {absent or 'the same thing twice'}:\n{printed}")


def write(
    golden: Golden, now: datetime, objects: dict[str, list[dict[str, Any]]], printed: str
) -> None:
    """NAME.json, each fact and each object on a line of its own, and NAME.txt."""
    facts = {"arguments": golden.arguments, "now": f"{now:%Y-%m-%dT%H:%M:%S.%fZ}"}
    lines = [f'"{name}": {json.dumps(value)}' for name, value in facts.items()]
    for name, items in objects.items():
        rows = ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)
        lines.append(f'"{name}": [\n{rows}\n]')
    path = HERE / "golden" / golden.name
    path.with_suffix(".json").write_bytes(("{" + ",\n".join(lines) + "}\n").encode())
    path.with_suffix(".txt").write_bytes(printed.encode())


def rounds() -> Iterator[float]:
    """The seconds since the first round, a round not quite every second."""
    start = time.monotonic()
    while True:
        yield time.monotonic() - start
        time.sleep(0.83)


def served(golden: Golden) -> dict[str, list[dict[str, Any]]]:
    """The objects kubectl prints, in the order it gets them."""
    verb, *words = [word for word in golden.arguments.split() if not word.startswith("-")]
    if verb == "events":
        return {"items": events_of(words[0])}
    if verb == "describe":
        return {"items": listed(*words), "events": events_of("/".join(words))}
    return {"items": listed(*(word for word in words if word != "wide"))}


def events_of(target: str) -> list[dict[str, Any]]:
    """The events of KIND/NAME."""
    uid = listed(target)[0]["metadata"]["uid"]
    return listed("events", f"--field-selector=involvedObject.uid={uid}")


if __name__ == "__main__":
    main(sys.argv[1:])
