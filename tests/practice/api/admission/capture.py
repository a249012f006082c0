"""Captures what a real cluster answers to the cases of table.py: writes answers/*.json.

    KUBECONFIG=FILE python -m tests.practice.api.admission.capture [limits|quotas...]

Each group has a namespace of its own, which is deleted at once; what is tried there is a dry run.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from tests.practice.api.admission import table
from tests.practice.api.admission.table import NAMESPACE, Group
from tests.practice.api.rules import capture, cases
from tests.practice.api.rules.capture import NAMESPACES, Api


def main(names: list[str]) -> None:
    """Capture the answers to the cases of these files; of all where none is named."""
    with capture.proxy() as api:
        for name in names or table.FILES:
            found: dict[str, Any] = {}
            for number, group in enumerate(table.read(name)):
                found |= _ask(api, group, f"{NAMESPACE}-{name.replace('_', '-')}-{number}")
            text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
            table.path_of(name).parent.mkdir(exist_ok=True)
            table.path_of(name).write_text(text + "\n", encoding="utf-8")


def _ask(api: Api, group: Group, space: str) -> dict[str, Any]:
    made = {"metadata": {"name": space, "labels": group.labels}}
    code, answer, _ = api.send("POST", NAMESPACES, made)
    if code != 201:
        sys.exit(f"{space}: {answer}")
    try:
        _await(api, f"{NAMESPACES}/{space}/serviceaccounts/default", lambda _: True)
        for obj in group.objects:
            _create(api, space, obj)
        return {case.about: _try(api, space, case) for case in group.cases}
    finally:
        api.send("DELETE", f"{NAMESPACES}/{space}")


def _try(api: Api, space: str, case: cases.Case) -> Any:
    answer = api.send("POST", _place(case.kind, space) + capture.DRY, case.obj)
    text = json.dumps(cases.normal(case, *answer)).replace(space, NAMESPACE)
    return json.loads(text)


def _create(api: Api, space: str, obj: Object) -> None:
    kind = cases.Case("", obj).kind
    code, answer, _ = api.send("POST", _place(kind, space), obj)
    if code != 201:
        sys.exit(f"{obj}: {answer}")
    if kind.kind == "ResourceQuota":
        place = f"{_place(kind, space)}/{obj['metadata']['name']}"
        _await(api, place, lambda found: "used" in found.get("status", {}))
    time.sleep(0.5)  # until the informer of admission has it


def _await(api: Api, place: str, there: Any) -> None:
    while True:
        code, found, _ = api.send("GET", place)
        if code == 200 and there(found):
            return
        time.sleep(0.1)


def _place(kind: Kind, space: str) -> str:
    root = f"/apis/{kind.group}/v1" if kind.group else "/api/v1"
    return f"{root}/namespaces/{space}/{kind.plural}"


if __name__ == "__main__":
    main(sys.argv[1:])
