"""Tokens of service accounts over HTTP: who gets one, whose it is, and which are refused.

Codes and messages are those of a Kubernetes 1.37.2 API server, asked the same.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.access.signing import SigningKey
from kubectl_joblab.practice.api.access.tokens import ISSUER, Bound
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api.served import Reply, Served

PATH = "/api/v1/namespaces/default/serviceaccounts/default/token"
PODS = "/api/v1/namespaces/default/pods"
REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
NAME = "system:serviceaccount:default:default"
BROKEN = "[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        server.make_roles()
        yield server


def asked(served: Served, body: Object | None = None, path: str = PATH) -> Reply:
    return served.request("POST", path, body or {})


def token(served: Served, **spec: Any) -> str:
    return str(asked(served, {"spec": spec}).json["status"]["token"])


def shown(served: Served, text: str, path: str = PODS) -> Reply:
    """The answer to a client that has no certificate, and shows this as its token."""
    headers = {"Authorization": f"Bearer {text}"}
    return served.request("GET", path, headers=headers, credential=False)


def reviewed(served: Served, text: str, **spec: Any) -> Any:
    body = {"spec": {"token": text, **spec}}
    return served.request("POST", REVIEWS, body).json["status"]


def claims(text: str) -> Any:
    payload = text.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_a_token_is_that_of_an_account(served: Served) -> None:
    reply = asked(served)
    found = reply.json
    meta, status = found.pop("metadata"), found.pop("status")
    assert (reply.code, found) == (
        201,
        {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "spec": {"audiences": [ISSUER], "expirationSeconds": 3600, "boundObjectRef": None},
        },
    )
    said = claims(status["token"])
    assert (meta["name"], meta["namespace"]) == ("default", "default")
    assert said["kubernetes.io"] == {
        "namespace": "default",
        "serviceaccount": {"name": "default", "uid": meta["uid"]},
    }
    assert (said["aud"], said["iss"], said["sub"]) == ([ISSUER], ISSUER, NAME)
    assert said["exp"] - said["iat"] == 3600


def test_who_shows_a_token_is_the_account(served: Served) -> None:
    reply = shown(served, token(served))
    assert (reply.code, reply.message) == (
        403,
        f'pods is forbidden: User "{NAME}" cannot list resource "pods" in API group "" in the '
        'namespace "default"',
    )
    assert shown(served, token(served), "/apis/batch/v1").code == 200


def test_a_token_is_reviewed(served: Served) -> None:
    text = token(served)
    said = claims(text)
    assert reviewed(served, text) == {
        "authenticated": True,
        "user": {
            "username": NAME,
            "uid": said["kubernetes.io"]["serviceaccount"]["uid"],
            "groups": [
                "system:serviceaccounts",
                "system:serviceaccounts:default",
                "system:authenticated",
            ],
            "extra": {"authentication.kubernetes.io/credential-id": [f"JTI={said['jti']}"]},
        },
        "audiences": [ISSUER],
    }


def test_a_token_for_others_is_not_for_the_api(served: Served) -> None:
    text = token(served, audiences=["other"])
    assert shown(served, text).code == 401
    assert reviewed(served, text) == {
        "user": {},
        "error": '[invalid bearer token, token audiences ["other"] is invalid for the target '
        f'audiences ["{ISSUER}"]]',
    }
    assert reviewed(served, text, audiences=["x", "other"])["audiences"] == ["other"]


REFUSED: dict[str, tuple[Object, int, str]] = {
    "too short": (
        {"spec": {"expirationSeconds": 599}},
        422,
        'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: '
        "599: may not specify a duration less than 10 minutes",
    ),
    "too long": (
        {"spec": {"expirationSeconds": 2**32 + 1}},
        422,
        'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: '
        "4294967297: may not specify a duration larger than 2^32 seconds",
    ),
    "another name": (
        {"metadata": {"name": "z"}},
        422,
        'TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: '
        '"z": must match the service account name if specified',
    ),
    "a Pod that is not there": (
        {"spec": {"boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "x"}}},
        404,
        'pods "x" not found',
    ),
    "another kind": (
        {"spec": {"boundObjectRef": {"kind": "ConfigMap", "apiVersion": "v1", "name": "x"}}},
        400,
        "cannot bind token to object of type /v1, Kind=ConfigMap",
    ),
}


@pytest.mark.parametrize(("body", "code", "message"), REFUSED.values(), ids=REFUSED)
def test_a_request_is_refused(served: Served, body: Object, code: int, message: str) -> None:
    reply = asked(served, body)
    assert (reply.code, reply.message) == (code, message)


def test_an_account_that_is_not_there_has_no_token(served: Served) -> None:
    reply = asked(served, path=PATH.replace("/default/token", "/nope/token"))
    assert (reply.code, reply.message) == (404, 'serviceaccounts "nope" not found')
    assert served.get(PATH).code == 405


def test_a_token_ends_with_the_secret_that_it_is_bound_to(served: Served) -> None:
    served.make(kinds.SECRETS, {"metadata": {"name": "s"}, "type": "Opaque"}, "default")
    ref = {"kind": "Secret", "apiVersion": "v1", "name": "s"}
    text = token(served, boundObjectRef=ref)
    assert shown(served, text).code == 403
    served.request("DELETE", "/api/v1/namespaces/default/secrets/s")
    assert shown(served, text).code == 401
    error = reviewed(served, text)["error"]
    assert error == "[invalid bearer token, service account token has been invalidated]"


def test_a_token_is_not_that_of_an_account_of_the_same_name(served: Served) -> None:
    account = {"metadata": {"name": "twice"}}
    served.make(kinds.SERVICE_ACCOUNTS, account, "default")
    path = PATH.replace("/default/token", "/twice/token")
    text = asked(served, path=path).json["status"]["token"]
    served.request("DELETE", path.removesuffix("/token"))
    assert shown(served, text).code == 401
    served.make(kinds.SERVICE_ACCOUNTS, account, "default")
    assert shown(served, text).code == 401
    assert " does not match claim (" in reviewed(served, text)["error"]


def test_a_certificate_counts_before_a_token(served: Served) -> None:
    headers = {"Authorization": f"Bearer {token(served)}"}
    assert served.request("GET", PODS, headers=headers).code == 200


# ---- tokens that others have made


def header(**given: str) -> str:
    raw = json.dumps(given).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def forged(served: Served, name: str) -> str:
    good = token(served)
    head, payload, signature = good.split(".")
    kid = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
    made = {
        "without a signature": f"{head}.{payload}.",
        "of no algorithm": f"{header(alg='none')}.{payload}.",
        "of no algorithm, but signed": f"{header(alg='none', kid=kid)}.{payload}.{signature}",
        "signed with a word": f"{header(alg='HS256', kid=kid)}.{payload}.{signature}",
        "with a key in its header": f"{header(alg='ES256', jwk='x')}.{payload}.{signature}",
        "with a signature of zeros": f"{head}.{payload}.{'A' * 86}",
        "with a letter more": f"{good}A",
        "with a signature that is none": f"{head}.{payload}.%%%",
        "of another account": f"{head}.{changed(payload, ':default:', ':kube-sys:')}.{signature}",
    }
    return made[name]


def changed(payload: str, old: str, new: str) -> str:
    raw = base64.urlsafe_b64decode(payload + "==").decode().replace(old, new)
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


FORGED = [
    "without a signature",
    "of no algorithm",
    "of no algorithm, but signed",
    "signed with a word",
    "with a key in its header",
    "with a signature of zeros",
    "with a letter more",
    "with a signature that is none",
    "of another account",
]


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused(served: Served, name: str) -> None:
    text = forged(served, name)
    assert (shown(served, text).code, shown(served, text, "/version").code) == (401, 401)
    error = reviewed(served, text)["error"]
    assert error == BROKEN


NO_TOKENS = {
    "a word": "abc",
    "dots": "..",
    "many dots": ".".join("abcdef"),
    "no JSON": "a.b.c",
    "nested without end": f"a.{base64.urlsafe_b64encode(b'[' * 20_000).decode().rstrip('=')}.c",
    "long": "a" * 60_000,
}


@pytest.mark.parametrize("text", NO_TOKENS.values(), ids=NO_TOKENS)
def test_what_is_no_token_is_refused(served: Served, text: str) -> None:
    assert shown(served, text).code == 401
    assert reviewed(served, text) == {"user": {}, "error": "invalid bearer token"}


def test_a_token_of_another_clusters_key_is_refused(
    served: Served, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = SigningKey(tmp_path_factory.mktemp("other") / "key")
    text = other.signed(claims(token(served)))
    assert shown(served, text).code == 401
    assert reviewed(served, text)["error"] == BROKEN


def test_a_token_that_has_ended_is_refused(served: Served) -> None:
    def issue() -> str:
        account = served.registry.get(kinds.SERVICE_ACCOUNTS, "default", "default")
        return served.tokens.issue(Bound(account, seconds=-61))

    text = served.call(issue)
    assert shown(served, text).code == 401
    error = reviewed(served, text)["error"]
    assert error == "[invalid bearer token, service account token has expired]"


def test_a_key_is_for_its_owner_alone_and_stays(served: Served) -> None:
    text = token(served)
    path = served.identity.accounts_key
    assert path.stat().st_mode & 0o777 == 0o600
    assert SigningKey(path).claims(text) == claims(text)


@pytest.mark.parametrize("scheme", ["Basic", "bearer", "BEARER", "Token"])
def test_only_a_bearer_is_looked_at(served: Served, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} abc"}
    reply = served.request("GET", "/version", headers=headers, credential=False)
    assert reply.code == (401 if scheme.lower() == "bearer" else 200)
