"""No command pays for what it does not use: modules that a command line must not import.

Each command line is run in a process of its own, because this one has imported everything already.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_server import Answer, Server
from tests.cli import installed

# what takes a millisecond or more to import, and what only some commands need
HEAVY = {
    *("aiohttp", "asyncio", "cryptography", "google", "jsonschema", "kubernetes", "platformdirs"),
    *("requests", "tabulate", "urllib3", "durationpy"),
    *("email.mime", "fractions", "importlib.metadata", "importlib.resources"),
    *("logging", "multiprocessing", "optparse", "shutil", "subprocess", "tempfile", "textwrap"),
    *("unicodedata", "urllib.request", "xml", "kubectl_joblab.practice"),
}
NO_CLUSTER = {
    "click",
    "difflib",
    "yaml",
    "dataclasses",
    "inspect",
    "http",
    "ssl",
    "socket",
    "datetime",
}
NO_LAB = {"json", "re", "pathlib", "typing", "enum"}

LINES = {
    "--version": NO_CLUSTER | NO_LAB,
    "--help": NO_CLUSTER | NO_LAB,
    "check --help": NO_CLUSTER | NO_LAB,
    "help start": NO_CLUSTER | NO_LAB,
    "__complete sta": NO_CLUSTER | NO_LAB,
    "__complete check -o": NO_CLUSTER | NO_LAB,
    "__completeNoDesc sta": NO_CLUSTER | NO_LAB,
    "__complete check --wait --no-headers --plain -n labs --o": NO_CLUSTER | NO_LAB,
    "__complete start --variant=never --kubeconfig=": NO_CLUSTER | NO_LAB,
    "__complete show": NO_CLUSTER,
    "__complete show ": NO_CLUSTER,
    "__complete start parallelism --para": NO_CLUSTER,
    "__complete check --context=": {"click", "http", "ssl", "socket", "kubectl_joblab.labs"},
    "__complete check --namespace=": {"click", "kubectl_joblab.labs"},
    "list --client": NO_CLUSTER,
    "list --client --lang=ko": NO_CLUSTER,
    "show sleep": NO_CLUSTER,
    "scaffold sleep -d -": NO_CLUSTER,
    "version --client": {"yaml", "http", "ssl", "socket"},
    "check sleep": {
        "click",
        "dataclasses",
        "inspect",
        "yaml",
        "kubectl_joblab.evidence.follow",
        "kubectl_joblab.labs.definition.examination",
    },
    "check sleep -o json": {
        *("click", "dataclasses", "inspect", "yaml", "kubectl_joblab.evidence.follow"),
    },
    "check -A": {
        *("click", "dataclasses", "inspect", "yaml", "kubectl_joblab.evidence.follow"),
    },
    "status sleep": {"kubectl_joblab.evidence.follow"},
    "timeline job/sleep": {"kubectl_joblab.evidence.follow"},
    "timeline job/sleep -o svg": {"kubectl_joblab.evidence.follow"},
    "rerun job/sleep --name=again --dry-run=client": {"kubectl_joblab.evidence.follow"},
    "simulate -f none.yaml": {"http", "ssl"},
    "list": {"kubectl_joblab.evidence.follow"},
}
PROBE = """
import sys
from kubectl_joblab.cli import entry
entry.run(sys.argv[1:])
print("MODULES", *sorted(sys.modules), file=sys.stderr)
"""


# found by its name, and as the list of its Pods, of which there are none
JOB = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "sleep", "namespace": "default", "uid": "1"},
    "status": {"conditions": [{"type": "Complete", "status": "True"}]},
    "items": [],
}
# as kubectl writes one
KUBECONFIG = """\
apiVersion: v1
clusters:
- cluster:
    server: {url}
  name: c
contexts:
- context:
    cluster: c
    user: u
  name: c
current-context: c
kind: Config
"""


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cluster in which a Job is found."""
    with Server([Answer(JOB)] * 100) as server:
        path = tmp_path_factory.mktemp("home") / "config"
        path.write_text(KUBECONFIG.format(url=server.url), "utf-8")
        yield path


HELP = [line for line in LINES if "help" in line]


@pytest.mark.parametrize(
    ("line", "locale"), [*((line, "C") for line in LINES), *((line, "ko_KR") for line in HELP)]
)
def test_a_command_imports_nothing_it_does_not_use(
    tmp_path: Path, kubeconfig: Path, line: str, locale: str
) -> None:
    environ = {
        "PATH": "",
        "LC_ALL": locale,
        "HOME": str(tmp_path),
        "KUBECONFIG": str(kubeconfig),
        "PYTHONPATH": installed.path(),
    }
    probe = [sys.executable, "-S", "-c", PROBE]  # without what the venv imports itself
    done = subprocess.run(
        [*probe, *line.split(" ")],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    said, _, modules = done.stderr.partition("MODULES")
    assert "Traceback" not in said
    loaded = set(modules.split())
    unwanted = HEAVY | LINES[line]
    if "--lang=ko" in line:
        unwanted -= {"unicodedata"}  # for the width of Hangul
    assert not {name for name in loaded if any(_is(name, one) for one in unwanted)}


def _is(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}.")
