"""Processes by number and start time, so that no other process with the same number is meant.

lifecycle.py asks about the server, the node about what an earlier server has left.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_STAT = Path("/proc/self/stat")
_STARTED = 19  # the 22nd field of /proc/PID/stat, counted after the name


def started(pid: int) -> str:
    """When a process was started, as the system writes it; "" where there is no such process."""
    if _STAT.exists():
        return _started_by_proc(pid)
    done = subprocess.run(  # noqa: S603 -- no input of a user
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _started_by_proc(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name, in parentheses before, may hold anything
    return "" if fields[0] == "Z" else f"{boot}:{fields[_STARTED]}"


def is_running(pid: int, start: str) -> bool:
    """Whether the process runs that has this number and was started then."""
    return pid > 0 and bool(start) and started(pid) == start


def signal(pid: int, start: str, number: int) -> bool:
    """Send a signal to the process of this number and start time; whether it was there."""
    if not is_running(pid, start):
        return False
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
