"""Nothing outlives the server, nor the supervisor, whoever is killed and however."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

import pytest

from tests.practice.node import theatre
from tests.practice.node.theatre import MODES, PLAIN, Mode, Play

each_mode = pytest.mark.parametrize("mode", MODES, ids=str)


def _acts(marker: str) -> list[dict[str, Any]]:
    """Containers with children, with orphans, and one that something is executed in."""
    children = f"(setsid sleep {marker} &) ; sleep {marker} & sleep {marker}"
    executed = ["sh", "-c", f"(setsid sleep {marker} &) ; sleep {marker}"]
    return [
        {"launch": {"argv": ["sh", "-c", children]}, "steps": []},
        {
            "launch": {"argv": ["sh", "-c", children]},
            "steps": [["execute", ["sh", "-c", "sleep 0.1"]], ["execute", executed, 0.2]],
        },
    ]


def _supervisor(play: Play) -> int:
    (found,) = _children(play.process.pid)
    return found


def _children(ancestor: int) -> list[int]:
    table = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = (map(int, line.split()) for line in table.stdout.splitlines())
    return [pid for pid, parent in pairs if parent == ancestor]


@each_mode
def test_no_container_outlives_the_servers_kill_9(mode: Mode) -> None:
    marker = f"8{os.getpid()}.1"
    with theatre.played(mode, _acts(marker)) as play:
        assert len(theatre.running(marker)) > 4
        supervisor = _supervisor(play)
        play.process.kill()
        assert theatre.gone(marker)
        assert theatre.gone_process(supervisor)


@pytest.mark.parametrize("mode", PLAIN, ids=str)
def test_the_supervisor_stays_until_the_last_container_has_gone(mode: Mode) -> None:
    marker = f"8{os.getpid()}.4"
    with theatre.played(mode, _acts(marker)[:1]) as play:
        supervisor = _supervisor(play)
        (guard,) = _children(supervisor)
        os.kill(guard, signal.SIGSTOP)  # so that nobody ends the container
        play.process.kill()
        play.process.wait()
        assert not theatre.gone_process(supervisor, seconds=0.5)
        assert theatre.running(marker)
        os.kill(guard, signal.SIGCONT)
        assert theatre.gone_process(supervisor)
        assert theatre.running(marker) == []


@each_mode
def test_no_container_outlives_the_supervisors_kill_9(mode: Mode) -> None:
    marker = f"8{os.getpid()}.2"
    with theatre.played(mode, _acts(marker)) as play:
        os.kill(_supervisor(play), signal.SIGKILL)
        assert theatre.gone(marker)


@each_mode
def test_no_container_outlives_the_kill_9_of_both_at_once(mode: Mode) -> None:
    marker = f"8{os.getpid()}.3"
    with theatre.played(mode, _acts(marker)) as play:
        supervisor = _supervisor(play)
        os.kill(supervisor, signal.SIGSTOP)  # it cannot even try
        play.process.kill()
        os.kill(supervisor, signal.SIGKILL)
        assert theatre.gone(marker)
