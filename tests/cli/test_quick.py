"""Plain command lines are answered without click, and as click answers them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from kubectl_joblab.cli import app, complete, instant, quick
from kubectl_joblab.cli.session import Session

PLAIN = [
    "list --client",
    "list --client --no-headers",
    "list --client -o json",
    "list --client -o yaml",
    "list --client --output=wide",
    "list --client --output name --lang=ko",
    "list --client -n labs --context=here --as bob",
    "list --client -n one -n two",
    "show sleep",
    "show 6 --lang=ko",
    "show --lang ko retry --debrief",
    "show retry -n labs --kubeconfig=elsewhere",
    "scaffold sleep -d -",
    "scaffold retry -d - --variant=onfailure",
    "scaffold retry --variant recover -d -",
    "scaffold sleep -d - --name=other",
    "scaffold sleep",
    "scaffold sleep -d deep/er --force",
]
LEFT = [
    "",
    "list",
    "list --client extra",
    "list --client -o xml",
    "list --client -o=yaml",
    "list --client -o",
    "list --client --client=true",
    "list --clien",
    "list --client -njobs",
    "list --client --as-group=a",
    "list --client --request-timeout=5s",
    "list --client -- ",
    "show",
    "show sleep echo",
    "show --lang=fr sleep",
    "show --debrief=1 sleep",
    "scaffold parallelism --parallelism=2",
    "scaffold sleep -d --force",
    "scaffold",
    "start sleep",
    "-n labs list --client",
    "nothing",
]


def session() -> Session:
    return Session(io.StringIO(), io.StringIO(), io.StringIO(), {})


def seen(of: Session, folder: Path) -> tuple[object, ...]:
    """All that a run left: what it printed, the flags it read, the files it wrote."""
    files = {str(path): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert isinstance(of.stdout, io.StringIO)
    assert isinstance(of.stderr, io.StringIO)
    return of.stdout.getvalue(), of.stderr.getvalue(), of.flags, of.command, files


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_line_is_carried_out_as_click_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    ends = []
    for name, run in (("quick", quick.run), ("click", app.run)):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        with_run = session()
        code = run(with_run, line.split())
        ends.append((code, *seen(with_run, Path())))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("line", LEFT)
def test_a_line_that_is_not_plain_is_left_to_click(line: str) -> None:
    untouched = session()
    assert quick.run(untouched, line.split(" ") if line else []) is None
    assert (untouched.flags, untouched.command) == ({}, "")


# ---- words alone


@pytest.mark.parametrize(
    "line", ["--version -n x", "show sleep -h", "check --help -o json", "list"]
)
def test_what_takes_more_than_words_is_not_answered_at_once(line: str) -> None:
    assert instant.answer(line.split()) is None


SUBCOMMANDS = "lint\tCheck lab definitions against the format"


@pytest.mark.parametrize(
    ("before", "last", "words"),
    [
        pytest.param([], "sta", ["start", "status"], id="a command"),
        pytest.param([], "x", [], id="no command"),
        pytest.param(["lab"], "", ["lint", "schema", "test"], id="a command of a group"),
        pytest.param(["show"], "p", ["parallelism"], id="a lab"),
        pytest.param(["show", "sleep"], "", [], id="nothing where all is given"),
        pytest.param(["check", "sleep"], "ech", ["echo"], id="one more lab"),
        pytest.param(["check"], "--var", ["--variant"], id="a flag"),
        pytest.param(["check"], "--names", ["--namespace"], id="a flag of all commands"),
        pytest.param(["lab", "test"], "--lang", ["--lang"], id="a flag of a command of a group"),
        pytest.param(["check", "-o"], "j", ["json", "junit"], id="the value of a flag"),
        pytest.param(["check"], "--output=j", ["json", "junit"], id="a value after ="),
        pytest.param(["start", "--dry-run"], "", ["none", "client", "server"], id="a choice"),
        pytest.param(["check", "--variant"], "", [], id="a value that can be anything"),
        pytest.param(["-n", "labs", "sho"], "", [], id="after what is no command"),
        pytest.param(["-n", "labs"], "sho", ["show"], id="a command after a flag"),
        pytest.param(["--no-such", "show"], "sle", ["sleep"], id="after a flag that is none"),
    ],
)
def test_what_completes(before: list[str], last: str, words: list[str]) -> None:
    *lines, directive = complete.answer([*before, last]).splitlines()
    assert [line.partition("\t")[0] for line in lines] == words
    assert directive == ":4"


def test_a_word_says_what_it_means() -> None:
    assert complete.answer(["lab", "li"]).splitlines()[0] == SUBCOMMANDS
    assert "sleep\t" in complete.answer(["show", ""])
