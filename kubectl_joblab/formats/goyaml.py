"""YAML as kubectl and the API server read it: turned into what JSON could say.

The practice API reads request bodies with `parse`. The plugin composes labs' files and learners'
manifests with `compose`, edits and explains them by their nodes, and has `value` make data of
them. So both agree on what is a number, a boolean, a text. Nothing here knows Kubernetes. Follows
sigs.k8s.io/yaml and the go-yaml v2 below it (resolve.go, decode.go); PyYAML only makes the nodes.
"""

from __future__ import annotations

import base64
import codecs
import contextlib
import itertools
import math
import re
from collections.abc import Mapping
from typing import Any

import yaml

from kubectl_joblab.formats import gojson

PLAIN = "plain"  # the tag of a scalar without quotes and tag, whose text says what it is
STRING = "tag:yaml.org,2002:str"
_SEQUENCE, _MAPPING = "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"
_BINARY = "tag:yaml.org,2002:binary"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
RESOLVED = {PLAIN, *(f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "null"))}
_MERGE = "<<"
BYTE_ORDER_MARK = "\ufeff"
# what aliases may make of a small document, and of one of any size: alias_ratio_range in decode.go
_FEW_NODES, _MANY_NODES = 400_000, 4_000_000
_FEW_RATIO, _MANY_RATIO = 0.99, 0.10
_MOST_NODES = 500_000  # of a document; each takes half a kilobyte, and etcd stores no such object
_ALIASED_LENGTH = 3 * 1024 * 1024  # characters that aliases may repeat; upstream counts nodes alone
# the texts that are no text without quotes, besides numbers: resolveTable in resolve.go
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(
        ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True
    ),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE"), False),
    **dict.fromkeys(("off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_INT = re.compile(r"([+-]?)(?:(0[xX])|(0[bB])|(0[oO]?)(?=[0-9a-fA-F]))?([0-9a-fA-F]+)", re.ASCII)
_LINE_ENDS = re.compile(r"[\r\n]")  # Go's decoder of base64 skips them
# parseTimestamp in resolve.go: the layouts that it tries
_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}"
    r"(([Tt]|[ \t]+)\d{1,2}:\d{2}:\d{2}(\.\d*)?([ \t]*(Z|[-+]\d{2}(:?\d{2})?))?)?",
    re.ASCII,
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)


class YAMLError(ValueError):
    """A text is no YAML, or says what JSON could not; the error's message is Go's."""


class QuestionMarkError(yaml.parser.ParserError):
    """A text in brackets has a ? and no quotes: YAML for others, but not for go-yaml v2."""


_PLAIN_SCALARS = {None: [(PLAIN, re.compile(""))]}  # what a text means is resolved here instead


class Explaining(yaml.SafeLoader):
    """PyYAML's own scanner: slow, but its errors say more of what is wrong.

    It takes what libyaml takes, so that nothing is called wrong which is not: a ? inside a text in
    brackets, and tabs that are no indent.
    """

    yaml_implicit_resolvers = _PLAIN_SCALARS
    allow_simple_key: bool
    flow_level: int
    column: int
    indent: int
    _in_text = False

    def scan_plain(self) -> Any:
        """The token of a text without quotes, which neither a ? nor a tab ends."""
        self._in_text = True
        found = super().scan_plain()
        self._in_text = False
        return found

    def peek(self, index: int = 0) -> str:
        """The character so far ahead; in a text one like any other for a ?, a blank for a tab."""
        found: str = super().peek(index)
        if self._in_text and found == "\t" and self.column + index > self.indent:
            return " "
        return "." if self._in_text and found == "?" else found

    def scan_to_next_token(self) -> None:
        """Go on to what is neither blank nor comment, over tabs too where no indent can be."""
        super().scan_to_next_token()
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self.forward()
            super().scan_to_next_token()


class _Loader(getattr(yaml, "CSafeLoader", Explaining)):  # type: ignore[misc]
    """libyaml's scanner, of which go-yaml is a port; PyYAML's own where libyaml is missing.

    The names of its methods are PyYAML's, which asks them of each node.
    """

    has_question = False  # whether a text without quotes has a ?
    _count = 0

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        """The tag of a node that has none; what a plain scalar means is resolved later."""
        if kind is yaml.ScalarNode:
            self.has_question = self.has_question or (implicit[0] and "?" in value)
            return PLAIN if implicit[0] else STRING
        return _SEQUENCE if kind is yaml.SequenceNode else _MAPPING

    def descend_resolver(self, *_: object) -> None:
        """Count a node, and refuse a document of so many that it would fill the memory."""
        self._count += 1
        if self._count > _MOST_NODES:
            raise yaml.YAMLError(f"document has more than {_MOST_NODES} values")

    def ascend_resolver(self) -> None:
        """Nothing: only PyYAML's own resolvers by path, of which there are none, need to know."""

    def node(self) -> yaml.Node:
        """The node of the next document. Raises what PyYAML raises, and QuestionMarkError."""
        found: yaml.Node = self.get_node()
        if self.has_question:
            _refuse_question_marks(found)
        return found


def _refuse_question_marks(root: yaml.Node) -> None:
    """Raise QuestionMarkError for the first ? in a text in brackets, which ends it in go-yaml v2.

    libyaml takes it for a part of the text since its version 0.2.3, as YAML 1.2 does.
    """
    pending, seen = [root], set()
    while pending:
        node = pending.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        is_mapping = isinstance(node, yaml.MappingNode)
        inner = list(itertools.chain(*node.value)) if is_mapping else node.value
        for one in inner if node.flow_style else ():
            if isinstance(one, yaml.ScalarNode) and one.tag == PLAIN and "?" in one.value:
                raise QuestionMarkError(
                    f"while parsing a flow {'mapping' if is_mapping else 'sequence'}",
                    node.start_mark,
                    f"did not find expected ',' or '{'}' if is_mapping else ']'}'",
                    one.start_mark,
                )
        pending += reversed(inner)


def text(raw: bytes) -> str:
    """The text of a file: of UTF-8, or of UTF-16 where its byte order mark says so.

    Raises UnicodeDecodeError.
    """
    is_utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    found = raw.decode("utf-16" if is_utf16 else "utf-8")
    return found.replace("\r\n", "\n").replace("\r", "\n")  # as Python reads a text


def parse(raw: bytes) -> tuple[Any, list[str]]:
    """The value of the first document, and a line for each key that stands twice in a mapping.

    Keys are sorted and fractions are gojson.Literal, as sigs.k8s.io/yaml makes JSON of YAML, which
    is then read. Raises YAMLError.
    """
    values = _JSONValues()
    try:
        loader = _Loader(raw)
        value = values.of(loader.node()) if loader.check_node() else None
    except yaml.YAMLError as error:
        raise YAMLError(f"yaml: {_words(error)}") from None
    except RecursionError:
        raise YAMLError("yaml: exceeded max depth") from None
    return value, values.doubts


def compose(text: str, *, as_kubectl: bool = True) -> list[yaml.Node]:
    """The nodes of all documents; their places are counted without a byte order mark.

    as_kubectl: False for a text that kubectl never reads, which may have a ? where kubectl takes
    none. Raises what PyYAML raises, QuestionMarkError, UnicodeError and RecursionError.
    """
    loader: Any = _Loader(text.removeprefix(BYTE_ORDER_MARK))
    found = []
    while loader.check_node():
        found.append(loader.node() if as_kubectl else loader.get_node())
    return found


def value(node: yaml.Node, changed: Mapping[int, yaml.Node] | None = None) -> Any:
    """What a node says: dicts in the order of the text, lists, str, int, float, True, False, None.

    changed: nodes to read instead of others, by the id of the other. Raises YAMLError and
    RecursionError.
    """
    return _Changed(changed).of(node) if changed else _Values().of(node)


def _words(error: yaml.YAMLError) -> str:
    """The error as go-yaml words it: libyaml's problem, and the line as go-yaml counts it."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    mark, context = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    line = mark.line if mark else 0
    if line:
        line += isinstance(error, yaml.scanner.ScannerError)
    elif context:
        line = context.line
    return f"line {line}: {problem}" if line else str(problem)


class _Values:
    """Makes values of nodes. An alias is read again wherever it stands, within limits."""

    def __init__(self) -> None:
        self.doubts: list[str] = []
        self.seen: set[int] = set()
        self.open: set[int] = set()
        self.in_alias = False
        self.count = 0  # of nodes read, of aliases and in them too
        self.aliased = 0  # of nodes read in aliases
        self.aliased_length = 0  # of the texts read in aliases

    def of(self, node: yaml.Node) -> Any:
        """The value of a node and all below it."""
        if id(node) not in self.seen:
            self.count += 1
            self.seen.add(id(node))
            return self._of(node)
        begins, self.in_alias = not self.in_alias, True
        self._count_alias(node, begins=begins)
        found = self._of(node)
        self.in_alias = not begins
        return found

    def _of(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self.open:
            raise YAMLError("yaml: an anchor's value contains itself")
        self.open.add(id(node))
        found: Any = (
            self._mapping(node)
            if isinstance(node, yaml.MappingNode)
            else [self.of(one) for one in node.value]
        )
        self.open.remove(id(node))
        return found

    def _count_alias(self, node: yaml.Node, *, begins: bool) -> None:
        """Count a node that an alias repeats, and refuse a document that is mostly such nodes.

        begins: whether the node is the one that the alias stands for.
        """
        self.aliased += 1
        self.count += 1 + begins
        if isinstance(node, yaml.ScalarNode):
            self.aliased_length += len(node.value)
        many = self.aliased > 100 and self.count > 1000
        too_many = many and self.aliased / self.count > _allowed_ratio(self.count)
        if too_many or self.aliased_length > _ALIASED_LENGTH:
            raise YAMLError("yaml: document contains excessive aliasing")

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: list[Any] = []
        for key_node, value_node in node.value:
            value = self.of(value_node)
            if is_merge(key_node):
                merged += value if isinstance(value, list) else [value]
                continue
            key = self._key(key_node)
            if key in found:
                line = key_node.start_mark.line + 1
                self.doubts.append(f"line {line}: key {gojson.quote(key)} already set in map")
            found[key] = value
        for one in merged:
            if not isinstance(one, dict):
                raise YAMLError("yaml: map merge requires map or sequence of maps as the value")
            found = one | found
        return found

    def _key(self, node: yaml.Node) -> str:
        key = self.of(node)
        if isinstance(key, bool):
            return str(key).lower()
        if isinstance(key, (int, float, str)):
            return f"{key:g}" if isinstance(key, float) else str(key)
        raise YAMLError("unsupported map key")

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        found = scalar(node)
        return float(found) if isinstance(found, gojson.Literal) else found


class _Changed(_Values):
    """Makes values with some nodes replaced by others, also where an alias repeats them."""

    def __init__(self, changed: Mapping[int, yaml.Node]) -> None:
        super().__init__()
        self.changed = changed

    def of(self, node: yaml.Node) -> Any:
        """The value of a node, or of the node that replaces it."""
        return super().of(self.changed.get(id(node), node))


class _JSONValues(_Values):
    """Makes values as if the YAML had been written as JSON and read again."""

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        return dict(sorted(super()._mapping(node).items()))

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        return scalar(node)


def _allowed_ratio(count: int) -> float:
    """Which part of so many nodes aliases may have made (allowedAliasRatio)."""
    if count <= _FEW_NODES:
        return _FEW_RATIO
    large = min((count - _FEW_NODES) / (_MANY_NODES - _FEW_NODES), 1.0)
    return _FEW_RATIO - (_FEW_RATIO - _MANY_RATIO) * large


def is_merge(key: yaml.Node) -> bool:
    """Whether this key of a mapping merges others into it."""
    return key.tag == PLAIN and key.value == _MERGE


def scalar(node: yaml.ScalarNode) -> Any:
    """The value of a scalar; a fraction is a gojson.Literal. Raises YAMLError."""
    if node.tag == _BINARY:
        try:
            raw = base64.b64decode(_LINE_ENDS.sub("", node.value), validate=True)
        except ValueError:
            raise YAMLError("yaml: !!binary value contains invalid base64 data") from None
        return raw.decode("utf-8", "replace")
    if node.tag == _TIMESTAMP:
        if not _DATE.fullmatch(node.value):
            raise YAMLError(f"yaml: cannot decode !!str `{node.value}` as a !!timestamp")
        return node.value
    if node.tag not in RESOLVED:
        return node.value
    found = resolve(node.value)
    if node.tag != PLAIN:
        _require(node.tag, node.value, found)
    return found


def _require(tag: str, text: str, found: Any) -> None:
    """Raise YAMLError where a scalar that says its type is of another, as resolve.go does."""
    wanted = tag.rpartition(":")[2]
    kind = _kind(text, found)
    if kind != wanted and not (kind == "int" and wanted == "float"):
        raise YAMLError(f"yaml: cannot decode !!{kind} `{text}` as a !!{wanted}")


def _kind(text: str, found: Any) -> str:
    if found is None:
        return "null"
    if isinstance(found, bool):
        return "bool"
    if isinstance(found, str):
        return "str"
    is_int = isinstance(found, int) and _INT.fullmatch(text.replace("_", ""))
    return "int" if is_int and abs(found) < 2**63 else "float"


def resolve(text: str) -> Any:
    """What a plain scalar means. Raises YAMLError for what is infinite or no number.

    A float that is whole becomes an int, as in Go's JSON; another one is a gojson.Literal.
    """
    if text in _WORDS:
        number = _WORDS[text]
        if isinstance(number, float):
            shown = {math.inf: "+Inf", -math.inf: "-Inf"}.get(number, "NaN")
            raise YAMLError(f"json: unsupported value: {shown}")
        return number
    if text[0] not in "+-.0123456789":
        return text
    plain = text.replace("_", "")
    if found := _INT.fullmatch(plain):
        sign, hexadecimal, binary, octal, digits = found.groups()
        base = 16 if hexadecimal else 2 if binary else 8 if octal else 10
        with contextlib.suppress(ValueError):
            whole = int(sign + digits, base)
            if abs(whole) < 2**63:
                return whole
    return _float(text, float(plain)) if _FLOAT.fullmatch(plain) else text


def _float(text: str, number: float) -> int | str | gojson.Literal:
    if math.isinf(number):
        return text  # too large for Go's, too, which then takes it for a string
    return (
        int(number) if number.is_integer() and abs(number) < 1e21 else gojson.Literal(repr(number))
    )
