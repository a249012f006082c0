"""Logs of containers, as `kubectl logs` gets them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.options import PodLogOptions
from kubectl_joblab.practice.node import crilog, logs
from kubectl_joblab.practice.node.container import termination_message
from kubectl_joblab.practice.node.crilog import Log
from kubectl_joblab.practice.node.folder import Folder
from kubectl_joblab.practice.node.logs import Logs
from tests.practice import virtual
from tests.practice.node import build
from tests.practice.virtual import VirtualClock

LINES = [
    "2025-12-31T23:59:00.5Z stdout F one",
    "2025-12-31T23:59:30Z stderr F two",
    "2025-12-31T23:59:50.25Z stdout P thr",
    "2025-12-31T23:59:50.75Z stdout F ee",
    "2025-12-31T23:59:59Z stdout P no end",
]


def _write(home: Path, lines: list[str], number: int = 0) -> Path:
    path = Folder(home / build.UID).log("main", number)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


async def _read(found: Logs, pod: Object, **given: Any) -> bytes:
    options = PodLogOptions(**given)
    return b"".join([data async for data in found.read(pod, "main", options)])


def _logs(home: Path, entry: Object | None = None, **given: Any) -> str:
    status = {"phase": "Running", "containerStatuses": [entry or build.running()]}

    async def main(clock: VirtualClock) -> bytes:
        return await _read(Logs(home, clock, lambda *_: None), build.pod(status=status), **given)

    return virtual.run(main).decode()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "one\ntwo\nthree\nno end"),
        ({"tail_lines": 0}, ""),
        ({"tail_lines": 1}, "no end"),
        ({"tail_lines": 2}, "ee\nno end"),
        ({"tail_lines": 99}, "one\ntwo\nthree\nno end"),
        ({"since_seconds": 2**63 - 1}, ""),
        ({"since_seconds": 9223372036}, "one\ntwo\nthree\nno end"),
        ({"since_seconds": 86399999999999}, ""),
        ({"since_seconds": 15}, "three\nno end"),
        ({"since_seconds": 35}, "two\nthree\nno end"),
        (
            {"since_time": datetime(2025, 12, 31, 23, 59, 50, 500_000, timezone.utc)},
            "ee\nno end",
        ),
        ({"limit_bytes": 5}, "one\nt"),
        (
            {"timestamps": True},
            "2025-12-31T23:59:00.500000000Z one\n2025-12-31T23:59:30.000000000Z two\n"
            "2025-12-31T23:59:50.250000000Z three\n2025-12-31T23:59:59.000000000Z no end",
        ),
    ],
)
def test_the_part_that_is_asked_for_is_told(
    tmp_path: Path, options: dict[str, Any], text: str
) -> None:
    _write(tmp_path, LINES)
    assert _logs(tmp_path, **options) == text


def test_the_end_of_a_long_log_is_found(tmp_path: Path) -> None:
    lines = [f"2026-01-01T00:00:00Z stdout F {'x' * 100} {number}" for number in range(1000)]
    _write(tmp_path, lines)
    assert [line.split()[-1] for line in _logs(tmp_path, tail_lines=300).splitlines()] == [
        str(number) for number in range(700, 1000)
    ]


@pytest.mark.parametrize(
    ("entry", "previous", "number"),
    [
        (build.running(restartCount=2), False, 2),
        (build.running(restartCount=2), True, 1),
        (build.ended(restartCount=2), False, 2),
        (build.waiting(restartCount=2, lastState={"terminated": build.termination(1)}), False, 2),
        (build.waiting(restartCount=2, lastState={"terminated": build.termination(1)}), True, 2),
    ],
)
def test_each_start_has_its_own_log(
    tmp_path: Path, entry: Object, previous: bool, number: int
) -> None:
    for start in (1, 2):
        _write(tmp_path, [f"2026-01-01T00:00:00Z stdout F start {start}"], start)
    assert _logs(tmp_path, entry, previous=previous) == f"start {number}\n"


def test_the_log_before_the_last_goes_when_the_last_run_has_ended(tmp_path: Path) -> None:
    for start in (1, 2):
        _write(tmp_path, [f"2026-01-01T00:00:00Z stdout F start {start}"], start)
    entry = build.ended(restartCount=2, lastState={"terminated": build.termination(1)})
    text = f"unable to retrieve container logs for containerd://{'ab' * 32}"
    assert _logs(tmp_path, entry, previous=True) == text


def test_a_log_that_is_lost_is_said_to_be(tmp_path: Path) -> None:
    entry = build.ended()
    text = f"unable to retrieve container logs for containerd://{'ab' * 32}"
    assert _logs(tmp_path, entry) == text


def test_following_tells_new_lines_until_the_container_ends(tmp_path: Path) -> None:
    path = _write(tmp_path, LINES[:1])
    status = {"phase": "Running", "containerStatuses": [build.running()]}

    async def main(clock: VirtualClock) -> list[str]:
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        reader = Logs(tmp_path, clock, lambda *_: ended)
        pod = build.pod(status=status)
        reading = asyncio.ensure_future(_read(reader, pod, follow=True))
        await asyncio.sleep(1)
        with path.open("a") as file:
            file.write(f"{LINES[1]}\n{LINES[2][:30]}")
            file.flush()
            await asyncio.sleep(1)
            assert not reading.done()
            file.write(f"{LINES[2][30:]}\n{LINES[3]}\n")
        ended.set_result(0)
        began = asyncio.get_running_loop().time()
        text = (await reading).decode()
        assert asyncio.get_running_loop().time() - began <= logs.LOOK_SECONDS
        return text.splitlines()

    assert virtual.run(main) == ["one", "two", "three"]


def _line(number: int) -> str:
    return f"2025-12-31T23:59:{number % 60:02}Z stdout F line {number}\n"


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
@settings(deadline=None, max_examples=15)
def test_following_tells_every_line_that_is_kept_however_often_the_log_begins_anew(
    bursts: list[int],
) -> None:
    """bursts: how many lines are written between two looks, of which ten fill a file."""
    status = {"phase": "Running", "containerStatuses": [build.running()]}

    async def main(clock: VirtualClock, home: Path) -> str:
        path = _write(home, [])
        log, now, number = Log(path, 0), 0, 0
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        reader = Logs(home, clock, lambda *_: ended)
        reading = asyncio.ensure_future(_read(reader, build.pod(status=status), follow=True))
        await asyncio.sleep(logs.LOOK_SECONDS)
        for burst in bursts:
            for _ in range(burst):
                now += crilog.ROTATED_EACH
                log.write(_line(number).encode(), now)
                number += 1
            await asyncio.sleep(logs.LOOK_SECONDS)
        log.close()
        ended.set_result(0)
        return (await reading).decode()

    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(crilog, "ROTATED_AT", 10 * len(_line(1)) - 5)
        told = virtual.run(lambda clock: main(clock, Path(folder)))
    assert told == "".join(f"line {number}\n" for number in range(sum(bursts)))


def test_what_was_added_just_before_a_log_began_anew_is_told(tmp_path: Path) -> None:
    path = _write(tmp_path, [])
    log = Log(path, 0)
    status = {"phase": "Running", "containerStatuses": [build.running()]}

    async def main(clock: VirtualClock) -> str:
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        chunks = Logs(tmp_path, clock, lambda *_: ended).read(
            build.pod(status=status), "main", PodLogOptions(follow=True)
        )
        log.write(_line(0).encode(), 0)
        found = [await anext(chunks)]
        # the reader has read all that there is and has not seen yet that it ends there
        log.write(_line(1).encode(), 0)
        log.write(_line(2).encode(), crilog.ROTATED_EACH)
        ended.set_result(0)
        found += [data async for data in chunks]
        log.close()
        return b"".join(found).decode()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(crilog, "ROTATED_AT", 1)
        assert virtual.run(main) == "line 0\nline 1\nline 2\n"


def test_a_follower_that_was_left_behind_goes_on_with_the_oldest_part_that_is_kept(
    tmp_path: Path,
) -> None:
    path = _write(tmp_path, [])
    log = Log(path, 0)
    status = {"phase": "Running", "containerStatuses": [build.running()]}

    async def main(clock: VirtualClock) -> list[str]:
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        chunks = Logs(tmp_path, clock, lambda *_: ended).read(
            build.pod(status=status), "main", PodLogOptions(follow=True)
        )
        log.write(_line(0).encode(), 0)
        found = [await anext(chunks)]
        for number in range(1, 10):
            log.write(_line(number).encode(), number * crilog.ROTATED_EACH)
        ended.set_result(0)
        found += [data async for data in chunks]
        log.close()
        return b"".join(found).decode().splitlines()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(crilog, "ROTATED_AT", 1)
        assert virtual.run(main) == [f"line {number}" for number in (0, 5, 6, 7, 8, 9)]


def test_without_following_the_newest_file_is_told_as_a_kubelet_does(tmp_path: Path) -> None:
    path = _write(tmp_path, LINES[:1])
    path.replace(f"{path}.1")
    _write(tmp_path, LINES[1:2])
    assert _logs(tmp_path) == "two\n"
    assert _logs(tmp_path, tail_lines=5) == "two\n"
    assert _logs(tmp_path, since_seconds=3600) == "two\n"


def test_a_container_that_does_not_run_is_not_followed(tmp_path: Path) -> None:
    _write(tmp_path, LINES[:1])
    assert _logs(tmp_path, build.ended(), follow=True) == "one\n"


@pytest.mark.parametrize(
    ("code", "written", "policy", "words"),
    [
        (1, "mine", "FallbackToLogsOnError", "mine"),
        (1, "", "FallbackToLogsOnError", "one\ntwo\nthree\nno end"),
        (0, "", "FallbackToLogsOnError", ""),
        (1, "", "File", ""),
        (0, "mine", "File", "mine"),
        (1, "x" * 5000, "File", "x" * 4096),
    ],
)
def test_last_words_come_from_the_file_or_the_end_of_the_log(
    tmp_path: Path, code: int, written: str, policy: str, words: str
) -> None:
    log = _write(tmp_path, LINES)
    message = tmp_path / "message"
    message.write_text(written)
    container = build.container(terminationMessagePolicy=policy)
    assert termination_message.last_words(container, code, message, log) == words


def test_last_words_of_a_log_are_at_most_80_lines_and_2_kb(tmp_path: Path) -> None:
    container = build.container(terminationMessagePolicy="FallbackToLogsOnError")
    lines = [f"2026-01-01T00:00:00Z stdout F {number}" for number in range(100)]
    log = _write(tmp_path, lines)
    nothing = tmp_path / "nothing"
    assert termination_message.last_words(container, 1, nothing, log).splitlines()[0] == "20"
    log = _write(tmp_path, [f"2026-01-01T00:00:00Z stdout F {'y' * 500}"] * 20)
    assert len(termination_message.last_words(container, 1, nothing, log)) == 2048


# ---- where the cluster's clock was set ahead, while containers write by wall time

JUMPED = [  # an hour was skipped when it was 00:00:00 by wall time, and a minute ten seconds later
    ("2025-12-31T23:59:50.25Z", "before the hour", "2025-12-31T22:58:50.250000000Z"),
    ("2025-12-31T23:59:59.999999999Z", "just before it", "2025-12-31T22:58:59.999999999Z"),
    ("2026-01-01T00:00:05.123456789Z", "between", "2025-12-31T23:59:05.123456789Z"),
    ("2026-01-01T00:00:10.5Z", "after the minute", "2026-01-01T00:00:10.500000000Z"),
]


def _jumped_logs(home: Path, **given: Any) -> list[str]:
    """The lines of JUMPED, half a second after the last."""
    _write(home, [f"{stamp} stdout F {text}" for stamp, text, _ in JUMPED])
    status = {"phase": "Running", "containerStatuses": [build.running()]}

    async def main(clock: VirtualClock) -> bytes:
        clock.jump(3600)
        await asyncio.sleep(10)
        clock.jump(60)
        await asyncio.sleep(1)
        return await _read(Logs(home, clock, lambda *_: None), build.pod(status=status), **given)

    return virtual.run(main).decode().splitlines()


def test_a_line_is_shown_as_old_as_it_is_for_the_cluster(tmp_path: Path) -> None:
    expected = [f"{shown} {text}" for _, text, shown in JUMPED]
    assert _jumped_logs(tmp_path, timestamps=True) == expected


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        pytest.param({"since_seconds": 3600}, 2, id="seconds, of which most were skipped"),
        pytest.param({"since_seconds": 66}, 2, id="seconds, of which a minute was skipped"),
        pytest.param({"since_seconds": 65}, 1, id="fewer seconds than that line is old"),
        pytest.param({"since_seconds": 3681}, 4, id="seconds before all jumps"),
        pytest.param({"since_seconds": 3680}, 3, id="seconds before all jumps but a part of one"),
        pytest.param(
            {"since_time": datetime(2025, 12, 31, 23, 59, 5, 123456, timezone.utc)},
            2,
            id="the time that the line is shown to have",
        ),
        pytest.param(
            {"since_time": datetime(2025, 12, 31, 23, 59, 5, 123457, timezone.utc)},
            1,
            id="a later time",
        ),
        pytest.param({"since_time": datetime(2025, 12, 31, tzinfo=timezone.utc)}, 4, id="long ago"),
    ],
)
def test_how_old_lines_may_be_counts_what_was_skipped(
    tmp_path: Path, options: dict[str, Any], lines: int
) -> None:
    expected = [text for _, text, _ in JUMPED]
    assert _jumped_logs(tmp_path, **options) == expected[len(expected) - lines :]


def test_a_log_that_is_followed_over_a_jump_shows_each_line_as_it_is_read(tmp_path: Path) -> None:
    path = _write(tmp_path, [f"{JUMPED[0][0]} stdout F before"])
    status = {"phase": "Running", "containerStatuses": [build.running()]}

    async def main(clock: VirtualClock) -> str:
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        chunks = Logs(tmp_path, clock, lambda *_: ended).read(
            build.pod(status=status), "main", PodLogOptions(follow=True, timestamps=True)
        )
        found = [await anext(chunks)]
        clock.jump(3600)
        with path.open("a") as file:
            file.write(f"{JUMPED[2][0]} stdout F after\n")
        ended.set_result(0)
        found += [data async for data in chunks]
        return b"".join(found).decode()

    assert virtual.run(main).splitlines() == [
        "2025-12-31T23:59:50.250000000Z before",
        "2026-01-01T00:00:05.123456789Z after",
    ]
