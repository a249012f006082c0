"""Builds and installs the clients, each from its own registry, into one folder of programs.

They are built where they are missing, and client-go's program whenever its source has changed. It
needs Go, node and npm.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HELM = "helm.sh/helm/v4/cmd/helm@v4.3.1"


class MissingError(Exception):
    """A program that builds or runs a client is not on this machine."""


def install(folder: Path) -> Path:
    """Have all clients as programs in a folder, and return the folder of the programs.

    Raises MissingError where Go, node or npm are missing, CalledProcessError where a build fails.
    """
    for needed in ("go", "node", "npm"):
        if shutil.which(needed) is None:
            raise MissingError(f"{needed} is needed to build the clients, and is not there")
    programs = folder / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    _run("go", "build", "-o", str(programs / "clients"), ".", cwd=HERE / "go")
    if not (programs / "helm").exists():
        _run("env", f"GOBIN={programs}", "go", "install", HELM, cwd=folder)
    node = folder / "node"
    node.mkdir(exist_ok=True)
    for source in (HERE / "node").iterdir():
        shutil.copy(source, node)
    _run("npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", cwd=node)
    _script(programs / "node-client", "node", str(node / "client.js"))
    module = "tests.clients.python_client"
    _script(programs / "python-client", "env", f"PYTHONPATH={ROOT}", sys.executable, "-m", module)
    return programs


def _run(*command: str, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True)


def _script(path: Path, *command: str) -> None:
    """Write a program that runs a command with its own arguments."""
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
