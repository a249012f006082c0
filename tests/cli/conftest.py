"""Runs the installed program as a user would, without any cluster, and compares whole screens.

``REWRITE_GOLDEN=1 pytest tests/cli`` writes the golden files anew; look at the difference then.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import kubectl_joblab
from tests import golden
from tests.cli import forking, installed
from tests.golden import Screen

GOLDEN = Path(__file__).parent / "golden"
MANIFESTS = Path(kubectl_joblab.__file__).parents[1] / "manifests"
LABS = [folder.parent.name.partition("-")[2] for folder in sorted(MANIFESTS.glob("*/lab.yaml"))]
PROGRAM = [sys.executable, "-S", "-m", "kubectl_joblab"]  # in the environment of a Home
PATIENCE = 60  # seconds after which a process counts as hung


@dataclass(frozen=True)
class Home:
    """A home folder to run the program in; nothing of the real environment is seen there."""

    folder: Path

    def environ(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of the program."""
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.folder),
            "USERPROFILE": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "COLUMNS": "80",
            "LANG": "en_US.UTF-8",
            "PYTHONUTF8": "1",
            "PYTHONPATH": installed.path(),
            **(changes or {}),
        }

    def run(self, *args: str, env: Mapping[str, str] | None = None) -> Screen:
        """Run one command line to its end."""
        done = forking.run(args, cwd=self.folder, env=self.environ(env), timeout=PATIENCE)
        return Screen(done.stdout.decode(), done.stderr.decode(), done.returncode)

    def write(self, name: str, text: str) -> Path:
        """A file in the home folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="session")
def screen_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[str]], Screen]:
    """The screens of command lines that leave nothing behind; each line is run once."""
    home = Home(tmp_path_factory.mktemp("home"))

    @functools.cache
    def run(*args: str) -> Screen:
        return home.run(*args)

    return lambda args: run(*args)


# file below golden -> command line
COMMAND_LINES: dict[str, list[str]] = {}


def register(lines: Mapping[str, list[str]]) -> list[str]:
    """Add golden screens of a test module; returns their names."""
    COMMAND_LINES.update(lines)
    return list(lines)


@pytest.fixture
def compare(screen_of: Callable[[list[str]], Screen]) -> Callable[[str], Screen]:
    """Compare the screen of this name with its golden file."""

    def check(name: str) -> Screen:
        args = COMMAND_LINES[name]
        screen = screen_of(args)
        text = f"$ {' '.join(['kubectl joblab', *args])}\n{screen}"
        golden.compare(GOLDEN / f"{name}.txt", text)
        return screen

    return check
