"""Plain command lines are answered without click, and as click answers them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from kubectl_joblab.cli import entry, program
from kubectl_joblab.cli.session import Session
from kubectl_joblab.errors import JoblabError
from tests.inprocess import labs
from tests.listing_server import Cluster

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
    "check --wait --timeout=5s",
    "check -Ao json",
    "check --wait=true",
    "check -- sleep",
]


@pytest.fixture(autouse=True)
def _labs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Joblab's own labs, which are read once."""
    labs.remember(monkeypatch)


def session(**environ: str) -> Session:
    return Session(io.StringIO(), io.StringIO(), io.StringIO(), environ)


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
    for name, run in (("plain", program.run_plain), ("click", program.run_with_click)):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        with_run = session()
        code = run(with_run, line.split())
        ends.append((code, *seen(with_run, Path())))
    assert ends[0] == ends[1]


ASKING = [
    "check",
    "check sleep",
    "check 1 retry -o wide",
    "check -o json -n labs sleep",
    "check retry --variant=onfailure --no-headers",
    "check sleep --name other --wait",
    "check -A",
    "check --name=other",
    "check nothing",
    "list",
    "list -o wide --no-headers",
]


@pytest.mark.parametrize("line", ASKING)
def test_a_plain_line_asks_a_cluster_as_click_would(tmp_path: Path, line: str) -> None:
    ends = []
    for run in (program.run_plain, program.run_with_click):
        with Cluster() as server:
            config = tmp_path / "config"
            cluster = f"{{name: c, cluster: {{server: '{server.url}'}}}}"
            config.write_text(
                "current-context: c\ncontexts: [{name: c, context: {cluster: c}}]\n"
                f"clusters: [{cluster}]\n"
            )
            asking = session(KUBECONFIG=str(config))
            try:
                end: object = run(asking, line.split())
            except JoblabError as error:
                end = str(error)
            asked = sorted(str((one.path, one.query)) for one in server.requests)
        ends.append((end, *seen(asking, tmp_path / "nothing"), asked))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("line", LEFT)
def test_a_line_that_is_not_plain_is_left_to_click(line: str) -> None:
    untouched = session()
    assert program.run_plain(untouched, line.split(" ") if line else []) is None
    assert (untouched.flags, untouched.command) == ({}, "")


# ---- words alone


@pytest.mark.parametrize(
    "line", ["--version -n x", "show sleep -h", "check --help -o json", "list"]
)
def test_what_takes_more_than_words_is_not_answered_at_once(line: str) -> None:
    assert entry.answer(line.split()) is None
