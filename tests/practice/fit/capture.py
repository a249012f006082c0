"""Captures what a real scheduler says to the cases: writes answers.json.

    KUBECONFIG=FILE python -m tests.practice.fit.capture

Pods are made in two namespaces of its own, which are deleted at the end.
"""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from tests.practice.fit import cases
from tests.practice.fit.cases import ANSWERS, NAMESPACE, OTHER, Case


def main() -> None:
    """Ask the cluster, case by case."""
    (node,) = json.loads(_kubectl("get nodes -o json"))["items"]
    for name in (NAMESPACE, OTHER):
        _kubectl(f"create namespace {name}")
    _kubectl(f"label namespace {OTHER} which=other")
    time.sleep(2)
    try:
        said = {case.about: _asked(case, node["metadata"]["name"]) for case in cases.read()}
    finally:
        _kubectl(f"delete namespace {NAMESPACE} {OTHER} --wait=false")
    found = {
        "node": {
            "labels": node["metadata"]["labels"],
            "allocatable": node["status"]["allocatable"],
        },
        "messages": said,
    }
    ANSWERS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _asked(case: Case, node: str) -> str:
    for pod in case.there:
        _kubectl("create -f -", {**pod, "spec": {**pod["spec"], "nodeName": node}})
    _kubectl("create -f -", case.pod)
    while (condition := _condition()) is None:
        time.sleep(0.1)
    for name in (NAMESPACE, OTHER):
        _kubectl(f"delete pods --all --force --grace-period=0 -n {name}")
    return str(condition.get("message", ""))


def _condition() -> dict[str, Any] | None:
    pod = json.loads(_kubectl(f"get pod p -n {NAMESPACE} -o json"))
    found = objects.condition(pod, "PodScheduled")
    return None if found is None else dict(found)


def _kubectl(line: str, stdin: Object | None = None) -> str:
    return subprocess.run(
        ["kubectl", *line.split()],
        input=None if stdin is None else json.dumps(stdin),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


if __name__ == "__main__":
    main()
