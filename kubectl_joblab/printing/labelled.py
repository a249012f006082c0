"""Tables for people who do not see columns: each value of a line stands behind its name.

With --plain our own tables, the stream and the timeline are printed so; kubectl's tables never are.
"""

from __future__ import annotations

from collections.abc import Sequence

_BETWEEN = "; "


def rows(header: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    """A line for each row, such as: name: sleep/pod; result: PASS; observed: exit 0."""
    return [row(header, line) for line in cells]


def row(header: Sequence[str], cells: Sequence[str]) -> str:
    """A line of names and values for the cells of one row; empty cells are left out."""
    named = zip(header, cells, strict=True)
    return _BETWEEN.join(f"{name.lower()}: {_whole(cell)}" for name, cell in named if cell)


def _whole(cell: str) -> str:
    """The cell, in quotes where it would read as two cells."""
    if _BETWEEN not in cell:
        return cell
    import json  # few cells need quotes

    return json.dumps(cell, ensure_ascii=False)
