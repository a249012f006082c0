"""The cases of the YAML files beside this: what admission makes of Pods in namespaces that are so.

Each group is a namespace with labels and objects; each of its cases an object that somebody tries
to create there. answers/*.json has what a real API server said; capture.py asks one.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from tests import tables
from tests.practice.api.rules import cases
from tests.practice.api.rules.cases import Case

HERE = Path(__file__).parent
FILES = ("limits", "pod_security", "quotas")
NAMESPACE = "joblab-admission"


@dataclass(frozen=True)
class Group:
    """A namespace, and what is tried in it."""

    about: str
    labels: dict[str, str]
    objects: tuple[Object, ...]
    cases: tuple[Case, ...]


@functools.cache
def read(name: str) -> tuple[Group, ...]:
    """The groups of a file."""
    return tuple(_read(name))


def _read(name: str) -> Iterator[Group]:
    table = tables.read(HERE / f"{name}.yaml")
    for group in table["groups"]:
        found = []
        for one in group["cases"]:
            obj = deepcopy(table["bases"][one.get("base", "pod")])
            for path, value in one.get("set", {}).items():
                cases.put(obj, objects.steps(path), deepcopy(value))
            found.append(Case(f"{group['about']}: {one['id']}", obj))
        have = tuple(group.get("objects", ()))
        yield Group(group["about"], group.get("labels", {}), have, tuple(found))


def path_of(name: str) -> Path:
    """The file with the answers to the cases of a file."""
    return HERE / "answers" / f"{name}.json"


def answers(name: str) -> dict[str, Any]:
    """What a real API server said to the cases of a file."""
    found: dict[str, Any] = json.loads(path_of(name).read_text(encoding="utf-8"))
    return found
