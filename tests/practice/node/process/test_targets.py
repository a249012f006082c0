"""A container among the processes of another, as `kubectl debug --target` has it."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from tests.practice.node import theatre
from tests.practice.node.theatre import NAMESPACED, Mode

LEFT = f"9{os.getpid()}.7"
_LOOKS = (
    "tr '\\0' ' ' < /proc/1/cmdline; hostname; id -u; touch /here; ls /here; "
    f"test -e /proc/1/root/here || echo apart; (setsid sleep {LEFT} &); sleep 100"
)
_ACTS: list[dict[str, Any]] = [
    {"launch": {"argv": ["sleep", "101"], "hostname": "target"}, "steps": []},
    {
        "launch": {"argv": ["sh", "-c", _LOOKS], "hostname": "beside", "target": "0"},
        "steps": [
            ["execute", ["sh", "-c", "while ! [ -e /here ]; do :; done; hostname; ls /here"]],
            ["execute", ["sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline; kill -KILL 1; echo alive"]],
            ["execute", ["sleep", "0.2"]],
        ],
    },
    {"launch": {"argv": ["true"], "target": "nobody"}},
]


@pytest.mark.parametrize("mode", NAMESPACED, ids=str)
def test_it_sees_the_processes_of_its_target_has_its_own_files_and_ends_with_it(mode: Mode) -> None:
    with theatre.played(mode, _ACTS) as play:
        target, beside, alone = play.said
        assert beside["results"] == [
            [0, "beside\n/here\n"],
            [0, "sleep 101 alive\n"],
            [0, ""],
        ]
        lines = [line[2] for line in beside["log"]]
        assert lines == ["sleep 101 beside", "0", "/here", "apart"]
        assert "CONTAINER_EXITED" in alone["error"]
        assert theatre.running(LEFT)
        os.kill(target["pid"], signal.SIGKILL)
        assert theatre.gone(LEFT)
        assert theatre.gone_process(beside["pid"])
