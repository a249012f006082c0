"""The form of a container's log."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubectl_joblab.practice.node import crilog
from kubectl_joblab.practice.node.crilog import Log, Stream

NOW = 1_795_578_442_512_589_180  # 2026-11-25T03:47:22.51258918Z


def _entries(*chunks: bytes) -> list[bytes]:
    stream = Stream("stdout")
    text = b"".join(stream.entries(chunk, NOW) for chunk in chunks) + stream.end(NOW)
    return text.split(b"\n")[:-1]


def test_lines_are_marked_whole_and_the_rest_as_a_part() -> None:
    assert _entries(b"one\ntw", b"o\nno end") == [
        b"2026-11-25T03:47:22.51258918Z stdout F one",
        b"2026-11-25T03:47:22.51258918Z stdout F two",
        b"2026-11-25T03:47:22.51258918Z stdout P no end",
    ]


def test_an_empty_line_is_a_line() -> None:
    assert [line.split(b" ")[2:] for line in _entries(b"\n\n")] == [[b"F", b""], [b"F", b""]]


def test_what_a_terminal_puts_before_a_line_break_is_left_out() -> None:
    lines = _entries(b"one\r", b"\n\r\ntw\ro\n\r\r\nno end\r")
    texts = [line.split(b" ", 3)[2:] for line in lines]
    assert [text for tag, text in texts if tag == b"F"] == [b"one", b"", b"tw\ro", b"\r"]


def test_a_line_of_more_than_16_kb_comes_in_parts() -> None:
    lines = _entries(b"x" * 20_000 + b"\n")
    assert [(line.split(b" ")[2], len(line.split(b" ")[3])) for line in lines] == [
        (b"P", 16_384),
        (b"F", 3_616),
    ]


def test_times_have_no_zeros_at_the_end() -> None:
    assert crilog.written_time(1_500_000_000) == "1970-01-01T00:00:01.5Z"
    assert crilog.written_time(2_000_000_000) == "1970-01-01T00:00:02Z"


@given(st.lists(st.binary(max_size=40)), st.integers(1, 20))
def test_what_is_read_is_what_was_printed(chunks: list[bytes], longest: int) -> None:
    before, crilog.LONGEST_PART = crilog.LONGEST_PART, longest
    try:
        stream = Stream("stdout")
        text = b"".join(stream.entries(chunk, NOW) for chunk in chunks) + stream.end(NOW)
    finally:
        crilog.LONGEST_PART = before
    entries = [crilog.parse(line) for line in text.split(b"\n")[:-1]]
    printed = b"".join(chunks).replace(b"\r\n", b"\n")
    assert b"".join(entry.content for entry in entries if entry) == printed


@given(st.binary(max_size=60))
def test_what_is_no_entry_is_none(line: bytes) -> None:
    entry = crilog.parse(line)
    assert (entry is None) == (line.count(b" ") < 3)


ENTRY = b"x" * 99 + b"\n"
SECOND = 10**9


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs that are too large with ten entries, and much too large with fifty."""
    monkeypatch.setattr(crilog, "ROTATED_AT", 10 * len(ENTRY))
    monkeypatch.setattr(crilog, "LARGEST", 50 * len(ENTRY))


def _entries_of(path: Path) -> dict[str, int]:
    return {part.name: part.stat().st_size // len(ENTRY) for part in path.parent.iterdir()}


@pytest.mark.usefixtures("small")
def test_what_is_printed_within_ten_seconds_is_in_one_file(tmp_path: Path) -> None:
    log = Log(tmp_path / "0.log", NOW)
    for number in range(49):
        log.write(ENTRY, NOW + number * SECOND // 5)
    log.close()
    assert _entries_of(tmp_path / "0.log") == {"0.log": 49}


@pytest.mark.usefixtures("small")
def test_a_log_that_is_too_large_begins_anew_each_ten_seconds_and_keeps_five_files(
    tmp_path: Path,
) -> None:
    log = Log(tmp_path / "0.log", NOW)
    for second in range(75):
        log.write(ENTRY, NOW + second * SECOND)
    log.close()
    newest = {"0.log": 5, "0.log.7": 10, "0.log.6": 10, "0.log.5": 10, "0.log.4": 10}
    assert _entries_of(tmp_path / "0.log") == newest
    assert [one.suffix for one in crilog.parts(tmp_path / "0.log")] == [".4", ".5", ".6", ".7"]


@pytest.mark.usefixtures("small")
def test_a_log_that_grows_without_end_does_not_wait_so_long(tmp_path: Path) -> None:
    log = Log(tmp_path / "0.log", NOW)
    for _ in range(520):
        log.write(ENTRY, NOW)
    log.close()
    kept = {"0.log": 20, "0.log.10": 50, "0.log.9": 50, "0.log.8": 50, "0.log.7": 50}
    assert _entries_of(tmp_path / "0.log") == kept


@pytest.mark.usefixtures("small")
@given(st.lists(st.tuples(st.sampled_from([0, 1, 500, 1100]), st.integers(0, 11)), max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_newest_file_is_never_empty_once_something_was_printed(
    printed: list[tuple[int, int]],
) -> None:
    with TemporaryDirectory() as folder:
        path, now, total = Path(folder) / "0.log", NOW, 0
        log = Log(path, now)
        for size, seconds in printed:
            now += seconds * SECOND
            log.write(b"x" * size, now)
            total += size
            assert bool(path.stat().st_size) == bool(total)
        log.close()


def test_a_log_is_only_its_owners_to_read(tmp_path: Path) -> None:
    log = Log(tmp_path / "0.log", NOW)
    log.close()
    assert (tmp_path / "0.log").stat().st_mode & 0o777 == 0o600
