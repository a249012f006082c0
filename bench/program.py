"""Finds or builds the programs that are measured: the folder build and the wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE")
FOLDERS = ("kubectl_joblab", "manifests")


def folder_build(into: Path) -> Path | None:
    """The executable that JOBLAB_EXECUTABLE names, else that of the newest archive in dist.

    The archive is unpacked into the folder `into`. None where there is no archive for this system.
    """
    if given := os.environ.get("JOBLAB_EXECUTABLE"):
        return Path(given)
    archives = sorted((ROOT / "dist").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    builds = [path for path in archives if sysconfig.get_platform().partition("-")[0] in path.name]
    if not builds:
        return None
    with tarfile.open(builds[-1]) as archive:
        archive.extractall(into)
    return next(path for path in into.rglob("kubectl-joblab") if path.is_file())


def wheel(into: Path) -> Path:
    """The command as pip installs it from a wheel that is built of this checkout.

    It is in a venv of its own below `into`, which sees the packages of this environment too.
    """
    source, built = into / "source", into / "wheel"
    source.mkdir()
    for name in FILES:  # built from a copy, because a build leaves files in its folder
        shutil.copy(ROOT / name, source)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    python = [sys.executable, "-m"]
    _run(*python, "build", "--wheel", "--no-isolation", "--outdir", str(built), str(source))
    (file,) = built.glob("*.whl")
    venv = into / "venv"
    _run(*python, "venv", "--without-pip", str(venv))
    packages = next(venv.glob("lib/python*/site-packages"))
    _run(*python, "pip", "--quiet", "--python", str(venv), "install", "--no-deps", str(file))
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return venv / "bin" / "kubectl-joblab"


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
