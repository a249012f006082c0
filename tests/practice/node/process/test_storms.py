"""A container that forks without end ends all the same: with its Pod, and with the server.

Each storm is bounded, in case nobody ends it: so many processes at once, so many generations of
them. What is left of one that was not ended says so.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.practice.node import theatre
from tests.practice.node.theatre import MODES, Mode

GENERATIONS = 3_000
# What each storm does in the container, before `then`. $0 is all of it, for those that start anew.
STORMS = {
    # a process forks its successor and exits: whoever kills what he has seen comes too late
    "replaces itself": f"""
next() {{ if [ $1 -gt 0 ]; then next $(($1 - 1)) & else echo over; fi }}
for each in 1 2 3 4 5 6 7 8; do next {GENERATIONS}; done
""",
    # the same, and each in a session of its own, where no signal to a group finds it
    "leaves its session": f"""
next() {{ LEFT=$1 setsid sh -c "$0" "$0" "$1" & }}
if [ "$LEFT" = 0 ]; then echo over; exit; fi
if [ -n "$LEFT" ]; then next $((LEFT - 1)); exit; fi
for each in 1 2 3 4 5 6; do next {GENERATIONS}; done
""",
    # each forks two more, up to 255, and all stay
    "grows": """
grow() { [ $1 -gt 0 ] && { grow $(($1 - 1)) & grow $(($1 - 1)) & }; sleep 1000 & wait; }
grow 6 &
""",
}

each_mode = pytest.mark.parametrize("mode", MODES, ids=str)


def _acts(marker: str, *steps: list[object], then: str = "wait; sleep 1000; :") -> list[Any]:
    scripts = [storm + then for storm in STORMS.values()]
    return [
        {"launch": {"argv": ["sh", "-c", script, script, marker]}, "steps": list(steps)}
        for script in scripts
    ]


def _rages(marker: str) -> bool:
    """Whether any of a storm is there; a look may miss processes that live for a millisecond."""
    return any(theatre.running(marker) for _ in range(5))


@each_mode
def test_sigkill_ends_a_storm(mode: Mode) -> None:
    marker = f"storm-{os.getpid()}-killed"
    rages: list[object] = ["execute", ["sleep", "0.2"]]
    with theatre.played(mode, _acts(marker, rages, ["signal", 9], ["wait"])) as play:
        for said in play.said:
            assert (said["results"], said["log"]) == ([[0, ""], 137], [])
        assert not _rages(marker)


@each_mode
def test_a_storm_ends_with_its_container(mode: Mode) -> None:
    marker = f"storm-{os.getpid()}-left"
    with theatre.played(mode, _acts(marker, ["wait"], then="sleep 0.2; exit 3")) as play:
        for said in play.said:
            assert (said["results"], said["log"]) == ([3], [])
        assert not _rages(marker)


@each_mode
def test_no_storm_outlives_the_servers_kill_9(mode: Mode) -> None:
    marker = f"storm-{os.getpid()}-orphaned"
    with theatre.played(mode, _acts(marker)) as play:
        assert _rages(marker)
        play.process.kill()
        assert theatre.gone(marker)
        assert not _rages(marker)
