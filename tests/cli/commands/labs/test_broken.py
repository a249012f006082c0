"""A lab of the user's that is broken, or of another's name, keeps no command from the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster

TOLD = [
    'error: own/08-broken/lab.yaml:5: minuets: "minuets" is not a key here; did you mean minutes?',
    "Next: kubectl joblab lab lint own/08-broken --lab-path=own",
    'error: own/sleep-anew/lab.yaml: name: "sleep" is the name of own/sleep-again; choose another',
    "Next: kubectl joblab lab lint own/sleep-anew --lab-path=own",
]


@pytest.fixture(autouse=True)
def _own(tmp_path: Path) -> None:
    """Two such labs in the folder own, beside one that has the name of one of ours alone."""
    for name in ("08-broken", "sleep-again", "sleep-anew"):
        shutil.copytree(MANIFESTS / "01-sleep", tmp_path / "own" / name)
    lab = tmp_path / "own/08-broken/lab.yaml"
    lab.write_text(lab.read_text("utf-8").replace("minutes: ", "minuets: "), "utf-8")


@pytest.mark.parametrize(
    ("line", "shows"),
    [
        ("check", "basics"),
        ("check -A", "basics"),
        ("check -o name", "basics"),
        ("next", "Lab 0, basics"),
        ("clean --all", '"basics" deleted'),
        ("list", "basics"),
    ],
)
def test_the_others_are_shown_and_each_broken_one_told(
    cluster: Cluster, line: str, shows: str
) -> None:
    cluster.run("start", "basics")
    screen = cluster.run(*line.split(), "--lab-path=own")
    assert shows in screen.out
    assert [told for told in screen.err.splitlines() if told in TOLD] == TOLD
    assert screen.code == 1
