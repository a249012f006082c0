"""The YAML texts that each command parses: most of the time that a command takes is spent so.

Counted are the loaders of PyYAML that are made for a text, whoever makes them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster

OF_DONE = {
    "check sleep": 29,  # where the next lab is done, all are looked through
    "check retry": 31,
    "check": 59,
    "check -A": 34,
    "status sleep": 3,
    "describe sleep": 2,
    "logs echo": 2,
    "events sleep": 2,
    "hint sleep": 3,
    "list": 59,
    "list --client": 24,
    "show sleep": 2,
    "doctor": 1,
    "practice status": 0,
}
OF_NEW = {
    "start sleep": 3,
    "start retry --variant=onfailure": 5,  # Next goes by the Jobs of the other variants too
    "start yaml -f job.yaml": 4,
    "start sleep --no-wait": 3,
    "start sleep --dry-run=client": 2,
    "start parallelism --parallelism=2 --dry-run=client": 2,
    "start parallelism --parallelism=2 --dry-run=client -o yaml": 2,
    "start mine --parallelism=2 --dry-run=client --lab-path=own": 8,  # of 8 files
    "scaffold parallelism --parallelism=2 -d -": 2,
    "check mine --lab-path=own": 9,
    "list --lab-path=own": 67,
    "clean --all": 25,
}

Count = Callable[[], int]


@pytest.fixture(autouse=True)
def remembered_labs() -> None:
    """Each command reads its labs itself."""


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Count:
    """How many texts were parsed so far."""
    texts: list[str] = []

    def counting(made: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        def init(self: Any, stream: Any) -> None:
            made(self, stream)
            if stream:  # a loader of "" only constructs
                texts.append(stream)

        return init

    for loader in {yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)}:
        monkeypatch.setattr(loader, "__init__", counting(loader.__init__))
    return lambda: len(texts)


@pytest.mark.parametrize("line", OF_DONE)
def test_where_every_lab_is_done(done: Cluster, parsed: Count, line: str) -> None:
    done.run(*line.split())
    assert parsed() == OF_DONE[line]


@pytest.mark.parametrize("line", OF_NEW)
def test_where_no_lab_was_begun(cluster: Cluster, parsed: Count, line: str) -> None:
    make_own(Path("own", "07-mine"))
    cluster.run(*line.split())
    assert parsed() == OF_NEW[line]


def make_own(folder: Path) -> None:
    """A lab of a user's, which is a copy of parallelism."""
    shutil.copytree(MANIFESTS / "06-parallelism", folder)
    file = folder / "lab.yaml"
    old, new = "name: parallelism\nnumber: 6", "name: mine\nnumber: 7"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    assert len(list(folder.rglob("*.yaml"))) == 8
