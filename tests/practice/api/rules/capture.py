"""Captures what a real cluster answers to the cases: writes answers/*.json.

    KUBECONFIG=FILE python -m tests.practice.api.rules.capture [jobs|pods|others|quotas|rbac...]

Objects that are only created are created with dryRun. An object that is changed has to exist: it is
created in a namespace of its own, in a form that no controller and no scheduler touches, and
deleted at once.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from tests.practice.api.rules import cases
from tests.practice.api.rules.cases import NAMESPACE, Answer, Case

MERGE = "application/merge-patch+json"
NAMESPACES = "/api/v1/namespaces"
DRY = "?dryRun=All&fieldValidation=Strict"
_WARNING = re.compile(r'299 - "((?:[^"\\]|\\.)*)"')


def main(groups: list[str]) -> None:
    """Capture the answers to the cases of these files; of all where none is named."""
    with proxy() as api, _namespace(api):
        for group in groups or cases.GROUPS:
            found = {case.about: _ask(api, case) for case in cases.read(group)}
            text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
            path = cases.path_of(group)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")


class Api:
    """An API server behind `kubectl proxy`."""

    def __init__(self, address: str) -> None:
        self._address = address

    def send(
        self, method: str, path: str, body: Any = None, kind: str = ""
    ) -> tuple[int, Object, list[str]]:
        """The code, body and warnings of the response to a request."""
        request = urllib.request.Request(
            f"http://{self._address}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Accept": "application/json", "Content-Type": kind or "application/json"},
        )
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as refused:
            answer = refused
        headers = answer.headers.get_all("Warning") or []
        warnings = [_unquoted(text) for header in headers for text in _WARNING.findall(header)]
        return answer.status, json.load(answer), warnings


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


@contextmanager
def proxy() -> Iterator[Api]:
    """The API server of the cluster at hand."""
    command = ["kubectl", "proxy", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        try:
            yield Api(address)
        finally:
            process.terminate()


@contextmanager
def _namespace(api: Api) -> Iterator[None]:
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    api.send("POST", NAMESPACES, made)
    try:
        place = f"{NAMESPACES}/{NAMESPACE}/serviceaccounts/default"
        while api.send("GET", place)[0] != 200:
            time.sleep(0.1)
        yield
    finally:
        api.send("DELETE", f"{NAMESPACES}/{NAMESPACE}")


def _place(kind: Kind) -> str:
    root = f"/apis/{kind.group}/v1" if kind.group else "/api/v1"
    return (
        f"{root}/namespaces/{NAMESPACE}/{kind.plural}"
        if kind.namespaced
        else f"{root}/{kind.plural}"
    )


def _ask(api: Api, case: Case) -> Answer:
    place = _place(case.kind)
    if case.patch is None:
        return cases.normal(case, *api.send("POST", place + DRY, case.obj))
    one = f"{place}/{case.obj['metadata']['name']}"
    while (made := api.send("POST", place, case.obj))[0] == 409:  # the last one is still going
        time.sleep(0.2)
    if made[0] != 201:
        sys.exit(f"{case.about}: {made}")
    if case.status is not None:
        written = api.send("PATCH", f"{one}/status", {"status": case.status}, MERGE)
        if written[0] != 200:
            sys.exit(f"{case.about}: {written}")
    if case.added is not None:
        added = {"spec": {"ephemeralContainers": case.added}}
        written = api.send("PATCH", f"{one}/ephemeralcontainers", added, MERGE)
        if written[0] != 200:
            sys.exit(f"{case.about}: {written}")
    changed = f"{one}/{case.subresource}" if case.subresource else one
    answer = api.send("PATCH", changed + DRY, case.patch, MERGE)
    api.send("DELETE", f"{one}?propagationPolicy=Background&gracePeriodSeconds=0")
    return cases.normal(case, *answer)


if __name__ == "__main__":
    main(sys.argv[1:])
