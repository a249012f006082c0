"""The timeline as a picture: well formed whatever the cluster says, and legible in a browser."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
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
from tests.inprocess.cluster import Cluster
from tests.practice.node.fake import Program

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
# what tells of all pictures whether each text is within its own, and how many lie on another
MEASURE = """<script>
const outside = [], over = [], svgs = [...document.querySelectorAll('svg')];
const lie = (a, b) => a.x + 1 < b.x + b.width && b.x + 1 < a.x + a.width
  && a.y + 3 < b.y + b.height && b.y + 3 < a.y + a.height;
for (const svg of svgs) {
  const box = svg.viewBox.baseVal;
  const texts = [...svg.querySelectorAll('text')].map(t => ({text: t.textContent,
    box: t.getBBox()}));
  outside.push(...texts.filter(t => t.box.x < 0 || t.box.x + t.box.width > box.width
    || t.box.y + t.box.height > box.height).map(t => t.text));
  over.push(...texts.flatMap((a, i) => texts.slice(i + 1).filter(b => lie(a.box, b.box))
    .map(b => a.text + ' | ' + b.text)));
}
const wide = svgs.filter(svg => svg.getBoundingClientRect().width
  > document.documentElement.clientWidth).length;
const small = svgs.filter(svg => 13 * svg.getScreenCTM().a < 7)
  .map(svg => svg.querySelector('title').textContent);
const pre = document.createElement('pre');
pre.textContent = JSON.stringify({outside, over, wide, small, pictures: svgs.length});
document.body.append(pre);
</script>"""
LANES_SHAPE = 14  # the height of a shape
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


def test_a_long_name_keeps_the_end_by_which_pods_differ() -> None:
    rows = [Row(f"{'a-long-name-' * 4}{end}", [], "") for end in ("0-abcde", "17-fghij")]
    text = picture.svg(Picture("j", 1, rows), ENGLISH)
    assert ">a-long-name-a-l...name-0-abcde<" in text
    assert ">a-long-name-a-l...ame-17-fghij<" in text


def test_what_stands_below_is_folded_and_never_cut() -> None:
    codes = ", ".join(str(number) for number in range(90))
    indexes = ",".join(str(number) for number in range(90))
    root = _root(picture.svg(DRAWN._replace(facts=[codes, indexes]), ENGLISH))
    width = float(str(root.get("viewBox")).split()[2])
    texts = [str(one.text) for one in root.findall(f"{SVG}text")]
    assert max(map(len, texts)) * 7.9 < width
    assert "".join(texts).replace(" ", "").endswith(codes.replace(" ", "") + indexes)


def test_of_a_job_without_pods_there_is_no_axis_and_no_mark() -> None:
    text = picture.svg(DRAWN._replace(rows=()), ENGLISH)
    assert "grid" not in text.partition("</style>")[2]
    assert "FailureTarget" not in text.partition("</desc>")[2]
    assert ">Gaps: 100s<" in text


def crossed(root: ElementTree.Element, page: int) -> list[str]:
    """The texts and shapes of a picture through which a page ends."""
    found = []
    for one in root.iter():
        y = float(one.get("y") or 0)
        top, bottom = (y - 11, y + 4) if one.tag == f"{SVG}text" else (y, y + LANES_SHAPE)
        is_drawn = one.tag == f"{SVG}text" or one.get("class") in (RUNNING, FAILED, SUSPENDED)
        if is_drawn and top // page != bottom // page:
            found.append(one.text or str(one.get("class")))
    return found


@pytest.mark.parametrize("number", [81, 103, 150, 200, 5000])
def test_a_page_ends_between_two_lanes(number: int) -> None:
    rows = [
        Row(f"p-{n}", [Span(FAILED if n % 9 else RUNNING, n, n + 9)], "") for n in range(number)
    ]
    facts = [f"fact {n}" for n in range(60)]
    drawn = picture.svg(
        Picture("j", number, rows, [Mark(n, "mark") for n in range(9)], facts), ENGLISH
    )
    page = re.search(r"@page\{size:(\d+)px (\d+)px;margin:0\}", drawn)
    assert page is not None
    root = _root(drawn)
    assert page[1] == root.get("width")
    assert crossed(root, int(page[2])) == []


# ---- in a browser, those of real Jobs

PROGRAMS = {
    "retrying": [[Program(runs=4, exits=1)]],
    "indexed": [[Program(runs=5 + n % 7, exits=int(n % 9 == 4))] for n in range(60)],
    "one": [[Program(runs=20)]],
    "held": [[Program(runs=15)]],
    "restarts": [[Program(runs=3, exits=1)]],
    "goes-on": [[Program(runs=3, exits=137)]],
    "a-name-that-is-as-long-as-those-of-jobs-may-be": [[Program(runs=0.2)]],
}
SPECS: dict[str, dict[str, Any]] = {
    "retrying": {"backoffLimit": 4, "activeDeadlineSeconds": 600},
    "indexed": {
        "completionMode": "Indexed",
        "completions": 60,
        "parallelism": 8,
        "backoffLimitPerIndex": 1,
    },
    "one": {"completionMode": "Indexed", "completions": 1},
    "held": {"suspend": True, "completions": 2},
    "restarts": {"backoffLimit": 2},
    "goes-on": {"backoffLimit": 9},
}
ON_FAILURE = ("restarts", "goes-on")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """What draws a Job of PROGRAMS, or the runs of a CronJob, of a cluster, in a language."""
    with Cluster(tmp_path_factory.mktemp("pictures"), PROGRAMS) as cluster:
        for name in PROGRAMS:
            container = {"name": "main", "image": "busybox:1.36", "command": ["work"]}
            policy = "OnFailure" if name in ON_FAILURE else "Never"
            template = {"spec": {"restartPolicy": policy, "containers": [container]}}
            body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}}
            spec = {**SPECS.get(name, {}), "template": template}
            cluster.create_with_kubectl(json.dumps({**body, "spec": spec}))
        body = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"}}
        spec = {"schedule": "*/2 * * * *", "jobTemplate": {"spec": {"template": template}}}
        cluster.create_with_kubectl(json.dumps({**body, "spec": spec}))
        cluster.sleep(20)
        cluster.patch_with_kubectl("held", {"suspend": False})
        cluster.sleep(340)

        def draw(target: str, code: str = "en") -> str:
            screen = cluster.run("timeline", target, "-o", "svg", f"--lang={code}")
            assert (screen.code, screen.err) == (0, "")
            return screen.out

        yield draw


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("code", ["en", "ko"])
@pytest.mark.parametrize("width", [1280, 480])
def test_in_a_browser_no_text_is_cut_too_small_or_lies_on_another(
    tmp_path: Path, drawn: Callable[..., str], width: int, code: str
) -> None:
    page = tmp_path / "page.html"
    pictures = [drawn(f"job/{name}", code) for name in PROGRAMS]
    text = "".join([*pictures, drawn("cronjob/nightly", code), picture.svg(DRAWN, Language(code))])
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{text}{MEASURE}", "utf-8")
    out = _chromium(tmp_path, f"--window-size={width},900", "--dump-dom", page.as_uri())
    found = re.search(r"<pre>(.*)</pre>", out)
    assert found is not None
    measured = json.loads(html.unescape(found[1]))
    count = len(PROGRAMS) + 2
    assert measured == {"outside": [], "over": [], "wide": 0, "small": [], "pictures": count}


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_lanes_that_fit_on_a_page_are_printed_on_one(
    tmp_path: Path, drawn: Callable[..., str]
) -> None:
    page, printed = tmp_path / "indexed.svg", tmp_path / "indexed.pdf"
    page.write_text(drawn("job/indexed"), "utf-8")
    _chromium(tmp_path, f"--print-to-pdf={printed}", page.as_uri())
    assert len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes())) == 1


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_more_lanes_are_printed_on_pages_as_high_as_they_say(tmp_path: Path) -> None:
    page, printed = tmp_path / "many.svg", tmp_path / "many.pdf"
    rows = [Row(f"p-{n}", [Span(RUNNING, n, n + 9)], "exit 0") for n in range(150)]
    drawn = picture.svg(Picture("j", 160, rows), ENGLISH)
    page.write_text(drawn, "utf-8")
    _chromium(tmp_path, f"--print-to-pdf={printed}", page.as_uri())
    found = re.search(r"@page\{size:\d+px (\d+)px", drawn)
    assert found is not None
    pages = -(-int(str(_root(drawn).get("height"))) // int(found[1]))
    assert len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes())) == pages


def _chromium(folder: Path, *words: str) -> str:
    quiet = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        f"--user-data-dir={folder / 'profile'}",
    )
    line = [str(CHROMIUM), *quiet, *words]
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=120).stdout
