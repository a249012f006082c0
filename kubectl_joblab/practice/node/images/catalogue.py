"""The images that a practice cluster has: names that stand for tools of this machine.

The table is data: an entry says which names and tags are known, what the image runs by itself, and
which of the machine's tools it needs. Any other image, and one whose tools are not on this machine,
is not found, as in a registry. Policies and back-off of pulls are in pull.py.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kubectl_joblab.practice.node.images.reference import Reference
from kubectl_joblab.practice.node.process.program import DEFAULT_PATH

# As the entrypoints of official images: arguments that begin with an option are the program's.
_DOCKER_ENTRYPOINT = 'case "$1" in -*) set -- bash "$@";; esac; exec "$@"'
PAUSE = "trap 'exit 0' INT TERM; while :; do sleep 3600 & wait $!; done"


@dataclass(frozen=True)
class KnownImage:
    """An entry of the table.

    names: in full. tags: a regular expression. needs: the tool without which this machine does not
    have the image. tiny: whether the image has nothing but busybox.
    """

    names: tuple[str, ...]
    tags: str
    command: tuple[str, ...]
    entrypoint: tuple[str, ...] = ()
    needs: str = "sh"
    tiny: bool = False


TABLE = (
    KnownImage(
        (
            "docker.io/library/busybox",
            "public.ecr.aws/docker/library/busybox",
            "quay.io/quay/busybox",
            "registry.k8s.io/busybox",
            "registry.k8s.io/e2e-test-images/busybox",
        ),
        r"(latest|stable|unstable|1|1\.(2[4-9]|3[0-7])(\.\d)?(-\d)?|glibc|musl|uclibc)"
        r"(-(glibc|musl|uclibc))?",
        ("sh",),
        tiny=True,
    ),
    KnownImage(
        ("docker.io/library/alpine", "public.ecr.aws/docker/library/alpine"),
        r"latest|edge|3|3\.(9|1\d|2[0-3])(\.\d+)?",
        ("/bin/sh",),
        tiny=True,
    ),
    KnownImage(
        ("docker.io/library/bash", "public.ecr.aws/docker/library/bash"),
        r"(latest|devel|4|4\.\d|5|5\.[0-3](\.\d+)?)(-alpine\d\.\d+)?",
        ("bash",),
        ("sh", "-c", _DOCKER_ENTRYPOINT, "docker-entrypoint.sh"),
        needs="bash",
    ),
    KnownImage(
        ("docker.io/library/debian", "public.ecr.aws/docker/library/debian"),
        r"(latest|stable|oldstable|testing|sid|(1[0-3])(\.\d+)?|buster|bullseye|bookworm|trixie)"
        r"(-slim)?",
        ("bash",),
        needs="bash",
    ),
    KnownImage(
        ("docker.io/library/ubuntu", "public.ecr.aws/docker/library/ubuntu"),
        r"latest|rolling|(1[68]|2[0246])\.04|2[0-5]\.10|bionic|focal|jammy|noble|resolute",
        ("/bin/bash",),
        needs="bash",
    ),
    KnownImage(
        ("docker.io/library/perl", "public.ecr.aws/docker/library/perl"),
        r"(latest|stable|devel|slim|5|5\.[1-4]\d(\.\d)?)"
        r"(-(slim|threaded|bullseye|bookworm|trixie))*",
        ("perl", "-de0"),
        needs="perl",
    ),
    KnownImage(
        ("docker.io/library/python", "public.ecr.aws/docker/library/python"),
        r"(latest|slim|alpine|3|3\.([89]|1[0-5])(\.\d+)?)"
        r"(-(slim|alpine|alpine3\.\d+|bullseye|bookworm|trixie))*",
        ("python3",),
        needs="python3",
    ),
    KnownImage(
        ("registry.k8s.io/pause", "k8s.gcr.io/pause", "gcr.io/google_containers/pause"),
        r"latest|\d\.\d+(\.\d+)?",
        (),
        ("sh", "-c", PAUSE),
    ),
)


@dataclass(frozen=True)
class Image:
    """An image that this machine has.

    size: in bytes. busybox: the path of the tool where the image has nothing else; other images
    have the machine's programs. python: the folder of a Python that lies apart from these programs.
    """

    reference: str
    id: str
    size: int
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    busybox: str = ""
    python: str = ""


@dataclass(frozen=True)
class Tools:
    """The paths of this machine's tools, each "" where the machine does not have it."""

    busybox: str
    bash: str
    perl: str
    python: str

    @classmethod
    def of_machine(cls, which: Callable[[str], str | None] = shutil.which) -> Tools:
        """Find the tools of this machine."""
        return cls(which("busybox") or "", which("bash") or "", which("perl") or "", _python(which))

    def has(self, name: str) -> bool:
        """Whether the machine has what an image needs."""
        if name == "sh":
            return bool(self.busybox or self.bash)
        return bool({"bash": self.bash, "perl": self.perl, "python3": self.python}[name])


def _python(which: Callable[[str], str | None]) -> str:
    """The Python that runs this, not its virtual environment; a frozen program looks for one."""
    if getattr(sys, "frozen", False):
        return which("python3") or ""
    return os.path.realpath(sys.executable)


def find(reference: Reference, tools: Tools) -> Image | None:
    """The image of this name; None where the machine has none."""
    for known in TABLE:
        if reference.name in known.names:
            tagged = not reference.digest and re.fullmatch(known.tags, reference.tag)
            return _image(reference, known, tools) if tagged and tools.has(known.needs) else None
    return None


def _image(reference: Reference, known: KnownImage, tools: Tools) -> Image:
    busybox = tools.busybox if known.tiny else ""
    tool = {"perl": tools.perl, "python3": tools.python, "bash": tools.bash}.get(known.needs)
    path, python = DEFAULT_PATH, ""
    if known.needs == "python3":
        folder = Path(tools.python).parent
        path = f"{folder}:{path}"
        python = "" if str(folder) in DEFAULT_PATH.split(":") else str(folder.parent)
    return Image(
        str(reference),
        "sha256:" + hashlib.sha256(str(reference).encode()).hexdigest(),
        os.path.getsize(busybox or tool or tools.busybox or tools.bash),
        known.entrypoint,
        known.command,
        (("PATH", path),),
        busybox,
        python,
    )


def names() -> list[str]:
    """The short names of all images in the table."""
    return sorted({known.names[0].rpartition("/")[2] for known in TABLE})


def present(tools: Tools) -> list[Image]:
    """The images that this machine has, each with its tag `latest`."""
    found = (find(Reference(known.names[0], "latest", ""), tools) for known in TABLE)
    return [image for image in found if image is not None]
