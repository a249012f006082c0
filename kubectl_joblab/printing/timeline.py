"""The timeline: for each Pod a lane of characters that shows when it waited, ran and failed.

The summary of `start` and its live screen show the timeline. It is pure: it is given Pods, their
attempts and the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from kubectl_joblab import objects
from kubectl_joblab.language import Language, phrase
from kubectl_joblab.objects import Attempt, Object
from kubectl_joblab.printing import tabwriter

RUNS = ("POD", "CREATED", "BACK-OFF", "STARTED", "RAN", "EXIT", "STATUS")
LANE = 44  # columns of a lane; the seconds of a column are doubled until the whole time fits
SHORTEST = 10  # columns that a lane has at least, though STATUS is cut then
TICK = 10  # columns between two times on the ruler
WAITING, RUNNING, FAILED, BACKOFF = ".", "=", "x", "-"
_MANY = "+"  # in the line "at once"
_LEGEND = (
    (WAITING, phrase("waiting")),
    (RUNNING, phrase("running")),
    (FAILED, phrase("failed")),
    (BACKOFF, "back-off"),
    (_MANY, phrase("more than 9 at once")),
)
ENGLISH = Language("en")
_LAST_COLUMN = 2 * LANE  # where a lane ends though a time lies far ahead: clocks may be wrong
_GAP = 3  # columns before and behind a lane
_LABEL_ROOM = 2  # dashes on each side of the length that is written into a back-off


@dataclass(frozen=True)
class Lane:
    """What the timeline needs of one Pod. attempts: in the order in which they were started.

    gone: whether the Pod has been deleted. stopped: whether that was because its Job was suspended,
    which is no failure and makes nobody wait. tail: what stands behind the lane, "" for what its
    attempts come to. A lane with a tail of its own is a run of a CronJob, which waits for no other.
    """

    pod: Object
    attempts: Sequence[Attempt]
    gone: bool = False
    stopped: bool = False
    tail: str = ""


def draw(
    lanes: Sequence[Lane],
    origin: datetime,
    now: datetime,
    *,
    rows: int | None = None,
    live: int | None = None,
    text: Language = ENGLISH,
) -> tuple[str, list[str]]:
    """The legend, a sentence that says what a column and the characters mean, and the lines.

    origin: the Job's creation, which is column 0. rows: how many lines the lanes may take, None for
    any number; with less room Pods that may still run are shown first, and the last line says how
    many others there are. live: where the Job still runs, the columns of the terminal. Then lanes
    have room to grow, and behind a lane stands the Pod's STATUS, which is not cut where the lane
    can be shorter; else lanes end at `now`, and exit codes stand there.
    """
    if not lanes:
        return "", []
    ends = [_last(lane, origin) for lane in lanes if not is_open(lane)]
    seconds = (max([now, *ends]) - origin).total_seconds()
    shown, hidden = _choose(lanes, rows)
    at_once = text(phrase("at once"))
    label = max([tabwriter.width(objects.name(lane.pod)) for lane in shown], default=0)
    margin = " " * (max(label, tabwriter.width(at_once)) + _GAP)
    tails = [tail_of(lane, live is not None, text) for lane in shown]
    room = LANE
    if live is not None:
        behind = _GAP + max(map(tabwriter.width, tails), default=0)
        room = max(min(LANE, live - len(margin) - behind), SHORTEST)
    scale = scale_of(seconds, room)
    strips = {id(lane): _strip(lane, lanes, origin, now, scale) for lane in lanes}
    longest = max(len(strip) for strip in strips.values())
    columns = max(longest, room if live is not None else max(int(-(-seconds // scale)), 1))
    lines = [(margin + _ruler(columns, scale)).rstrip()]
    for lane, tail in zip(shown, tails, strict=True):
        name = tabwriter.pad(objects.name(lane.pod), len(margin))
        lines.append(f"{name}{strips[id(lane)]:<{columns}}{' ' * _GAP}{tail}".rstrip())
    if hidden:
        lines.append(text(phrase("and {n} more", n=hidden)))
    last = columns if live is None else longest
    counts = _at_once(lanes, origin, now, scale, last) if len(lanes) > 1 else ""
    if counts:
        lines.append(tabwriter.pad(at_once, len(margin)) + counts)
    many = _MANY if _MANY in counts else ""
    return _legend([*strips.values(), many], scale, text), lines


def runs(lanes: Sequence[Lane], origin: datetime, rows: int) -> tuple[list[list[str]], int]:
    """The timeline as a table, for --plain: its rows, of the columns RUNS, and the Pods left out.

    The Pods are those that `draw` shows in as many rows; of the others there is the number. Each
    attempt has a row; a Pod that never ran has one too. Times are since `origin`, the Job's
    creation, in whole seconds, as the checks count.
    """
    shown, hidden = _choose(lanes, rows)
    return [row for lane in shown for row in _runs(lane, lanes, origin)], hidden


def _runs(lane: Lane, lanes: Sequence[Lane], origin: datetime) -> Iterator[list[str]]:
    name, created = objects.name(lane.pod), objects.created(lane.pod)
    status = "Deleted" if lane.gone else objects.pod_status(lane.pod)
    ran = [attempt for attempt in lane.attempts if attempt.started]
    if not ran:
        yield [name, _length(origin, created), "", "", "", "", status]
        return
    held = [
        _length(held_since(lane, lanes), created),
        *(_length(before.finished, attempt.started) for before, attempt in pairwise(ran)),
    ]
    for attempt, waited in zip(ran, held, strict=True):
        yield [
            name,
            _length(origin, created),
            "" if waited == "0s" else waited,  # there is no back-off before a first restart
            _length(origin, attempt.started),
            _length(attempt.started, attempt.finished),
            "" if attempt.exit_code is None else str(attempt.exit_code),
            status if attempt is ran[-1] else "",
        ]


def _length(start: datetime | None, end: datetime | None) -> str:
    """The time from start to end in whole seconds, such as 5s; "" where one is not known."""
    return f"{int((end - start).total_seconds())}s" if start and end else ""


def _legend(strips: Iterable[str], scale: int, text: Language) -> str:
    drawn = "".join(strips)
    used = "  ".join(f"{sign} {text(meaning)}" for sign, meaning in _LEGEND if sign in drawn)
    if not used:
        return text(phrase("1 column is {scale}s", scale=scale))
    return text(phrase("1 column is {scale}s; {used}", scale=scale, used=used))


def scale_of(seconds: float, room: int = LANE) -> int:
    """The seconds that a column stands for where so many have to fit into a lane of `room`."""
    scale = 1
    while seconds / scale > room:
        scale *= 2
    return scale


def _choose(lanes: Sequence[Lane], rows: int | None) -> tuple[list[Lane], int]:
    """The lanes that are shown, in their order, and how many are left out."""
    if rows is None or len(lanes) <= rows:
        return list(lanes), 0
    first = sorted(lanes, key=lambda lane: not is_open(lane))[: max(rows - 1, 0)]
    kept = {id(lane) for lane in first}
    return [lane for lane in lanes if id(lane) in kept], len(lanes) - len(first)


def is_open(lane: Lane) -> bool:
    """Whether the Pod may still run."""
    phase = objects.status(lane.pod).get("phase")
    return not lane.gone and phase not in ("Succeeded", "Failed")


def _last(lane: Lane, origin: datetime) -> datetime:
    times = [a.finished or a.started for a in lane.attempts]
    return max([t for t in times if t], default=objects.created(lane.pod) or origin)


def _strip(lane: Lane, lanes: Sequence[Lane], origin: datetime, now: datetime, scale: int) -> str:
    """The characters of a lane, from column 0 to its last that is not a space."""
    cells: dict[int, str] = {}

    def column(when: datetime) -> int:
        return min(max(int((when - origin).total_seconds() // scale), 0), _LAST_COLUMN)

    def fill(start: datetime, end: datetime, sign: str) -> None:
        for index in range(column(start), column(end)):
            cells[index] = sign

    created = objects.created(lane.pod) or origin
    if held := held_since(lane, lanes):
        _hold(cells, column(held), column(created), held, created)
    started = next((a.started for a in lane.attempts if a.started), None)
    if all(attempt.number == 1 for attempt in lane.attempts[:1]):  # else earlier ones are gone
        fill(created, started or (now if is_open(lane) else created), WAITING)
    previous: datetime | None = None
    failed = False
    for attempt in lane.attempts:
        if attempt.started is None:  # the container could not be started
            if attempt.finished and attempt.exit_code:
                cells[column(attempt.finished)] = FAILED
                previous, failed = attempt.finished, True
            continue
        if previous is not None and failed:
            _hold(cells, column(previous), column(attempt.started), previous, attempt.started)
        elif previous is not None:
            fill(previous, attempt.started, WAITING)
        end = attempt.finished or (now if is_open(lane) else attempt.started)
        fill(attempt.started, max(end, attempt.started + timedelta(seconds=scale)), RUNNING)
        if attempt.exit_code and not lane.stopped:
            cells[max(column(end) - 1, column(attempt.started))] = FAILED
        previous, failed = attempt.finished, bool(attempt.exit_code)
    if previous is not None and is_open(lane) and lane.attempts[-1].exit_code:
        fill(previous, now, BACKOFF)
    return "".join(cells.get(index, " ") for index in range(max(cells, default=-1) + 1))


def held_since(lane: Lane, lanes: Sequence[Lane]) -> datetime | None:
    """When the failed run ended after which the Job controller waited until it created this Pod.

    None where no run had failed before, or another Pod still ran, so that nothing was waited for.
    Under backoffLimitPerIndex each index waits for itself, whatever the others do.
    """
    created = objects.created(lane.pod)
    if created is None or lane.tail:
        return None
    if objects.annotation(lane.pod, objects.INDEX_FAILURES_ANNOTATION) is not None:
        index = objects.annotation(lane.pod, objects.INDEX_ANNOTATION)
        lanes = [
            other
            for other in lanes
            if objects.annotation(other.pod, objects.INDEX_ANNOTATION) == index
        ]
    before = [
        (attempt.finished, 0 if other.stopped else attempt.exit_code)
        for other in lanes
        if other is not lane
        for attempt in other.attempts
        if attempt.finished and attempt.finished <= created
    ]
    busy = any(
        attempt.started
        and attempt.started < created
        and (attempt.finished is None or attempt.finished > created)
        for other in lanes
        if other is not lane
        for attempt in other.attempts
    )
    if busy or not before:
        return None
    finished, code = max(before)
    return finished if code else None


def _hold(cells: dict[int, str], start: int, end: int, since: datetime, until: datetime) -> None:
    """Put a back-off into the columns from start to end, with its length where there is room."""
    for index in range(start, end):
        cells[index] = BACKOFF
    label = objects.human_duration((until - since).total_seconds())
    if end - start >= len(label) + 2 * _LABEL_ROOM:
        at = start + (end - start - len(label)) // 2
        cells.update({at + offset: sign for offset, sign in enumerate(label)})


def _ruler(columns: int, scale: int) -> str:
    last = max(columns - 1, 0) // TICK * TICK
    return "".join(
        f"{objects.human_duration(index * scale):<{TICK}}" for index in range(0, last + 1, TICK)
    ).rstrip()


def tail_of(lane: Lane, live: bool, text: Language) -> str:
    """What stands behind a lane: the Pod's STATUS while it may run, else its exit codes."""
    if lane.tail:
        return lane.tail
    if is_open(lane) or (live and not lane.gone):
        return objects.pod_status(lane.pod)
    codes = [str(a.exit_code) for a in lane.attempts if a.exit_code is not None]
    parts = [f"exit {', '.join(codes)}"] if codes else []
    return ", ".join([*parts, *([text(phrase("deleted"))] if lane.gone else [])])


def _spans(lane: Lane, origin: datetime, now: datetime) -> Iterator[tuple[int, int]]:
    """The runs of a Pod's containers, in whole seconds since the Job's creation, half open."""
    for attempt in lane.attempts:
        if attempt.started is not None:
            running = now + timedelta(seconds=1) if is_open(lane) else attempt.started
            end = attempt.finished or running
            first, last = (int((at - origin).total_seconds()) for at in (attempt.started, end))
            yield max(first, 0), max(last, 0)


def _at_once(
    lanes: Iterable[Lane], origin: datetime, now: datetime, scale: int, columns: int
) -> str:
    """For each column a digit: how many Pods ran at the same time, at the most; + for more than 9.

    "" where never more than one ran. Runs are counted as the checks count them, as half-open
    intervals of whole seconds; a run that begins and ends in the same second counts as one.
    """
    counts = [0] * columns
    changes: Counter[int] = Counter()
    for lane in lanes:
        covered = 0  # up to this second the Pod is counted: its containers run together
        for start, end in sorted(_spans(lane, origin, now)):
            if 0 <= start // scale < columns:
                counts[start // scale] = 1
            if (since := max(start, covered)) < end:
                changes[since] += 1
                changes[end] -= 1
                covered = end
    running = 0
    for second, until in pairwise(sorted(changes)):
        running += changes[second]
        for column in range(second // scale, min((until - 1) // scale + 1, columns)):
            counts[column] = max(counts[column], running)
    if max(counts, default=0) < 2:
        return ""
    return "".join("." if n == 0 else str(n) if n < 10 else _MANY for n in counts)
