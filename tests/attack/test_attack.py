"""The quick part of the attacks: a round or two of each family, always the same.

`make attack` plays many, each with a seed of its own.
"""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kubectl_joblab.practice import lifecycle
from tests.attack import rounds
from tests.attack.families import FAMILIES
from tests.attack.rounds import Round
from tests.practice import warm

SEEDS = {
    "kills": (1,),
    "disk": (1, 2, 3),
    "clock": (1, 2),
    "identity": (1, 3),
    "users": (1,),
    "answers": (1,),
    "storms": (1, 2),
    "streams": (1,),
    "memory": (1,),
    "requests": (1,),
}


@pytest.mark.parametrize(
    ("family", "seed"), [(family, seed) for family, seeds in SEEDS.items() for seed in seeds]
)
def test_a_round_finds_nothing(family: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if family != "memory":  # which measures a server that shares nothing
        monkeypatch.setattr(lifecycle, "subprocess", warm.SUBPROCESS)
    trial = rounds.play(family, FAMILIES[family].play, seed, quick=True)
    assert trial.faults == []


def test_each_family_has_a_quick_part() -> None:
    assert SEEDS.keys() == FAMILIES.keys()


# ---- a round that finds something


def _fail(trial: Round) -> None:
    trial.hold(False, "first")
    trial.hold(False, "first")
    assert Path("a") == Path("b"), "second"


def test_what_does_not_hold_is_a_fault_and_so_is_an_exception() -> None:
    first, second = rounds.play("kills", _fail, 1).faults
    assert first == "first"
    assert second.startswith("AssertionError: second")


def _wait_forever(_: Round) -> None:
    threading.Event().wait()


def test_a_round_that_does_not_end_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "LONGEST", 0.01)
    (fault,) = rounds.play("kills", _wait_forever, 1).faults
    assert fault.startswith("OverdueError")


def test_the_same_seed_has_the_same_chances() -> None:
    seen: list[float] = []
    for seed in (1, 1, 2):
        rounds.play("kills", lambda trial: seen.append(trial.chance.random()), seed)
    assert seen[0] == seen[1] != seen[2]


def test_a_run_ends_with_its_seeds_and_counts_what_it_found() -> None:
    told: list[str] = []
    tally = rounds.play_all("kills", _fail, iter([7, 8]), 1000, told.append)
    assert (tally.rounds, tally.requests, len(tally.faults)) == (2, 0, 4)
    assert [line for line in told if not line.startswith(" ")] == [
        "kills:7: 0 requests, 2 faults",
        "kills:8: 0 requests, 2 faults",
    ]
