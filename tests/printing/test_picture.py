"""The timeline as a picture: well formed whatever the cluster says, and legible in a browser."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.language import Language
from kubectl_joblab.printing import picture
from kubectl_joblab.printing.picture import (
    BACKOFF,
    FAILED,
    RUNNING,
    SUSPENDED,
    WAITING,
    Mark,
    Picture,
    Row,
    Span,
)

SVG = "{http://www.w3.org/2000/svg}"
ENGLISH = Language("en")
ROWS = (
    Row("job/report", [Span(SUSPENDED, 0, 30)], "suspended"),
    Row("report-abcde", [Span(WAITING, 30, 40), Span(FAILED, 40, 60)], "exit 1"),
    Row("report-fghij", [Span(BACKOFF, 60, 160), Span(RUNNING, 160, 300)], "exit 137, deleted"),
)
MARKS = (Mark(270, "deadline"), Mark(270, "FailureTarget"), Mark(300, "Failed"))
DRAWN = Picture("job.batch/report: Failed, 0/1", 300, ROWS, MARKS, ["Gaps: 100s", "Tries: exit 1"])
HOSTILE = '</text><script>alert("1")</script>&\x1b[2J\x9b\u202e'
# what tells whether each text is within the picture, and how many lie on another
MEASURE = """<script>
const svg = document.querySelector('svg'), box = svg.viewBox.baseVal;
const texts = [...svg.querySelectorAll('text')].map(t => ({text: t.textContent, box: t.getBBox()}));
const outside = texts.filter(t => t.box.x < 0 || t.box.x + t.box.width > box.width
  || t.box.y + t.box.height > box.height).map(t => t.text);
const lie = (a, b) => a.x + 1 < b.x + b.width && b.x + 1 < a.x + a.width
  && a.y + 3 < b.y + b.height && b.y + 3 < a.y + a.height;
const over = texts.flatMap((a, i) => texts.slice(i + 1).filter(b => lie(a.box, b.box))
  .map(b => a.text + ' | ' + b.text));
const pre = document.createElement('pre');
pre.textContent = JSON.stringify({outside, over, fits: svg.getBoundingClientRect().width
  <= document.documentElement.clientWidth, texts: texts.length});
document.body.append(pre);
</script>"""
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


def _root(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def test_it_says_in_words_what_it_draws() -> None:
    root = _root(picture.svg(DRAWN, ENGLISH))
    assert [one.text for one in root.findall(f"{SVG}title")] == [DRAWN.title]
    (said,) = [one.text for one in root.findall(f"{SVG}desc")]
    assert said is not None
    assert said.splitlines() == [
        "job/report: suspended 0s-30s, suspended",
        "report-abcde: waiting 30s-40s, failed 40s-60s, exit 1",
        "report-fghij: back-off 60s-2m40s, running 2m40s-5m, exit 137, deleted",
        "deadline: 4m30s",
        "FailureTarget: 4m30s",
        "Failed: 5m",
        "Gaps: 100s",
        "Tries: exit 1",
    ]


def test_it_tells_kinds_apart_by_more_than_colour() -> None:
    text = picture.svg(DRAWN, ENGLISH)
    assert "url(#hatch)" in text  # failed, which has a cross too
    assert "url(#dots)" in text  # suspended
    assert len(set(re.findall(r"stroke-dasharray:([\d ]+)", text))) == 4
    assert all(f">{word}<" in text for word in ("waiting", "running", "failed", "back-off"))


def test_it_needs_nothing_else_and_runs_nothing() -> None:
    root = _root(picture.svg(DRAWN, ENGLISH))
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        *("svg", "title", "desc", "style", "defs", "pattern", "path", "circle", "rect", "text", "g")
    }
    attributes = {name for one in root.iter() for name in one.attrib}
    assert not {name for name in attributes if name.startswith("on") or "href" in name}


@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_the_cluster_says_is_text(name: str, tail: str) -> None:
    rows = [Row(name, [Span(RUNNING, 0, 1)], tail)]
    drawn = Picture(name, 1, rows, [Mark(0.5, name)], [tail])
    root = _root(picture.svg(drawn, ENGLISH))
    assert not list(root.iter(f"{SVG}script"))


def test_no_markup_and_no_control_character_gets_in() -> None:
    text = picture.svg(Picture(HOSTILE, 1, [Row(HOSTILE, [], HOSTILE)]), ENGLISH)
    assert "<script" not in text
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)
    assert html.escape('</text><script>alert("1")</script>&^[[2J') in text


def test_of_very_many_pods_it_says_how_many_more_there_are() -> None:
    rows = [Row(f"p-{n}", [Span(RUNNING, n, n + 1)], "exit 0") for n in range(5000)]
    text = picture.svg(Picture("j", 5001, rows), ENGLISH)
    assert "and 4800 more" in text
    assert len(text) < 200_000


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("code", ["en", "ko"])
@pytest.mark.parametrize("width", [1200, 400])
def test_in_a_browser_no_text_is_cut_or_lies_on_another(
    tmp_path: Path, width: int, code: str
) -> None:
    page = tmp_path / "page.html"
    text = picture.svg(DRAWN, Language(code))
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{text}{MEASURE}", "utf-8")
    out = _chromium(tmp_path, f"--window-size={width},900", "--dump-dom", page.as_uri())
    found = re.search(r"<pre>(.*)</pre>", out)
    assert found is not None
    measured = json.loads(html.unescape(found[1]))
    assert measured.pop("texts") > 15
    assert measured == {"outside": [], "over": [], "fits": True}


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_it_is_printed(tmp_path: Path) -> None:
    page, printed = tmp_path / "report.svg", tmp_path / "report.pdf"
    page.write_text(picture.svg(DRAWN, ENGLISH), "utf-8")
    _chromium(tmp_path, f"--print-to-pdf={printed}", page.as_uri())
    assert printed.read_bytes().startswith(b"%PDF")


def _chromium(folder: Path, *words: str) -> str:
    quiet = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        f"--user-data-dir={folder / 'profile'}",
    )
    line = [str(CHROMIUM), *quiet, *words]
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=120).stdout
