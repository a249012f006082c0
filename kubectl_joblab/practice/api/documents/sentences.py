"""The descriptions of types and fields in OpenAPI, which kubectl explain prints.

Only the process that generates the documents imports it, for the models of the kubernetes package
take time and memory. The models have upstream's description of most types and fields, on one line
each: paragraphs.json says where its lines were. words.json has descriptions of ours for the rest.
"""

from __future__ import annotations

import functools
import inspect
import json
from importlib import import_module, resources
from typing import Any

from kubectl_joblab.practice.api.documents import schemas
from kubectl_joblab.practice.api.types import Field

_END = "\n\nAttributes:"  # what the generator of the models writes after a type's description


class Models:
    """The descriptions of the kubernetes package and ours."""

    def __init__(self) -> None:
        self._words = _data("words.json")
        self._paragraphs = _data("paragraphs.json")

    def of_type(self, name: str) -> str:
        """The description of a type."""
        own = self._words.get(name, {}).get("")
        return own or self._in_lines(name, "", type_sentence(name))

    def of_field(self, name: str, field: Field) -> str:
        """The description of a field; where there is none, that of its type."""
        own = self._words.get(name, {}).get(field.json)
        said = own or self._in_lines(name, field.json, field_sentence(name, field.json))
        if said or field.repeated or field.map:
            return said
        kind = schemas.name_of(field)
        return self.of_type(kind) if kind else ""

    def _in_lines(self, name: str, key: str, sentence: str) -> str:
        """A description in upstream's lines, unless it has changed since they were counted."""
        length, *breaks = self._paragraphs.get(name, {}).get(key, [0])
        if length != len(sentence) or any(sentence[index] != " " for index in breaks):
            return sentence
        return "".join("\n" if index in breaks else char for index, char in enumerate(sentence))


def type_sentence(name: str) -> str:
    """The kubernetes package's description of a type, on one line."""
    model = _model(name)
    return (inspect.getdoc(model) or "").partition(_END)[0].strip() if model else ""


def field_sentence(name: str, key: str) -> str:
    """The kubernetes package's description of a field, on one line."""
    return _fields(name).get(key) or ""


@functools.cache
def _fields(name: str) -> dict[str, str | None]:
    model = _model(name)
    fields = model.model_fields if model else {}
    return {field.serialization_alias or key: field.description for key, field in fields.items()}


@functools.cache
def _model(name: str) -> Any:
    """The model of a type: V1Pod of io.k8s.api.core.v1.Pod, but CoreV1Event where names clash."""
    *_, group, version, kind = name.split(".")
    models = import_module("kubernetes.client")
    for prefix in ("", group.capitalize()):
        if found := getattr(models, f"{prefix}{version.capitalize()}{kind}", None):
            return found
    return None


def _data(file: str) -> dict[str, dict[str, Any]]:
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found
