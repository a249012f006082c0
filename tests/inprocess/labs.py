"""The labs that come with joblab, read once for all commands that run in this process.

Each command would read and parse those that it needs anew, as each is a process of its own for a
user. tests/cli/commands/test_parses.py counts what it parses then.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from kubectl_joblab.labs.definition import loader
from kubectl_joblab.labs.definition.model import Lab
from tests.cli.conftest import MANIFESTS

_load = loader.load
_load_once = functools.cache(_load)


def remember(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands read joblab's own labs once, and all others as ever."""
    monkeypatch.setattr(loader, "load", _remembered)


def _remembered(folder: Path) -> Lab:
    return _load_once(folder) if folder.parent == MANIFESTS else _load(folder)
