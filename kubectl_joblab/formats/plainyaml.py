"""YAML as kubectl writes a kubeconfig: block mappings and sequences of plain one-line scalars.

client/kubeconfig.py tries it first, as the import of PyYAML takes longer than the rest of the
reading of a kubeconfig: a sixth of the time that a check takes. Whatever is in any way out of the
ordinary is left to PyYAML; a test holds that both read the same.
"""

from __future__ import annotations

import json
import re
from typing import Any

_KEY = re.compile(r"([A-Za-z][\w.-]*):(?: (.+))?", re.ASCII)
# a text without quotes, in which nothing looks like a number, a date or a sign of YAML
_PLAIN = re.compile(r"[A-Za-z/](?:[\w./@+=-]|:(?=[\w/]))*", re.ASCII)
_QUOTED = re.compile(r'"[\x20\x21\x23-\x5b\x5d-\x7e]*"|\'[\x20-\x26\x28-\x7e]*\'')
_FIXED: dict[str, Any] = {"{}": {}, "[]": [], "null": None, "true": True, "false": False}
# what YAML 1.1 takes for something else than a text
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))

Line = tuple[int, str]  # by how many spaces a line is indented, and what follows them


class _UnusualError(Exception):
    """The text is out of the ordinary, and PyYAML has to read it."""


def read(text: str) -> Any | None:
    """What a text stands for; None where it is not plain enough to be read here."""
    try:
        if text.startswith("{"):
            return json.loads(text)
        lines = _lines(text)
        value, end = _block(lines, 0, 0)
    except (_UnusualError, ValueError, RecursionError):
        return None
    return value if end == len(lines) else None


def _lines(text: str) -> list[Line]:
    if not text.isascii() or "\t" in text or "\r" in text:
        raise _UnusualError
    found = []
    for line in text.split("\n"):
        content = line.lstrip(" ")
        if content:
            found.append((len(line) - len(content), content))
    return found


def _block(lines: list[Line], at: int, indent: int) -> tuple[Any, int]:
    """The mapping or sequence that begins at a line, and the number of the line behind it."""
    if at == len(lines) or lines[at][0] != indent:
        raise _UnusualError
    if lines[at][1].startswith("- "):
        return _sequence(lines, at, indent)
    return _mapping(lines, at, indent)


def _sequence(lines: list[Line], at: int, indent: int) -> tuple[list[Any], int]:
    items = []
    while at < len(lines) and lines[at][0] == indent and lines[at][1].startswith("- "):
        content = lines[at][1][2:]
        if _KEY.fullmatch(content):
            lines[at] = (indent + 2, content)
            item, at = _mapping(lines, at, indent + 2)
        else:
            item, at = _scalar(content), at + 1
        items.append(item)
    return items, at


def _mapping(lines: list[Line], at: int, indent: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while at < len(lines) and lines[at][0] == indent and not lines[at][1].startswith("-"):
        match = _KEY.fullmatch(lines[at][1])
        if not match or match[1].lower() in _WORDS:
            raise _UnusualError
        key, value = match.groups()
        at += 1
        if value is not None:
            found[key] = _scalar(value)
        elif at < len(lines) and _belongs(lines[at], indent):
            found[key], at = _block(lines, at, lines[at][0])
        else:
            found[key] = None
    return found, at


def _belongs(line: Line, indent: int) -> bool:
    """Whether a line is the value of the key before it; a sequence need not be indented."""
    return line[0] > indent or (line[0] == indent and line[1].startswith("- "))


def _scalar(text: str) -> Any:
    if text in _FIXED:
        value = _FIXED[text]
        return value.copy() if isinstance(value, dict | list) else value
    if _QUOTED.fullmatch(text):
        return text[1:-1]
    if not _PLAIN.fullmatch(text) or text.lower() in _WORDS:
        raise _UnusualError
    return text
