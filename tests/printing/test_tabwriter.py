"""Columns: their width, where they start, and which cells belong to one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.printing import tabwriter
from kubectl_joblab.printing.tabwriter import DESCRIBE, TABLE, Style

WIDTHS = {
    "ASCII takes one column a character": ("STATUS", 6),
    "nothing takes no column": ("", 0),
    "a Hangul syllable takes two": ("동시에", 6),
    "a syllable in letters is composed first": ("\u1103\u1169\u11bc", 2),
    "a combining mark takes none": ("e\u0301x\u0323", 2),
    "a mark that composes with nothing takes none": ("q\u0301", 1),
    "an enclosing mark takes none": ("a\u20dd", 1),
    "a zero width space takes none": ("a\u200bb", 2),
    "a full-width letter takes two": ("Ａ", 2),
    "a half-width letter takes one": ("ｱ", 1),
    "an ambiguous character takes one": ("…", 1),
    "Korean and ASCII add up": ("60s 미만", 8),
}

CELLS = st.text(st.sampled_from("ab -/…가나é\u0301\u1100\u1161Ａ"), max_size=9)
STYLES = st.sampled_from([TABLE, DESCRIBE])


@pytest.mark.parametrize(("text", "columns"), WIDTHS.values(), ids=WIDTHS)
def test_width_is_counted_in_terminal_columns(text: str, columns: int) -> None:
    assert tabwriter.width(text) == columns


def test_padding_counts_terminal_columns() -> None:
    assert tabwriter.pad("성공", 6) == "성공  "


def test_a_table_is_padded_as_kubectl_pads_it() -> None:
    assert tabwriter.table(("NAME", "A", "AGE"), [("retry", "", "41s"), ("x", "Failed", "")]) == [
        "NAME    A        AGE",
        "retry            41s",
        "x       Failed   ",
    ]


def test_a_table_without_rows_has_no_header() -> None:
    assert tabwriter.table(("NAME", "AGE"), []) == []


def test_korean_cells_are_aligned_on_the_screen() -> None:
    header = ("NAME", "RESULT", "EXPECTED", "OBSERVED")
    rows = [
        ("parallelism/complete", "PASS", "Complete, 6/6", "Complete, 6/6"),
        ("parallelism/at-most", "PASS", "동시에 최대 3개", "동시에 1개"),
        ("parallelism/at-once", "FAIL", "동시에 3개", "동시에 1개"),
        ("parallelism/faster", "FAIL", "60s 미만 (6 x 10s)", "78s"),
    ]
    assert tabwriter.table(header, rows) == [
        "NAME                   RESULT   EXPECTED             OBSERVED",
        "parallelism/complete   PASS     Complete, 6/6        Complete, 6/6",
        "parallelism/at-most    PASS     동시에 최대 3개      동시에 1개",
        "parallelism/at-once    FAIL     동시에 3개           동시에 1개",
        "parallelism/faster     FAIL     60s 미만 (6 x 10s)   78s",
    ]


BROKEN = [["a long cell", "x"], ["a line without columns"], ["b", "y"], ["c", "z"]]


def test_a_line_without_a_column_ends_it() -> None:
    assert tabwriter.align(BROKEN, DESCRIBE) == [
        "a long cell  x",
        "a line without columns",
        "b  y",
        "c  z",
    ]


def test_a_table_goes_on_as_wide_as_it_was() -> None:
    assert tabwriter.align(BROKEN, TABLE) == [
        "a long cell   x",
        "a line without columns",
        "b             y",
        "c             z",
    ]


@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n))))
def test_every_column_starts_at_the_same_terminal_column(rows: list[list[str]]) -> None:
    header = [f"H{number}" for number in range(len(rows[0]) if rows else 1)]
    lines = tabwriter.table(header, rows)

    assert len(lines) == (len(rows) + 1 if rows else 0)
    for line, cells in zip(lines, [header, *rows], strict=False):
        rest = line
        for number, cell in enumerate(cells[:-1]):
            # a column is its longest cell + 3, at least 6
            longest = max(tabwriter.width(row[number]) for row in [header, *rows])
            blanks = max(6, longest + 3) - tabwriter.width(cell)
            assert rest.startswith(cell + " " * blanks)
            rest = rest[len(cell) + blanks :]
        assert rest == cells[-1]


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=8), STYLES)
def test_ragged_lines_are_aligned_as_go_aligns_them(lines: list[list[str]], style: Style) -> None:
    assert tabwriter.align(lines, style) == as_go_does(lines, style)


def as_go_does(lines: Sequence[Sequence[str]], style: Style) -> list[str]:
    """The recursion of text/tabwriter, with the remembered widths of github.com/liggitt/tabwriter:
    a block of lines that have a cell in this column, then the columns to the right within it."""
    remembered: dict[int, int] = {}
    done = [""] * len(lines)

    def fill(column: int, block: range) -> None:
        for row in block:
            if len(lines[row]) - 1 == column:
                done[row] += lines[row][column]
        start = block.start
        while start < block.stop:
            stop = start
            while stop < block.stop and len(lines[stop]) - 1 > column:
                stop += 1
            if stop > start:
                longest = max(tabwriter.width(lines[row][column]) for row in range(start, stop))
                columns = max(style.minimal, longest + style.padding)
                if style.remembers:
                    columns = remembered[column] = max(columns, remembered.get(column, 0))
                for row in range(start, stop):
                    done[row] += tabwriter.pad(lines[row][column], columns)
                fill(column + 1, range(start, stop))
            start = stop + 1

    fill(0, range(len(lines)))
    return done
