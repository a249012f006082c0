"""What only a program that means harm sends: each is answered, and not with a mistake of ours.

Codes and messages are those of a Kubernetes 1.37.2 API server, asked the same, but for a watch from
a version that is yet to come, which is silent there, and for what is nested a thousand times.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api.served import Served

MAPS = "/api/v1/namespaces/default/configmaps"
HEAD = "kind: ConfigMap\napiVersion: v1\n"
UNREADABLE = "invalid continue token: continue key is not valid: "


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the namespace default and two ConfigMaps in it."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        for name in ("cp", "other"):
            body = {"metadata": {"name": name}, "data": {"a": "b"}}
            server.make(kinds.CONFIG_MAPS, body, "default")
        yield server


# ---- continue tokens

TOKENS = {
    '{"v":"meta.k8s.io/v1","rv":0,"start":"a"}': "incorrect encoded start resourceVersion "
    "(version meta.k8s.io/v1)",
    '{"v":"meta.k8s.io/v1","rv":1,"start":""}': "encoded start key empty (version meta.k8s.io/v1)",
    '{"v":"meta.k8s.io/v1","rv":"1","start":"a"}': "json: cannot unmarshal string into Go struct "
    "field continueToken.rv of type int64",
    '{"v":"v9","rv":1,"start":"a"}': "server does not recognize this encoded version v9",
    "[]": "json: cannot unmarshal array into Go value of type storage.continueToken",
    "1": "json: cannot unmarshal number into Go value of type storage.continueToken",
    "null": "server does not recognize this encoded version ",
    '{"v":"meta.k8s.io/v1","rv":1e5,"start":"a"}': "json: cannot unmarshal number 1e5 into Go "
    "struct field continueToken.rv of type int64",
    '{"v":"meta.k8s.io/v1","rv":99999999999999999999,"start":"a"}': "json: cannot unmarshal number "
    "99999999999999999999 into Go struct field continueToken.rv of type int64",
    '{"v":"meta.k8s.io/v1","rv":1,"start":"../../x"}': "../../x",
    '{"v":"meta.k8s.io/v1","rv":1,"start":5}': "json: cannot unmarshal number into Go struct field "
    "continueToken.start of type string",
    '{"v":"meta.k8s.io/v1","rv":true,"start":"a"}': "json: cannot unmarshal bool into Go struct "
    "field continueToken.rv of type int64",
    "\0": "invalid character '\\x00' looking for beginning of value",
    "[" * 5000: "unexpected end of JSON input",
}


def token(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("text", TOKENS, ids=lambda text: text[:50])
def test_a_forged_token_is_refused_with_the_reason(served: Served, text: str) -> None:
    reply = served.get(f"{MAPS}?limit=1&continue={token(text)}")
    assert (reply.code, reply.message) == (400, UNREADABLE + TOKENS[text])


@pytest.mark.parametrize("text", ["%00%ff", "a", "=====", "+", "%20"])
def test_a_token_that_is_no_base64_is_refused(served: Served, text: str) -> None:
    reply = served.get(f"{MAPS}?limit=1&continue={text}")
    assert (reply.code, reply.message) == (
        400,
        f"{UNREADABLE}illegal base64 data at input byte 0",
    )


def test_a_token_of_a_version_yet_to_come_has_to_wait(served: Served) -> None:
    forged = '{"v":"meta.k8s.io/v1","rv":99999999,"start":"a\\u0000"}'
    reply = served.get(f"{MAPS}?limit=1&continue={token(forged)}")
    assert reply.code == 504
    assert reply.message.startswith("Timeout: Too large resource version: 99999999, current: ")


def test_a_token_may_ask_for_the_newest(served: Served) -> None:
    forged = '{"v":"meta.k8s.io/v1","rv":-5,"start":"d"}'
    reply = served.get(f"{MAPS}?continue={token(forged)}")
    assert [one["metadata"]["name"] for one in reply.json["items"]] == ["other"]


# ---- versions


@pytest.mark.parametrize("version", [99_999_999, 2**63, 2**64 - 1])
def test_a_watch_from_a_version_yet_to_come_is_told_to_list_again(
    served: Served, version: int
) -> None:
    reply = served.get(f"{MAPS}?watch=1&resourceVersion={version}")
    assert (reply.code, reply.json["reason"]) == (410, "Expired")
    assert reply.message.startswith(f"Too large resource version: {version}, current: ")


def test_a_watch_from_the_newest_version_goes_on(served: Served) -> None:
    version = served.get(MAPS).json["metadata"]["resourceVersion"]
    reply = served.get(f"{MAPS}?watch=1&resourceVersion={version}&timeoutSeconds=1")
    assert (reply.code, reply.body) == (200, b"")


# ---- apply

CONFIGURATIONS = {
    'metadata: "x"': (500, ".metadata: expected map, got &{x}"),
    "metadata: [1]": (500, ".metadata: expected map, got &{[1]}"),
    "metadata: 5": (500, ".metadata: expected map, got &{5}"),
    "metadata: {name: 5}": (
        500,
        ".metadata.name: expected string, got &value.valueUnstructured{Value:5}",
    ),
    "metadata: {namespace: 5}": (
        500,
        ".metadata.namespace: expected string, got &value.valueUnstructured{Value:5}",
    ),
    "metadata: {labels: x}": (500, ".metadata.labels: expected map, got &{x}"),
    "metadata: {managedFields: x}": (500, ".metadata.managedFields: expected list, got &{x}"),
    "metadata: {finalizers: x}": (500, ".metadata.finalizers: expected list, got &{x}"),
    "metadata: {ownerReferences: [x]}": (
        500,
        ".metadata.ownerReferences: element 0: associative list with keys may not have "
        "non-map elements",
    ),
    "data: x": (500, ".data: expected map, got &{x}"),
}


def applied(served: Served, text: str) -> tuple[int, str]:
    path = f"{MAPS}/cp?fieldManager=me&force=1"
    headers = {"Content-Type": "application/apply-patch+yaml"}
    reply = served.request("PATCH", path, text.encode(), headers)
    return reply.code, "" if reply.code == 200 else reply.message


@pytest.mark.parametrize("text", CONFIGURATIONS)
def test_a_configuration_of_a_wrong_type_is_refused(served: Served, text: str) -> None:
    code, why = CONFIGURATIONS[text]
    named = "failed to create typed patch object (/; /v1, Kind=ConfigMap): "
    assert applied(served, HEAD + text) == (code, named + why)


def test_a_configuration_that_is_no_object_of_the_kind_is_refused(served: Served) -> None:
    assert applied(served, "kind: 5\napiVersion: v1") == (400, "invalid object type: /v1, Kind=")
    forged = "kind: [x]\napiVersion: {a: b}"
    assert applied(served, forged) == (400, "invalid object type: /, Kind=")
    owned = "metadata: {managedFields: []}"
    assert applied(served, HEAD + owned) == (400, "metadata.managedFields must be nil")
    assert applied(served, HEAD + "metadata: null") == (200, "")


# ---- managedFields


def managed(fields: str) -> bytes:
    """A ConfigMap whose fields are managed by these FieldsV1."""
    entry = {"manager": "m", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1"}
    meta = {"name": "managed", "managedFields": [{**entry, "fieldsV1": "@"}]}
    body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": meta}
    return json.dumps(body).replace('"@"', fields).encode()


def nested(depth: int) -> str:
    return '{"f:a":' * depth + "{}" + "}" * depth


READABLE = ['{"f:a":{}}', '{"f:a":null}', '{"i:5":{}}', '{".":{}}', nested(90)]
FORGED = ['{"x":1}', '"x"', "[1]", "5", '{"f:a":5}', '{"k:{bad":{}}', '{"f:a":1e999}']
FORGED += ['{"v:{":{}}', '{"zz":{}}', '{"i:x":{}}', "null", '{"k:5":{}}', nested(300), nested(480)]


@pytest.mark.parametrize("fields", READABLE + FORGED, ids=lambda text: text[:30])
def test_fields_that_are_none_are_left_out(served: Served, fields: str) -> None:
    headers = {"Content-Type": "application/json"}
    reply = served.request("POST", f"{MAPS}?dryRun=All", managed(fields), headers)
    assert reply.code == 201, reply.message
    assert ("managedFields" in reply.json["metadata"]) == (fields in READABLE)


@pytest.mark.parametrize("depth", [300, 480, 700, 900, 990, 5000])
@pytest.mark.parametrize("method", ["POST", "PUT", "merge", "strategic-merge", "json", "apply"])
def test_what_is_nested_without_end_is_answered(served: Served, method: str, depth: int) -> None:
    inner = '{"a":' * depth + "1" + "}" * depth
    body = f'{{"kind":"ConfigMap","apiVersion":"v1","metadata":{{"name":"cp"}},"data":{inner}}}'
    media = "application/json"
    if method == "json":
        body = f'[{{"op":"add","path":"/data/x","value":{inner}}}]'
    if method not in ("POST", "PUT"):
        media = f"application/{method}-patch+{'yaml' if method == 'apply' else 'json'}"
    path = MAPS if method == "POST" else f"{MAPS}/cp?fieldManager=me"
    verb = method if method in ("POST", "PUT") else "PATCH"
    reply = served.request(verb, path, body.encode(), {"Content-Type": media})
    assert reply.code in (400, 409, 422, 500), reply.body
    assert "internal" not in reply.message.lower()
    assert served.is_healthy()
