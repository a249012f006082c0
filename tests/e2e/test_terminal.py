"""What a learner sees on a terminal: a live view that is redrawn in place, then the summary."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.e2e import labs, screens, terminal
from tests.e2e.conftest import MakePlace
from tests.e2e.place import Outcome, Place
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

FOOTER = "Ctrl-C stops watching; the Job goes on."
COLOUR = re.compile(rb"\x1b\[3\dm")
BAR = re.compile(r"\[[#=x.]{40}\] (\d)/6 succeeded, (\d) running, (\d) failed")
LANE = re.compile(r"parallelism-\w{5}   +[-.=]*   +(\S+|exit 0)$")


@dataclass(frozen=True)
class Shown:
    """A terminal and how its command ended."""

    place: Place
    terminal: Terminal
    outcome: Outcome


@pytest.fixture(scope="module")
def shown(make_place: MakePlace) -> Mapping[str, Shown]:
    """Terminals of several kinds, each with a start, side by side."""
    wanted: dict[str, tuple[str, dict[str, str]]] = {
        "usual": ("parallelism", {}),
        "retry": ("retry --backoff-limit=1", {}),
        "NO_COLOR": ("echo", {"NO_COLOR": "1"}),
        "TERM=dumb": ("echo", {"TERM": "dumb"}),
        "--plain": ("echo --plain", {}),
    }
    opened = {}
    for kind, (typed, more) in wanted.items():
        place = make_place("terminal").with_environ(**more)
        opened[kind] = place, terminal.open_on(place, f"kubectl joblab start {typed}")
    return {kind: Shown(place, screen, screen.finish()) for kind, (place, screen) in opened.items()}


def live(screen: Terminal) -> list[list[str]]:
    """The frames of the live view, from the table's header on."""
    frames = [frame for frame in screen.frames if frame and frame[-1] == FOOTER]
    return [
        frame[next(i for i, line in enumerate(frame) if line.startswith("NAME ")) :]
        for frame in frames
    ]


def test_the_live_view_shows_job_bar_lanes_and_footer(shown: Mapping[str, Shown]) -> None:
    frames = live(shown["usual"].terminal)

    assert frames
    for frame in frames:
        assert re.match(r"NAME +STATUS +COMPLETIONS +DURATION +AGE$", frame[0])
        assert re.match(r"parallelism +(Running|SuccessCriteriaMet|Complete) +\d/6 ", frame[1])
        assert BAR.fullmatch(frame[3]), frame[3]
        lanes = [line for line in frame[5:-1] if line.startswith("parallelism-")]
        assert all(LANE.match(line) for line in lanes), lanes
        assert len(lanes) <= 6


def test_a_container_that_succeeded_is_not_shown_as_held_back(shown: Mapping[str, Shown]) -> None:
    lanes = [line for frame in live(shown["usual"].terminal) for line in frame[5:-1]]

    assert lanes
    assert not [line for line in lanes if re.match(r"parallelism-\w{5}   +[.=]*-", line)]


def test_the_live_view_counts_what_runs_and_what_succeeded(shown: Mapping[str, Shown]) -> None:
    bars = [BAR.fullmatch(frame[3]) for frame in live(shown["usual"].terminal)]
    counts = [(int(bar[1]), int(bar[2])) for bar in bars if bar]

    assert counts == sorted(counts, key=lambda count: count[0])
    assert (0, 3) in counts
    assert (3, 3) in counts
    assert max(running for _, running in counts) == 3


def test_the_live_view_shows_the_newest_log_line_above_the_footer(
    shown: Mapping[str, Shown],
) -> None:
    above = {frame[-2] for frame in live(shown["usual"].terminal)}

    assert any(re.fullmatch(r"\[pod/parallelism-\w{5}/main\] start.*", line) for line in above)


def test_the_live_view_says_until_when_a_failed_job_waits(shown: Mapping[str, Shown]) -> None:
    above = {frame[-2] for frame in live(shown["retry"].terminal)}

    assert any(re.fullmatch(r"1 failed, next try in \d+s", line) for line in above), above


def test_the_live_view_never_leaves_the_screen(shown: Mapping[str, Shown]) -> None:
    frames = live(shown["usual"].terminal)

    assert frames
    assert all(len(line) <= terminal.COLUMNS for frame in frames for line in frame)
    assert b"\x1b[?1049h" not in shown["usual"].terminal.raw  # the alternate screen


@pytest.mark.parametrize("kind", ["usual", "retry"])
def test_at_the_end_the_summary_has_taken_the_live_views_place(
    shown: Mapping[str, Shown], kind: str
) -> None:
    one = shown[kind]

    screens.assert_screen(f"terminal-{kind}", one.outcome.expect(0), one.place)
    assert not one.terminal.cursor_hidden


def test_verdicts_are_coloured(shown: Mapping[str, Shown]) -> None:
    assert b"\x1b[32mPASS\x1b[0m" in shown["usual"].terminal.raw


def test_no_color_leaves_the_live_view_and_takes_the_colours(shown: Mapping[str, Shown]) -> None:
    one = shown["NO_COLOR"]

    one.outcome.expect(0)
    assert live(one.terminal)
    assert not COLOUR.search(one.terminal.raw)


def test_a_dumb_terminal_gets_the_plain_stream(shown: Mapping[str, Shown]) -> None:
    one = shown["TERM=dumb"]

    assert b"\x1b" not in one.terminal.raw
    screens.assert_screen("terminal-dumb", one.outcome.expect(0), one.place)


def test_plain_is_a_stream_and_a_line_for_each_thing(shown: Mapping[str, Shown]) -> None:
    one = shown["--plain"]

    assert b"\x1b" not in one.terminal.raw
    lines = one.terminal.raw.decode().replace("\r\n", "\n")  # as written: none is folded
    outcome = dataclasses.replace(one.outcome.expect(0), out=lines)
    screens.assert_screen("terminal-plain", outcome, one.place)


def test_a_low_terminal_gets_the_plain_stream(place: Place) -> None:
    screen = terminal.open_on(place, "kubectl joblab start echo", rows=11)

    outcome = screen.finish().expect(0)

    assert not screen.frames
    assert "AGE   OBJECT" in outcome.out


def test_ctrl_c_leaves_a_clean_terminal_and_the_job_goes_on(place: Place) -> None:
    screen = terminal.open_on(place, "kubectl joblab start sleep --seconds=60")
    with labs.ended([screen]):
        screen.await_frame(lambda frame: any(line.endswith("Running") for line in frame))

        screen.type("\x03")

        screens.assert_screen("terminal-interrupted", screen.finish().expect(130), place)
    assert not screen.cursor_hidden
    assert place.get("job sleep")["status"]["active"] == 1


def test_an_error_is_folded_to_the_width_of_the_terminal(place: Place) -> None:
    place.kubectl("create job sleep --image=busybox:1.36 -- sleep 1")

    outcome = terminal.open_on(place, "kubectl joblab start sleep").finish().expect(1)

    screens.assert_screen("terminal-error", outcome, place)
