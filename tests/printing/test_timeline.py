"""Timelines: whole drawings as on the screens, other scales, many Pods, what is at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.evidence import snapshot
from kubectl_joblab.language import Language
from kubectl_joblab.objects import Attempt, Object
from kubectl_joblab.printing import timeline
from kubectl_joblab.printing.timeline import Lane
from tests.labs import builders as b


def lane(pod: Object, *attempts: Attempt, gone: bool = False) -> Lane:
    """The lane of a Pod as start has recorded it."""
    found = b.record(pod, *attempts)
    return Lane(found.pod, found.attempts, gone)


def drawing(text: str) -> tuple[str, list[str]]:
    """The title and the lines of a drawing on a screen."""
    title, *lines = text.strip("\n").splitlines()
    return title, lines


def wave(names: str, created: int, *, start: int, end: int | None = None) -> list[Lane]:
    """Pods of lab 6 that run together."""
    return [
        lane(
            b.runs(f"parallelism-{name}", start, created=created)
            if end is None
            else b.ran(f"parallelism-{name}", start, end, created=created)
        )
        for name in names.split()
    ]


FIRST = wave("942s6 jj96x kwr2z", 0, start=1, end=11)
SECOND = wave("np9rk sfs2w slmbk", 14, start=15, end=25)
SECOND_RUNS = wave("np9rk sfs2w slmbk", 14, start=15)

# ---- whole drawings: the last column is the Job's end, or now

PARALLELISM = """
1 column is 1s; . waiting  = running
                    0s        10s       20s
parallelism-942s6   .==========                   exit 0
parallelism-jj96x   .==========                   exit 0
parallelism-kwr2z   .==========                   exit 0
parallelism-np9rk                 .==========     exit 0
parallelism-sfs2w                 .==========     exit 0
parallelism-slmbk                 .==========     exit 0
at once             .3333333333....3333333333..
"""
LIVE = """
1 column is 1s; . waiting  = running
                    0s        10s       20s       30s       40s
parallelism-942s6   .==========                                    Completed
parallelism-jj96x   .==========                                    Completed
parallelism-kwr2z   .==========                                    Completed
parallelism-np9rk                 .=                               Running
parallelism-sfs2w                 .=                               Running
parallelism-slmbk                 .=                               Running
at once             .3333333333....3
"""
KOREAN = """
한 칸은 1초; . 대기  = 실행 중  x 실패  - back-off
              0s        10s       20s
retry-4hk9l   .=x=x-----13s-----=x    exit 3, 3, 3, 삭제됨
그 밖에 2개
동시에        .3333.............11.
"""
NEVER = """
1 column is 1s; . waiting  = running  x failed  - back-off
              0s        10s       20s       30s       40s
retry-pvdmc   ..=x                                        exit 3
retry-nx8rv       ---10s----=x                            exit 3
retry-jjr67                   --------20s---------=x      exit 3
"""
TRIES = [
    lane(b.ran("retry-pvdmc", 2, 4, 3)),
    lane(b.ran("retry-nx8rv", 14, 16, 3, created=14)),
    lane(b.ran("retry-jjr67", 36, 38, 3, created=36)),
]
ON_FAILURE = """
1 column is 1s; . waiting  = running  x failed  - back-off
              0s        10s       20s
retry-4hk9l   .=x=x-----13s-----=x    exit 3, 3, 3, deleted
"""
REMOVED = lane(
    b.pod("retry-4hk9l", phase="Failed"),
    b.attempt(1, 3, 3),
    b.attempt(3, 5, 3, number=2),
    b.attempt(18, 20, 3, number=3),
    gone=True,
)


@pytest.mark.parametrize(
    ("lanes", "end", "expected"),
    [
        pytest.param([*FIRST, *SECOND], 27, PARALLELISM, id="parallelism at its end"),
        pytest.param([*FIRST, *SECOND_RUNS], 15, LIVE, id="parallelism while it runs"),
        pytest.param(TRIES, 41, NEVER, id="retry with Never: a lane for each try"),
        pytest.param([REMOVED], 21, ON_FAILURE, id="retry with OnFailure: one lane"),
    ],
)
def test_a_timeline_is_drawn_as_on_the_screens(
    lanes: Sequence[Lane], end: int, expected: str
) -> None:
    live = 80 if expected is LIVE else None
    assert timeline.draw(lanes, b.at(0), b.at(end), live=live) == drawing(expected)


def test_a_timeline_is_drawn_in_korean_too() -> None:
    lanes = [REMOVED, lane(b.ran("retry-b", 1, 5)), lane(b.ran("retry-c", 1, 5))]
    drawn = timeline.draw(lanes, b.at(0), b.at(21), rows=2, text=Language("ko"))
    assert drawn == drawing(KOREAN)


def strips(lanes: Sequence[Lane], now: float) -> list[str]:
    """The drawn part of each lane, and of the at-once row: without names, tails and margins."""
    _, lines = timeline.draw(lanes, b.at(0), b.at(now))
    margin = len(lines[0]) - len(lines[0].lstrip())
    found = [re.match(r" *\S*", line[margin:]) for line in lines[1:]]
    return [strip.group() for strip in found if strip]


@pytest.mark.parametrize(
    ("lanes", "now", "drawn"),
    [
        pytest.param([lane(b.pod("a"))], 3, ["..."], id="a Pod that waits"),
        pytest.param([lane(b.runs("a", 1))], 4, [".==="], id="a Pod that runs until now"),
        pytest.param([lane(b.ran("a", 1, 1))], 9, [".="], id="under a second is one cell"),
        pytest.param([lane(b.ran("a", 1, 1, 3))], 9, [".x"], id="so is a failure"),
        pytest.param([lane(b.ran("a", 1, 4, 3))], 9, [".==x"], id="a failure ends with x"),
        pytest.param(
            [
                lane(
                    b.pod(
                        "a",
                        b.container(b.crash_loop("a", 10), last=b.ended(3, 5, 3), restarts=1),
                        restart_policy="OnFailure",
                    ),
                    b.attempt(1, 3, 3),
                    b.attempt(3, 5, 3, number=2),
                )
            ],
            8,
            [".=x=x---"],
            id="a Pod that is held back until now",
        ),
        pytest.param(
            [lane(b.runs("a", 1), gone=True)], 9, [".="], id="a Pod that is gone runs no longer"
        ),
    ],
)
def test_what_a_pod_did_is_drawn(lanes: Sequence[Lane], now: float, drawn: list[str]) -> None:
    assert strips(lanes, now) == drawn


def test_a_container_that_could_not_be_started_has_failed_at_once() -> None:
    def unstarted(name: str, second: int) -> Lane:
        state = b.ended(second, second, 128, "StartError")
        state["terminated"]["startedAt"] = "1970-01-01T00:00:00Z"
        return lane(b.pod(name, b.container(state), created=second))

    legend, drawn = timeline.draw([unstarted("a", 0), unstarted("b", 10)], b.NOON, b.at(12))
    assert legend == "1 column is 1s; x failed  - back-off"
    assert drawn[1:] == ["a         x              exit 128", "b         ---10s----x    exit 128"]


def test_where_nothing_is_drawn_the_legend_ends_with_the_scale() -> None:
    pod = b.pod("a", b.container(b.waiting("PodInitializing")), phase="Failed")
    assert timeline.draw([lane(pod)], b.NOON, b.at(2))[0] == "1 column is 1s"


def test_a_pod_that_a_suspension_ended_has_not_failed_and_makes_nobody_wait() -> None:
    ended = b.record(b.pod("a", phase="Failed"), b.attempt(1, 4, 137))
    stopped = Lane(ended.pod, ended.attempts, gone=True, stopped=True)
    assert strips([stopped, lane(b.ran("b", 12, 14, created=12))], 14) == [".===", " " * 12 + "=="]


def test_a_back_off_has_its_length_only_where_there_is_room() -> None:
    short = lane(
        b.pod("a", phase="Failed"), b.attempt(0, 2, 3), b.attempt(7, 9, 3, number=2), gone=True
    )
    assert strips([short], 9) == ["=x-----=x"]


def test_a_pod_made_while_another_runs_was_not_held_back() -> None:
    failed = lane(b.ran("a", 0, 2, 3))
    runs = lane(b.ran("b", 0, 9))
    later = lane(b.ran("c", 7, 9, created=6))
    assert strips([failed, runs, later], 9)[2].strip() == ".=="


def test_each_index_is_held_back_by_itself_where_it_has_a_limit_of_its_own() -> None:
    """That of lab 16: the Job controller notes on a Pod how often its index has failed."""

    def of(index: str, pod: Object) -> Lane:
        pod["metadata"]["annotations"] = {
            objects.INDEX_ANNOTATION: index,
            objects.INDEX_FAILURES_ANNOTATION: "0",
        }
        return lane(pod)

    failed, goes_on = of("0", b.ran("a", 0, 2, 3)), of("1", b.ran("b", 0, 9))
    again, other = of("0", b.ran("c", 8, 9, created=7)), of("2", b.ran("d", 7, 9, created=7))
    drawn = strips([failed, goes_on, again, other], 9)
    assert drawn[2:4] == ["  -----.=", " " * 7 + "=="]


# ---- scale


@pytest.mark.parametrize(
    ("seconds", "scale"),
    [
        pytest.param(0, 1, id="nothing yet"),
        pytest.param(44, 1, id="44 columns are full at 44s"),
        pytest.param(45, 2, id="a second more and a column is 2s"),
        pytest.param(88, 2, id="until 88s"),
        pytest.param(89, 4, id="then 4s"),
        pytest.param(3600, 128, id="an hour"),
    ],
)
def test_the_scale_is_doubled_until_all_fits(seconds: float, scale: int) -> None:
    assert timeline.scale_of(seconds) == scale
    title, lines = timeline.draw([lane(b.ran("a", 0, seconds))], b.at(0), b.at(seconds))
    assert title.startswith(f"1 column is {scale}s; ")
    assert lines[1].count("=") == max(seconds // scale, 1)


@pytest.mark.parametrize(
    ("seconds", "ruler"),
    [
        pytest.param(80, "0s        20s       40s       60s", id="2s a column"),
        pytest.param(160, "0s        40s       80s       2m", id="4s a column: 2m, as ages are"),
    ],
)
def test_the_ruler_tells_the_time_at_every_tenth_column(seconds: int, ruler: str) -> None:
    _, lines = timeline.draw([lane(b.ran("a", 0, seconds - 2))], b.at(0), b.at(seconds - 2))
    assert lines[0].strip() == ruler


def test_a_long_wait_is_written_as_ages_are() -> None:
    tries = [lane(b.ran("a", 0, 2, 3)), lane(b.ran("b", 322, 324, 3, created=322))]
    assert strips(tries, 324)[-1].strip("-x= ") == "5m20s"


def test_at_half_the_scale_a_gap_still_has_its_length_in_seconds() -> None:
    tries = [*TRIES, lane(b.ran("retry-x4lmd", 78, 80, 3, created=78))]
    assert strips(tries, 80)[-1].strip() == "--------40s---------x"


# ---- what is at once


@pytest.mark.parametrize(
    ("lanes", "row"),
    [
        pytest.param(FIRST, ".3333333333", id="three"),
        pytest.param(
            [lane(b.ran("a", 1, 3)), lane(b.ran("b", 2, 5))], ".1211", id="two for a second"
        ),
        pytest.param(
            [lane(b.ran(f"p-{n}", 1, 3)) for n in range(12)], ".++", id="more than nine are a plus"
        ),
        pytest.param(
            [lane(b.ran("a", 1, 4, 3)), lane(b.ran("b", 1, 4, 3))], ".222", id="failing ones count"
        ),
    ],
)
def test_how_many_run_in_each_column(lanes: Sequence[Lane], row: str) -> None:
    _, lines = timeline.draw(lanes, b.at(0), b.at(11))
    label, _, counts = lines[-1].partition("   ")
    assert (label, counts.strip().rstrip(".")) == ("at once", row)


def test_a_plus_has_a_legend() -> None:
    crowded = [lane(b.ran(f"p-{n}", 1, 3)) for n in range(10)]
    title, _ = timeline.draw(crowded, b.at(0), b.at(11))
    assert title == "1 column is 1s; . waiting  = running  + more than 9 at once"
    title, _ = timeline.draw(crowded[1:], b.at(0), b.at(11))
    assert title == "1 column is 1s; . waiting  = running"


@b.PROPERTY
@given(
    st.integers(64, 200),
    st.integers(1, 900),
    st.sampled_from(["CrashLoopBackOff", "CreateContainerConfigError", "ErrImagePull"]),
)
def test_while_they_run_a_status_is_not_cut(columns: int, now: int, reason: str) -> None:
    lanes = [
        lane(b.pod("retry-onfailure-bbbbb", b.container(b.waiting(reason)))),
        lane(b.runs("retry-onfailure-bbbbc", 0)),
    ]
    _, lines = timeline.draw(lanes, b.at(0), b.at(now), live=columns)
    assert max(map(len, lines)) <= columns
    assert lines[1].endswith(f"   {reason}")
    assert lines[2].endswith("   Running")


def test_while_they_run_the_row_ends_where_their_lanes_end() -> None:
    _, (_, *drawn, at_once) = timeline.draw(SECOND_RUNS, b.at(0), b.at(20), live=80)
    assert {line.removesuffix("Running").rstrip()[20:] for line in drawn} == {" " * 14 + ".====="}
    assert at_once[20:] == "." * 15 + "33333"


@pytest.mark.parametrize(
    "lanes",
    [
        pytest.param([lane(b.ran("a", 1, 9))], id="one Pod"),
        pytest.param(TRIES, id="one Pod after another"),
        pytest.param([lane(b.pod("a")), lane(b.pod("b"))], id="none that runs"),
    ],
)
def test_without_two_at_once_there_is_no_such_row(lanes: Sequence[Lane]) -> None:
    _, lines = timeline.draw(lanes, b.at(0), b.at(41))
    assert not [line for line in lines if line.startswith("at once")]


SCHEDULES = st.lists(st.tuples(st.integers(0, 150), st.integers(0, 40)), min_size=2, max_size=9)


@b.PROPERTY
@given(SCHEDULES)
def test_the_row_never_shows_more_at_once_than_the_check_counts(
    schedule: list[tuple[int, int]],
) -> None:
    pods = [
        b.ran(f"p-{number}", start, start + length, created=start)
        for number, (start, length) in enumerate(schedule)
    ]
    peak = snapshot.peak(snapshot.runs(b.record(pod), b.at(0)) for pod in pods)
    _, lines = timeline.draw([lane(pod) for pod in pods], b.at(0), b.at(200))
    counts = lines[-1].removeprefix("at once") if lines[-1].startswith("at once") else ""
    assert max([int(digit) for digit in counts if digit.isdigit()], default=0) <= peak


# ---- many Pods


def crowd() -> list[Lane]:
    """Ten Pods; the last two still run."""
    ended = [lane(b.ran(f"demo-{n}", n, n + 2, created=n)) for n in range(8)]
    return [*ended, lane(b.runs("demo-8", 9)), lane(b.runs("demo-9", 9))]


@pytest.mark.parametrize(
    ("rows", "shown", "more"),
    [
        pytest.param(None, 10, "", id="all where there is no limit"),
        pytest.param(10, 10, "", id="all where they fit"),
        pytest.param(5, 4, "and 6 more", id="one row counts the others"),
        pytest.param(2, 1, "and 9 more", id="one lane and the count"),
        pytest.param(1, 0, "and 10 more", id="the count alone"),
    ],
)
def test_no_more_rows_than_asked_for(rows: int | None, shown: int, more: str) -> None:
    _, lines = timeline.draw(crowd(), b.at(0), b.at(12), rows=rows)
    names = [line.split()[0] for line in lines if line.startswith("demo-")]
    assert len(names) == shown
    assert [line for line in lines if line.startswith("and ")] == ([more] if more else [])


def test_those_that_run_come_first_where_not_all_fit() -> None:
    _, lines = timeline.draw(crowd(), b.at(0), b.at(12), rows=4)
    names = [line.split()[0] for line in lines if line.startswith("demo-")]
    assert {"demo-8", "demo-9"} < set(names)


def test_those_that_are_not_shown_count_at_once_all_the_same() -> None:
    _, lines = timeline.draw(FIRST, b.at(0), b.at(11), rows=2)
    assert lines[-1].split()[-1].rstrip(".") == ".3333333333"


# ---- the whole


def test_without_pods_there_is_nothing_to_draw() -> None:
    assert timeline.draw([], b.at(0), b.at(9)) == ("", [])


@b.PROPERTY
@given(SCHEDULES, st.sampled_from([None, 2, 4]), st.integers(0, 300))
def test_lanes_are_ascii_and_fit_80_columns(
    schedule: list[tuple[int, int]], rows: int | None, now: int
) -> None:
    lanes = [
        lane(b.ran(f"parallelism-{n:05}", start, start + length, n % 3, created=start))
        for n, (start, length) in enumerate(schedule)
    ]
    lanes.append(lane(b.runs("parallelism-zzzzz", 3)))
    title, lines = timeline.draw(lanes, b.at(0), b.at(now), rows=rows)
    assert all(line.isascii() and line == line.rstrip() for line in [title, *lines])
    assert max(map(len, [title, *lines])) <= 80


@pytest.mark.parametrize("live", [80, None])
def test_a_clock_that_is_years_ahead_makes_no_drawing_longer(live: int | None) -> None:
    years = 200 * 365 * 86400
    lanes = [lane(b.ran("a", 0, years, created=0)), lane(b.ran("b", 5, years, created=years))]
    _, lines = timeline.draw(lanes, b.at(0), b.at(10), live=live)
    assert max(map(len, lines)) < 3 * timeline.LANE
    assert set(lines[-1].removeprefix("at once").strip()) == {"2"}
