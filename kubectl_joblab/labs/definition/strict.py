"""A YAML file of a lab with its places: reads it, or says in which line why it cannot be read.

lint.py and rules.py read with it, labs/manifest.py finds lines and places with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kubectl_joblab.labs.definition import loader, model, problem
from kubectl_joblab.labs.definition.problem import Keys, Problem


@dataclass(frozen=True)
class Document:
    """A YAML file: what it says, and its nodes, which know their lines."""

    file: Path
    data: Any
    node: yaml.Node

    def problem(self, keys: Keys, message: str) -> Problem:
        """A problem with the value there; where it is missing, in the line of what lacks it."""
        return Problem(self.file, nearest(self.node, keys), problem.shown_keys(keys), message)


_TAG = "tag:yaml.org,2002:"
_PLAIN = frozenset(_TAG + name for name in ("str", "int", "bool", "null", "seq", "map"))
_OF_MANIFESTS = _PLAIN | {_TAG + "float", _TAG + "timestamp"}
_JSON_TYPES = {  # the tag of a value -> its type as Go's decoder calls it
    _TAG + "map": "object",
    _TAG + "seq": "array",
    _TAG + "str": "string",
    _TAG + "int": "number",
    _TAG + "float": "number",
    _TAG + "bool": "bool",
}
QUOTES = "put it in quotes"
_DEEPEST, _MOST = 50, 50_000  # a lab has 7 levels and some 700 nodes, aliases unfolded
_LONGEST = 18
_REMEDIES = (  # what PyYAML says -> what to do
    ("'\\t'", "indent with spaces, not with a tab"),
    ("cannot start any token", "put the text in quotes"),
    ("expected chomping or indentation indicators", "put the operator in quotes"),
    ("mapping values are not allowed", "put a text that has a colon in quotes"),
    ("end of stream", "end the quote that begins here"),
    ("'<stream end>'", "end the bracket that begins here"),
    ("expected ',' or", "end the bracket, or put != and a text with a comma in quotes"),
    ("another document", "leave out what follows the line ---"),
    ("undefined alias", "define the anchor above, or put the text in quotes"),
    ("for merging", "merge an alias of a mapping"),
    ("the character U+", "remove it"),
    ("", "look there and above for a colon, a quote or an indent that is wrong"),
)


class UnreadableError(Exception):
    """A file that cannot be read as one YAML mapping."""

    def __init__(self, *found: Problem) -> None:
        super().__init__(found)
        self.problems = list(found)


def lab_yaml(file: Path) -> Document:
    """lab.yaml, of a format this joblab knows. Raises UnreadableError."""
    document = read(file, _PLAIN, f"begin it with format: {model.FORMAT}")
    found = document.data.get("format")
    if "format" not in document.data:
        message = f"is missing; begin the file with format: {model.FORMAT}"
    elif found != model.FORMAT:
        message = (
            f"{problem.shown(found)} is not known here; write {model.FORMAT}, or update joblab"
        )
    else:
        return document
    raise UnreadableError(document.problem(("format",), message))


def read(
    file: Path, tags: frozenset[str] = _OF_MANIFESTS, remedy: str = "write one Kubernetes object"
) -> Document:
    """A YAML file that holds one mapping, of scalars of these tags. Raises UnreadableError."""
    text = _text(file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise UnreadableError(Problem(file, 1, "", f"is empty; {remedy}"))
        if odd := [Problem(file, *it) for it in _oddities(node, tags)]:
            raise UnreadableError(*odd)
        data: Any = loader.parse(file)  # as it will be loaded
    except yaml.YAMLError as error:
        raise UnreadableError(_syntax(file, text, error)) from error
    except RecursionError as error:
        raise UnreadableError(Problem(file, 1, "", "is nested too deeply; flatten it")) from error
    if not isinstance(data, dict):
        message = f"is {problem.kind_of(data)}, not a mapping; {remedy}"
        raise UnreadableError(Problem(file, line_of(node), "", message))
    return Document(file, data, node)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        message = "there is no such file; a lab is a folder NN-name with a lab.yaml"
        raise UnreadableError(Problem(file, 1, "", message)) from None
    except OSError as error:
        message = f"cannot be read ({error.strerror}); make it a file that you may read"
        raise UnreadableError(Problem(file, 1, "", message)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnreadableError(Problem(file, line, "", "is not UTF-8; save it as that")) from error


def _syntax(file: Path, text: str, error: yaml.YAMLError) -> Problem:
    """What the parser says, and what to do."""
    line, said = 1, str(error).partition("\n")[0]
    if isinstance(error, yaml.MarkedYAMLError):
        said = error.problem or said
        unended = "stream" in said  # then problem_mark is the end of the file
        mark = (unended and error.context_mark) or error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
    elif isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        said = f"the character U+{error.character:04X} is not allowed"
    remedy = next(remedy for words, remedy in _REMEDIES if words in said)
    return Problem(file, line, "", f"is not YAML: {said}; {remedy}")


def _oddities(root: yaml.Node, tags: frozenset[str]) -> Iterator[tuple[int, str, str]]:
    """What YAML allows and a lab does not: line, key and message."""
    pending: list[tuple[Keys, int, yaml.Node]] = [((), line_of(root), root)]
    for _ in range(_MOST):
        if not pending:
            return
        keys, line, node = pending.pop()
        if len(keys) > _DEEPEST:
            message = f"has more than {_DEEPEST} levels; flatten it, or end an alias to itself"
            yield line, problem.shown_keys(keys[:2]), message
            return
        if message := _odd_value(node, tags):
            yield line, problem.shown_keys(keys), message
        elif isinstance(node, yaml.SequenceNode):
            pending += [((*keys, i), line_of(item), item) for i, item in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            yield from (
                (at, problem.shown_keys((*keys, key)), says) for at, key, says in _odd_keys(node)
            )
            pending += [((*keys, _key_text(k)), line_of(k), item) for k, item in node.value]
    yield line_of(root), "", f"its aliases unfold into more than {_MOST} values; write them out"


def _odd_value(node: yaml.Node, tags: frozenset[str]) -> str:
    """What is odd about a node by itself, "" if nothing."""
    plain = node.style is None if isinstance(node, yaml.ScalarNode) else True
    safe: Any = yaml.SafeLoader("")
    if node.tag != safe.resolve(type(node), node.value, (plain, not plain)):
        return f"has the tag {node.tag.replace(_TAG, '!!')}; remove it, or {QUOTES}"
    if not isinstance(node, yaml.ScalarNode):
        return ""
    text = node.value[:60]
    if node.tag == _TAG + "float" and node.tag not in tags:
        return f"{text} is a fraction; write a whole number, or {QUOTES}"
    if node.tag not in tags:
        return f"{text} is a date or a sign of YAML's own; {QUOTES}"
    if node.tag == _TAG + "int" and len(node.value) > _LONGEST:
        return f"has more than {_LONGEST} digits; shorten it, or {QUOTES}"
    if re.search("[\ud800-\udfff]", node.value):
        return "has half a character, of U+D800 to U+DFFF; write it whole"
    try:
        safe.construct_object(node)
    except ValueError:  # 0b_ and 2026-02-30 have the tags of numbers and dates
        return f"{text} is no number or date; {QUOTES}"
    return ""


def _odd_keys(node: yaml.MappingNode) -> Iterator[tuple[int, str, str]]:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        name, line = _key_text(key), line_of(key)
        if key.tag not in (_TAG + "str", _TAG + "merge"):
            yield line, name, f"a key must be text; {QUOTES}"
        elif name in seen:
            yield line, name, f"is already in line {seen[name]}; remove one of the two"
        seen.setdefault(name, line)


def _key_text(key: yaml.Node) -> str:
    return str(key.value) if isinstance(key, yaml.ScalarNode) else "?"


def line_of(node: yaml.Node) -> int:
    line: int = node.start_mark.line + 1
    return line


def nearest(node: yaml.Node, keys: Sequence[str | int]) -> int:
    """The line of what these keys lead to; of what lacks it, where it is missing."""
    line = line_of(node)
    for key in keys:
        found = child(node, key)
        if found is None:
            break
        line, node = found
    return line


def of_kind(node: yaml.Node, keys: Sequence[str], kind: str) -> tuple[int, yaml.Node] | None:
    """The first value of this JSON type that keys lead to, through every list, and its line.

    The values of a list or mapping at the end count too.
    """
    places = [(line_of(node), node)]
    for key in keys:
        inner = [item for _, there in places for item in _items(there)]
        places = [found for there in inner if (found := child(there, key))]
    last = places + [(line_of(value), value) for _, there in places for value in _values(there)]
    return next((found for found in last if _JSON_TYPES.get(found[1].tag) == kind), None)


def _items(node: yaml.Node) -> list[yaml.Node]:
    """The items of a list; anything else is its own."""
    return node.value if isinstance(node, yaml.SequenceNode) else [node]


def _values(node: yaml.Node) -> list[yaml.Node]:
    """The values of a list or mapping."""
    if isinstance(node, yaml.MappingNode):
        return [value for _, value in node.value]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def commented(text: str, path: str) -> re.Match[str] | None:
    """Where a comment has the field, as in a starter: the first line of its key and one word.

    The groups are key and value.
    """
    key = re.escape(str(path).rpartition(".")[2])
    return re.search(rf"(?m)^# *(?:- )?(?P<key>{key}): +(?P<value>[\w./][^\s#]*) *(?:#.*)?$", text)


def child(node: yaml.Node, key: str | int) -> tuple[int, yaml.Node] | None:
    """What a node has at this key or index, and its line: a mapping's key counts."""
    if isinstance(node, yaml.SequenceNode):
        fits = isinstance(key, int) and key < len(node.value)
        return (line_of(node.value[key]), node.value[key]) if fits else None
    if not isinstance(node, yaml.MappingNode):
        return None
    for name, value in node.value:
        if name.value == key and isinstance(name, yaml.ScalarNode):
            return line_of(name), value
    merged = [value for name, value in node.value if name.tag == _TAG + "merge"]
    for value in merged:
        for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if found := child(source, key):
                return found
    return None
