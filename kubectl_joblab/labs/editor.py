"""Changes single values of a manifest in its text; all other text stays, comments in their columns.

manifest.py writes the values of parameters and a Job's name with it. A value is found by the place
of its YAML node, and what the new text says is read from the nodes too: nothing is parsed again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from kubectl_joblab import objects
from kubectl_joblab.formats import goyaml
from kubectl_joblab.labs.definition import model, nodes
from kubectl_joblab.labs.definition.document import Document

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")  # an anchor and a tag, which stay
_TO_COMMENT = re.compile(" +(?=#)")
# a text that needs no quotes, unless YAML takes it for something else, such as a number
_PLAIN = re.compile(r"-*[\w./+][\w./:@+-]*(?<!:)")
_YAML_1_1: Any = yaml.SafeLoader("")  # it takes more texts than goyaml for dates and numbers
_COMMENT = 34  # the column of comments in labs' manifests
_Pair = tuple[yaml.Node, yaml.Node]


class Editor:
    """Collects changes of a document; `done` returns the document that has them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        has_mark = document.text.startswith(goyaml.BYTE_ORDER_MARK)
        self._first = len(goyaml.BYTE_ORDER_MARK) if has_mark else 0  # where nodes begin to count
        self._texts: dict[tuple[int, int], str] = {}  # by the place where each goes
        self._nodes: dict[int, yaml.Node] = {}  # by the id of the node that each replaces

    def set(self, path: str, value: object) -> None:
        """Write a value at a path that is there, be it in a comment; quotes stay as they are.

        Raises KeyError where the path is not there.
        """
        node = nodes.at(self._document.node, objects.steps(path))
        if isinstance(node, yaml.ScalarNode):
            end = node.end_mark.index + self._first
            begin = _PROPERTIES.match(self._document.text, node.start_mark.index + self._first, end)
            self._write(begin.end() if begin else end, end, _quoted(value, node.style))
            is_text = node.style or isinstance(value, str)
            tag = goyaml.STRING if is_text and node.tag == goyaml.PLAIN else node.tag
            self._nodes[id(node)] = yaml.ScalarNode(tag, str(value), style=node.style)
        elif node is None and (match := self._document.commented(path)):
            self._write(*match.span("value"), _quoted(value, None))
        else:
            raise KeyError(path)

    def _write(self, begin: int, end: int, new: str) -> None:
        """Replace a value, and keep a comment behind it in its column."""
        if spaces := _TO_COMMENT.match(self._document.text, end):
            new += " " * max(2, spaces.end() - begin - len(new))
            end = spaces.end()
        self._texts[begin, end] = new

    def name_in_comment(self, command: str, name: str) -> None:
        """Add the Job's name to the first comment that tells of a command, in a line of its own."""
        pattern = rf"#(?P<before>.*?)(?P<command> {re.escape(command)}[^\n]*)"
        if match := re.search(pattern, self._document.text):
            begins = "\n#" if match["before"] else ""
            self._texts[match.span("command")] = f"{begins}{match['command']} --name={name}"

    def annotate(self, changes: Mapping[str, object]) -> None:
        """Write an annotation for each of these parameters, below metadata.name if there is one."""
        metadata = nodes.at(self._document.node, ["metadata"])
        if not changes or not isinstance(metadata, yaml.MappingNode):
            return
        if nodes.at(metadata, ["name"]) is None:
            return
        there = nodes.at(metadata, ["annotations"])
        new = {f"{model.PARAMETER_PREFIX}{name}": str(changes[name]) for name in sorted(changes)}
        entries = [f'{key}: "{value}"' for key, value in new.items()]
        if any(isinstance(one, yaml.MappingNode) and one.flow_style for one in (metadata, there)):
            self._write_in_braces(metadata, there, ", ".join(entries))
        else:
            self._write_below("annotations" if there else "name", entries)
        self._replace_annotations(metadata, there, [(_text(key), _text(new[key])) for key in new])

    def _replace_annotations(
        self, metadata: yaml.MappingNode, there: yaml.Node | None, pairs: list[_Pair]
    ) -> None:
        """Have the nodes of metadata say these annotations first, as the new text does."""
        if there:
            more = there.value if isinstance(there, yaml.MappingNode) else []
            self._nodes[id(there)] = yaml.MappingNode(there.tag, [*pairs, *more])
            return
        keys = [key.value for key, _ in metadata.value]
        at = 0 if metadata.flow_style else keys.index("name") + 1
        annotations = (_text("annotations"), yaml.MappingNode("", pairs))
        around = [*metadata.value[:at], annotations, *metadata.value[at:]]
        self._nodes[id(metadata)] = yaml.MappingNode(metadata.tag, around)

    def _write_in_braces(self, metadata: yaml.Node, there: yaml.Node | None, entries: str) -> None:
        """Write annotations into the braces of metadata, or of the annotations that are there."""
        holder = there or metadata
        at = self._document.text.index("{", holder.start_mark.index + self._first) + 1
        self._texts[at, at] = f"{entries}, " if there else f"annotations: {{{entries}}}, "

    def _write_below(self, key: str, entries: list[str]) -> None:
        """Write annotations into the lines below this key of metadata."""
        lines = self._document.text.splitlines(keepends=True)
        above = lines[: self._document.line(["metadata", key])]
        space = " " * (len(above[-1]) - len(above[-1].lstrip(" ")))
        head = f"{space}annotations:".ljust(_COMMENT) + "# what 'kubectl joblab check' expects\n"
        new = [f"{space}  {entry}\n" for entry in entries]
        at = sum(map(len, above))
        self._texts[at, at] = "".join(new if key == "annotations" else [head, *new])

    def done(self) -> Document:
        """The document with all changes; where there are none, the document itself."""
        if not self._texts:
            return self._document
        text = self._document.text
        for (begin, end), new in sorted(self._texts.items(), reverse=True):
            text = text[:begin] + new + text[end:]
        made = Document(self._document.name, text, self._document.folder)
        made.data = goyaml.value(self._document.node, self._nodes)
        return made


def _text(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode(goyaml.STRING, text)


def _quoted(value: object, style: str | None) -> str:
    """A value as YAML: in the quotes that are there; text that needs some gets double ones."""
    text = str(value)
    if style == "'":
        return "'" + text.replace("'", "''") + "'"
    quoted = json.dumps(text, ensure_ascii=False)
    if style == '"':
        return quoted
    return text if not isinstance(value, str) or _is_plain(text) else quoted


def _is_plain(text: str) -> bool:
    """Whether any reader, also one of YAML 1.1, takes it for this text without quotes, anywhere."""
    tag = _YAML_1_1.resolve(yaml.ScalarNode, text, (True, False))
    return bool(_PLAIN.fullmatch(text)) and goyaml.resolve(text) == text and tag == goyaml.STRING
