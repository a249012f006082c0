"""Runs stage.py: real containers of a process that a test may kill, in each Mode."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.practice import processes
from kubectl_joblab.practice.node.process import namespaces

Object = dict[str, Any]
PATIENCE = 30.0
NOBODY = 65534


@dataclass(frozen=True)
class Mode:
    """How containers run: with namespaces or without, as this user or as an ordinary one."""

    namespaces: bool
    ordinary_user: bool

    def __str__(self) -> str:
        kind = "in namespaces" if self.namespaces else "as plain processes"
        return f"{kind}, {'as an ordinary user' if self.ordinary_user else 'as this user'}"

    def skip_where_impossible(self) -> None:
        """Skip the test where the machine forbids namespaces, or needs root to change the user."""
        if self.ordinary_user and os.getuid() != 0:
            pytest.skip("only root can become an ordinary user")
        if self.namespaces and (why := _why_no_namespaces()):
            pytest.skip(f"no namespaces here: {why}")


MODES = [Mode(with_, ordinary) for with_ in (True, False) for ordinary in (False, True)]
NAMESPACED = [mode for mode in MODES if mode.namespaces]
PLAIN = [mode for mode in MODES if not mode.namespaces]


def _why_no_namespaces() -> str:
    with tempfile.TemporaryDirectory() as base:
        return namespaces.probe(base)


@dataclass
class Play:
    """A stage that has played its acts, and what came of them."""

    process: subprocess.Popen[str]
    home: Path
    said: list[Object]


@contextlib.contextmanager
def played(
    mode: Mode, acts: Sequence[Object], files: Object | None = None, **more: object
) -> Iterator[Play]:
    """A context with a stage that has played the acts; at its end the stage is ended.

    files: contents by name, put below the home beforehand. more: of the PLAY of stage.py.
    """
    mode.skip_where_impossible()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name, content in (files or {}).items():
            _make(home / name, content)
        user = NOBODY if mode.ordinary_user else None
        if user is not None:
            for path in [home, *home.rglob("*")]:
                os.chown(path, user, user, follow_symlinks=False)
        play: Object = {"user": user, "namespaces": mode.namespaces, "home": folder, "acts": acts}
        process = _begin(play | more)
        try:
            yield Play(process, home, [_line(process) for _ in range(len(acts) + 1)][1:])
        finally:
            process.kill()
            process.communicate()


def _make(path: Path, content: str | Path | None) -> None:
    """Make a file with this content, a link to this path, or a folder where there is none."""
    if content is None:
        path.mkdir(parents=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        path.symlink_to(content)
    else:
        path.write_text(content)


def _begin(play: Object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.practice.node.stage"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(play))
    process.stdin.close()
    process.stdin = None
    return process


def _line(process: subprocess.Popen[str]) -> Object:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the stage has died"
    found: Object = json.loads(line)
    return found


def running(marker: str) -> list[int]:
    """The processes that have this word among their arguments."""
    found = []
    # wide: what pytest says of the terminal's columns would cut the arguments
    command = ["ps", "-axwwo", "pid=,args="]
    table = subprocess.run(command, capture_output=True, text=True, check=True)
    for line in table.stdout.splitlines():
        pid, _, arguments = line.strip().partition(" ")
        if marker in arguments.split():
            found.append(int(pid))
    return found


def gone(marker: str) -> bool:
    """Wait until no process has this word among its arguments; False where it takes too long."""
    end = time.monotonic() + PATIENCE
    while running(marker):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def gone_process(pid: int, seconds: float = PATIENCE) -> bool:
    """Wait until there is no such process; False where that takes longer."""
    end = time.monotonic() + seconds
    while processes.started(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
