"""Containers that use more memory than they may, as real processes: they are killed for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.practice.node import theatre
from tests.practice.node.theatre import MODES, Mode

Object = dict[str, Any]
LIMIT = 64 << 20
# what takes no more than a moment, and what goes on for ever
BURST = "python3 -c 'len(bytes(1)*1000000000)'"


def _sh(script: str, **launch: Any) -> Object:
    return {"launch": {"argv": ["sh", "-c", script], "memory": LIMIT, **launch}}


ACTS: dict[str, Object] = {
    "reads a line without end": _sh("tail /dev/zero"),
    "doubles a word": _sh("x=a; while :; do x=$x$x; done"),
    "takes a gigabyte at once": _sh(BURST),
    "goes on in another process": _sh("tail /dev/zero & wait; exit 3"),
    "stays below": _sh("head -c 20000000 /dev/zero | tail -c 20000000 | wc -c"),
    "reads a large file": _sh(
        "head -c 300000000 /dev/zero > /tmp/f; cat /tmp/f | wc -c; rm /tmp/f"
    ),
    "has no limit": _sh("head -c 100000000 /dev/zero | tail -c 100000000 | wc -c", memory=0),
    "is executed in it": {
        **_sh("sleep 100"),
        "steps": [["execute", ["tail", "/dev/zero"]], ["wait"]],
    },
}
KILLED = (137, True)
ENDS = {
    "reads a line without end": KILLED,
    "doubles a word": KILLED,
    "takes a gigabyte at once": KILLED,
    "goes on in another process": KILLED,
    "stays below": (0, False),
    "reads a large file": (0, False),
    "has no limit": (0, False),
    "is executed in it": KILLED,
}


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_a_container_is_killed_as_a_whole_where_it_uses_more_memory_than_it_may(
    mode: Mode,
) -> None:
    with theatre.played(mode, list(ACTS.values())) as play:
        ends = {
            name: (said["results"][-1], said["oomKilled"])
            for name, said in zip(ACTS, play.said, strict=True)
        }
    assert ends == ENDS
