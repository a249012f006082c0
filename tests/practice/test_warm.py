"""A server that is a copy of an interpreter is as one that was started."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.practice import lifecycle
from tests.practice import warm
from tests.practice.clusters import PATIENCE, Cluster


def seen(cluster: Cluster) -> dict[str, Any]:
    """What the system and a client see of a cluster's server and of its supervisor."""
    pid = cluster.server.pid
    return {
        "descriptors": sorted(
            (int(one.name), os.readlink(one).partition(":")[0].replace(str(cluster.folder), ""))
            for one in Path(f"/proc/{pid}/fd").iterdir()
        ),
        "folder": os.readlink(f"/proc/{pid}/cwd"),
        "leads its session": os.getsid(pid) == pid,
        "signals, the mask of files, and more": [
            line
            for of in (pid, *processes_of(pid))
            for line in Path(f"/proc/{of}/status").read_text("ascii").splitlines()
            if line.startswith(("Umask", "Sig", "Uid", "Gid", "Groups", "Cap", "NoNewPrivs"))
            if not line.startswith("SigQ")
        ],
        "limits": [Path(f"/proc/{of}/limits").read_text() for of in (pid, *processes_of(pid))],
        "namespaces": cluster.server.why_no_namespaces,
        "version": cluster.request("GET", "/version"),
        "objects": cluster.request("GET", "/api/v1/namespaces")["items"][0]["metadata"]["name"],
    }


def processes_of(pid: int) -> list[int]:
    """The children of a process."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux' /proc")
def test_a_copy_is_as_a_server_that_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as ends:
        clusters = []
        for name, how in (("started", subprocess), ("copied", warm.SUBPROCESS)):
            monkeypatch.setattr(lifecycle, "subprocess", how)
            cluster = Cluster(tmp_path / name)
            cluster.folder.mkdir()
            cluster.have_documents()
            ends.callback(cluster.end)
            cluster.up()
            clusters.append(cluster)
        late = time.monotonic() + PATIENCE
        while True:  # a server closes a connection a moment after its client
            started, copied = map(seen, clusters)
            if copied == started or time.monotonic() > late:
                break
            time.sleep(0.1)
    assert copied == started
