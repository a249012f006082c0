"""OpenAPI documents against what a real API server serves of the same kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.documents import generate, paths, schemas, sentences
from kubectl_joblab.practice.api.registry.kinds import KINDS

GOLDEN: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "golden" / "openapi.json").read_text(encoding="utf-8")
)
# parameters that are not served
ABSENT = {
    "ignoreStoreReadErrorWithClusterBreakingPotential",
    "insecureSkipTLSVerifyBackend",
    "pretty",
    "shardSelector",
    "stream",
}
REACHABLE = schemas.reachable(kind.type for kind in KINDS)


class Silent:
    """Says nothing, so that structure is all there is."""

    def of_type(self, name: str) -> str:  # noqa: ARG002
        return ""

    def of_field(self, name: str, field: types.Field) -> str:  # noqa: ARG002
        return ""


def served() -> Object:
    """The schemas and paths of all documents together."""
    found = generate.document(KINDS, Silent())
    return {"schemas": found["components"]["schemas"], "paths": found["paths"]}


SERVED = served()


def ordered(schema: Object) -> Object:
    """A schema whose required fields are in order, and without the description of a list."""
    found = {key: value for key, value in schema.items() if key != "description"}
    return found | ({"required": sorted(schema["required"])} if "required" in schema else {})


@pytest.mark.parametrize("name", GOLDEN["schemas"])
def test_a_schema_is_a_real_servers_but_for_its_sentences(name: str) -> None:
    assert ordered(SERVED["schemas"][name]) == ordered(GOLDEN["schemas"][name])


def test_paths_are_those_of_a_real_server() -> None:
    assert set(SERVED["paths"]) == set(GOLDEN["paths"])


@pytest.mark.parametrize("path", GOLDEN["paths"])
def test_operations_are_a_real_servers(path: str) -> None:
    item = dict(SERVED["paths"][path])
    shared = [parameter["name"] for parameter in item.pop("parameters", [])]
    found = {
        method: {
            "action": operation["x-kubernetes-action"],
            "kind": operation["x-kubernetes-group-version-kind"],
            "parameters": sorted([*shared, *(p["name"] for p in operation["parameters"])]),
        }
        for method, operation in item.items()
    }
    expected = {
        method: facts | {"parameters": [p for p in facts["parameters"] if p not in ABSENT]}
        for method, facts in GOLDEN["paths"][path].items()
    }
    assert found == expected


@pytest.mark.parametrize("place", ["api/v1", "apis/authorization.k8s.io/v1", "apis/batch/v1"])
def test_a_document_holds_all_that_it_refers_to(place: str) -> None:
    kinds = [kind for kind in KINDS if paths.place(kind) == place]

    text = json.dumps(generate.document(kinds, Silent()))

    held = set(json.loads(text)["components"]["schemas"])
    assert {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]} <= held


# ---- sentences


MODELS = sentences.Models()


def test_every_type_and_field_is_described() -> None:
    silent = [name for name in REACHABLE if not MODELS.of_type(name)]
    silent += [
        f"{name}.{key}"
        for name in REACHABLE
        if name in types.names()
        for key, field in types.message(name).fields.items()
        if not MODELS.of_field(name, field)
    ]

    assert silent == []


def test_lines_of_a_sentence_are_where_upstream_has_them() -> None:
    field = types.message("io.k8s.api.batch.v1.JobSpec").fields["podReplacementPolicy"]

    lines = MODELS.of_field("io.k8s.api.batch.v1.JobSpec", field).split("\n")

    assert [line[:10] for line in lines] == [
        "podReplace",
        "  when the",
        "- Failed m",
        "  Failed o",
        "",
        "When using",
    ]


def test_a_field_that_nobody_describes_has_the_sentence_of_its_type() -> None:
    field = types.message("io.k8s.api.core.v1.Volume").fields["nfs"]

    assert MODELS.of_field("io.k8s.api.core.v1.Volume", field) == MODELS.of_type(
        "io.k8s.api.core.v1.NFSVolumeSource"
    )


def entries(file: str) -> list[tuple[str, str]]:
    """The type and field of each entry of a file beside the module; "" for the type itself."""
    text = Path(sentences.__file__).with_name(file).read_text(encoding="utf-8")
    return [(name, key) for name, found in json.loads(text).items() for key in found]


def package_says(name: str, key: str) -> str:
    return sentences.field_sentence(name, key) if key else sentences.type_sentence(name)


@pytest.mark.parametrize(("name", "key"), entries("words.json"))
def test_words_of_ours_are_for_what_the_package_does_not_describe(name: str, key: str) -> None:
    assert name in REACHABLE
    assert not key or key in types.message(name).fields
    assert package_says(name, key) == ""


@pytest.mark.parametrize(("name", "key"), entries("paragraphs.json"))
def test_line_breaks_are_for_the_sentences_of_this_package(name: str, key: str) -> None:
    field = types.message(name).fields[key] if key else None

    text = MODELS.of_field(name, field) if field else MODELS.of_type(name)

    assert "\n" in text
    assert text.replace("\n", " ") == package_says(name, key)
