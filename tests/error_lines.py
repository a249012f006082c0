"""The error and warning lines that the program can print, read off its source.

``...`` in a line stands for what varies. tests/test_docs.py compares docs/troubleshooting.md with
the lines. What the practice cluster's own API and node say is not collected: it is a server's.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import kubectl_joblab
from tests import sources

PACKAGE = Path(kubectl_joblab.__file__).parent
UNREACHABLE = "Unable to connect to the server: "
PREFIXES = (  # kubectl's, with which every error of ours begins
    "error: ",
    "Error from server",
    "Error in configuration: ",
    UNREACHABLE,
    "The connection to the server ",
    "The request is invalid",
    'The ... "..." is invalid',
    "Warning: ",
)
_A_SERVERS = tuple(PACKAGE / "practice" / name for name in ("api", "node", "controllers"))

# ---- what the program passes on: the lines are not in its source, so they are listed here

_CLICKS = (
    "error: got unexpected extra argument (...)",
    "error: got unexpected extra arguments (...)",
)
_CAUSES = (  # of evidence/causes/: each is an error where it does not go away by itself
    "error: job.batch/...: FailedCreate: Error creating: ... exceeded quota: ...",
    "error: job.batch/...: FailedCreate: Error creating: ... PodSecurity ...",
    "error: job.batch/...: FailedCreate: ...",
    "error: pod/...: ImagePullBackOff: ...",
    "error: pod/...: ImagePullBackOff: ..."
    " the practice cluster pulls from no registry, its images are ...",
    "error: pod/...: InvalidImageName: ...",
    "error: pod/...: ErrImageNeverPull: ...",
    "error: pod/...: CreateContainerConfigError: ...",
    "error: pod/...: CreateContainerError: ...",
    "error: pod/...: FailedMount: ...",
)
_WARNINGS = (
    "Warning: job.batch/...: spec.suspend true: ... Waiting for its release, from ...: ...",
    "Warning: job.batch/...: spec.parallelism 0: ... Waiting for its release, from ...: ...",
    "Warning: job.batch/...: spec.managedBy ...: ... Waiting for that controller; ...: ...",
    "Warning: pod/...: SchedulingGated: ... Waiting for its release, from ...: ...",
    "Warning: job.batch/...: FailedCreate: ...",
    "Warning: pod/...: Unschedulable: ...",
    "Warning: Wait until a node has what the Pod asks for. Or ask for what one has. ...",
    "Warning: pod/...: ErrImagePull: ...",
    "Warning: pod/...: ... try was lost with its node: ...",
    "Warning: pod/...: ... tries were lost with their node: ...",
    "Warning: job.batch/...: ... tries were lost with their node: ...",
    "Warning: pod/...: ... try failed with exit code ...: ...",
    "Warning: pod/...: ... tries failed, the last with exit code ...: ...",
    "Warning: job.batch/...: ... tries failed, the last with exit code ...: ...",
)
# files with a line of nothing but a prefix and a text from elsewhere -> the lines that come of it
PASSED_ON: Mapping[str, tuple[str, ...]] = {
    "cli/syntax/command.py": _CLICKS,
    "cli/syntax/complaints.py": _CLICKS,
    "cli/entry.py": ("error: No space left on device", "error: ...: Permission denied"),
    "cli/session.py": ('Warning: would violate PodSecurity "...": ...', "Warning: ..."),
    "cli/screens/live.py": _WARNINGS,
    "cli/screens/warnings.py": _WARNINGS,
    "cli/commands/jobs/logs.py": _WARNINGS,
    "cli/commands/jobs/simulate.py": ("Warning: ...",),
    "cli/commands/labs/launched.py": _CAUSES,
    "labs/definition/loader.py": (
        "error: .../lab.yaml:...: format: is missing; begin the file with format: ...",
        "error: .../lab.yaml:...: ...",
    ),
    "labs/manifest.py": (
        "error: ...:...: mapping values are not allowed here",
        r"error: ...:...: found character '\t' that cannot start any token",
        "error: ...:...: expected ',' or ']', but got ...",
        "error: ...:...: ...",
        "error: ...: unacceptable character ...: special characters are not allowed in ...",
    ),
    "labs/prove.py": _CAUSES,
    "client/settings.py": (),  # a helper; what it is given is collected
}
# Reasons that API servers give, and what is left of OpenSSL's words
OF_OTHERS = {
    "Error from server (Forbidden): ...",
    "Error from server (AlreadyExists): ...",
    'Error from server (NotFound): namespaces "..." not found',
    f"{UNREACHABLE}tls: ...",
}


def templates() -> set[str]:
    """The lines that have words of their own besides a prefix and what is put into them."""
    return {line for _, line in _lines() if _says_something(line)}


def passing_on() -> set[str]:
    """The files with lines that have no words of their own; PASSED_ON says what they print."""
    return {file for file, line in _lines() if not _says_something(line)}


def may_be_printed(line: str) -> bool:
    """Whether the program can print this line.

    It is one of the lines that are collected or listed here, or one that client/failures.py puts
    together of two texts.
    """
    if line in OF_OTHERS.union(*PASSED_ON.values(), templates()):
        return True
    return line.startswith(UNREACHABLE) and line.removeprefix(UNREACHABLE) in _failures()


@functools.cache
def _failures() -> frozenset[str]:
    """The texts with which client/failures.py says why a connection failed.

    They are its literals of more than one word, without those that it looks for in other texts.
    """
    tree = sources.tree(PACKAGE / "client" / "failures.py")
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    compared = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    texts, sought = (
        {text for node in some for text in _texts(node)} for some in (functions, compared)
    )
    return frozenset(text for text in texts - sought if len(re.findall("[A-Za-z]{2,}", text)) > 1)


@functools.cache
def _lines() -> frozenset[tuple[str, str]]:
    """The file and the text of every line in the package; cached, for reading takes a while."""
    return frozenset(
        (file.relative_to(PACKAGE).as_posix(), line)
        for file in PACKAGE.rglob("*.py")
        if not any(file.is_relative_to(folder) for folder in _A_SERVERS)
        for line in _lines_of(sources.tree(file))
    )


def _lines_of(tree: ast.Module) -> Iterator[str]:
    yield from _literals(tree)
    yield from _through_helpers(tree)
    yield from _warnings(tree)


def _literals(tree: ast.Module) -> Iterator[str]:
    """The texts of a module that begin as an error does."""
    return (text for text in _texts(tree) if text.startswith(PREFIXES))


def _warnings(tree: ast.Module) -> Iterator[str]:
    """The texts that a module gives to a session's `warn`."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "warn":
            yield f"Warning: {next(_texts(call.args[0]), '...')}"


def _through_helpers(tree: ast.Module) -> Iterator[str]:
    """The texts that a module gives to a function of its own which puts a prefix before them."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    helpers = {function.name: prefix for function in functions for prefix in _put(function)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.args:
            text = _text(call.args[0])
            if call.func.id in helpers and text is not None:
                yield _normal(helpers[call.func.id] + text)


def _put(function: ast.FunctionDef) -> Iterator[str]:
    """The prefix that a function puts before its first argument."""
    for node in ast.walk(function):
        if isinstance(node, ast.JoinedStr) and _text(node.values[0]) in PREFIXES:
            (*_, rest) = node.values
            given = rest.value if isinstance(rest, ast.FormattedValue) else None
            first = function.args.args[:1]
            if isinstance(given, ast.Name) and [given.id] == [one.arg for one in first]:
                yield str(_text(node.values[0]))


def _texts(tree: ast.AST) -> Iterator[str]:
    """The literal texts in the code, joined where they are in parts, without docstrings."""
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return
    text = _text(tree)
    if text is not None:
        yield _normal(text)
        return
    for child in ast.iter_child_nodes(tree):
        yield from _texts(child)


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left = _text(node.left)
        return None if left is None else left + (_text(node.right) or "{}")
    return None


def _normal(text: str) -> str:
    """The text with ... for its placeholders, and one ... for several in a row."""
    return re.sub(r"(\{\w*\})+", "...", text).strip()


def _says_something(line: str) -> bool:
    """Whether the line has a word of its own behind its prefix."""
    return re.search(r"[a-z]{2}", re.sub(r"^(error|Warning): ", "", line)) is not None
