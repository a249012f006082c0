"""The cases of the YAML files beside this: what is sent, and the answers in a form to compare.

Names, uids and times that a server chose are replaced, so that two clusters can answer the same.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry.kinds import KINDS
from tests import tables

HERE = Path(__file__).parent
GROUPS = (
    *("jobs", "pods", "cronjobs", "others", "budgets", "ephemeral", "quotas", "rbac", "services"),
    "workloads",
)
NAMESPACE = "joblab-rules"

Answer = dict[str, Any]

_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TOKEN = re.compile(r"kube-api-access-[a-z0-9]{5}")
_KINDS = {kind.kind: kind for kind in KINDS if kind.view_of is None}


@dataclass(frozen=True)
class Case:
    """An object to create; or one to create, give a status, and change by a merge patch.

    added: the ephemeral containers that a Pod is given before the change.
    """

    about: str
    obj: Object
    status: Object | None = None
    patch: Object | None = None
    subresource: str = ""
    added: list[Object] | None = None

    @property
    def kind(self) -> Kind:
        """The kind of the case's object."""
        return _KINDS[self.obj["kind"]]


@functools.cache
def read(group: str) -> tuple[Case, ...]:
    """The cases of a file. Several tests read it, and do not change what they are given."""
    return tuple(_read(group))


def _read(group: str) -> Iterator[Case]:
    table = tables.read(HERE / f"{group}.yaml")
    for case in (*table["create"], *table["update"]):
        obj = deepcopy(table["bases"][case["base"]])
        for path, value in case.get("set", {}).items():
            put(obj, objects.steps(path), deepcopy(value))
        yield Case(
            case["id"],
            obj,
            case.get("status"),
            case.get("patch"),
            case.get("subresource", ""),
            case.get("added"),
        )


def put(obj: Any, steps: list[str | int], value: Any) -> None:
    """Set what is at a path of an object; None takes it away."""
    *above, last = steps
    for step in above:
        obj = obj[step] if isinstance(step, int) else obj.setdefault(step, {})
    if value is None:
        obj.pop(last, None)
    else:
        obj[last] = value


def answers(group: str) -> dict[str, Answer]:
    """What a real API server said to the cases of a file."""
    found: dict[str, Answer] = json.loads(path_of(group).read_text(encoding="utf-8"))
    return found


def path_of(group: str) -> Path:
    """The file with the answers to the cases of a group."""
    return HERE / "answers" / f"{group}.json"


def normal(case: Case, code: int, body: Object, warnings: list[str]) -> Answer:
    """An answer in a form to compare: refusals in whole, objects without what a server chose."""
    found: Answer = {"code": code}
    if body.get("kind") == "Status":
        found["message"] = body.get("message", "")
        causes = (body.get("details") or {}).get("causes") or ()
        # upstream lists what it has found twice, of metadata, twice
        texts = [f"{cause.get('field', '')}: {cause['message']}" for cause in causes]
        found["causes"] = list(dict.fromkeys(texts))
    else:
        found["object"] = _comparable(body)
    if warnings:
        found["warnings"] = warnings
    if body.get("kind") == "Service":
        _forget_given(case.obj, found["object"])
    text = _TOKEN.sub("kube-api-access-xxxxx", _UID.sub("UID", json.dumps(found)))
    if prefix := case.obj["metadata"].get("generateName"):
        text = re.sub(rf"{prefix}[a-z0-9]{{5}}\b", f"{prefix}xxxxx", text)
    answer: Answer = json.loads(text)
    return answer


def _forget_given(asked: Object, made: Object) -> None:
    """Replace the address and the ports that a Service was given and did not ask for."""
    spec, own = made["spec"], objects.spec(asked)
    if not own.get("clusterIP") and spec.get("clusterIP"):
        spec |= {"clusterIP": "GIVEN", "clusterIPs": ["GIVEN"]}
    for port, said in zip(spec.get("ports") or (), own.get("ports") or (), strict=False):
        if port.get("nodePort") and not said.get("nodePort"):
            port["nodePort"] = "GIVEN"


def _comparable(obj: Object) -> Object:
    obj = deepcopy(obj)
    meta = obj["metadata"]
    for key in ("creationTimestamp", "managedFields", "resourceVersion", "uid"):
        meta.pop(key, None)
    if obj["kind"] == "ResourceQuota" and "used" in objects.status(obj):
        obj["status"] = {}  # its controller was faster than the change
    for condition in objects.status(obj).get("conditions") or ():
        if condition.get("reason") == "SchedulingGated":
            condition.pop("lastTransitionTime")
    return obj
