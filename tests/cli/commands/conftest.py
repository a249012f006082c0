"""Commands in the process of the test, on a practice cluster in virtual time (tests/inprocess).

``REWRITE_GOLDEN=1 pytest tests/cli/commands`` writes the golden files beside the tests anew; look
at the difference then.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests import golden
from tests.cli.conftest import MANIFESTS
from tests.golden import Screen
from tests.inprocess import terminal
from tests.inprocess.cluster import Cluster


class Compare(Protocol):
    """Compares a screen."""

    def __call__(self, name: str, line: str) -> Screen:
        """Run a command line and compare its screen with golden/NAME.txt beside the test."""


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A new cluster. Commands run in a folder that has an answer of the lab yaml, as job.yaml."""
    shutil.copy(MANIFESTS / "03-yaml/solutions/list.yaml", tmp_path / "job.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(terminal.COLUMNS))
    monkeypatch.setenv("LINES", str(terminal.ROWS))
    with Cluster(tmp_path) as made:
        yield made


@pytest.fixture
def compare(cluster: Cluster, request: pytest.FixtureRequest) -> Compare:
    folder = request.path.parent / "golden"

    def run(name: str, line: str) -> Screen:
        screen = cluster.run(*line.split())
        golden.compare(folder / f"{name}.txt", f"$ kubectl joblab {line}\n{screen}")
        return screen

    return run
