"""The requests of requests.yaml, and answers to them in a form to compare.

Of an answer that is no refusal, and of no review, only the code is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kubectl_joblab.objects import Object

HERE = Path(__file__).parent
ANSWERS = HERE / "answers.json"
NAMESPACE = "joblab-rights"
GROUPS = {
    "SelfSubjectReview": "authentication.k8s.io",
    "LocalSubjectAccessReview": f"authorization.k8s.io/v1/namespaces/{NAMESPACE}",
}


@dataclass(frozen=True)
class Case:
    """A request with its headers, among them those that say as whom it is made.

    account: the service account of the namespace whose token is shown, "" for a certificate of one
    who may do everything.
    """

    about: str
    method: str
    path: str
    body: Any
    headers: list[tuple[str, str]]
    account: str = ""

    @property
    def token_path(self) -> str:
        """Where the token of the account is asked for."""
        return f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{self.account}/token"


def objects() -> list[Object]:
    """The objects that are there when the requests are made, those of before them first."""
    found: list[Object] = yaml.safe_load((HERE / "objects.yaml").read_text(encoding="utf-8"))
    return found


def read() -> Iterator[Case]:
    """All requests."""
    table = yaml.safe_load((HERE / "requests.yaml").read_text(encoding="utf-8"))
    for part, cases in table.items():
        for case in cases:
            about = f"{part}: {case['id']}"
            headers = _as(case["as"])
            if "review" in case:
                yield Case(about, "POST", *_review(case), headers=headers)
                continue
            path = case["path"].replace("NS", f"/namespaces/{NAMESPACE}")
            media_type = case.get("type", "application/json")
            headers.append(("Content-Type", media_type))
            method, account = case.get("method", "GET"), case.get("from", "")
            yield Case(about, method, path, case.get("body"), headers, account)


def _as(who: Any) -> list[tuple[str, str]]:
    given = {"User": who} if isinstance(who, str) else who
    return [
        (f"Impersonate-{key}", one)
        for key, value in given.items()
        for one in (value if isinstance(value, list) else [value])
        if one
    ]


def _review(case: dict[str, Any]) -> tuple[str, Object]:
    kind = case["review"]
    group = GROUPS.get(kind, "authorization.k8s.io")
    place = group if "/v1/" in group else f"{group}/v1"
    body: Object = {"apiVersion": f"{group.partition('/')[0]}/v1", "kind": kind}
    if case["spec"]:
        body["spec"] = case["spec"]
    if kind == "LocalSubjectAccessReview":
        body["metadata"] = {"namespace": NAMESPACE}
    return f"/apis/{place}/{kind.lower()}s", body


def normal(code: int, raw: bytes) -> Object:
    """An answer: its code, and what a refusal or a review says."""
    try:
        body = json.loads(raw)
    except ValueError:
        return {"code": code}
    if body.get("kind") == "Status" and code >= 400:
        shown = ("reason", "message", "details")
        return {"code": code} | {key: body[key] for key in shown if key in body}
    if str(body.get("kind", "")).endswith("Review"):
        status = body["status"]
        for key in ("resourceRules", "nonResourceRules"):
            if key in status:  # who reads them sorts them, for bindings come in any order
                status[key].sort(key=json.dumps)
        return {"code": code, "status": status}
    return {"code": code}


def answers() -> dict[str, Object]:
    """The answers of a real API server, by what the requests are about."""
    found: dict[str, Object] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return found
