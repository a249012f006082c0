"""What client-go sends by default: each of its bodies is read as a real API server read it.

recorded.json has the requests of the Go client of tests/clients that have a body, in base64, with
the codes of a Kubernetes 1.37 API server. Bodies are protobuf but for patches and those of the
untyped clients. `python -m tests.clients --record` records them again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.practice.api.served import Served

RECORDED = Path(__file__).parents[1] / "recorded.json"
REQUESTS: list[dict[str, Any]] = json.loads(RECORDED.read_text("utf-8"))
# the recorded body has the uid of the recorded Job, in its selector or as its own
OF_ANOTHER_JOB = {"update a Job": 422, "update a status": 409}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server with the namespace of the recorded requests."""
    with Served(tmp_path) as server:
        server.make_namespace("recorded")
        yield server


def answered(served: Served, sent: dict[str, Any]) -> tuple[str, int, str]:
    """The step of a request, the code of its answer, and what the answer says of a refusal."""
    body, headers = base64.b64decode(sent["body"]), {"Content-Type": sent["contentType"]}
    reply = served.request(sent["method"], sent["path"], body, headers)
    return sent["step"], reply.code, str(reply.json.get("message", ""))


def test_recorded_requests_are_answered_as_a_real_server_did(served: Served) -> None:
    expected = {one["step"]: one["code"] for one in REQUESTS} | OF_ANOTHER_JOB

    found = [answered(served, sent) for sent in REQUESTS]

    assert [one for one in found if one[1] != expected[one[0]]] == []


def test_all_that_client_go_writes_and_deletes_is_protobuf() -> None:
    protobuf = [one for one in REQUESTS if one["contentType"].endswith("protobuf")]

    assert {one["method"] for one in protobuf} == {"DELETE", "POST", "PUT"}
    assert len({one["step"] for one in REQUESTS}) == len(REQUESTS)
