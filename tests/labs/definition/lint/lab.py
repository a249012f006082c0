"""A lab as small as one can be, and the ways to break it, for the tests of lint."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from kubectl_joblab.labs.definition import examination

LAB = """\
format: joblab/v1
name: demo
number: 7
level: beginner
minutes: 5
requires: [sleep]
title: {en: A demo, ko: 시연}
goal: {en: One success., ko: 성공 한 번.}
tasks:
- {en: Create a Job., ko: Job을 만듭니다.}
- {en: See it end., ko: 끝나는지 봅니다., shows: job}
observe:
- {en: There is one Pod., ko: Pod가 하나 있습니다.}
commands: [kubectl get jobs]
debrief: {en: It ran once., ko: 한 번 실행되었습니다.}
next: kubectl joblab list
parameters:
- name: completions
  flag: --completions
  type: integer
  minimum: 1
  maximum: 9
  field: spec.completions
  help: {en: how many, ko: 몇 개}
variants:
- {name: once, job: demo, file: job.yaml}
checks:
- id: job
  task: 1
  within: 10
  assert: {exists: {kind: Job}}
  ask: {en: there is a Job, ko: Job이 있습니다}
  fix: {en: Create a Job., ko: Job을 만드세요.}
  run: kubectl get job {job}
- id: complete
  task: 2
  within: 60
  assert: {condition: {type: Complete, succeeded: =completions}}
  ask: {en: it is Complete, ko: Complete입니다}
  fix: {en: Wait for it., ko: 기다리세요.}
  run: kubectl describe job {job}
hints:
- check: complete
  stages:
  - {en: Have patience., ko: 기다리세요.}
solutions:
- file: solutions/two.yaml
cheats:
- {name: bare-pod, by: spec, file: cheats/pod.yaml, fails: job}
- {name: too-few, by: behaviour, file: cheats/few.yaml, fails: complete}
"""
JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: demo
spec:
  completions: 1
"""
FILES = {
    "lab.yaml": LAB,
    "job.yaml": JOB,
    "solutions/two.yaml": JOB,
    "cheats/pod.yaml": JOB.replace("Job", "Pod"),
    "cheats/few.yaml": JOB,
    "README.md": "# Demo\n",
}

Change = Callable[[Path], object]


def make_lab(parent: Path, name: str = "07-demo") -> Path:
    """A lab of two tasks, two checks and two cheats, as small as a lab can be."""
    for file, text in FILES.items():
        write(file, text)(parent / name)
    return parent / name


def write(file: str, text: str | bytes) -> Change:
    def change(folder: Path) -> None:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())

    return change


def edit(old: str, new: str, file: str = "lab.yaml") -> Change:
    def change(folder: Path) -> None:
        text = (folder / file).read_text("utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {file}"
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")

    return change


def remove(file: str) -> Change:
    return lambda folder: (folder / file).unlink()


def starter(folder: Path) -> None:
    edit("file: job.yaml}", "file: job.yaml, starter: true}")(folder)
    edit("succeeded: =completions", "succeeded: 1")(folder)
    write("job.yaml", "metadata: {name: demo}\n# completions: 1\n")(folder)


def two_variants(folder: Path) -> None:
    more = "- {name: again, job: demo-again, file: again.yaml}\n"
    edit("checks:\n", f"{more}checks:\n")(folder)
    write("again.yaml", JOB.replace("demo", "demo-again"))(folder)


class Case:
    """One thing broken, and all that lint says then; file names without the lab's folder."""

    def __init__(self, sentence: str, *changes: Change, says: Sequence[str] = ()) -> None:
        self.sentence = sentence
        self.changes = changes
        self.says = list(says)

    def lab(self, parent: Path) -> Path:
        """The lab with that broken."""
        folder = make_lab(parent)
        for change in self.changes:
            change(folder)
        return folder


def each(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """Run a test for each of the cases, under its sentence."""
    return pytest.mark.parametrize("case", [pytest.param(it, id=it.sentence) for it in cases])


def said(folder: Path) -> list[str]:
    """The lines lint prints, without the lab's folder."""
    return [
        str(it).replace(f"{folder}{os.sep}", "", 1) for it in examination.examine(folder).problems
    ]
