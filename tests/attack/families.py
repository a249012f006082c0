"""The families of attacks: each is a module's `play`, and how many rounds a whole run has of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tests.attack import (
    answers,
    clock,
    disk,
    identity,
    kills,
    memory,
    requests,
    rounds,
    storms,
    streams,
    users,
)


class Family(NamedTuple):
    """A family. what: what its rounds do, for the table. rounds: the most in a whole run."""

    play: rounds.Family
    what: str
    rounds: int


FAMILIES: Mapping[str, Family] = {
    "kills": Family(
        kills.play,
        "kill -9 of the server while Jobs are written and run: acknowledged writes, each Job's "
        "end, runs of each completion, processes that are left",
        12,
    ),
    "disk": Family(
        disk.play, "a disk that is full, that may not be written to, a bit that has changed", 12
    ),
    "clock": Family(
        clock.play, "certificates made by a clock that was ahead or behind, and ended ones", 10
    ),
    "identity": Family(
        identity.play, "keys, certificates and notes that are gone, cut, changed or others'", 25
    ),
    "users": Family(
        users.play, "a second user, who reads, writes, signals, and asks without a certificate", 4
    ),
    "answers": Family(
        answers.play,
        "the plugin on a server that redirects, spoils, drips, cuts, is silent or has no end",
        12,
    ),
    "storms": Family(
        storms.play, "Pods that fork without end, ended in every way, in both modes", 12
    ),
    "streams": Family(
        streams.play,
        "clients of exec that leave in the middle, never read, or send what is no frame: "
        "descriptors and programs that are left",
        4,
    ),
    "memory": Family(
        memory.play, "bodies that amplify and silent connections: memory at most, and given back", 6
    ),
    "requests": Family(
        requests.play, "hostile fields, queries, tokens and bodies, while another client asks", 8
    ),
}
