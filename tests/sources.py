"""Python files as syntax trees, each parsed once for all tests that read it."""

from __future__ import annotations

import ast
import functools
from pathlib import Path


@functools.cache
def tree(file: Path) -> ast.Module:
    """The tree of a file, which does not change meanwhile."""
    return ast.parse(file.read_text("utf-8"))
