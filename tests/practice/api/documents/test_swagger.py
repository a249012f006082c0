"""The OpenAPI v2 document, against a real server's, and its protobuf, by numbers stated here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.documents import generate, gnostic, paths, sentences, swagger
from kubectl_joblab.practice.api.registry.kinds import KINDS
from tests.practice.api.capture import unsaid
from tests.practice.api.documents.test_generate import ABSENT, ordered

GOLDEN: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "golden" / "openapi_v2.json").read_text(encoding="utf-8")
)
JOB = "io.k8s.api.batch.v1.Job"


def whole() -> Object:
    """The document of all kinds."""
    said = sentences.Models()
    places = dict.fromkeys(map(paths.place, KINDS))
    of_v3 = [
        generate.document([kind for kind in KINDS if paths.place(kind) == place], said)
        for place in places
    ]
    return swagger.document(generate.INFO, of_v3)


WHOLE = whole()


@pytest.mark.parametrize("name", GOLDEN["definitions"])
def test_a_definition_is_a_real_servers_but_for_its_sentences(name: str) -> None:
    assert ordered(unsaid(WHOLE["definitions"][name])) == ordered(GOLDEN["definitions"][name])


def by_name(parameters: list[Object]) -> list[Object]:
    served = [one for one in parameters if one["name"] not in ABSENT]
    return sorted(served, key=lambda one: str(one["name"]))


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, method) for path, item in GOLDEN["operations"].items() for method in item],
)
def test_an_operation_takes_what_a_real_servers_takes(path: str, method: str) -> None:
    ours, real = WHOLE["paths"][path][method], GOLDEN["operations"][path][method]
    assert ours["consumes"] == real["consumes"]
    assert by_name(ours["parameters"]) == by_name(real["parameters"])


def test_nothing_is_referred_to_that_is_not_there() -> None:
    text = json.dumps(WHOLE)
    referred = {part.partition('"')[0] for part in text.split("#/definitions/")[1:]}
    assert referred <= set(WHOLE["definitions"])
    assert "#/components" not in text


# ---- protobuf


def fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The numbers and contents of the fields of a message that hold bytes; others are left out."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        size = varint()
        if tag & 7 == 2:
            yield tag >> 3, message[at : at + size]
            at += size


def inside(message: bytes, *numbers: int) -> list[bytes]:
    """What lies at these field numbers, one within the other."""
    found = [message]
    for number in numbers:
        found = [content for one in found for key, content in fields(one) if key == number]
    return found


PROTOBUF = gnostic.encoded(WHOLE)
DEFINITIONS = {
    inside(entry, 1)[0].decode(): inside(entry, 2)[0] for entry in inside(PROTOBUF, 9, 1)
}


def texts(message: bytes, *numbers: int) -> list[str]:
    return [content.decode() for content in inside(message, *numbers)]


def shown(schema: bytes) -> Object:
    """A Schema of OpenAPIv2.proto, as JSON has it."""
    found: dict[str, list[Any]] = {
        "$ref": texts(schema, 1),
        "format": texts(schema, 2),
        "description": texts(schema, 4),
        "additionalProperties": [shown(one) for one in inside(schema, 21, 1)],
        "type": texts(schema, 22, 1),
        "items": [shown(one) for one in inside(schema, 23, 1)],
    }
    several: dict[str, Any] = {
        "required": texts(schema, 19),
        "enum": [json.loads(text) for text in texts(schema, 20, 2)],
        "properties": {texts(one, 1)[0]: shown(inside(one, 2)[0]) for one in inside(schema, 25, 1)},
    }
    extensions = {texts(one, 1)[0]: json.loads(texts(one, 2, 2)[0]) for one in inside(schema, 31)}
    single = {key: one for key, values in found.items() for one in values}
    return {**single, **{key: value for key, value in several.items() if value}, **extensions}


@pytest.mark.parametrize("name", WHOLE["definitions"])
def test_protobuf_says_of_a_definition_all_that_json_says(name: str) -> None:
    definition = WHOLE["definitions"][name]
    expected = {key: value for key, value in definition.items() if value != {}}
    assert shown(DEFINITIONS[name]) == expected


def test_protobuf_has_every_definition_and_path() -> None:
    assert list(DEFINITIONS) == list(WHOLE["definitions"])
    assert texts(PROTOBUF, 8, 2, 1) == list(WHOLE["paths"])
    assert (texts(PROTOBUF, 1), texts(PROTOBUF, 2, 1)) == (["2.0"], ["Kubernetes"])


def test_protobuf_says_of_an_operation_what_kubectl_looks_for() -> None:
    path = "/apis/batch/v1/namespaces/{namespace}/jobs"
    (item,) = (inside(one, 2)[0] for one in inside(PROTOBUF, 8, 2) if texts(one, 1) == [path])

    (post,) = inside(item, 4)

    assert texts(post, 8, 1, 2, 3, 4) == ["dryRun", "fieldManager", "fieldValidation"]
    assert texts(post, 8, 1, 1, 5, 1) == [f"#/definitions/{JOB}"]
    extensions = {texts(one, 1)[0]: json.loads(texts(one, 2, 2)[0]) for one in inside(post, 13)}
    assert extensions["x-kubernetes-action"] == "post"
    assert texts(item, 9, 1, 2, 4, 4) == ["namespace"]
