"""Applies lab.schema.json, the published JSON Schema of lab.yaml, and says what to write instead.

examination.py calls it, `kubectl joblab lab schema` prints the text. It knows no rule that the
schema has not.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from importlib import resources
from typing import TYPE_CHECKING, Any

from kubectl_joblab.labs.definition import problem
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.labs.definition.problem import Keys, Problem

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


def text() -> str:
    """The JSON Schema of lab.yaml, as it is published."""
    return resources.files(__package__).joinpath("lab.schema.json").read_text("utf-8")


@functools.cache
def _validator() -> Validator:
    import jsonschema  # joblab's own labs are not linted when they are loaded

    return jsonschema.Draft202012Validator(json.loads(text()))


def problems(lab_yaml: Document) -> Iterator[Problem]:
    """Where a lab.yaml does not fit, each with what to write instead."""
    errors: Iterator[Any] = _validator().iter_errors(lab_yaml.data)
    for keys, message in _told(errors, _parameters(lab_yaml.data)):
        if keys[:1] == ("requires",) and len(keys) == 2:
            message = f"{problem.shown(lab_yaml.data['requires'][keys[1]])} is not a lab's name"
            message += "; write one as kubectl joblab list has it"
        yield problem.at(lab_yaml, keys, message)


def misfits(definition: str, value: Any) -> list[tuple[Keys, str]]:
    """Where a value does not fit one of the schema's definitions, each with what to write."""
    whole = _validator()
    part: Any = {"$ref": f"#/$defs/{definition}", "$defs": json.loads(text())["$defs"]}
    return list(_told(whole.evolve(schema=part).iter_errors(value), []))


def _told(errors: Iterator[Any], parameters: list[object]) -> Iterator[tuple[Keys, str]]:
    """What the errors are about, and what to write instead. parameters: the names of the lab's."""
    missing: dict[Keys, str] = {}
    meant: set[Keys] = set()  # keys that are there under a wrong name
    for error in errors:
        keys = tuple(error.absolute_path)
        if error.validator == "required":
            missing |= {(*keys, key): says for key, says in _lacking(error)}
        elif error.validator == "anyOf":  # a text in neither language
            lacked = ((one["required"][0], "is missing; add ") for one in error.validator_value)
            known = error.schema["properties"]
            missing |= {(*keys, key): f"{says}{known[key]['description']}" for key, says in lacked}
        elif error.validator == "additionalProperties":
            known = error.schema["properties"]
            for key in error.instance:
                if key not in known:
                    meant.add((*keys, problem.closest(key, known)))
                    yield (*keys, key), problem.unknown(key, "a key here", known)
        else:
            yield keys, _misfit(error, parameters)
    yield from (it for it in missing.items() if it[0] not in meant)


def _lacking(error: Any) -> Iterator[tuple[str, str]]:
    """The keys a mapping must have and has not, and what to add."""
    known = error.schema.get("properties", {})
    for key in error.validator_value:
        if key not in error.instance:
            what = known.get(key, {}).get("description", "it")
            yield key, f"is missing; add {what}"


def _parameters(data: Any) -> list[object]:
    """The names of the parameters, as far as they are there."""
    found = data.get("parameters")
    entries = found if isinstance(found, list) else []
    return [entry.get("name") for entry in entries if isinstance(entry, dict)]


def _misfit(error: Any, parameters: list[object]) -> str:
    """What is wrong with a value, and what to write instead."""
    value, wanted, described = error.instance, error.validator_value, error.schema
    if error.validator == "pattern" and wanted.startswith(("^=", "^(=")) and value in parameters:
        return f"{problem.shown(value)} is text; did you mean ={value}?"
    if error.validator == "type":
        remedy = problem.NOUNS[wanted] if isinstance(wanted, str) else described["description"]
        needed = [*described.get("required", ())]
        needed += [key for one in described.get("anyOf", ()) for key in one["required"]]
        if wanted == "object" and needed:
            remedy += f" with {', '.join(needed)}"
        if wanted == "string" and isinstance(value, int):
            # a number in quotes is no answer where it would not fit either
            fits = re.search(described.get("pattern", ""), str(value))
            remedy = f"{remedy}, in quotes" if fits else described["description"]
        elif wanted == "string" and isinstance(value, dict):
            remedy += ", in quotes where it has a colon"
        return f"is {problem.kind_of(value)}; write {remedy}"
    if error.validator == "oneOf":
        if any(key in value for entry in wanted for key in entry["required"]):
            return "does several things; write an action for each"
        kinds = problem.one_of(entry["required"][0] for entry in wanted)
        return f"is no action; write {kinds}"
    if error.validator in ("enum", "const"):
        if not isinstance(value, str) and str(value) in wanted:  # True, where "True" is meant
            return f"is {problem.kind_of(value)}; {problem.QUOTES}"
        return f"{problem.shown(value)} is not possible; write {problem.one_of(wanted)}"
    says: dict[str, Callable[[], str]] = {
        "pattern": lambda: f"{problem.shown(value)} does not fit; write {described['description']}",
        "minimum": lambda: f"{problem.shown(value)} is too small; write {wanted} or more",
        "maximum": lambda: f"{problem.shown(value)} is too large; write {wanted} or less",
        "maxLength": lambda: f"has more than {wanted} characters; shorten it",
        "minItems": lambda: f"is too short, with {len(value)}; write {wanted} or more",
        "uniqueItems": lambda: "has an entry twice; remove one of the two",
        "minProperties": lambda: "says nothing; write one kind of assertion",
        "maxProperties": lambda: f"has {len(value)} keys; write one kind of assertion",
    }
    other = "does not go with the keys beside it; remove it"
    return says.get(str(error.validator), lambda: other)()
