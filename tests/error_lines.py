"""The error lines that the program can print, read off its source: ``...`` for what varies.

test_docs.py compares docs/troubleshooting.md with them. What the practice cluster's own API and
node say are a server's words, and not collected.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import kubectl_joblab

PACKAGE = Path(kubectl_joblab.__file__).parent
PREFIXES = (  # kubectl's, with which every error of ours begins
    "error: ",
    "Error from server",
    "Error in configuration: ",
    "Unable to connect to the server: ",
    "The connection to the server ",
    "The request is invalid",
)
_A_SERVERS = tuple(PACKAGE / "practice" / name for name in ("api", "node", "controllers"))


def templates() -> set[str]:
    """All that say more than what they are given."""
    found = {line for tree in _trees() for line in (*_literals(tree), *_through_helpers(tree))}
    return {line for line in found if re.search(r"[a-z]{2}", _said(line))}


def words() -> str:
    """All texts of the package, the server's too: what a line of the page may be made of."""
    files = sorted(PACKAGE.rglob("*.py"))
    return "\n".join(text for file in files for text in _texts(ast.parse(file.read_text("utf-8"))))


def _trees() -> Iterator[ast.Module]:
    for file in sorted(PACKAGE.rglob("*.py")):
        if not any(file.is_relative_to(folder) for folder in _A_SERVERS):
            yield ast.parse(file.read_text("utf-8"))


def _literals(tree: ast.Module) -> Iterator[str]:
    """The texts that begin as an error does."""
    return (text for text in _texts(tree) if text.startswith(PREFIXES))


def _through_helpers(tree: ast.Module) -> Iterator[str]:
    """The texts given to a function of the module that puts a prefix before them."""
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
    """The texts in it, whole; what explains the code is none of them."""
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
    return None


def _normal(text: str) -> str:
    """Placeholders as ..., one after another as one."""
    return re.sub(r"(\{\w*\})+", "...", text).strip()


def _said(line: str) -> str:
    """What a line says itself, after its prefix."""
    prefix = next((one for one in PREFIXES if line.startswith(one)), "")
    return line if prefix != "error: " else line.removeprefix(prefix)
