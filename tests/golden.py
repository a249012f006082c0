"""Screens, and the golden files they are compared with; REWRITE_GOLDEN=1 writes those anew."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

REWRITES = os.environ.get("REWRITE_GOLDEN") == "1"


@dataclass(frozen=True)
class Screen:
    """What a command line printed, and how it ended."""

    out: str
    err: str
    code: int

    def __str__(self) -> str:
        parts = [self.out]
        parts += [f"--- stderr\n{self.err}"] if self.err else []
        parts += [f"--- exit {self.code}\n"] if self.code else []
        return "".join(parts)


def compare(path: Path, text: str) -> None:
    """Fail with the differences where a text is not that of a golden file."""
    if REWRITES:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    if text != expected:
        sides = (expected.splitlines(), text.splitlines())
        differences = "\n".join(difflib.unified_diff(*sides, str(path), "now", lineterm=""))
        pytest.fail(differences or "they differ in their last line's end", pytrace=False)
