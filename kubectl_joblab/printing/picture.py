"""The timeline as a picture: one SVG file that stands alone.

It opens in any browser and in print, needs no script, font or other file, and can be read without
colours: each kind of time has a shape of its own. Its title and description say the same in words.
It is pure: it is given lanes of spans, in seconds since the origin.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.language import Language, Sentence, phrase
from kubectl_joblab.printing import fold, tabwriter
from kubectl_joblab.printing.visible import visible

WAITING, RUNNING, FAILED, BACKOFF, SUSPENDED = (
    "waiting",
    "running",
    "failed",
    "back-off",
    "suspended",
)
MOST = 200  # lanes; a Job may have thousands of Pods
DESCRIBED = 40  # lanes that the description names
NAME = 30  # columns of the longest name that is shown whole
_NAME_END = 12  # of a longer one, the columns that tell it from the names beside it
ON_A_PAGE = 80  # lanes that are printed on one page; more of them would be too small to read
_A4 = 2**0.5  # the height of a page, of paper that is 1 wide
_COLUMN = 7.9  # the width of a character
_LANE = 24  # the height of a lane; what is above the first one is as high as four
_PLOT = 480  # the width of what time takes: more, and texts are too small in a narrow window
_MARGIN = 16
_TOP = 64  # title and legend
_AXIS = 32
_UNDER_TITLE = 30
_TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_STYLE = """
svg{--ink:#1f2328;--paper:#fff;--line:#8c959f;--good:#0969da;--bad:#b3261e;--soft:#d0d7de}
@media (prefers-color-scheme:dark){svg{--ink:#e6edf3;--paper:#0d1117;--line:#7d8590;--good:#58a6ff;--bad:#ff7b72;--soft:#30363d}}
@media print{svg{--ink:#000;--paper:#fff;--line:#555;--good:#555;--bad:#000;--soft:#ccc}}
text{fill:var(--ink);font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}
.title{font-size:15px;font-weight:bold}
.paper{fill:var(--paper)}
.grid{stroke:var(--soft)}
.waiting{fill:none;stroke:var(--line);stroke-dasharray:1 3;stroke-width:2}
.running{fill:var(--good);stroke:var(--ink)}
.failed{fill:url(#hatch);stroke:var(--bad);stroke-width:1.5}
.cross{stroke:var(--bad);stroke-width:2.5}
.back-off{stroke:var(--line);stroke-dasharray:6 3;stroke-width:2}
.suspended{fill:url(#dots);stroke:var(--line);stroke-dasharray:3 2}
.mark{stroke:var(--ink);stroke-dasharray:8 3 2 3}
.hatch{stroke:var(--bad);stroke-width:2}
.dots{fill:var(--line)}
"""  # noqa: E501 -- a style sheet
_ONE_PAGE = "@media print{svg{max-height:100vh}}\n"


class Span(NamedTuple):
    """What a lane shows from one second to another. kind: WAITING, RUNNING, ..."""

    kind: str
    start: float
    end: float


class Row(NamedTuple):
    """A lane. name: what it is of. tail: what stands behind it, such as exit codes."""

    name: str
    spans: Sequence[Span]
    tail: str


class Mark(NamedTuple):
    """A moment of all lanes, such as a deadline or a condition."""

    at: float
    says: str


class Picture(NamedTuple):
    """What is drawn. facts: lines below the lanes, each of which is in the description too."""

    title: str
    seconds: float
    rows: Sequence[Row]
    marks: Sequence[Mark] = ()
    facts: Sequence[str] = ()


def svg(picture: Picture, text: Language) -> str:
    """The file."""
    shown = picture.rows[:MOST]
    hidden = len(picture.rows) - len(shown)
    facts = [*picture.facts, *([text(phrase("and {n} more", n=hidden))] if hidden else [])]
    names = [_cut(row.name) for row in shown]
    left = _MARGIN + max(map(_width, names), default=0) + 14
    tails = max((_width(row.tail) for row in shown), default=0)
    width = round(max(left + _PLOT + 12 + tails + _MARGIN, _width(picture.title) * 1.2 + 40))
    columns = int((width - 2 * _MARGIN) / _COLUMN)
    lines = [part for fact in facts for part in _folded(fact, columns)]
    marks = picture.marks if shown else ()  # without lanes there is nothing that they mark
    breaks = len(shown) > ON_A_PAGE
    mark_line, line, above = (_LANE, _LANE, _LANE - 8) if breaks else (16, 18, 24)
    marks_height = mark_line * len(marks)
    bottom = _TOP + _AXIS + _LANE * len(shown) if shown else _UNDER_TITLE
    height = bottom + marks_height + line * len(lines) + 24
    plot = _Plot(left, max(picture.seconds, 1.0))
    return "\n".join(
        [
            *_head(picture, width, height, facts, text, breaks=breaks),
            *_legend(picture, text),
            *(plot.axis(bottom) if shown else ()),
            *(part for i, row in enumerate(shown) for part in plot.row(row, names[i], i)),
            *plot.marks(marks, bottom, mark_line),
            *(
                _text(_MARGIN, bottom + marks_height + above + line * i, part)
                for i, part in enumerate(lines)
            ),
            "</svg>",
        ]
    )


def _head(
    picture: Picture,
    width: int,
    height: int,
    facts: Sequence[str],
    text: Language,
    *,
    breaks: bool,
) -> Iterator[str]:
    said = [_described(row, text) for row in picture.rows[:DESCRIBED]]
    said += [f"{mark.says}: {_length(mark.at)}" for mark in picture.marks]
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" style="max-width:100%;height:auto" role="img"'
        f' lang="{text.code}" aria-labelledby="title desc">'
    )
    yield f'<title id="title">{_safe(picture.title)}</title>'
    yield f'<desc id="desc">{_safe(chr(10).join([*said, *facts]))}</desc>'
    yield f"<style>{_STYLE}{_pages(width) if breaks else _ONE_PAGE}</style>"
    yield (
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><path class="hatch" d="M1 0V6"/></pattern>'
        '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<circle class="dots" cx="2" cy="2" r="1"/></pattern></defs>'
    )
    yield f'<rect class="paper" width="{width}" height="{height}"/>'
    yield _text(_MARGIN, 24, picture.title, "title")


def _pages(width: int) -> str:
    """The size of the pages in print: as wide as the picture, and a number of lanes high.

    So a page ends between two lanes, and what is below the lanes is placed as they are.
    """
    return f"@page{{size:{width}px {_LANE * round(width * _A4 / _LANE)}px;margin:0}}\n"


def _described(row: Row, text: Language) -> str:
    """A lane in words."""
    parts = [
        f"{text(_KINDS[span.kind])} {_length(span.start)}-{_length(span.end)}" for span in row.spans
    ]
    return f"{row.name}: {', '.join([*parts, row.tail])}".rstrip(", ")


_KINDS: dict[str, Sentence] = {
    WAITING: phrase("waiting"),
    RUNNING: phrase("running"),
    FAILED: phrase("failed"),
    BACKOFF: "back-off",
    SUSPENDED: phrase("suspended"),
}


def _legend(picture: Picture, text: Language) -> Iterator[str]:
    """What the shapes that are there mean."""
    used = {span.kind for row in picture.rows for span in row.spans}
    x = float(_MARGIN)
    for kind, meaning in _KINDS.items():
        if kind in used:
            yield from _shape(kind, x, 38, 30)
            yield _text(x + 42, 49, text(meaning))
            x += 42 + _width(text(meaning)) + 24


class _Plot:
    """Puts seconds into places. left: where second 0 is. seconds: how many there are."""

    def __init__(self, left: float, seconds: float) -> None:
        self._left = left
        self._seconds = seconds

    def _x(self, second: float) -> float:
        return self._left + _PLOT * min(max(second, 0), self._seconds) / self._seconds

    def axis(self, bottom: float) -> Iterator[str]:
        """The times, with a line each through all lanes."""
        step = next((one for one in _TICKS if self._seconds / one <= 8), self._seconds / 8)
        second = 0.0
        while second <= self._seconds:
            x = self._x(second)
            yield f'<path class="grid" d="M{x:.1f} {_TOP + 18}V{bottom:.0f}"/>'
            yield _text(x, _TOP + 12, _length(second), anchor="middle" if second else "start")
            second += step

    def row(self, row: Row, name: str, place: int) -> Iterator[str]:
        """A lane, the first of which has the place 0."""
        y = _TOP + _AXIS + _LANE * place
        yield "<g>"
        yield f"<title>{_safe(row.name)}</title>"
        yield _text(_MARGIN, y + 13, name)
        for span in row.spans:
            start, end = self._x(span.start), self._x(span.end)
            yield from _shape(span.kind, start, y + 2, max(end - start, 3))
            if span.kind == BACKOFF and end - start > _width(_length(span.end - span.start)) + 16:
                yield _label((start + end) / 2, y + 13, _length(span.end - span.start))
        yield _text(self._left + _PLOT + 12, y + 13, row.tail)
        yield "</g>"

    def marks(self, marks: Sequence[Mark], bottom: float, line: int) -> Iterator[str]:
        """Lines through all lanes, each with its words below, on a line of their own."""
        for place, mark in enumerate(marks):
            x, y = self._x(mark.at), bottom + line * place + 14
            yield f'<path class="mark" d="M{x:.1f} {_TOP + 18}V{y - 10:.0f}"/>'
            says = f"{mark.says} {_length(mark.at)}"
            ends = x + 4 + _width(says) > self._left + _PLOT
            yield _text(x - 4 if ends else x + 4, y, says, anchor="end" if ends else "start")


def _shape(kind: str, x: float, y: float, width: float) -> Iterator[str]:
    """What stands for a time: no two kinds differ by their colour alone."""
    if kind in (WAITING, BACKOFF):
        yield f'<path class="{kind}" d="M{x:.1f} {y + 7}h{width:.1f}"/>'
        return
    yield f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="14"/>'
    if kind == FAILED:
        end = x + width
        cross = f"M{end - 4:.1f} {y + 3}l8 8m0 -8l-8 8"
        yield f'<path class="cross" d="{cross}"/>'


def _label(x: float, y: float, text: str) -> str:
    """A text on a line, which it hides behind itself."""
    width = _width(text) + 6
    place = f'x="{x - width / 2:.1f}" y="{y - 11}" width="{width:.1f}" height="14"'
    return f'<rect class="paper" {place}/>' + _text(x, y, text, anchor="middle")


def _text(x: float, y: float, text: str, style: str = "", *, anchor: str = "start") -> str:
    named = f' class="{style}"' if style else ""
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.0f}"{named}{placed}>{_safe(text)}</text>'


def _safe(text: str) -> str:
    """Text from anywhere as XML may hold it: no markup, and no character that XML forbids."""
    allowed = "".join(one for one in visible(text) if not _forbidden(one))
    return html.escape(allowed)


def _forbidden(character: str) -> bool:
    return "\ud800" <= character <= "\udfff" or character in "\ufffe\uffff"


def _cut(name: str) -> str:
    """A name without its middle where it is too long: by their ends Pods of one Job differ."""
    if tabwriter.width(name) <= NAME:
        return name
    end = tabwriter.cut(name[::-1], _NAME_END)[::-1]
    return f"{tabwriter.cut(name, NAME - 3 - _NAME_END)}...{end}"


def _folded(text: str, columns: int) -> Iterator[str]:
    """A text as lines that are no wider than so many columns."""
    for line in fold.fold(text, rest="  ", columns=columns):
        rest = line
        while tabwriter.width(rest) > columns:
            part = tabwriter.cut(rest, columns)
            yield part
            rest = rest[len(part) :]
        yield rest


def _width(text: str) -> float:
    return tabwriter.width(text) * _COLUMN


def _length(seconds: float) -> str:
    return objects.human_duration(seconds)
