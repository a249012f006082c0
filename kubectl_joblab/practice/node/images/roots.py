"""The root file systems of images, put together from files of this machine.

A busybox image has busybox and nothing else, as the real one, and what official pages of Kubernetes
run in it where the machine's busybox lacks that. Any other image has the machine's programs,
its libraries and /etc, read-only, with bash or busybox for sh. No image has anything of anybody's
home. Where there are no namespaces, a folder with the image's programs stands first on PATH
instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from kubectl_joblab.practice.node.images.catalogue import Image, Tools
from kubectl_joblab.practice.node.process.messages import Root

_MACHINE = ("/bin", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/sbin", "/usr")
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_FOLDERS = (
    *(("/home", 0o755), ("/root", 0o700), ("/run", 0o755), ("/tmp", 0o1777)),  # noqa: S108
    *(("/var", 0o755), ("/var/tmp", 0o1777)),  # noqa: S108 -- a container's own
)
_TINY_FOLDERS = (("/etc", 0o755), ("/usr", 0o755))
# programs of the image that a distribution's busybox may lack; Debian's does
_LACKING = {
    "printenv": """\
#!/bin/sh
[ $# = 0 ] && exec env
exec awk 'BEGIN {
  for (i = 1; i < ARGC; i++) if (ARGV[i] in ENVIRON) print ENVIRON[ARGV[i]]; else lacks = 1
  exit lacks
}' "$@"
""",
}
_USERS = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
_GROUP = "root:x:0:\nnogroup:x:65534:\n"


class Roots:
    """Puts roots together. folder: keeps what images are made of."""

    def __init__(self, folder: Path, tools: Tools) -> None:
        self.folder = folder
        self._tools = tools

    def prepare(self) -> None:
        """Write what busybox images are made of, so that no container need wait for it."""
        if self._tools.busybox:
            self._busybox()

    def root(self, image: Image) -> Root:
        """The root file system of an image."""
        return self._tiny() if image.busybox else self._machine(image)

    def programs(self, image: Image) -> Path:
        """A folder with the programs that only the image has, to stand first on PATH."""
        return self._busybox() if image.busybox else self._shell()

    def _tiny(self) -> Root:
        binds = [(str(self._busybox()), "/bin", False)]
        binds += [(str(self.folder / name), f"/etc/{name}", False) for name in ("passwd", "group")]
        found = Root(_TINY_FOLDERS + _FOLDERS, (), tuple(binds))
        if not _needs_libraries(self._tools.busybox):
            return found
        links, more = _of_machine(_LIBRARIES)
        return Root(found.folders, tuple(links), (*more, *found.binds))

    def _machine(self, image: Image) -> Root:
        links, binds = _of_machine(_MACHINE)
        sh, shell = os.path.realpath("/bin/sh"), self._tools.bash or self._tools.busybox
        if os.path.realpath(shell) != sh:
            binds.append((os.path.realpath(shell), sh, False))
        if image.python:
            binds.append((image.python, image.python, False))
        return Root(_FOLDERS, tuple(links), tuple(binds))

    def _busybox(self) -> Path:
        """The folder of busybox under all its names, which is made when it is first needed."""
        folder, busybox = self.folder / "busybox", Path(self._tools.busybox)
        there = folder / "busybox"
        if not there.exists() or there.stat().st_mtime != busybox.stat().st_mtime:
            self._lay_out(folder, busybox)
        for name, script in _LACKING.items():
            if not (folder / name).exists():
                (folder / name).write_text(script)
                (folder / name).chmod(0o755)
        return folder

    def _lay_out(self, folder: Path, busybox: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        listed = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)  # noqa: S603
        for name in listed.stdout.split():
            if name != "busybox":
                (folder / name).symlink_to("busybox")
        (self.folder / "passwd").write_text(_USERS)
        (self.folder / "group").write_text(_GROUP)
        shutil.copy2(busybox, folder / "busybox")

    def _shell(self) -> Path:
        """A folder that has nothing but sh, which is bash or busybox."""
        folder = self.folder / "shell"
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "sh").symlink_to(self._tools.bash or self._tools.busybox)
        return folder


def _of_machine(
    paths: tuple[str, ...],
) -> tuple[list[tuple[str, str]], list[tuple[str, str, bool]]]:
    """The links and binds by which a container has these paths of the machine."""
    links, binds = [], []
    for path in paths:
        if os.path.islink(path):
            links.append((path, os.readlink(path)))
        elif os.path.isdir(path):
            binds.append((path, path, False))
    return links, binds


def _needs_libraries(program: str) -> bool:
    """Whether a program is linked dynamically: the path of its loader is at its beginning."""
    with open(program, "rb") as file:
        return b"/ld-" in file.read(4096)
