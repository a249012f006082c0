"""Whole screens as golden text: what differs from run to run is replaced, the rest is compared.

Replaced: uids, the namespace, the five characters of Pod names (by as many x, so that columns
stay), ages, lengths of runs, lanes. Lines that a busy machine adds or drops are left out.
test_screens.py shows some of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import yaml

from tests import golden
from tests.e2e.place import Outcome, Place

GOLDEN = Path(__file__).parent / "golden"
_POD = re.compile(r"\b([a-z][a-z0-9-]*)-[bcdfghjklmnpqrstvwxz2456789]{5}\b(?!-)")
_UID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_AGE = re.compile(r"\b(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+s\b|\b\d+m\b")
_LAST_AGE = re.compile(rf"(?<=  )(?:{_AGE.pattern})$")
_CHANGE = re.compile(  # in columns, or each value behind its name
    r"^((?:age: )?)(\S+?)( +|; object: )((?:job\.batch|pod)/[^\s;]+(?: +|; status: ))([^\s;]+)"
    r"(; detail: | *)(.*)$"
)
_CHECK = re.compile(r"^[a-z]+/[a-z-]+ +(PASS|FAIL|PENDING|UNKNOWN) ")
# a verdict in the stream of a wait, which is told there if it is decided before the Job is finished
_DECIDED = re.compile(
    rf"^(?:age: )?(?:{_AGE.pattern})(?: +|; object: )[a-z0-9-]+/[a-z0-9-]+"
    r"(?: +|; status: )(?:PASS|FAIL|UNKNOWN)\b"
)
_KEY = ";\n  the key s skips waits"  # on a terminal of a practice cluster
_LANE = re.compile(r"^(\S+ +)([-.=x0-9s ]+?)(?:   (\S.*))?$")
_OF_A_POD = re.compile(r"(\[pod/)?[a-z0-9-]+-xxxxx[ /]")  # a row, a line of a log, a lane
# a scheduled Job is named by its minute, and may have run by now
_SCHEDULED = re.compile(r"\b(cronjob-[a-z]+)-\d{8}\b")
_ITS_TABLE = re.compile(rf"NAME +STATUS .*\n{_SCHEDULED.pattern} .*")
_TOKEN = re.compile(r"\btoken [0-9a-f]{8}\b")
# a Pod may be in these for a moment or for longer than usual
_LONG = ("pod/sleep", "pod/parallelism")  # Pods that are seen Running on any machine
# said where the Job is not finished yet, or its CronJob is to do more
_WAITS = ("Waiting for job.batch/", "Waiting for what cronjob.batch/")
_FLEETING = ("Pending", "ContainerCreating", "CrashLoopBackOff", "Terminating", "DELETED")


def assert_golden(name: str, text: str) -> None:
    """Compare with golden/NAME.txt."""
    golden.compare(GOLDEN / f"{name}.txt", text)


def assert_screen(
    name: str,
    outcome: Outcome,
    place: Place,
    *,
    stream: bool = True,
    pods_alike: bool = True,
    others: bool = False,
) -> None:
    """Compare a whole screen with golden/NAME.txt.

    stream: whether with the changes of the Job, which a command that is stopped may have shown or
    not. pods_alike: whether it is one what each Pod shows; else the rows of Pods, which stand in
    the order of their random names, are compared in an order of their own, and lanes roughly.
    others: whether other labs run beside it in the same home. What comes next depends on which of
    them are done by then, and is left out.
    """
    lines = outcome.screen.splitlines()
    if others:
        lines = [line for line in lines if not line.startswith("Next: ")]
    if not stream:
        lines = [line for line in lines if not _in_passing(line)]
    shown = normal("\n".join(lines), place)
    if not pods_alike:
        shown = list(_in_order(map(_roughly, shown)))
    assert_golden(name, "".join(f"{line}\n" for line in shown))


def _roughly(line: str) -> str:
    """A line without what a second more or less can change."""
    line = re.sub(r"^(\S+-xxxxx   )-+(?=[=x])", r"\1", line)
    line = re.sub(r"\bstep \d+ of", "step N of", line)  # how far a Pod that was deleted has come
    return re.sub(r"^at once   up to \d", "at once   up to N", line)


def _in_order(lines: Iterable[str]) -> Iterator[str]:
    """The lines, with those about Pods that follow each other in order."""
    for about_pods, group in groupby(lines, key=lambda line: _OF_A_POD.match(line) is not None):
        found = list(group)
        yield from sorted(found) if about_pods else found


def _in_passing(line: str) -> bool:
    """Whether a line tells of a change, or of gates that may be gone before anyone looks."""
    match = _CHANGE.match(line)
    told = line.startswith("AGE  ") or (match is not None and _AGE.fullmatch(match[2]) is not None)
    return told or (line.startswith("Warning: ") and ": SchedulingGated: " in line)


def normal(text: str, place: Place) -> list[str]:
    """The lines, with everything replaced that differs from run to run."""
    text = text.replace(_KEY, "")
    text = text.replace(server(place), "SERVER").replace(place.namespace, "NAMESPACE")
    text = _SCHEDULED.sub(r"\1-MINUTE", _ITS_TABLE.sub(r"\1-MINUTE", text))
    text = text.replace("+joblab", "")  # of the version of a practice cluster
    lines = list(_stream(line for line in text.splitlines() if not _DECIDED.match(line)))
    lines = [line for line in _timeline(lines) if not line.startswith(_WAITS)]
    # a name's random letters may look like an age, as 6m44s does
    lines = [_line(_POD.sub(r"\1-xxxxx", _UID.sub("UID", line))) for line in lines]
    return [_TOKEN.sub("token TOKEN", line) for line in lines]


def server(place: Place) -> str:
    """Host and port of the API server."""
    clusters = yaml.safe_load(place.kubeconfig.read_text("utf-8"))["clusters"]
    return str(clusters[0]["cluster"]["server"]).partition("://")[2].rstrip("/")


# ---- the stream of changes


def _stream(lines: Iterable[str]) -> Iterator[str]:
    """The changes of the Job, then those of its Pods, each kind of change once.

    How the Job's and the Pods' changes follow each other, how many counts of the Job lie between
    two Pods, and whether a container that ended soon was seen Running, is the controllers' and the
    kubelet's to say.
    """
    changes: list[tuple[str, str, str, str, str]] = []
    for line in lines:
        match = _CHANGE.match(line)
        if match and _AGE.fullmatch(match[2]):
            age = f"{match[1]}AGE{match[3] if match[1] else '   '}"
            changes.append((age, match[4], match[5], match[6], match[7]))
            continue
        yield from sorted(dict.fromkeys(_changes(changes)), key=lambda one: "pod/" in one)
        changes = []
        yield line


def _changes(changes: Iterable[tuple[str, str, str, str, str]]) -> Iterator[str]:
    for age, name, status, space, detail in changes:
        is_job = name.startswith("job")
        counting = is_job and status == "Running" and not re.match(r"0/\d+$", detail)
        short = not is_job and status == "Running" and not name.startswith(_LONG)
        if counting or short or status in _FLEETING:
            continue
        detail = _AGE.sub("Ns", re.sub(r", back-off \d+s", "", detail))
        detail = re.sub(r"^\d+ at once", "N at once", detail)
        if status in ("SuccessCriteriaMet", "FailureTarget"):  # it counts on while it ends
            detail = re.sub(r"^\d+/(\d+).*", r"N/\1", detail)
        yield (age + _POD.sub(r"\1-xxxxx", name) + status + space + detail).rstrip()


# ---- the timeline


def _timeline(lines: Iterable[str]) -> Iterator[str]:
    """Lanes without lengths: `=x` for what ran and failed. Told in words, without times."""
    inside = False
    for line in lines:
        if line.startswith(("Timeline: ", "타임라인: ")):
            inside = True
            yield re.sub(r"(1 column is|한 칸은) .*", "LEGEND", line)
        elif not inside or not line:
            inside = False
            yield line
        elif line.startswith(" "):
            yield "RULER"
        elif line.startswith("at once "):
            yield f"at once   up to {max(re.findall('[0-9]', line))}"
        elif line.startswith(("pod: ", "At most ")):
            yield _AGE.sub("Ns", line)
        elif match := _LANE.match(line):
            yield f"{match[1].rstrip()}   {_lane(match[2])}   {match[3]}"


def _lane(lane: str) -> str:
    # how long the kubelet waits before a restart, and whether that shows, differs
    without_restarts = re.sub(r"(?<=[x=])-[-0-9s]*(?=[x=])", "", lane.strip())
    without_lengths = re.sub(r"-\d+s-", "--", without_restarts)
    # a container may start in the second of its Pod's creation, and end in that of its start
    without_waits = without_lengths.replace(".", "")
    runs = re.sub("=+x", "x", without_waits)
    return "".join(sign for sign, _ in groupby(runs))


# ---- other lines


def _line(line: str) -> str:
    """Ages replaced; the width of a column may follow them, so its padding goes too."""
    if line.startswith(("$", "#", "Next:", "error", "Error")):
        return line
    if _CHECK.match(line):
        head, _, observed = re.sub(r"\d+s \(one by one\)", "Ns (one by one)", line).rpartition(
            "   "
        )
        return f"{head}   {_AGE.sub('Ns', observed)}"
    if "RESTARTS" in line or "LAST SEEN" in line:
        return re.sub(r" {2,}", "   ", line)
    if line.startswith("    "):  # a table within describe
        return _LAST_AGE.sub("Ns", line)
    if _is_row(line) and _AGE.search(line):
        return re.sub(r" {2,}", "   ", _AGE.sub("Ns", line))
    return line


def _is_row(line: str) -> bool:
    """Whether it is a row of one of kubectl's tables: its second column begins in upper case."""
    return re.match(r"^(\S+ {2,}\S+ {2,}|  \w+: +|\S+ {2,}(Normal|Warning))", line) is not None


# ---- parts of start's screen


def section(text: str, head: str) -> list[str]:
    """The lines below the one that begins with this, up to the next empty line."""
    lines = text.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(head))
    below = lines[start + 1 :]
    end = below.index("") if "" in below else len(below)
    return below[:end]


def without_ages(lines: Iterable[str]) -> list[list[str]]:
    """The cells of a table, ages replaced."""
    return [re.split(r" {2,}", _AGE.sub("Ns", line)) for line in lines]


def ages(text: str) -> list[int]:
    """All ages in a text, in seconds."""
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return [
        sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([dhms])", age[0]))
        for age in _AGE.finditer(text)
    ]


def same_but_for_ages(text: str) -> str:
    """The text with each digit of an age as a 9, so that columns stay."""
    return _AGE.sub(lambda age: re.sub(r"\d", "9", age[0]), text)
