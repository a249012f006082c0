"""The table of differences, and which of them docs/fidelity.md explains."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.fidelity.compare import Difference

EXPLAINED = Path(__file__).parent / "explained.yaml"
_LONGEST = 400  # characters of one side that are shown


@dataclass(frozen=True)
class Found:
    """A difference and the scenario that showed it."""

    scenario: str
    difference: Difference


@dataclass(frozen=True)
class Explanation:
    """A difference that is known; number: its number in docs/fidelity.md.

    facet, place, real and practice are regular expressions; the latter two match what the clusters
    show.
    """

    number: int
    facet: str
    place: str
    real: str = ""
    practice: str = ""

    def matches(self, found: Found) -> bool:
        """Whether this explanation is one of the difference that was found."""
        shown = found.difference
        pairs = (
            (self.facet, shown.facet),
            (self.place, shown.place),
            (self.real, shown.real),
            (self.practice, shown.practice),
        )
        return all(re.search(pattern, text, re.DOTALL) for pattern, text in pairs)


def explanations() -> list[Explanation]:
    """The explanations of explained.yaml."""
    return [Explanation(**entry) for entry in yaml.safe_load(EXPLAINED.read_text("utf-8"))]


def unexplained(found: Iterable[Found]) -> list[Found]:
    """The differences that no explanation matches."""
    known = explanations()
    return [one for one in found if not any(entry.matches(one) for entry in known)]


def table(found: list[Found], scenarios: int) -> str:
    """A block for each difference, and a last line that counts the differences."""
    known = explanations()
    numbers = {
        entry.number: sorted({one.scenario for one in found if entry.matches(one)})
        for entry in known
    }
    places: dict[Difference, list[str]] = defaultdict(list)
    for one in unexplained(found):
        places[one.difference].append(one.scenario)
    lines = []
    for difference, where in places.items():
        lines.append(block(difference, ", ".join(dict.fromkeys(where))))
    for number, where in numbers.items():
        if where:
            lines.append(f"explained as {number} in docs/fidelity.md: {', '.join(where)}")
    seen = sum(1 for where in numbers.values() if where)
    lines.append(f"{scenarios} scenarios: {len(places)} differences, and {seen} explained ones")
    return "\n".join(lines)


def block(difference: Difference, where: str = "") -> str:
    """A difference in three lines. where: the names of what has shown it."""
    behind = f"  ({where})" if where else ""
    return (
        f"{difference.facet} {difference.place}{behind}\n"
        f"  real:     {_shown(difference.real)}\n"
        f"  practice: {_shown(difference.practice)}"
    )


def _shown(text: str) -> str:
    folded = text.replace("\n", "\n            ")
    return folded if len(folded) <= _LONGEST else f"{folded[:_LONGEST]}..."
