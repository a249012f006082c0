"""The wheel and the sdist of `make build`, in empty environments: the tool that the archive is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from kubectl_joblab import __version__
from tests.packaging.conftest import built

pytestmark = pytest.mark.package

WHEEL = f"kubectl_joblab-{__version__}-py3-none-any.whl"
SDIST = f"kubectl_joblab-{__version__}.tar.gz"
COMMANDS = (
    "--version",
    "--help",
    "version --client",
    "list --client",
    "show retry --lang=ko",
    "scaffold retry -d -",
    "lab schema",
    "completion bash",
    "completion zsh",
    "completion fish",
)


def run(*words: str | Path, **more: str) -> str:
    """What a command prints; it has to succeed."""
    done = subprocess.run(
        words, env={**os.environ, **more}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def by_pip(package: Path, at: Path) -> Path:
    """The command that pip installs into an empty environment."""
    run(sys.executable, "-m", "venv", at)
    run(at / "bin/python", "-m", "pip", "install", "--quiet", "--no-compile", package)
    return at / "bin/kubectl-joblab"


def by_pipx(package: Path, at: Path) -> Path:
    """The command that pipx installs; pipx is in an environment of its own."""
    run(sys.executable, "-m", "venv", at / "of-pipx")
    run(at / "of-pipx/bin/python", "-m", "pip", "install", "--quiet", "pipx")
    home, commands = at / "home", at / "bin"
    run(
        at / "of-pipx/bin/pipx",
        "install",
        package,
        PIPX_HOME=str(home),
        PIPX_BIN_DIR=str(commands),
        PIPX_MAN_DIR=str(at / "man"),
        PIPX_DEFAULT_PYTHON=sys.executable,
    )
    return commands / "kubectl-joblab"


WAYS = {
    "the wheel by pip": (by_pip, WHEEL),
    "the sdist by pip": (by_pip, SDIST),
    "the wheel by pipx": (by_pipx, WHEEL),
}


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Path]]]:
    """What each way installs, all begun at once: mostly they wait for the network."""
    with ThreadPoolExecutor() as pool:
        yield {
            way: pool.submit(install, built(package), tmp_path_factory.mktemp("environment"))
            for way, (install, package) in WAYS.items()
        }


@pytest.mark.parametrize("way", WAYS)
def test_it_is_the_same_tool(
    way: str, commands: Mapping[str, Future[Path]], plugin: Path, tmp_path: Path
) -> None:
    command = commands[way].result()
    at = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    at["KUBECONFIG"] = str(tmp_path / "kubeconfig")

    for words in COMMANDS:
        assert run(command, *words.split(), **at) == run(plugin, *words.split(), **at)

    try:
        assert "3 passed. Task 4 is optional." in run(command, "start", "echo", **at).splitlines()
    finally:
        run(command, "practice", "down", "--wipe", **at)
