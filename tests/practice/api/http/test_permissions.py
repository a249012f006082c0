"""What users without rights are answered over HTTP, word for word as by a real API server.

The requests and the server's answers are in tests/practice/api/permissions; capture.py there asks
a cluster for the answers again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api.permissions import cases
from tests.practice.api.permissions.cases import Case
from tests.practice.api.served import Served

KINDS = {kind.kind: kind for kind in kinds.KINDS if kind.view_of is None}
ANSWERS = cases.answers()
CASES = list(cases.read())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        server.make_roles()
        for obj in cases.objects():
            server.make(KINDS[obj["kind"]], obj, obj["metadata"].get("namespace", ""))
        yield server


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_the_answer_is_that_of_a_real_api_server(served: Served, case: Case) -> None:
    assert _ask(served, case) == ANSWERS[case.about]


def _ask(served: Served, case: Case) -> Object:
    headers = list(case.headers)
    if case.account:
        made = served.request("POST", case.token_path, {}).json
        headers.append(("Authorization", f"Bearer {made['status']['token']}"))
    connection = served.connection(credential=not case.account)
    try:
        connection.putrequest(case.method, case.path)
        body = b"" if case.body is None else json.dumps(case.body).encode()
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            connection.putheader(name, value)
        connection.endheaders(body or None)
        answer = connection.getresponse()
        return cases.normal(answer.status, answer.read())
    finally:
        connection.close()


def test_each_case_has_an_answer() -> None:
    assert {case.about for case in CASES} == ANSWERS.keys()


ANONYMOUS = {
    "/api/v1/pods": 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in '
    'API group "" at the cluster scope',
    "/nope": 'forbidden: User "system:anonymous" cannot get path "/nope"',
    "/joblab/clock": 'forbidden: User "system:anonymous" cannot get path "/joblab/clock"',
}


@pytest.mark.parametrize("path", ANONYMOUS)
def test_who_shows_no_credential_is_the_anonymous_user(served: Served, path: str) -> None:
    reply = served.request("GET", path, credential=False)
    assert (reply.code, reply.message) == (403, ANONYMOUS[path])


@pytest.mark.parametrize("path", ["/version", "/healthz", "/livez", "/readyz"])
def test_everybody_may_ask_for_the_version_and_for_health(served: Served, path: str) -> None:
    assert served.request("GET", path, credential=False).code == 200
