"""What an earlier server has left: processes that outlived it, and folders of Pods that are gone.

The kubelet calls it when it starts. Where the system does not end containers with their supervisor,
the number and start time of each are written down beside its log: the start time tells whether the
number has been given to another process meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Collection
from pathlib import Path

from kubectl_joblab.practice import home, processes


def record(log: Path, pid: int) -> None:
    """Write down the process of the container that has this log."""
    log.with_suffix(".pid").write_text(f"{pid} {processes.started(pid)}")


def end(pods: Path) -> None:
    """Kill the processes that were written down and still run."""
    for path in pods.glob("*/containers/*/*.pid"):
        pid, _, start = path.read_text().partition(" ")
        if processes.is_running(int(pid), start):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(int(pid), signal.SIGKILL)
        path.unlink()


def sweep(pods: Path, uids: Collection[str]) -> None:
    """Delete the folders of all Pods but those of these uids."""
    for folder in pods.iterdir() if pods.exists() else ():
        if folder.name not in uids:
            home.remove_tree(folder)
