"""The plugin installed in a folder on the PATH, and how its words are asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.cli import forking, installed
from tests.cli.conftest import PATIENCE, Home

ENTRY = """\
#!PYTHON -S
import sys

sys.path += MODULES
from kubectl_joblab.__main__ import main

main()
"""
KUBECTL = shutil.which("kubectl")
TRIES = 9  # in which even a busy machine gets to ask within the second that completion has


@dataclass(frozen=True)
class Words:
    """What was offered: words with what they mean, and cobra's directive."""

    found: dict[str, str]
    directive: int

    @property
    def names(self) -> list[str]:
        return list(self.found)


def plugin(folder: Path) -> Path:
    """The program, by the name that kubectl looks for."""
    folder.mkdir(exist_ok=True)
    file = folder / "kubectl-joblab"
    modules = repr(installed.path().split(os.pathsep))
    file.write_text(ENTRY.replace("PYTHON", sys.executable).replace("MODULES", modules), "utf-8")
    file.chmod(0o755)
    return file


def install(home: Home) -> Path:
    """The plugin in a folder of the home, and beside it the file that kubectl runs."""
    folder = home.folder / "bin"
    environ = home.environ({"PATH": with_path(folder)})
    subprocess.run(
        [plugin(folder), "completion", "install"], env=environ, check=True, capture_output=True
    )
    return folder


def with_path(folder: Path) -> str:
    return os.pathsep.join([str(folder), os.environ.get("PATH", "")])


@dataclass(frozen=True)
class Shell:
    """A home with the plugin installed, and how its words are asked for."""

    home: Home
    folder: Path
    through_kubectl: bool
    more: Mapping[str, str]

    def with_environ(self, **more: str) -> Shell:
        return replace(self, more={**self.more, **more})

    @property
    def environ(self) -> dict[str, str]:
        return self.home.environ({"PATH": with_path(self.folder), **self.more})

    def start(self, typed: Sequence[str]) -> subprocess.Popen[str]:
        """Ask what the last of these words may become."""
        direct = [str(self.folder / "kubectl_complete-joblab")]
        asked = ["kubectl", "__complete", "joblab"] if self.through_kubectl else direct
        return subprocess.Popen(
            [*asked, *typed],
            cwd=self.home.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def offered(self, *typed: str) -> Words:
        if self.through_kubectl:
            return read(self.start(typed))
        args, cwd = ["__complete", *typed], self.home.folder
        done = forking.run(args, cwd=cwd, env=self.environ, timeout=PATIENCE)
        return words(done.stdout.decode(), done.stderr.decode(), done.returncode)

    def after(self, line: str) -> Words:
        """What is offered behind a line; the word to complete is what follows its last blank."""
        return self.offered(*line.split(" "))

    def in_the_end(self, line: str) -> Words:
        """The same for words that are there: a busy machine may take more than its second."""
        tries = (self.after(line) for _ in range(TRIES))
        return next((found for found in tries if found.names), Words({}, 4))


def read(process: subprocess.Popen[str]) -> Words:
    """The answer of a process, when it has ended."""
    out, err = process.communicate(timeout=PATIENCE)
    return words(out, err, process.returncode)


def words(out: str, err: str, code: int) -> Words:
    """The answer; nothing has gone wrong that anybody would see."""
    said = [
        line for line in err.splitlines() if not line.startswith(("[Debug]", "Completion ended"))
    ]
    assert (code, said) == (0, [])
    *lines, last = out.splitlines()
    assert last.startswith(":")
    return Words(dict(line.partition("\t")[::2] for line in lines), int(last[1:]))
