"""Containers that print more than a log's file holds, followed and read afterwards."""

from __future__ import annotations

import pytest

from tests.practice.node import theatre
from tests.practice.node.theatre import MODES, Mode

LINES = 50_000
# it goes on when it is followed: a follower begins with the newest file, as kubectl's does
GOES_ON = f"trap 'exec seq 2 {LINES}' USR1; echo 1; while :; do sleep 0.05; done"
BYTES = LINES * len("2026-01-01T00:00:00.000000000Z stdout F 00000\n")


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_following_loses_no_line_and_the_newest_file_has_the_last_ones(mode: Mode) -> None:
    act = {"launch": {"argv": ["sh", "-c", GOES_ON]}, "steps": [["follow"], ["wait"]]}
    with theatre.played(mode, [act], largest=BYTES // 4) as play:
        followed, code = play.said[0]["results"]
        newest = [line[-1] for line in play.said[0]["log"]]
    assert code == 0
    assert followed.split() == [str(number) for number in range(1, LINES + 1)]
    assert 0 < len(newest) < LINES / 2
    assert newest[-1] == str(LINES)


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_a_log_is_not_empty_whatever_its_size(mode: Mode) -> None:
    around = range(940, 980, 3)  # bytes printed; with time and stream about a thousand
    acts = [
        {"launch": {"argv": ["sh", "-c", f"head -c {size} /dev/zero | tr '\\0' x; echo"]}}
        for size in around
    ]
    with theatre.played(mode, acts, largest=1000) as play:
        logs = [said["log"] for said in play.said]
    assert [len(log[0][-1]) for log in logs] == list(around)
