"""Another machine, as far as a program can tell: a root folder with a shell and without Python.

A shell is process 1 of namespaces of its own there, so its /proc shows all that runs, and nothing
outlives it.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.e2e.place import PATIENCE, Outcome

HOME = "/home/learner"
_SETUP = """
set -e
mount --rbind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
cd "$1"
shift
pivot_root . old
exec /bin/busybox chroot . /bin/sh -c 'umount -l /old; echo ready; exec "$@"' sh "$@"
"""
_NAMESPACES = ["--mount", "--pid", "--fork", "--kill-child"]
_AS_ROOT = ["--user", "--map-root-user"]


class CannotRunError(Exception):
    """This user may not have such a machine here; the message is the reason."""


def needs(folder: Path, program: Path) -> dict[str, Path]:
    """The system's libraries, by name, that a folder build is linked to.

    Its libraries find each other in their folder; the program itself finds the system's alone.
    """
    bundle = folder / "_internal"
    bundled = [path for path in bundle.rglob("*") if is_elf(path)]
    environ = {**os.environ, "LD_LIBRARY_PATH": str(bundle)}
    found = [*_linked([program], os.environ), *_linked(bundled, environ)]
    return {path.name: path for path in found if not path.is_relative_to(bundle)}


def _linked(files: Iterable[Path], environ: Mapping[str, str]) -> list[Path]:
    said = subprocess.run(["ldd", *files], env=environ, capture_output=True, text=True, check=True)
    assert "not found" not in said.stdout
    return [Path(at) for at in re.findall(r"^\t(?:\S+ => )?(/.*) \(0x", said.stdout, re.MULTILINE)]


def is_elf(path: Path) -> bool:
    """Whether it is a program or a library of Linux."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def make(root: Path, libraries: Iterable[Path]) -> None:
    """Fill an empty folder: busybox, these libraries at their places, nothing else."""
    busybox = shutil.which("busybox")
    if busybox is None:
        raise CannotRunError("needs busybox")
    for folder in ("bin", "dev", "etc", "old", "proc", "tmp", HOME[1:]):
        (root / folder).mkdir(parents=True)
    (root / "etc/passwd").write_text(f"root:x:0:0:root:{HOME}:/bin/sh\n")
    shutil.copy(busybox, root / "bin/busybox")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    for applet in applets.stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    for library in libraries:
        target = root / library.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)


class Machine:
    """One that runs. Commands are run one after another."""

    def __init__(self, root: Path, shell: subprocess.Popen[str]) -> None:
        self._root = root
        self._shell = shell

    def run(self, line: str) -> Outcome:
        """Run a command line until it ends."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(
            f"sh -c {shlex.quote(line)} </dev/null >/tmp/out 2>/tmp/err; echo $?\n"
        )
        self._shell.stdin.flush()
        if not select.select([self._shell.stdout], [], [], PATIENCE)[0]:
            self._shell.kill()
            raise AssertionError(f"still running: {line}")
        code = int(self._shell.stdout.readline())
        out, err = ((self._root / "tmp" / name).read_text("utf-8") for name in ("out", "err"))
        return Outcome(line, code, out, err)

    def processes(self) -> list[str]:
        """The names of all that runs, what lists them included."""
        return sorted(self.run("ps -o comm").expect(0).out.splitlines())


@contextlib.contextmanager
def boot(root: Path, path: str) -> Iterator[Machine]:
    """Have a machine of this root run, with this PATH; all that runs there ends with it."""
    command = [*_unshare(), "sh", "-c", _SETUP, "sh", str(root)]
    command += ["env", "-i", f"HOME={HOME}", f"PATH={path}", "sh"]
    shell = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with shell:
        assert shell.stdout is not None
        assert shell.stderr is not None
        if shell.stdout.readline() != "ready\n":
            raise CannotRunError(shell.stderr.read().strip())
        yield Machine(root, shell)


def _unshare() -> list[str]:
    """unshare with what this user may have."""
    unshare = shutil.which("unshare")
    if unshare is None:
        raise CannotRunError("needs unshare")
    for options in (_NAMESPACES, [*_AS_ROOT, *_NAMESPACES]):
        command = [unshare, *options]
        tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
        if not tried.returncode:
            return command
    raise CannotRunError(tried.stderr.strip())
