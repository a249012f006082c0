"""What joblab prints fits 80 columns, in English and in Korean, whose letters are two wide.

The golden screens of this folder are measured in test_labs.py.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from kubectl_joblab.cli import hint, quick, verdicts
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.verdicts import Judged
from kubectl_joblab.labs import checks, loader, model, values
from kubectl_joblab.labs.snapshot import Snapshot
from kubectl_joblab.language import CODES
from kubectl_joblab.printing import fold, tabwriter
from tests.labs import builders as b

LABS = loader.load_all([])
VARIANTS = {v.job: (lab, v) for lab in LABS for v in lab.variants}
E2E = Path(__file__).parents[1] / "e2e" / "golden"
# What is typed, and what kubectl and servers say: quoted whole. A learner's own names are theirs.
NOT_OURS = re.compile(
    r"\$ |# kubectl |Next: |  run  |Error from server|error: |The .* is invalid|\* "
    r"|Unable to connect|The connection to the server|Warning: |  because   "
    r"|kubeconfig  |\S+ +(Normal|Warning) "
)


def session_in(lang: str) -> Session:
    session = Session(io.StringIO(), io.StringIO(), io.StringIO(), {})
    session.flags["lang"] = lang
    return session


def too_wide(lines: list[str]) -> list[str]:
    return [
        line
        for line in lines
        if tabwriter.width(line.expandtabs(8)) > fold.COLUMNS and not NOT_OURS.match(line)
    ]


@pytest.mark.parametrize("screen", sorted(E2E.glob("*.txt")), ids=lambda path: path.stem)
def test_a_screen_of_a_cluster_fits(screen: Path) -> None:
    text = screen.read_text("utf-8")
    if " -o " not in text.partition("\n")[0]:  # wide is wide, and JSON has its own lines
        assert too_wide(text.splitlines()) == []


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_a_hint_and_a_debrief_fit(lab: model.Lab, lang: str) -> None:
    session = session_in(lang)
    lines = [
        line
        for one in lab.hints
        for stage in range(len(one.stages))
        for line in hint._lines(session, lab, one, stage, None)
    ]
    quick.run(session, ["show", lab.name, "--debrief", f"--lang={lang}"])
    assert isinstance(session.stdout, io.StringIO)
    assert too_wide([*lines, *session.stdout.getvalue().splitlines()]) == []


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("job", VARIANTS)
def test_verdicts_fit(job: str, lang: str) -> None:
    session = session_in(lang)
    for seen in states(job):
        one = judged(job, seen)
        lines = verdicts.table(session, [one], wide=False)
        assert too_wide([*lines, *verdicts.details(session, one.verdicts)]) == []


@pytest.mark.parametrize("lang", CODES)
def test_verdicts_of_many_jobs_are_a_table_for_each(lang: str) -> None:
    many = [judged(job, states(job)[0]) for job in VARIANTS]
    lines = verdicts.table(session_in(lang), many, wide=False)
    assert too_wide(lines) == []
    assert lines.count("") == len(VARIANTS) - 1
    assert sum(line.startswith("NAME ") for line in lines) == len(VARIANTS)


def test_without_headers_nothing_stands_between_the_tables() -> None:
    many = [judged(job, states(job)[0]) for job in VARIANTS]
    lines = verdicts.table(session_in("en"), many, wide=False, headers=False)
    assert [line.split()[0] for line in lines] == [v.name for one in many for v in one.verdicts]


def judged(job: str, seen: Snapshot) -> Judged:
    lab, variant = VARIANTS[job]
    found = checks.judge(lab, variant, seen, values.defaults(lab, variant))
    return Judged(lab, job, found, started=seen.job is not None)


def states(job: str) -> list[Snapshot]:
    """A Job of this name that failed, one that is complete, and none."""
    tries = [b.ran(f"{job}-{number}", 1 + number, 3 + number, 3) for number in range(3)]
    succeeded = [b.ran(f"{job}-{number}", 1, 30) for number in range(3)]
    return [
        b.seen(b.failed(40, name=job), *tries, name=job),
        b.seen(b.complete(31, 3, name=job), *succeeded, name=job),
        b.seen(None, name=job),
    ]
