"""What a learner has predicted, against what the run shows: a pure function of both.

A question's right answer stands in no file: it is what an assertion, which a question has without
operator and value, observes in the run. So it is right for every value of a flag.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.definition import model, questions
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions
from kubectl_joblab.labs.judge.measures import Measure
from kubectl_joblab.language import Phrase, Sentence, phrase

SHARE, LEAST = 0.2, 1  # seconds are right within this share of what they were, or within so many
_YES, _NO = ("yes", "y", "true", "예", "네"), ("no", "n", "false", "아니요", "아니오")
_NOTHING = ("none", "-", "없음")
_SECONDS = re.compile(r"(?:([0-9]{1,9})\s*(?:m|분))?\s*(?:([0-9]{1,9})\s*(?:s|초)?)?")
_INDEXES = re.compile(r"[0-9]{1,9}(-[0-9]{1,9})?(,[0-9]{1,9}(-[0-9]{1,9})?)*")


class Answer(NamedTuple):
    """An answer, once the run is there.

    right: None where the run does not tell, not yet or not any more. observed: the right answer as
    far as the run tells it, as a learner would give it. spelt: whether the learner has written it
    in another way than Kubernetes does, as 0,1,2 for 0-2. about: whether a time is right only by
    what it may be off.
    """

    right: bool | None
    observed: Sentence
    spelt: bool = False
    about: bool = False


class _Form(NamedTuple):
    """How the answers to the questions of a kind are read, compared and shown.

    wanted: what an answer is, in words. read: an answer's value; None where it is none. right:
    whether a value is what was observed. show: what was observed. say: an answer's value, with its
    unit; None where it is shown as it was typed.
    """

    wanted: Phrase
    read: Callable[[str], Any]
    right: Callable[[Any, Measure, Mapping[str, Any]], bool]
    show: Callable[[Measure], Sentence]
    say: Callable[[Any], Sentence] | None = None


def answer(
    question: model.Assertion, said: str, seen: Snapshot, values: Mapping[str, Any]
) -> Answer:
    """Whether what the learner said is what the run shows.

    question: the measure of a question. values: of the parameters that its expressions may name.
    What cannot be read as an answer is wrong. It is not known before the Job is finished or gone,
    nor where the evidence is not all there.
    """
    form = _form(question)
    asked = question._replace(options=questions.filled(question.kind, question.options))
    found = assertions.measure(asked, seen, values)
    known = seen.over and found.complete and (found.settled or not found.outlasts)
    if not known:
        return Answer(None, "<unknown>")
    value = form.read(said.strip())
    right = value is not None and form.right(value, found, asked.options)
    shown = form.show(found)
    spelt = form is _LISTED and right and _compact(said) != shown
    return Answer(
        right, shown, spelt, about=right and form.say is not None and _is_off(value, found)
    )


def given(exercise: Exercise, seen: Snapshot) -> Iterator[tuple[model.Question, Answer]]:
    """The questions about this round that the learner has answered, each with what it shows."""
    for question in exercise.answered:
        if (said := exercise.said.get(question.id)) is not None:
            yield question, answer(question.measure, said, seen, exercise.values)


def because(exercise: Exercise, question: model.Question, seen: Snapshot) -> Sentence | None:
    """Why the answer is what it is: the first reason that holds; None where none does."""
    values = exercise.values
    holding = (one.text for one in question.because if assertions.hold(one.when, seen, values))
    return next(holding, None)


def unreadable(question: model.Assertion, said: str) -> Sentence | None:
    """What an answer to the question has to be; None where this can be read as one."""
    form = _form(question)
    return form.wanted if form.read(said.strip()) is None else None


def shown(question: model.Assertion, said: str) -> Sentence:
    """An answer to the question as screens show it: a length of time has its unit."""
    form = _form(question)
    value = form.read(said.strip())
    return said if form.say is None or value is None else form.say(value)


def _form(question: model.Assertion) -> _Form:
    if question.kind == "field" and question.options.get("path") in _COUNTS:
        return _COUNT
    return FORMS[question.kind]


# ---- reading


def _number(said: str) -> int | None:
    return int(said) if re.fullmatch(r"-?[0-9]{1,18}", said) else None


def _time(said: str) -> int | None:
    """Seconds, written as 90, 90s or 1m30s."""
    found = _SECONDS.fullmatch(said)
    if found is None or not any(found.groups()):
        return None
    minutes, seconds = (int(part or 0) for part in found.groups())
    return 60 * minutes + seconds


def _times(said: str) -> list[int] | None:
    """Several lengths of time, with commas or blanks between them."""
    times = [_time(one) for one in re.split(r"[,\s]+", said)]
    return None if None in times else [one for one in times if one is not None]


def _word(said: str) -> str | None:
    return said.casefold() or None


def _yes(said: str) -> bool | None:
    word = said.casefold()
    return True if word in _YES else False if word in _NO else None


def _order(said: str) -> str | None:
    return said.casefold() if said.casefold() in ("after", "before") else None


def _indexes(said: str) -> tuple[tuple[int, int], ...] | None:
    """The ranges of indexes such as 0-2,5, joined where they meet; () for none."""
    compact = _compact(said)
    if compact in _NOTHING:
        return ()
    if not _INDEXES.fullmatch(compact):
        return None
    ranges: list[tuple[int, int]] = []
    for first, last in sorted(_range(part) for part in compact.split(",")):
        if ranges and first <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], max(last, ranges[-1][1]))
        else:
            ranges.append((first, last))
    return tuple(ranges)


def _compact(said: str) -> str:
    return re.sub(r"\s", "", said).casefold()


def _range(part: str) -> tuple[int, int]:
    first, _, last = part.partition("-")
    return int(first), int(last or first)


# ---- comparing


def _is_equal(value: object, found: Measure, _: Mapping[str, Any]) -> bool:
    observed = found.observed
    if isinstance(observed, list):  # each Pod's count, or several indexes
        return bool(observed) and all(value == one for one in observed)
    return bool(value == observed)


def _is_among(value: object, found: Measure, _: Mapping[str, Any]) -> bool:
    """Whether it is what was observed, or one of those that were."""
    observed = found.observed
    return value in observed if isinstance(observed, list) else bool(value == observed)


def _is_code(value: int, found: Measure, options: Mapping[str, Any]) -> bool:
    """Whether the exit code is the one, or among those, that the question is about."""
    codes: Sequence[int] = found.observed
    which = options.get("which", "all")
    if which == "any":
        return value in codes
    chosen = {"first": codes[:1], "last": codes[-1:]}.get(which, codes)
    return bool(chosen) and all(code == value for code in chosen)


def _is_count(value: int, found: Measure, _: Mapping[str, Any]) -> bool:
    return bool(value == (found.observed or 0))


def _is_text(value: str, found: Measure, _: Mapping[str, Any]) -> bool:
    return value == _plain(found.observed).casefold()


def _is_time(value: float, found: Measure, _: Mapping[str, Any]) -> bool:
    return found.observed is not None and _near(value, found.observed)


def _are_times(value: Sequence[float], found: Measure, _: Mapping[str, Any]) -> bool:
    """Whether the first gaps, as many as were given, were about so long."""
    gaps: Sequence[float] = found.observed
    return 0 < len(value) <= len(gaps) and all(map(_near, value, gaps))


def _near(said: float, observed: float) -> bool:
    return abs(said - observed) <= max(LEAST, SHARE * observed)


def _is_off(value: object, found: Measure) -> bool:
    """Whether a time, or the first gaps, are not to the second what was observed."""
    observed = found.observed
    first = observed[: len(value)] if isinstance(value, list) else observed
    return bool(value != first)


def _is_so(value: bool, found: Measure, _: Mapping[str, Any]) -> bool:
    return value == found.holds


def _are_indexes(value: object, found: Measure, _: Mapping[str, Any]) -> bool:
    return value == _indexes(found.observed or _NOTHING[0])


# ---- showing


def _plain(observed: object) -> str:
    """A value as it is typed."""
    if observed is None or observed in ("", []):
        return "<none>"
    if isinstance(observed, list):
        return ", ".join(map(_plain, observed))
    return str(observed).lower() if isinstance(observed, bool) else str(observed)


def _show(found: Measure) -> Sentence:
    return _plain(found.observed)


def _show_count(found: Measure) -> Sentence:
    return _plain(found.observed or 0)


def _show_time(found: Measure) -> Sentence:
    if found.observed is None or isinstance(found.observed, list):
        return ", ".join(f"{one}s" for one in found.observed or ()) or "<none>"
    return phrase("{n}s", n=found.observed)


def _say_time(seconds: int) -> Sentence:
    return phrase("{n}s", n=seconds)


def _say_times(times: Sequence[int]) -> Sentence:
    return ", ".join(f"{one}s" for one in times)


def _show_so(found: Measure) -> Sentence:
    return phrase("yes") if found.holds else phrase("no")


_NUMBER = _Form(phrase("a whole number"), _number, _is_equal, _show)
# fields of a Job's status that count Pods, and are left out where there are none
_COUNTS = {f"status.{name}" for name in ("active", "failed", "ready", "succeeded", "terminating")}
_COUNT = _NUMBER._replace(right=_is_count, show=_show_count)
_TIME = _Form(phrase("seconds, such as 90 or 1m30s"), _time, _is_time, _show_time, _say_time)
_LISTED = _Form(phrase("indexes, such as 0-2,5, or none"), _indexes, _are_indexes, _show)

# a test holds that each kind of measure is here
FORMS: dict[str, _Form] = {
    **dict.fromkeys(
        ("pods", "attempts", "restarts", "concurrency", "log", "event", "sum", "completedAfter"),
        _NUMBER,
    ),
    "exitCodes": _NUMBER._replace(right=_is_code),
    "lastIndex": _NUMBER._replace(right=_is_among),
    "duration": _TIME,
    "suspended": _TIME,
    "gaps": _TIME._replace(read=_times, right=_are_times, say=_say_times),
    "condition": _Form(phrase("a reason, as Kubernetes writes it"), _word, _is_text, _show),
    "field": _Form(phrase("a value"), _word, _is_text, _show),
    "replaced": _Form(phrase("after or before"), _order, _is_text, _show),
    "completedIndexes": _LISTED,
    "failedIndexes": _LISTED,
    **dict.fromkeys(
        ("exists", "absent", "deleted"), _Form(phrase("yes or no"), _yes, _is_so, _show_so)
    ),
}
