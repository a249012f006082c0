"""Rows whose values stand behind their names: no cell can be taken for two."""

from __future__ import annotations

import pytest

from kubectl_joblab.printing import labelled

ROWS = {
    "each value behind its name": (
        ["sleep/pod", "PASS", "exit 0"],
        "name: sleep/pod; result: PASS; observed: exit 0",
    ),
    "an empty cell is left out": (["sleep/pod", "", "exit 0"], "name: sleep/pod; observed: exit 0"),
    "a cell with the sign that stands between two is quoted": (
        ["pod-security", "PASS", "<none>; the labs also run under restricted"],
        'name: pod-security; result: PASS; observed: "<none>; the labs also run under restricted"',
    ),
    "quotes within such a cell too": (
        ["log", "PASS", 'it has "a; b"'],
        r'name: log; result: PASS; observed: "it has \"a; b\""',
    ),
    "other quotes and colons stay": (
        ["log", "PASS", 'a: "2 + 3 = 5" in the log'],
        'name: log; result: PASS; observed: a: "2 + 3 = 5" in the log',
    ),
    "Hangul stays": (
        ["log", "PASS", "없음; 하나"],
        'name: log; result: PASS; observed: "없음; 하나"',
    ),
}


@pytest.mark.parametrize(("row", "line"), ROWS.values(), ids=ROWS)
def test_a_row_is_a_line(row: list[str], line: str) -> None:
    assert labelled.rows(("NAME", "RESULT", "OBSERVED"), [row]) == [line]


def test_without_rows_there_is_nothing_to_say() -> None:
    assert labelled.rows(("NAME",), []) == []
