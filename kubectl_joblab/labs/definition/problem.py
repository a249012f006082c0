"""A problem in a file of a lab, and the words that problems are told in.

strict.py, schema.py and rules.py make problems; `kubectl joblab lab lint` prints them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kubectl_joblab import spelling
from kubectl_joblab.labs.definition.document import Document

NOUNS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a fraction",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
QUOTES = "put it in quotes"
Keys = tuple[str | int, ...]  # how to get to a value: mapping keys and list indexes


@dataclass(frozen=True)
class Problem:
    """Something wrong. key: such as checks[2].assert, "" for the whole file.

    warning: whether it is only something that a draft still lacks.
    """

    file: Path
    line: int
    key: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        warning = "warning: " if self.warning else ""
        return printable(f"{self.file}:{self.line}: {warning}{key}{self.message}")


def printable(text: str) -> str:
    """A text with escapes for what a terminal would obey, as in the name of a file."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def at(document: Document, keys: Keys, message: str) -> Problem:
    """A problem in the line of what keys lead to; where it is missing, of what lacks it."""
    return Problem(document.file, document.line(keys), shown_keys(keys), message)


def at_document(document: Document, number: int, keys: Keys, message: str) -> Problem:
    """The same in one of several documents in a file, counted from 0."""
    from kubectl_joblab.labs.definition import nodes

    line = nodes.nearest(document.nodes[number], keys)
    return Problem(document.file, line, shown_keys(keys), message)


def shown(value: object) -> str:
    """A value in one short line."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = text if text.isprintable() else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:55]}...{text[-1]}"


def shown_keys(keys: Keys) -> str:
    """checks[2].assert; a key that is no word stands in brackets."""
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        elif re.fullmatch(r"[\w<-]{1,63}", key):
            text += f".{key}"
        else:
            text += f"[{shown(key)}]"
    return text.removeprefix(".")


def one_of(names: Iterable[str]) -> str:
    return re.sub(", ([^,]*)$", r" or \1", ", ".join(dict.fromkeys(names)))


def closest(value: object, known: Iterable[str]) -> str:
    """The name that was meant, "" where none is close."""
    return spelling.nearest(str(value), known)


def unknown(value: object, what: str, known: Iterable[str]) -> str:
    """That it is not `what`: with the name that was meant, else with those there are."""
    names = list(known)
    if close := closest(value, names):
        return f"{shown(value)} is not {what}; did you mean {close}?"
    return f"{shown(value)} is not {what}; {f'write {one_of(names)}' if names else 'there is none'}"


def kind_of(value: object) -> str:
    """What a value is, in a word."""
    if value is None:
        return "empty"
    names = (
        *((bool, "boolean"), (int, "integer"), (float, "number")),
        *((str, "string"), (list, "array")),
    )
    return NOUNS[next((name for kind, name in names if isinstance(value, kind)), "object")]
