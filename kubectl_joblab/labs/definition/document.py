"""A YAML text that is parsed once a run, when it is first asked for: what it says, and where.

A lab's files and a learner's manifest travel as documents, so that no one reads them again. A lab
with all its files ready parses none of them, so this module imports no YAML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubectl_joblab import files

if TYPE_CHECKING:
    import yaml


LAB = "lab.yaml"
LONGEST = 1 << 18  # bytes of a file of a lab; the longest of ours has a tenth of that


class Document:
    """A YAML text. name: the file, as lab.yaml or the learner has it. folder: what it is in."""

    def __init__(self, name: str, text: str, folder: Path = Path()) -> None:
        self.name = name
        self.text = text
        self.folder = folder

    @property
    def file(self) -> Path:
        """Where it is."""
        return self.folder / self.name

    @cached_property
    def nodes(self) -> list[yaml.Node]:
        """The node of each document in the text; a --- with nothing after it is none.

        Raises what goyaml.compose raises.
        """
        from kubectl_joblab.formats import goyaml  # not needed for a text that is only copied

        found = goyaml.compose(self.text, as_kubectl=self.name != LAB)
        return [node for node in found if node.start_mark.index != node.end_mark.index]

    @property
    def node(self) -> yaml.Node:
        """The node of the first document."""
        return self.nodes[0]

    def part(self, number: int, keys: Sequence[str | int] = ()) -> Document:
        """One of several documents in the text, counted from 0, or what keys lead to in it."""
        from kubectl_joblab.labs.definition import nodes

        found = Document(self.name, self.text, self.folder)
        found.nodes = [nodes.at(self.nodes[number], keys) or self.nodes[number]]
        return found

    @property
    def lines(self) -> list[int]:
        """The line, from 1, in which each document begins."""
        return [node.start_mark.line + 1 for node in self.nodes]

    @cached_property
    def every(self) -> list[Any]:
        """What each of its documents says. Raises what goyaml.value raises."""
        from kubectl_joblab.formats import goyaml

        return [goyaml.value(node) for node in self.nodes]

    @cached_property
    def data(self) -> Any:
        """What it says, as JSON could. Raises what goyaml.value raises."""
        from kubectl_joblab.formats import goyaml

        return goyaml.value(self.node)

    def line(self, keys: Sequence[str | int]) -> int:
        """The line, from 1, of what keys lead to; where it is missing, of what lacks it."""
        from kubectl_joblab.labs.definition import nodes

        return nodes.nearest(self.node, keys)

    def value(self, path: str) -> Any:
        """The value at a path; where only a comment has the field, what it says there."""
        from kubectl_joblab import objects

        found = objects.field(self.data, path)
        if found is None and (match := self.commented(path)):
            return match.group("value")
        return found

    def commented(self, path: str) -> re.Match[str] | None:
        """Where a comment has the field, as in a starter: the first line of its key and one word.

        The groups are key and value.
        """
        key = re.escape(path.rpartition(".")[2])
        pattern = rf"(?m)^ *# *(?:- )?(?P<key>{key}): +(?P<value>[\w./][^\s#]*) *(?:#.*)?$"
        return re.search(pattern, self.text)


class Files(dict[str, Document]):
    """The files of a lab, by the names that they have in lab.yaml; a key that is missing is read.

    Raises OSError and UnicodeDecodeError then.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Document:
        text = files.read(self.folder / name, LONGEST).decode()
        # as Python reads a text: an end of line is one character
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        found = self[name] = Document(name, text, self.folder)
        return found
