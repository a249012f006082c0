"""Writes the table of internal types from Kubernetes' Go source.

A developer's command for a newer Kubernetes, run after tools/kubernetes_types.py. Where the API
server prints the value that it refuses, it prints its internal type: Go's names, in the order of
its internal structs, nothing left out. types.json has what those structs hold; the table made here,
practice/api/validation/internal.json, has their order.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from tools import kubernetes_types

TABLE = kubernetes_types.TABLE.parent / "validation" / "internal.json"
SOURCES = (
    "pkg/apis/apps/types.go",
    "pkg/apis/batch/types.go",
    "pkg/apis/core/types.go",
    "pkg/apis/policy/types.go",
)
ROOTS = (
    "DeploymentStrategy",
    "NodeAddress",
    "PodDisruptionBudgetSpec",
    "PodFailurePolicy",
    "PodTemplateSpec",
    "SuccessPolicy",
    "Taint",
    "UncountedTerminatedPods",
)

_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\t(?:(\w+) +)?([\w.\[\]*]+)(?: +`.*`)?(?: *//.*)?$", re.MULTILINE)

Structs = dict[str, list[tuple[str, str]]]


def main() -> None:
    """Rewrite internal.json."""
    structs: Structs = {}
    for source in SOURCES:
        structs.update(read_structs((_folder() / source).read_text(encoding="utf-8")))
    TABLE.write_text(dumps(structs, reachable(structs)), encoding="utf-8")


def read_structs(text: str) -> Structs:
    """Name and type of the fields of each struct; an embedded field has the name ""."""
    return {name: _FIELD.findall(body) for name, body in _STRUCT.findall(text)}


def reachable(structs: Structs) -> list[str]:
    """The names of ROOTS and of all structs that their fields hold, sorted."""
    found: set[str] = set()
    left = list(ROOTS)
    while left:
        name = left.pop()
        if name in structs and name not in found:
            found.add(name)
            left += [re.split(r"[\]*.]", kind)[-1] for _, kind in structs[name]]
    return sorted(found)


def dumps(structs: Structs, names: list[str]) -> str:
    """The table as JSON, a line for each struct; an embedded field is its type behind a star."""
    lines = []
    for name in names:
        fields = [field or f"*{kind.rpartition('.')[2]}" for field, kind in structs[name]]
        lines.append(f"{json.dumps(name)}: {json.dumps(fields)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _folder() -> Path:
    command = ["go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes"]
    done = subprocess.run(
        command, cwd=kubernetes_types.GO_MODULE, check=True, capture_output=True, text=True
    )
    return Path(done.stdout.strip())


if __name__ == "__main__":
    main()
