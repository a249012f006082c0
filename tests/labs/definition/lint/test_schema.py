"""The schema of lab.yaml, and docs/lab-format.md, which explains it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kubectl_joblab.labs.definition import schema
from kubectl_joblab.labs.judge import assertions, measures
from tests.labs.definition.lint.lab import edit, make_lab, said


def assertion_schemas() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schema.text())["$defs"]["assertion"]["properties"]
    return found


def objects_of(part: Any, at: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """All schemas of mappings, each with where it is."""
    if isinstance(part, dict):
        if part.get("type") == "object":
            yield at, part
        for key, inner in part.items():
            yield from objects_of(inner, f"{at}/{key}")
    elif isinstance(part, list):
        for index, inner in enumerate(part):
            yield from objects_of(inner, f"{at}/{index}")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.text()))


def test_the_schema_knows_the_kinds_of_assertion_that_can_be_measured() -> None:
    assert assertion_schemas().keys() == assertions.KINDS.keys()


def test_the_schema_knows_the_operators_that_can_be_computed() -> None:
    assert json.loads(schema.text())["$defs"]["operator"]["enum"] == list(measures.OPERATORS)


@pytest.mark.parametrize(
    "mapping", [pytest.param(it, id=at) for at, it in objects_of(json.loads(schema.text()))]
)
def test_a_mapping_in_the_schema_is_closed_and_its_keys_are_explained(
    mapping: dict[str, Any],
) -> None:
    assert mapping["additionalProperties"] is False
    assert set(mapping.get("required", ())) <= mapping["properties"].keys()
    for key in mapping["properties"].values():
        assert key["title"]
        assert key["description"]


DOCS = Path(__file__).parents[4] / "docs" / "lab-format.md"
EXAMPLES = re.findall(r"^- `(\w+): (\{.*?\})`", DOCS.read_text("utf-8"), re.M)


V2 = edit("format: joblab/v1", "format: joblab/v2")
# of which one of the examples is
QUESTION = edit(
    "solutions:",
    "questions: [{id: pods, ask: {en: How many?, ko: 몇 개일까요?}, measure: {pods: {}}, "
    "because: {en: of one, ko: 하나라서}}]\nsolutions:",
)


def test_each_kind_of_assertion_has_an_example_in_the_docs() -> None:
    assert [kind for kind, _ in EXAMPLES] == list(assertions.KINDS)


@pytest.mark.parametrize(("kind", "options"), EXAMPLES)
def test_an_example_in_the_docs_is_right(kind: str, options: str, tmp_path: Path) -> None:
    folder = make_lab(tmp_path)
    for change in (V2, QUESTION, edit("{exists: {kind: Job}}", f"{{{kind}: {options}}}")):
        change(folder)
    assert said(folder) == []


@pytest.mark.parametrize("kind", assertions.KINDS)
def test_the_docs_name_each_option_of_an_assertion(kind: str) -> None:
    (line,) = re.findall(rf"^- `{kind}: .*(?:\n  .*)*", DOCS.read_text("utf-8"), re.M)
    for option in assertion_schemas()[kind]["properties"]:
        assert re.search(rf"\b{option}\b", line)


def test_the_docs_name_each_key() -> None:
    text = DOCS.read_text("utf-8")
    for _, mapping in objects_of(json.loads(schema.text())):
        for key in mapping["properties"]:
            assert f"`{key}`" in text or f"{key}:" in text, key
