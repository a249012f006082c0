"""Reviews over HTTP: what is asked and answered, whatever the body comes in.

Codes and messages are those of a Kubernetes 1.37.2 API server, asked the same. It also tells who
manages the fields of a SelfSubjectAccessReview, which the practice cluster does of applied objects
only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kubectl_joblab.practice import user
from tests.practice.api.served import Served

ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
SUBJECT = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
CREDENTIAL = "authentication.kubernetes.io/credential-id"
ONE_OF = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
PATH = {"nonResourceAttributes": {"path": "/"}}
EMPTY = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_roles()
        yield server


def _protobuf(api_version: str, kind: str) -> bytes:
    """A body with nothing but its type in it."""
    named = b"".join(
        bytes([tag, len(text)]) + text.encode() for tag, text in ((0x0A, api_version), (0x12, kind))
    )
    return b"k8s\x00\x0a" + bytes([len(named)]) + named + b"\x12\x00"


def _ask(served: Served, path: str, body: object, media_type: str = "application/json") -> Any:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return served.request("POST", path, sent, {"Content-Type": media_type})


EMPTIES: dict[str, tuple[str, bytes]] = {
    "JSON": ("application/json", b"{}"),
    "JSON with its kind": ("application/json", json.dumps(EMPTY).encode()),
    "JSON with a spec": ("application/json", b'{"spec":{}}'),
    "null": ("application/json", b"null"),
    "YAML": (
        "application/yaml",
        b"apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\n",
    ),
    "no YAML": ("application/yaml", b""),
    "protobuf": (
        "application/vnd.kubernetes.protobuf",
        _protobuf(EMPTY["apiVersion"], EMPTY["kind"]),
    ),
}


@pytest.mark.parametrize(("media_type", "body"), EMPTIES.values(), ids=EMPTIES)
def test_an_empty_access_review_is_refused(served: Served, media_type: str, body: bytes) -> None:
    reply = _ask(served, ACCESS, body, media_type)
    assert (reply.code, reply.json["details"]) == (
        422,
        {
            "group": "authorization.k8s.io",
            "causes": [
                {
                    "reason": "FieldValueInvalid",
                    "message": f"Invalid value: null: {ONE_OF}",
                    "field": "spec",
                }
            ],
        },
    )
    assert reply.message == (
        f'.authorization.k8s.io "" is invalid: spec: Invalid value: null: {ONE_OF}'
    )


NO_BODIES: dict[str, tuple[str, str]] = {
    "JSON": (
        "application/json",
        "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
    ),
    "protobuf": ("application/vnd.kubernetes.protobuf", "empty data (<empty>)"),
}


@pytest.mark.parametrize(("media_type", "words"), NO_BODIES.values(), ids=NO_BODIES)
def test_a_review_without_a_body_is_refused(served: Served, media_type: str, words: str) -> None:
    reply = _ask(served, ACCESS, b"", media_type)
    unrecognized = "the object provided is unrecognized (must be of type SelfSubjectAccessReview)"
    assert (reply.code, reply.message) == (400, f"{unrecognized}: {words}")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "two questions": (
        {"spec": {"resourceAttributes": {"verb": "get"}, **PATH}},
        f'spec: Invalid value: {{"Path":"/","Verb":""}}: {ONE_OF}',
    ),
    "two empty questions": (
        {"spec": {"resourceAttributes": {}, "nonResourceAttributes": {}}},
        f'spec: Invalid value: {{"Path":"","Verb":""}}: {ONE_OF}',
    ),
    "a name": (
        {"metadata": {"name": "x"}, "spec": PATH},
        'metadata: Invalid value: {"name":"x"}: must be empty',
    ),
    "a name, and no question": (
        {"metadata": {"name": "x", "namespace": "y", "uid": "u"}, "spec": {}},
        f"[spec: Invalid value: null: {ONE_OF}, "
        'metadata: Invalid value: {"name":"x"}: must be empty]',
    ),
}


@pytest.mark.parametrize(("body", "words"), WRONG.values(), ids=WRONG)
def test_an_access_review_is_refused(served: Served, body: dict[str, Any], words: str) -> None:
    reply = _ask(served, ACCESS, body)
    assert (reply.code, reply.message) == (422, f'.authorization.k8s.io "" is invalid: {words}')


UNNAMED: dict[str, dict[str, Any]] = {
    "a namespace": {"namespace": "y"},
    "what the server sets": {"uid": "u", "creationTimestamp": "2020-01-01T00:00:00Z"},
    "nothing, in many words": {"labels": {}, "annotations": {}, "finalizers": []},
    "managers to forget": {"managedFields": [{}]},
}


@pytest.mark.parametrize("metadata", UNNAMED.values(), ids=UNNAMED)
def test_an_access_review_may_have_in_its_metadata(
    served: Served, metadata: dict[str, Any]
) -> None:
    reply = _ask(served, ACCESS, {"metadata": metadata, "spec": PATH, "status": {"reason": "me"}})
    assert (reply.code, reply.json) == (
        201,
        {**EMPTY, "metadata": {}, "spec": PATH, "status": {"allowed": True}},
    )


@pytest.mark.parametrize("body", [{}, {"spec": {}}], ids=["empty", "with an empty spec"])
def test_a_rules_review_needs_a_namespace(served: Served, body: dict[str, Any]) -> None:
    reply = _ask(served, RULES, body)
    assert (reply.code, reply.message) == (400, "no namespace on request")


def test_a_rules_review_tells_first_that_all_is_allowed(served: Served) -> None:
    reply = _ask(served, RULES, {"metadata": {"name": "x"}, "spec": {"namespace": "default"}})
    status = reply.json["status"]
    assert (reply.code, reply.json) == (
        201,
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "metadata": {},
            "spec": {},
            "status": status,
        },
    )
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    assert status["resourceRules"][0] == everything
    assert status["nonResourceRules"][0] == {"verbs": ["*"], "nonResourceURLs": ["*"]}
    assert status["incomplete"] is False


def test_a_subject_review_tells_who_asks_and_when(served: Served) -> None:
    reply = _ask(served, SUBJECT, {"metadata": {"name": "x", "labels": {"a": "b"}}})
    answer = reply.json
    (answer_id,) = answer["status"]["userInfo"]["extra"][CREDENTIAL]
    assert answer_id.startswith("X509SHA256=")
    assert list(answer["metadata"]) == ["creationTimestamp"]
    assert answer["metadata"]["creationTimestamp"] is not None
    assert (reply.code, answer["kind"], answer["status"]["userInfo"]) == (
        201,
        "SelfSubjectReview",
        {
            "username": user.NAME,
            "groups": [user.GROUP, "system:authenticated"],
            "extra": {CREDENTIAL: [answer_id]},
        },
    )
