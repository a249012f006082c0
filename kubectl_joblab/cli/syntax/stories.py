"""What flags of simulate say of a try: `run=20s exit=1`, as a Program."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from kubectl_joblab.cli.syntax import values
from kubectl_joblab.errors import UsageError
from kubectl_joblab.language import Phrase, Sentence, phrase
from kubectl_joblab.practice.controllers.job import indexes
from kubectl_joblab.practice.simulation.containers import Program
from kubectl_joblab.practice.simulation.story import FAILS, Story, Told

FOR_EVER = "forever"
_KEYS = ("run", "exit", "stop")
_SEE = "kubectl joblab simulate"
_TERMINATED = 143  # the exit code of a program that SIGTERM has ended
_DURATION = phrase("a duration such as 30s, 2m or 1h")
_INDEXES = re.compile(r"\d{1,10}(-\d{1,10})?(,\d{1,10}(-\d{1,10})?)*")


def story(
    each: str, then: Sequence[str], told: Sequence[tuple[str, str]], drains: Sequence[str]
) -> Story:
    """The story that flags tell. told: pairs of indexes and a story. Raises UsageError."""
    first = program(each, "--each", FAILS) if each else FAILS
    tries = (first, *(program(text, "--then", first) for text in then))
    return Story(tries, _by_indexes(told, first), [_moment(text) for text in drains])


def _by_indexes(told: Sequence[tuple[str, str]], first: Program) -> list[Told]:
    """What indexes do; one that is told of again does that in its next try."""
    found: dict[str, tuple[Program, ...]] = {}
    for which, text in told:
        if not _INDEXES.fullmatch(which) or not all(map(_ascends, which.split(","))):
            what = phrase("indexes such as 3 or 0,4-6")
            raise _unfit("--index", which, what)
        found[which] = (*found.get(which, ()), program(text, "--index", first))
    return [Told(indexes.parse(which, 1 << 31), tries) for which, tries in found.items()]


def _ascends(part: str) -> bool:
    """Whether a part of a list of indexes, such as 3 or 4-6, is in the order of numbers."""
    first, _, last = part.partition("-")
    return int(first) <= int(last or first)


def program(text: str, flag: str, base: Program) -> Program:
    """What a try does, as in `run=20s exit=1 stop=5s`. Raises UsageError.

    flag: the one whose value it is. base: what is done where the text does not say it.
    """
    given: dict[str, str] = {}
    for word in text.split():
        key, equals, value = word.partition("=")
        if not equals or key not in _KEYS or key in given:
            given.clear()
            break
        given[key] = value
    if not given:
        what = phrase("run=DURATION exit=CODE stop=DURATION, each at most once")
        raise _unfit(flag, text, what)
    runs, exits, ends = base.runs, base.exits, base.ends
    if "run" in given:
        runs = math.inf if given["run"] == FOR_EVER else _seconds(given, "run", flag)
    if "exit" in given:
        exits = _code(given["exit"], flag)
    if "stop" in given:
        ends = _seconds(given, "stop", flag)
    return Program(runs, exits, ends, _TERMINATED)


def _code(text: str, flag: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text) or int(text) > 255:
        raise _unfit(flag, f"exit={text}", phrase("from {low} to {high}", low=0, high=255))
    return int(text)


def _seconds(given: Mapping[str, str], key: str, flag: str) -> float:
    found = values.seconds(given[key])
    if found is None:
        raise _unfit(flag, f"{key}={given[key]}", _DURATION)
    return found


def _moment(text: str) -> float:
    found = values.seconds(text)
    if found is None:
        raise _unfit("--node-drain-at", text, _DURATION)
    return found


def _unfit(flag: str, value: str, what: Sentence) -> UsageError:
    text: Phrase = phrase(
        'error: invalid argument "{value}" for "{flag}" flag: must be {what}',
        value=value,
        flag=flag,
        what=what,
    )
    return UsageError(text, see=_SEE)
