"""What an assertion measures, and the arithmetic that the kinds of assertions share.

assertions.py and course.py have the kinds; checks.py turns measures into verdicts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Attempt

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Measure(NamedTuple):
    """What an assertion found in a snapshot.

    holds: whether the assertion is true now. expected_text and observed_text: as screens show them.
    settled: whether `holds` cannot change any more, whatever the Job still does. complete: whether
    all evidence that the assertion rests on is there. outlasts: whether `holds` may still change
    when the Job is finished.
    """

    expected: Any
    observed: Any
    holds: bool
    expected_text: Sentence
    observed_text: Sentence
    operator: str = "=="
    settled: bool = False
    complete: bool = True
    outlasts: bool = False


def compare(symbol: str, observed: Any, expected: Any) -> bool:
    """Whether the comparison holds. symbol: one of OPERATORS.

    Where a whole number is expected, a text of digits is compared as a number. Values that have no
    order between them do not compare.
    """
    if isinstance(expected, int) and not isinstance(expected, bool) and isinstance(observed, str):
        observed = int(observed) if is_number(observed) else observed
    try:
        return OPERATORS[symbol](observed, expected)
    except TypeError:
        return False


def is_number(value: str) -> bool:
    """Whether the text is a whole number in decimal digits."""
    return value.removeprefix("-").isdecimal()


def growing(symbol: str, observed: float, expected: float) -> bool:
    """Whether a value that only ever grows has settled the comparison."""
    if symbol in (">=", ">"):
        return compare(symbol, observed, expected)
    if symbol in ("<=", "<"):
        return not compare(symbol, observed, expected)
    return observed > expected


def bound(symbol: str, value: Sentence) -> Sentence:
    """How an expectation reads: "3 Pods", "at least 3 Pods"."""
    if symbol == ">=":
        return phrase("at least {value}", value=value)
    if symbol == "<=":
        return phrase("at most {value}", value=value)
    if symbol == ">":
        return phrase("more than {value}", value=value)
    if symbol == "<":
        return phrase("under {value}", value=value)
    if symbol == "!=":
        return phrase("not {value}", value=value)
    return value


def count(
    options: Mapping[str, Any], observed: int, complete: bool, unit: Callable[[int], Sentence]
) -> Measure:
    """A measure of something counted, which can only become more."""
    symbol, expected = options["operator"], options["value"]
    return Measure(
        expected,
        observed,
        compare(symbol, observed, expected),
        bound(symbol, unit(expected)),
        unit(observed),
        symbol,
        growing(symbol, observed, expected),
        complete,
    )


def attempts(seen: Snapshot) -> list[Attempt]:
    return [attempt for record in seen.pods for attempt in record.attempts]


def last_end(record: PodRecord) -> datetime | None:
    """When the last of the Pod's containers ended, None where none has, or it is not known."""
    return max((a.finished for a in record.attempts if a.finished), default=None)


def has_every_log(seen: Snapshot) -> bool:
    """Whether the log of each start of a container is there, whole."""
    whole = all(a.log is not None and not a.log_cut for a in attempts(seen))
    return whole and seen.has_every_start
