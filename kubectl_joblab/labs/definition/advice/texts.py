"""What is wrong with the texts of a lab: words that learners read as nobody meant them.

lint.py applies the rules. A lab of earlier days that breaks one is loaded as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import yaml

from kubectl_joblab.formats import goyaml
from kubectl_joblab.labs.definition import lab_files, nodes, problem
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles
from kubectl_joblab.labs.definition.problem import Keys, Problem

_JOB = "{job}"
_COMMENT = re.compile(r"[ \t]+#")
_MARKED = re.compile(r"`kubectl [^`]*`")
# what can be typed as it stands: with an object, a selector or a file, or a kind to look at
_WHOLE = re.compile(
    r"kubectl (?:joblab )?[a-z-]+(?: -[\w-]+(?:=\S+)?| [a-z]+)?"
    r" (?:[a-z]+/[\w{]|\{job\}|-[fl] \S*[/=.])[^\s`]*"
    r"|kubectl (?:describe|get) (?:cronjob|event|job|node|pod)s?(?![\w-])",
    re.ASCII,
)
_GLUED = re.compile(r"(`kubectl [^`]*`)[가-힣]")
_OF_TEXTS = ("en", "ko", "run", "next", "contains")  # keys whose values are texts or commands


def _not_filled_in(lab: LabFiles) -> Found:
    """{job} stands for the Job's name in hints and commands alone."""
    found = [((*keys, code), said) for keys, text in _shown(lab) for code, said in text.items()]
    found.append((("next",), lab.data.get("next", "")))
    for keys, said in found:
        if isinstance(said, str) and _JOB in said:
            message = f"{_JOB} is filled in in commands, run and hints alone; write the Job's name"
            yield lab.problem(keys, message)


def _shown(lab: LabFiles) -> Iterator[tuple[Keys, dict[str, str]]]:
    """The texts that are shown as they are."""
    for keys, text in lab_files.texts((), lab.data):
        if keys[:1] != ("hints",):
            yield keys, {code: text[code] for code in ("en", "ko") if code in text}


def _commands(lab: LabFiles) -> Found:
    """What is to be typed stands in backquotes, and nothing of the sentence clings to it."""
    for keys, text in lab_files.texts((), lab.data):
        for code in ("en", "ko"):
            said = " ".join(text.get(code, "").split())
            if found := whole(said):
                message = f"put {found} in backquotes, from kubectl to its last word; it is then"
                message += " shown whole, with the learner's -n"
                yield replace(lab.problem((*keys, code), message), warning=True)
            if found := glued(said):
                message = f"goes on right behind {found}, which learners paste; leave a blank"
                yield replace(lab.problem((*keys, code), message), warning=True)


def whole(text: str) -> str:
    """The first command of a text that can be typed as it stands, outside of backquotes, or ""."""
    found = _WHOLE.search(_MARKED.sub("", text))
    return found[0] if found else ""


def glued(text: str) -> str:
    """The first command of a text to which a Korean particle clings, or ""."""
    found = _GLUED.search(text)
    return found[1] if found else ""


def _of_one_line(lab: LabFiles) -> Found:
    """What stands in a table or a heading is one line."""
    for key in ("title", "chapter"):
        for code, said in lab.data.get(key, {}).items():
            if "\n" in said.strip():
                yield lab.problem((key, code), "has several lines; write one")


def _cut(lab: LabFiles) -> Found:
    """A text without quotes ends at its #, as a comment does; so nobody can tell which is meant."""
    source = lab.lab_yaml.text.removeprefix(goyaml.BYTE_ORDER_MARK)
    for keys, line, node in _plain(lab.lab_yaml.node):
        is_text = keys[-1:] and (keys[-1] in _OF_TEXTS or keys[0] == "commands")
        if is_text and _COMMENT.match(source, node.end_mark.index):
            message = "ends at its #; put the text in quotes, or the comment in a line of its own"
            found = Problem(lab.lab_yaml.file, line, problem.shown_keys(keys), message)
            yield replace(found, warning=True)


def _plain(root: yaml.Node) -> Iterator[tuple[Keys, int, yaml.ScalarNode]]:
    """The scalars without quotes, each with its keys and its line."""
    pending: list[tuple[Keys, yaml.Node]] = [((), root)]
    while pending:
        keys, node = pending.pop()
        if isinstance(node, yaml.MappingNode):
            pending += [((*keys, str(key.value)), value) for key, value in reversed(node.value)]
        elif isinstance(node, yaml.SequenceNode):
            pending += [((*keys, at), one) for at, one in reversed(list(enumerate(node.value)))]
        elif isinstance(node, yaml.ScalarNode) and not node.style:
            yield keys, nodes.line_of(node), node


def _folder(lab: LabFiles) -> Found:
    """A lab is found sooner, and its files are where its commands say, in a folder NN-name."""
    called = lab.folder.resolve().name
    number, _, name = called.partition("-")
    if not (number.isdecimal() and name):
        right = f"{lab.data['number']:02}-{lab.data['name']}"
        message = f"is in the folder {called}; call it {right}, as scaffold does"
        yield replace(lab.problem(("name",), message), warning=True)


RULES: tuple[Callable[[LabFiles], Found], ...] = (
    _not_filled_in,
    _commands,
    _of_one_line,
    _cut,
    _folder,
)
