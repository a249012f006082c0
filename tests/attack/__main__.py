"""Attacks the practice cluster and the plugin, in rounds, and counts what is lost.

Usage: python -m tests.attack [ROUND...] [--seconds N] [--write]
A ROUND is a family (kills, disk, ...), or one round of it by its seed (kills:17); all families
where none is named. --seconds bounds a family, --write puts the table into docs/attack.md.
Everything stays on this machine's loopback and in folders that are deleted.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.attack.families import FAMILIES
from tests.attack.rounds import Tally, play_all

SECONDS = 120.0
PAGE = Path(__file__).parents[2] / "docs" / "attack.md"
HEAD = (
    "| family | what its rounds do | rounds | requests | losses and faults |\n|---|---|---|---|---|"
)


def main() -> int:
    """Play the rounds that the command line names; 1 where there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack")
    parser.add_argument("rounds", nargs="*", metavar="ROUND", help="FAMILY or FAMILY:SEED")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of a family")
    parser.add_argument("--write", action="store_true", help="the table into docs/attack.md")
    given = parser.parse_args()
    tallies = []
    for name in given.rounds or FAMILIES:
        family, _, seed = name.partition(":")
        if family not in FAMILIES:
            parser.error(f"there is no family {family}: {', '.join(FAMILIES)}")
        seeds = iter([int(seed)]) if seed else _seeds(FAMILIES[family].rounds)
        play = FAMILIES[family].play
        tallies.append(
            play_all(family, play, seeds, given.seconds, lambda line: print(line, flush=True))
        )
    text = table(tallies)
    print(text)
    if given.write:
        before, _, _ = PAGE.read_text("utf-8").partition(HEAD)
        PAGE.write_text(f"{before}{text}\n", "utf-8")
    return int(any(tally.faults for tally in tallies))


def _seeds(count: int) -> Iterator[int]:
    """Seeds that no run has had before."""
    return itertools.islice(iter(lambda: random.SystemRandom().randrange(1 << 31), None), count)


def table(tallies: Sequence[Tally]) -> str:
    """The rows of a run."""
    rows = []
    for one in tallies:
        counts = (one.rounds, f"{one.requests:,}", len(one.faults))
        said = [f"skipped: {one.skipped}", "", ""] if one.skipped else [str(it) for it in counts]
        rows.append(f"| {' | '.join([one.family, FAMILIES[one.family].what, *said])} |")
    return "\n".join([HEAD, *rows])


if __name__ == "__main__":
    sys.exit(main())
