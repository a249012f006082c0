"""The cases of cases.yaml as Pods, and what a real scheduler said to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kubectl_joblab.objects import Object

HERE = Path(__file__).parent
ANSWERS = HERE / "answers.json"
NAMESPACE, OTHER = "joblab-fit", "joblab-fit-other"


@dataclass(frozen=True)
class Case:
    """Pods that are on the node, and one to be placed."""

    about: str
    there: tuple[Object, ...]
    pod: Object


def read() -> list[Case]:
    """All cases."""
    listed = yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))
    return [
        Case(
            one["id"],
            tuple(_pod(f"there-{n}", each) for n, each in enumerate(one.get("there", ()))),
            _pod("p", one["pod"]),
        )
        for one in listed
    ]


def _pod(name: str, given: Mapping[str, Any]) -> Object:
    spec = deepcopy(given.get("spec", {}))
    container = {
        "name": "main",
        "image": "busybox:1.36",
        "command": ["sleep", "60"],
        **(spec.get("containers") or [{}])[0],
    }
    namespace = OTHER if given.get("namespace") else NAMESPACE
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": given.get("labels", {})},
        "spec": {"terminationGracePeriodSeconds": 0, **spec, "containers": [container]},
    }


def answers() -> dict[str, Any]:
    """The node that was asked about, and what was said to each case: "" where the Pod fits."""
    found: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return found
