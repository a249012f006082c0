"""The screen of diagnose: each cause that was ever recorded is told on one, in both languages."""

from __future__ import annotations

import io

import pytest

from kubectl_joblab.cli.screens import findings
from kubectl_joblab.cli.session import Session
from kubectl_joblab.printing import fold, tabwriter
from tests.causes import worlds
from tests.causes.reader import Reader

ROWS = 24  # of a terminal, the line that leads on and the prompt included


@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_cause_is_told_on_one_screen(language: str) -> None:
    session = Session(io.StringIO(), io.StringIO(), io.StringIO(), {"LANG": "C.UTF-8"})
    session.flags["lang"] = language
    wrong = []
    for world in worlds.all_of():
        lines = findings.lines(session, Reader(world).diagnose())
        # what cannot be folded is a word of the cluster's, such as a Pod with its uid
        wide = [
            line for line in lines if tabwriter.width(line) > fold.COLUMNS and " " in line.strip()
        ]
        if len(lines) > ROWS - 2 or wide:
            wrong.append(f"{world.name}: {len(lines)} lines; {wide}")
    assert not wrong, "\n".join(wrong)
