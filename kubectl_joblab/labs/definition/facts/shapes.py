"""The parts of an object that every command reads: they are of the types that they have to be.

strict.py refuses a manifest for them, so that nothing else in joblab looks at what they are. What
is wrong deeper inside, lint finds by the API itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.labs.definition import problem
from kubectl_joblab.labs.definition.problem import Keys

_TEXTS: tuple[Keys, ...] = (("apiVersion",), ("kind",), ("metadata", "name"))
_MAPPINGS: tuple[Keys, ...] = (
    *(("metadata",), ("metadata", "labels"), ("metadata", "annotations")),
    *(("spec",), ("spec", "template"), ("spec", "template", "spec")),
    *(
        ("spec", "jobTemplate"),
        ("spec", "jobTemplate", "metadata"),
        ("spec", "jobTemplate", "spec"),
    ),
)


def misshapen(one: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """The parts of an object, or of a patch of one, that have another type than they must."""
    for keys in _TEXTS:
        value = objects.field(one, ".".join(map(str, keys)))
        if value is not None and not isinstance(value, str):
            remedy = "write text" if isinstance(value, list | dict) else problem.QUOTES
            yield keys, f"is {problem.kind_of(value)}, not text; {remedy}"
    for keys in _MAPPINGS:
        value = objects.field(one, ".".join(map(str, keys)))
        if value is not None and not isinstance(value, dict):
            message = f"is {problem.kind_of(value)}, not a mapping; write key: value, indented"
            yield keys, message
