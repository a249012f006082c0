"""What an earlier server has left: processes that outlived it, folders of Pods that are gone.

The kubelet calls it when it starts. Where the system does not end containers with their supervisor,
each start writes down the process; a number that was given again is told by the start time.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Collection
from pathlib import Path

from kubectl_joblab.practice import home, processes


def record(log: Path, pid: int) -> None:
    """Write down the process whose log this is."""
    log.with_suffix(".pid").write_text(f"{pid} {processes.started(pid)}")


def end(pods: Path) -> None:
    """Kill what was written down and runs still."""
    for path in pods.glob("*/containers/*/*.pid"):
        pid, _, start = path.read_text().partition(" ")
        if processes.is_running(int(pid), start):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(int(pid), signal.SIGKILL)
        path.unlink()


def sweep(pods: Path, uids: Collection[str]) -> None:
    """Delete the folders of all Pods but these."""
    for folder in pods.iterdir() if pods.exists() else ():
        if folder.name not in uids:
            home.remove_tree(folder)
