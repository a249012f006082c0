"""Reads a file of a lab strictly, or says in which line why it cannot be read.

A lab's files are read by people and by their editors, so more is refused here than kubectl
refuses: keys that stand twice, what other readers of YAML take for something else.
"""

from __future__ import annotations

import errno
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from kubectl_joblab.formats import goyaml
from kubectl_joblab.labs.definition import model, nodes, problem
from kubectl_joblab.labs.definition.document import LAB, Document, Files
from kubectl_joblab.labs.definition.facts import shapes
from kubectl_joblab.labs.definition.problem import QUOTES, Keys, Problem

_TAG = "tag:yaml.org,2002:"
_YAML_1_1: Any = yaml.SafeLoader("")  # reads scalars as many editors do
_DEEPEST, _MOST = 50, 50_000  # a lab has 7 levels and some 700 nodes, aliases unfolded
_LONGEST = 18
# the keys of lab.yaml whose values are whole numbers
INTEGERS = (
    *("number", "minutes", "task", "within", "minimum", "maximum", "index", "base", "factor"),
)
# what moves a terminal's cursor, or turns the order of what is read, anywhere in a text
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_NUMBER = re.compile(r"[-+]?(0[xX][0-9a-fA-F_]+|0[bBoO][0-7_]+|[0-9_]+)")
_DIGITS = re.compile("-?[0-9]+")
_OCTAL = re.compile("[-+]?0[0-9]+")
_REMEDIES = (  # what PyYAML says -> what to do
    ("'\\t'", "indent with spaces, not with a tab"),
    ("cannot start any token", "put the text in quotes"),
    ("expected chomping or indentation indicators", "put the operator in quotes"),
    ("mapping values are not allowed", "put a text that has a colon in quotes"),
    ("end of stream", "end the quote that begins here"),
    ("'<stream end>'", "end the bracket that begins here"),
    ("expected ',' or", "end the bracket, or put != and a text with a comma in quotes"),
    ("found unexpected ':'", "put a text that has a colon in quotes"),
    ("undefined alias", "define the anchor above, or put the text in quotes"),
    ("the character U+", "remove it"),
    ("", "look there and above for a colon, a quote or an indent that is wrong"),
)
_Odd = Callable[[yaml.ScalarNode], str]  # why a scalar is odd, "" where it is not


class UnreadableError(Exception):
    """A file that cannot be read as one YAML mapping."""

    def __init__(self, *found: Problem) -> None:
        super().__init__(found)
        self.problems = list(found)


def lab_yaml(folder: Files) -> Document:
    """lab.yaml, of a format this joblab knows. Raises UnreadableError."""
    newest = model.FORMATS[0]
    document = _read(folder, LAB, _odd_in_lab, f"begin it with format: {newest}")
    found = document.data.get("format")
    if "format" not in document.data:
        message = f"is missing; begin the file with format: {newest}"
    elif found not in model.FORMATS:
        message = f"{problem.shown(found)} is not known here; write {newest}, or update joblab"
    else:
        return document
    raise UnreadableError(problem.at(document, ("format",), message))


def read(folder: Files, name: str) -> Document:
    """A manifest, which holds one mapping. Raises UnreadableError."""
    return _read(folder, name, _odd_scalar, "write one Kubernetes object")


def read_all(folder: Files, name: str) -> Document:
    """A file of one manifest or several. Raises UnreadableError."""
    return _read(folder, name, _odd_scalar, "write one Kubernetes object", several=True)


def _read(folder: Files, name: str, odd: _Odd, remedy: str, *, several: bool = False) -> Document:
    document = _document(folder, name)
    try:
        found = _problems(document, odd, several=several)
    except RecursionError:
        found = [Problem(document.file, 1, "", "is nested too deeply; flatten it")]
    if not found and not document.nodes:
        found = [Problem(document.file, 1, "", f"is empty; {remedy}")]
    elif not found and not isinstance(document.data, dict):
        message = f"is {problem.kind_of(document.data)}, not a mapping; {remedy}"
        found = [problem.at(document, (), message)]
    elif not found and name != LAB:
        found = list(_misshapen(document))
    if found:
        raise UnreadableError(*found)
    return document


def _misshapen(document: Document) -> Iterator[Problem]:
    """What is misshapen in the objects of a file; what is no object at all, a rule finds."""
    for number, one in enumerate(document.every):
        for keys, message in shapes.misshapen(one) if isinstance(one, dict) else ():
            yield problem.at_document(document, number, keys, message)


def _document(folder: Files, name: str) -> Document:
    file = folder.folder / name
    try:
        return folder[name]
    except FileNotFoundError:
        message = "there is no such file; a lab is a folder NN-name with a lab.yaml"
        if file.with_suffix(".yml").is_file():
            message = f"there is no such file; rename {file.with_suffix('.yml').name} to {name}"
        raise UnreadableError(Problem(file, 1, "", message)) from None
    except OSError as error:
        remedy = (
            "make it shorter" if error.errno == errno.EFBIG else "make it a file that you may read"
        )
        message = f"cannot be read ({error.strerror}); {remedy}"
        raise UnreadableError(Problem(file, 1, "", message)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnreadableError(Problem(file, line, "", "is not UTF-8; save it as that")) from error


def _problems(document: Document, odd: _Odd, *, several: bool) -> list[Problem]:
    """Why its YAML cannot be taken; what is refused is scanned again, for PyYAML's own words."""
    try:
        found = document.nodes
    except yaml.YAMLError as error:
        return _refused(document, odd, error)
    if len(found) > 1 and not several:
        begun = document.text.rfind("\n---", 0, found[1].start_mark.index) + 1
        message = "begins a second document; leave out what follows the line ---"
        return [Problem(document.file, document.text.count("\n", 0, begun) + 1, "", message)]
    return [Problem(document.file, *it) for node in found for it in _oddities(node, odd)]


def _refused(document: Document, odd: _Odd, refused: yaml.YAMLError) -> list[Problem]:
    """Why a text is no YAML, be it a value that PyYAML's own scanner takes."""
    try:
        found = list(yaml.compose_all(document.text, Loader=goyaml.Explaining))
    except yaml.YAMLError as error:
        return [_syntax(document, error)]
    odd_ones = [Problem(document.file, *it) for node in found for it in _oddities(node, odd)]
    return odd_ones or [_syntax(document, refused)]


def _syntax(document: Document, error: yaml.YAMLError) -> Problem:
    """What the parser says, and what to do."""
    line, said = 1, str(error).partition("\n")[0]
    if isinstance(error, yaml.MarkedYAMLError):
        said = error.problem or said
        unended = "stream" in said  # then problem_mark is the end of the file
        mark = (unended and error.context_mark) or error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
    elif isinstance(error, yaml.reader.ReaderError):
        line = document.text.count("\n", 0, error.position) + 1
        said = f"the character U+{error.character:04X} is not allowed"
    if isinstance(error, goyaml.QuestionMarkError):
        said = f"{said}, as kubectl reads it"
        remedy = "put the text that has a ? in quotes"
    else:
        remedy = _of_colon(document, error) or next(
            remedy for words, remedy in _REMEDIES if words in said
        )
    return Problem(document.file, line, "", f"is not YAML: {said}; {remedy}")


def _of_colon(document: Document, error: yaml.YAMLError) -> str:
    """What to do about a colon where none may be, "" where it is not about one.

    It may be of a text, of a line that is indented otherwise than those above, or of the first key
    behind a bracket that does not end.
    """
    if not isinstance(error, yaml.MarkedYAMLError) or (mark := error.problem_mark) is None:
        return ""
    if "stream" in str(error.problem):
        return ""
    line = document.text.split("\n")[mark.line]
    before = re.split(r"[{\[,]", line[: mark.column])[-1].lstrip(" -")
    begun = error.context_mark.line if error.context_mark else mark.line
    in_bracket = "expected ',' or" in str(error.problem)
    between = document.text.split("\n")[begun : mark.line]
    if in_bracket and (cut := [at for at, one in enumerate(between) if re.search(r"\s#", one)]):
        return f"put the text with a # in line {begun + cut[0] + 1} in quotes"
    if in_bracket and ": " in before:
        return "put a text that has a colon in quotes, or a comma before the next key"
    if in_bracket and begun < mark.line:
        return f"end the bracket that begins in line {begun + 1}"
    if "mapping values are not allowed" in str(error.problem) and re.fullmatch(r"\w+", before):
        return "indent it as the key above, or put a text that has a colon in quotes"
    return ""


def _oddities(root: yaml.Node, odd: _Odd) -> Iterator[tuple[int, str, str]]:
    """What YAML allows and a lab does not: line, key and message."""
    pending: list[tuple[Keys, int, yaml.Node]] = [((), nodes.line_of(root), root)]
    for _ in range(_MOST):
        if not pending:
            return
        keys, line, node = pending.pop()
        if len(keys) > _DEEPEST:
            message = f"has more than {_DEEPEST} levels; flatten it, or end an alias to itself"
            yield line, problem.shown_keys(keys[:2]), message
            return
        message = _odd_tag(node) or (odd(node) if isinstance(node, yaml.ScalarNode) else "")
        if keys and keys[-1] in INTEGERS and odd is _odd_in_lab:
            message = _without_quotes(message) or _unusual(node)
        if message:
            yield line, problem.shown_keys(keys), message
        elif isinstance(node, yaml.SequenceNode):
            places = enumerate(node.value)
            pending += [((*keys, index), nodes.line_of(item), item) for index, item in places]
        elif isinstance(node, yaml.MappingNode):
            yield from (
                (at, problem.shown_keys((*keys, key)), says) for at, key, says in _odd_keys(node)
            )
            yield from (
                (at, problem.shown_keys((*keys, key)), says) for at, key, says in _cut(node)
            )
            yield from _odd_merges(node)
            pending += [((*keys, _key_text(k)), nodes.line_of(k), item) for k, item in node.value]
    message = f"its aliases unfold into more than {_MOST} values; write them out"
    yield nodes.line_of(root), "", message


def _without_quotes(message: str) -> str:
    """What is odd about a whole number, which would be text in quotes."""
    said, _, remedy = message.partition("; ")
    remedy = remedy.removesuffix(f", or {QUOTES}").replace(QUOTES, "write a whole number")
    return f"{said}; {remedy}" if said else ""


def _unusual(node: yaml.Node) -> str:
    """That a whole number is not written in digits, as 9e1 is not."""
    if not isinstance(node, yaml.ScalarNode) or node.style or _DIGITS.fullmatch(node.value):
        return ""
    value = goyaml.scalar(node)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return (
        f"{node.value[:60]} is a strange way to write {value}; write {value}" if is_number else ""
    )


def _odd_tag(node: yaml.Node) -> str:
    """That a node has a tag which makes something else of it."""
    if isinstance(node, yaml.ScalarNode):
        untagged = yaml.ScalarNode(goyaml.STRING if node.style else goyaml.PLAIN, node.value)
        fits = node.tag in (goyaml.STRING, *goyaml.RESOLVED) and _said(node) == _said(untagged)
    else:
        fits = node.tag == _TAG + ("map" if isinstance(node, yaml.MappingNode) else "seq")
    return "" if fits else f"has the tag {node.tag.replace(_TAG, '!!')}; remove it, or {QUOTES}"


def _said(node: yaml.ScalarNode) -> str:
    """What a scalar says, for comparison."""
    try:
        return repr(goyaml.scalar(node))
    except goyaml.YAMLError as error:
        return str(error)


def _odd_in_lab(node: yaml.ScalarNode) -> str:
    """What is odd about a scalar of a lab.yaml: also what other readers of YAML read otherwise."""
    text = node.value[:60]
    fraction = f"{text} is a fraction; write a whole number, or {QUOTES}"
    tag = _YAML_1_1.resolve(yaml.ScalarNode, node.value, (not node.style, bool(node.style)))
    if not node.style and _OCTAL.fullmatch(node.value):
        return f"{text} begins with 0, as octal numbers do; leave out the 0, or {QUOTES}"
    if tag == _TAG + "float":
        return fraction
    if text == "=" and not node.style:
        return f"= is a sign of YAML's own; write == to compare, or {QUOTES}"
    if tag in (_TAG + "timestamp", _TAG + "value", _TAG + "merge"):
        return f"{text} is a date or a sign of YAML's own; {QUOTES}"
    if message := _odd_scalar(node):
        return message
    if control := _CONTROL.search(node.value):
        return f"has the control character U+{ord(control[0]):04X}; remove it"
    value = goyaml.scalar(node)
    if isinstance(value, float):
        return fraction
    if tag == _TAG + "int" and isinstance(value, str):  # 0b_ and 1:30
        return f"{text} is no number or date; {QUOTES}"
    return ""


def _odd_scalar(node: yaml.ScalarNode) -> str:
    """What is odd about a scalar by itself, "" if nothing."""
    if not node.style and len(node.value) > _LONGEST and _NUMBER.fullmatch(node.value):
        return f"has more than {_LONGEST} digits; shorten it, or {QUOTES}"
    if re.search("[\ud800-\udfff]", node.value):
        return "has half a character, of U+D800 to U+DFFF; write it whole"
    try:
        goyaml.scalar(node)
    except goyaml.YAMLError:  # .inf, which JSON has not
        return f"{node.value[:60]} is no number or date; {QUOTES}"
    return ""


def _odd_keys(node: yaml.MappingNode) -> Iterator[tuple[int, str, str]]:
    """The keys that are no text, and those that stand twice."""
    seen: dict[str, int] = {}
    for key, _ in node.value:
        name, line = _key_text(key), nodes.line_of(key)
        if not _is_text(key):
            yield line, name, f"a key must be text; {QUOTES}"
        elif name in seen:
            yield line, name, f"is already in line {seen[name]}; remove one of the two"
        seen.setdefault(name, line)


def _cut(node: yaml.MappingNode) -> Iterator[tuple[int, str, str]]:
    """The texts in braces that end at a comma of their own: the rest is a key without a value."""
    if not node.flow_style:
        return
    for (key, value), (_, empty) in itertools.pairwise(node.value):
        plain = isinstance(value, yaml.ScalarNode) and not value.style and value.value
        if plain and isinstance(empty, yaml.ScalarNode) and not (empty.style or empty.value):
            yield nodes.line_of(key), _key_text(key), "ends at its comma; put the text in quotes"


def _is_text(key: yaml.Node) -> bool:
    if not isinstance(key, yaml.ScalarNode) or key.tag not in (goyaml.PLAIN, goyaml.STRING):
        return False
    return _said(key) == repr(key.value)


def _odd_merges(node: yaml.MappingNode) -> Iterator[tuple[int, str, str]]:
    """What is merged into a mapping and is none, in PyYAML's words."""
    for key, value in node.value:
        for source in nodes.items(value) if goyaml.is_merge(key) else ():
            if not isinstance(source, yaml.MappingNode):
                kind = "scalar" if isinstance(source, yaml.ScalarNode) else "sequence"
                said = f"expected a mapping or list of mappings for merging, but found {kind}"
                remedy = "merge an alias of a mapping"
                yield nodes.line_of(source), "", f"is not YAML: {said}; {remedy}"


def _key_text(key: yaml.Node) -> str:
    return str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
