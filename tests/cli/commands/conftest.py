"""Commands in the process of the test, on a practice cluster in virtual time (tests/inprocess).

``REWRITE_GOLDEN=1 pytest tests/cli/commands`` writes the golden files beside the tests anew; look
at the difference then.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl_joblab.errors import ExitCode
from tests import golden
from tests.cli.conftest import MANIFESTS
from tests.golden import Screen
from tests.inprocess import labs, terminal
from tests.inprocess.cluster import Cluster

# how each lab is done, variant by variant; what lab 0 goes on with, do_basics does
RUNS = {
    "basics": "start basics",
    "sleep": "start sleep",
    "echo": "start echo",
    "yaml": "start yaml -f job.yaml",
    "retry-never": "start retry",
    "retry-onfailure": "start retry --variant=onfailure",
    "retry-recover": "start retry --variant=recover",
    "completions": "start completions",
    "parallelism": "start parallelism",
}
# of these, those whose Jobs are there when all is done
THERE = {name: line for name, line in RUNS.items() if name != "basics"}

# as `practice down` leaves a kubeconfig that has no other entries, and one that has
NO_CLUSTER = "{apiVersion: v1, kind: Config, clusters: [], contexts: [], current-context: ''}\n"
NO_CONTEXT = """\
{clusters: [{name: a, cluster: {server: 'https://a'}}], users: [],
contexts: [{name: a, context: {cluster: a}}], current-context: ''}
"""
_CONTAINER = re.compile("containerd://[0-9a-f]{64}")
# of objects: they are counted, and whatever the cluster makes first moves the others
_UID = re.compile("00000000-0000-4000-8000-[0-9a-f]{12}")
# an answer of the lab parallelism that fails one of its checks
TWO_AT_ONCE = MANIFESTS / "06-parallelism/cheats/two-at-once.yaml"


class Compare:
    """Compares the screens of command lines with the golden files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, cluster: Cluster, name: str, line: str) -> Screen:
        """Run a command line and compare its screen with NAME.txt."""
        screen = cluster.run(*line.split())
        self.text(name, f"$ kubectl joblab {line}\n{screen}")
        return screen

    def text(self, name: str, text: str) -> None:
        """Compare a text with NAME.txt, without the ids of containers and objects."""
        shown = _UID.sub("UID", _CONTAINER.sub("containerd://ID", text))
        golden.compare(self._folder / f"{name}.txt", shown)


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Compare:
    """With the folder golden beside the test."""
    return Compare(request.path.parent / "golden")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder to run in, with an answer of the lab yaml, and the size of a terminal."""
    answer(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(terminal.COLUMNS))
    monkeypatch.setenv("LINES", str(terminal.ROWS))


@pytest.fixture(autouse=True)
def remembered_labs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Joblab's own labs, which are read once."""
    labs.remember(monkeypatch)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A new cluster."""
    with Cluster(tmp_path) as made:
        yield made


@pytest.fixture
def done(all_done: Cluster) -> Iterator[Cluster]:
    """A cluster in which every lab was done, for commands that change nothing and do not wait."""
    before = all_done.clock.monotonic()
    yield all_done
    assert all_done.clock.monotonic() == before


@pytest.fixture(scope="session")
def all_done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The same for all tests: to do every lab takes as long as all their commands together."""
    folder = tmp_path_factory.mktemp("done")
    answer(folder)
    with Cluster(folder) as made:
        with pytest.MonkeyPatch.context() as place:  # no test after this one runs in the folder
            place.chdir(folder)
            do_basics(made)
            for line in THERE.values():
                assert made.run(*line.split()).code == 0
        yield made


def do_basics(cluster: Cluster) -> None:
    """Do lab 0, which ends with the deletion of its Job."""
    assert cluster.run("start", "basics").code == ExitCode.PENDING
    cluster.delete_with_kubectl("basics")
    cluster.sleep(3)
    assert cluster.run("check", "basics").code == 0


def answer(folder: Path) -> None:
    """Put an answer of the lab yaml into a folder."""
    shutil.copy(MANIFESTS / "03-yaml/solutions/list.yaml", folder / "job.yaml")
