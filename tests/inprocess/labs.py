"""The labs that come with joblab, read once for all commands that run in this process.

Each command would read and parse those that it needs anew, as each is a process of its own for a
user. tests/cli/commands/test_parses.py counts what it parses then.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kubectl_joblab.labs.definition import loader
from kubectl_joblab.labs.definition.model import Lab
from tests.labs import ours

_load = loader.load
_OURS = {lab.folder: lab for lab in ours.LABS}


def remember(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands read joblab's own labs once, and all others as ever."""
    monkeypatch.setattr(loader, "load", _remembered)


def _remembered(folder: Path) -> Lab:
    return _OURS[folder] if folder in _OURS else _load(folder)
