"""--plain, NO_COLOR and TERM=dumb: nothing is told by colour, place or drawing alone."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
from collections.abc import Mapping, Sequence

import pytest

from kubectl_joblab.cli.screens import live, summary
from kubectl_joblab.cli.session import Session
from kubectl_joblab.evidence.recorder import Change, Recorder
from kubectl_joblab.evidence.snapshot import PodRecord
from kubectl_joblab.labs.definition import loader
from kubectl_joblab.labs.exercise import Exercise
from tests.cli.conftest import PATIENCE, PROGRAM, Home
from tests.cli.test_errors import CONFIG
from tests.labs import builders as b


def test_a_row_of_our_tables_names_its_columns(home: Home) -> None:
    screen = home.run("list", "--client", "--plain")
    first = (
        "chapter: first Jobs; lab: 0; name: basics; title: Job, Pod and log; level: beginner; "
        "minutes: 5"
    )
    assert (screen.out.splitlines()[0], screen.code) == (first, 0)
    assert len(screen.out.splitlines()) == 24


# ---- on a terminal


def on_terminal(home: Home, args: Sequence[str], environ: Mapping[str, str]) -> bytes:
    """All that a command writes to a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [*PROGRAM, *args], env=home.environ(environ), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written = b""
    with contextlib.suppress(OSError):  # EIO: the program has ended
        while chunk := os.read(ours, 65536):
            written += chunk
    os.close(ours)
    done.wait(PATIENCE)
    return written


TERMINALS = {
    "a usual terminal": ((), {"TERM": "xterm"}, True),
    "NO_COLOR": ((), {"TERM": "xterm", "NO_COLOR": "1"}, False),
    "TERM=dumb": ((), {"TERM": "dumb"}, False),
    "no TERM, as on Windows": ((), {}, False),
    "--plain": (("--plain",), {"TERM": "xterm"}, False),
}


@pytest.mark.parametrize(("args", "environ", "has_colour"), TERMINALS.values(), ids=TERMINALS)
def test_only_a_usual_terminal_gets_colour(
    home: Home, args: tuple[str, ...], environ: Mapping[str, str], has_colour: bool
) -> None:
    config = home.write("config", CONFIG)
    written = on_terminal(home, ["doctor", *args], {"KUBECONFIG": str(config), **environ})
    assert b"FAIL" in written
    assert (b"\x1b" in written) is has_colour


def test_a_message_of_others_is_one_line_with_plain(home: Home) -> None:
    text = "x509: " + "a long reason " * 10
    sessions = {plain: on_a_terminal(plain) for plain in (True, False)}
    for session in sessions.values():
        session.warn(text.strip())
    counts = {plain: len(lines_of(session.stderr)) for plain, session in sessions.items()}
    assert counts == {True: 1, False: 2}


class Console(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_a_terminal(plain: bool) -> Session:
    session = Session(io.StringIO(), Console(), Console(), {"TERM": "xterm"})
    session.flags["plain"] = plain
    return session


def lines_of(stream: object) -> list[str]:
    assert isinstance(stream, Console)
    return stream.getvalue().splitlines()


# ---- the stream


def test_a_change_names_what_it_tells() -> None:
    session = on_a_terminal(plain=True)
    view = live.StreamView(session, Recorder(b.job("retry"), b.NAMESPACE), session.out)
    view.show([Change(3, "job.batch/retry", "Running", "0/1")])
    view.show([Change(62.5, "pod/retry-4hk9l", "Terminating", "")])
    assert lines_of(session.stdout) == [
        "age: 3s; object: job.batch/retry; status: Running; detail: 0/1",
        "age: 62s; object: pod/retry-4hk9l; status: Terminating",
    ]


# ---- the command to go on with


@pytest.mark.parametrize(
    ("flags", "command", "wanted"),
    [
        pytest.param(
            {"plain": True, "lang": "ko"},
            "kubectl joblab start retry",
            "kubectl joblab start retry --lang=ko --plain",
            id="one of ours prints as this one did",
        ),
        pytest.param({"plain": False, "lang": None}, *["kubectl joblab list"] * 2, id="no flags"),
        pytest.param(
            {"plain": True, "lang": "ko", "namespace": "labs"},
            "kubectl get pods",
            "kubectl get pods -n labs",
            id="kubectl knows neither",
        ),
        pytest.param(
            {"namespace": "labs", "context": "nowhere", "kubeconfig": "k", "lang": "ko"},
            "kubectl joblab practice up",
            "kubectl joblab practice up --kubeconfig=k --lang=ko",
            id="the practice cluster is no other's context",
        ),
    ],
)
def test_what_comes_next_has_the_flags_of_now(
    flags: dict[str, object], command: str, wanted: str
) -> None:
    session = on_a_terminal(plain=False)
    session.flags.update(flags)
    assert session.with_flags(command) == wanted


# ---- the timeline


def timeline_of(*records: PodRecord, plain: bool = True, lang: str = "en") -> list[str]:
    """What start says of these Pods instead of drawing them."""
    session = on_a_terminal(plain)
    session.flags["lang"] = lang
    seen = b.seen(b.complete(60), *records)
    lab = loader.find("retry", [])
    lines = summary.lines(session, Exercise(lab, lab.variants[0]), seen)
    start = next(
        index for index, line in enumerate(lines) if line.startswith(("Timeline", "타임라인"))
    )
    return lines[start : lines.index("", start) if "" in lines[start:] else None]


HEAD = "Timeline: times since the Job was created"
TIMELINES = {
    "a Pod for each try": (
        [
            b.record(b.ran("retry-pvdmc", 2, 4, 3)),
            b.record(b.ran("retry-nx8rv", 14, 16, created=14)),
        ],
        [
            "pod: retry-pvdmc; created: 0s; started: 2s; ran: 2s; exit: 3; status: Error",
            "pod: retry-nx8rv; created: 14s; back-off: 10s; started: 14s; ran: 2s; exit: 0;"
            " status: Completed",
            "At most 1 at once.",
        ],
    ),
    "tries of one Pod, which is gone": (
        [
            b.record(
                b.runs("retry-4hk9l", 16),
                b.attempt(1, 3, 3, number=1),
                b.attempt(3, 6, 3, number=2),
                b.attempt(16, 18, 3, number=3),
                gone=True,
            )
        ],
        [
            "pod: retry-4hk9l; created: 0s; started: 1s; ran: 2s; exit: 3",
            "pod: retry-4hk9l; created: 0s; started: 3s; ran: 3s; exit: 3",
            "pod: retry-4hk9l; created: 0s; back-off: 10s; started: 16s; ran: 2s; exit: 3;"
            " status: Deleted",
        ],
    ),
    "Pods that ran together": (
        [b.record(b.ran("a", 1, 9)), b.record(b.ran("b", 2, 8))],
        [
            "pod: a; created: 0s; started: 1s; ran: 8s; exit: 0; status: Completed",
            "pod: b; created: 0s; started: 2s; ran: 6s; exit: 0; status: Completed",
            "At most 2 at once.",
        ],
    ),
    "a Pod that runs": (
        [b.record(b.runs("a", 1))],
        ["pod: a; created: 0s; started: 1s; status: Running"],
    ),
    "a Pod that never ran": (
        [b.record(b.pod("a", b.container(b.waiting("ContainerCreating"))))],
        ["pod: a; created: 0s; status: ContainerCreating"],
    ),
    "to the second, however long ago the Job was created": (
        [b.record(b.ran("a", 10981, 11011, created=10980))],
        ["pod: a; created: 10980s; started: 10981s; ran: 30s; exit: 0; status: Completed"],
    ),
    "more Pods than are shown": (
        [b.record(b.ran(f"p{number:03}", 1, 2)) for number in range(45)],
        [
            *(
                f"pod: p{number:03}; created: 0s; started: 1s; ran: 1s; exit: 0; status: Completed"
                for number in range(39)
            ),
            "and 6 more",
            "At most 45 at once.",
        ],
    ),
}


@pytest.mark.parametrize(("records", "lines"), TIMELINES.values(), ids=TIMELINES)
def test_the_timeline_is_a_line_for_each_try(records: list[PodRecord], lines: list[str]) -> None:
    assert timeline_of(*records) == [HEAD, *lines]


def test_the_same_pods_are_told_as_are_drawn() -> None:
    ended = [b.record(b.ran(f"demo-{number:03}", 1, 2)) for number in range(43)]
    records = [*ended, b.record(b.runs("demo-043", 1)), b.record(b.runs("demo-044", 1))]
    drawn, told = timeline_of(*records, plain=False), timeline_of(*records, plain=True)
    named = [
        [re.findall(r"demo-\d+|and \d+ more", line) for line in lines] for lines in (drawn, told)
    ]
    assert [one for one in named[0] if one] == [one for one in named[1] if one]
    assert ["demo-044"] in named[1]


def test_the_timeline_is_told_in_korean_too() -> None:
    together = TIMELINES["Pods that ran together"][0]
    head, *_, last = timeline_of(*together, lang="ko")
    assert (head, last) == ("타임라인: Job이 만들어진 때부터 잰 시간", "동시에 최대 2개.")
