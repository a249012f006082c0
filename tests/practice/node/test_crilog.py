"""The form of a container's log."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.node import crilog
from kubectl_joblab.practice.node.crilog import Log, Stream

NOW = 1_795_578_442_512_589_180  # 2026-11-25T03:47:22.51258918Z


def _entries(*chunks: bytes) -> list[bytes]:
    stream = Stream("stdout")
    text = b"".join(stream.entries(chunk, NOW) for chunk in chunks) + stream.end(NOW)
    return text.splitlines()


def test_lines_are_marked_whole_and_the_rest_as_a_part() -> None:
    assert _entries(b"one\ntw", b"o\nno end") == [
        b"2026-11-25T03:47:22.51258918Z stdout F one",
        b"2026-11-25T03:47:22.51258918Z stdout F two",
        b"2026-11-25T03:47:22.51258918Z stdout P no end",
    ]


def test_an_empty_line_is_a_line() -> None:
    assert [line.split(b" ")[2:] for line in _entries(b"\n\n")] == [[b"F", b""], [b"F", b""]]


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
    assert b"".join(entry.content for entry in entries if entry) == b"".join(chunks)


@given(st.binary(max_size=60))
def test_what_is_no_entry_is_none(line: bytes) -> None:
    entry = crilog.parse(line)
    assert (entry is None) == (line.count(b" ") < 3)


def test_a_log_that_grows_too_large_begins_anew_and_keeps_one_old_part(tmp_path: Path) -> None:
    log = Log(tmp_path / "0.log")
    entry = b"x" * 1_000_000 + b"\n"
    for _ in range(25):
        log.write(entry)
    log.close()
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {"0.log", "0.log.old"}
    assert all(size < crilog.ROTATED_AT + len(entry) for size in sizes.values())


def test_a_log_is_only_its_owners_to_read(tmp_path: Path) -> None:
    log = Log(tmp_path / "0.log")
    log.close()
    assert (tmp_path / "0.log").stat().st_mode & 0o777 == 0o600
