"""Where what was seen cannot be kept: it is told, with the place, and the command goes on."""

from __future__ import annotations

import pytest

from tests.inprocess.cluster import Cluster

LINES = {
    "start echo": "not a directory",
    "check sleep --wait": "not a directory",
    "hint parallelism": "file exists",
}


@pytest.mark.parametrize(("line", "why"), LINES.items(), ids=LINES)
def test_a_folder_that_cannot_be_written_is_told(cluster: Cluster, line: str, why: str) -> None:
    cluster.state.parent.mkdir(exist_ok=True)
    cluster.state.write_text("a file")
    cluster.run("start", "sleep", "--no-wait")
    screen = cluster.run(*line.split())
    assert f"Warning: what was seen cannot be kept: {why}: {cluster.state}" in screen.err
    assert screen.code == 0
