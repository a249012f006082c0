"""The wheel and the sdist of `make build`, in empty environments: the tool that the archive is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
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


@pytest.mark.parametrize(
    ("install", "package"),
    [(by_pip, WHEEL), (by_pip, SDIST), (by_pipx, WHEEL)],
    ids=["the wheel by pip", "the sdist by pip", "the wheel by pipx"],
)
def test_it_is_the_same_tool(
    install: Callable[[Path, Path], Path], package: str, plugin: Path, tmp_path: Path
) -> None:
    command = install(built(package), tmp_path / "environment")
    at = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    at["KUBECONFIG"] = str(tmp_path / "kubeconfig")

    for words in COMMANDS:
        assert run(command, *words.split(), **at) == run(plugin, *words.split(), **at)

    try:
        assert "3 passed." in run(command, "start", "echo", **at).splitlines()
    finally:
        run(command, "practice", "down", "--wipe", **at)
