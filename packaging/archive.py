"""Packs the folder build: dist/kubectl-joblab_vX.Y.Z_OS_ARCH.tar.gz and its .sha256.

`make build` runs it with the Python of the build's own environment, whose installed distributions
are those that the folder build bundles. The same commit gives the same bytes: names sorted, no
owners, no times. krew refuses links, so each link is replaced by what it points to. This is a
script and `packaging` no package of ours, because a library has that name.

Usage: python packaging/archive.py FOLDER DIST
"""

from __future__ import annotations

import gzip
import hashlib
import io
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "kubectl-joblab"
# krew's names for the values of platform.machine() and sys.platform
MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}
# distributions of the build's environment that are not bundled; pyinstaller's start-up code is
_BUILDERS = ("pip", "pyinstaller-hooks-contrib", "setuptools", "altgraph", "packaging")


def main(folder: str, dist: str) -> None:
    """Add the licences to the folder, pack it, print the archive's path and the glibc it needs."""
    at = Path(folder)
    add_licences(at)
    sys.stdout.write(f"{pack(at, Path(dist))}\n")
    if needed := glibc(at):
        sys.stdout.write(f"needs glibc {needed}\n")


def archive_name() -> str:
    """kubectl-joblab_vX.Y.Z_OS_ARCH.tar.gz for the machine this runs on."""
    system, machine = SYSTEMS[sys.platform], MACHINES[platform.machine()]
    return f"{NAME}_v{metadata.version(NAME)}_{system}_{machine}.tar.gz"


def pack(folder: Path, dist: Path) -> Path:
    """The path of the archive of a folder, written into `dist`, with its sha256 beside it.

    The sha256 file has the form that `sha256sum --check` reads.
    """
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(folder.rglob("*"), key=lambda one: one.as_posix()):
            if path.is_file():
                _add(tar, path, f"{NAME}/{path.relative_to(folder).as_posix()}")
    dist.mkdir(parents=True, exist_ok=True)
    archive = dist / archive_name()
    archive.write_bytes(gzip.compress(raw.getvalue(), compresslevel=9, mtime=0))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n", "utf-8")
    return archive


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    content = path.read_bytes()
    member = tarfile.TarInfo(name)
    member.size = len(content)
    executable = path.stat().st_mode & 0o100 or path.suffix == ".exe"
    member.mode = 0o755 if executable else 0o644
    tar.addfile(member, io.BytesIO(content))


def glibc(folder: Path) -> str:
    """The newest version of glibc that a program or library of the folder needs; "" for none."""
    found = {
        tuple(int(part) for part in version.split(b"."))
        for path in folder.rglob("*")
        if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"
        for version in re.findall(rb"\0GLIBC_(\d+(?:\.\d+)+)(?=\0)", path.read_bytes())
    }
    return ".".join(str(part) for part in max(found)) if found else ""


# ---- licences


def add_licences(folder: Path) -> None:
    """Add our LICENSE to the folder, and in LICENSES/ those of all that is bundled with Python."""
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")
    target = folder / "LICENSES"
    shutil.rmtree(target, ignore_errors=True)
    _write(target / "python" / "LICENSE.txt", _python())
    for distribution in metadata.distributions():
        if distribution.name.lower() not in (*_BUILDERS, NAME):
            for file, text in _texts(distribution):
                _write(target / distribution.name / file, text)
    for package, text in _of_system(path.name for path in folder.rglob("lib*.so*")):
        _write(target / package / "copyright", text)


def _python() -> str:
    """Python's licence, which names those of its libraries; its place depends on the system."""
    places = Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix)
    found = next(path for place in places if (path := place / "LICENSE.txt").exists())
    return found.read_text("utf-8")


def _texts(distribution: metadata.Distribution) -> Iterator[tuple[str, str]]:
    """Names and texts of a distribution's licence files; its metadata's words if it has none."""
    found = False
    for path in distribution.files or ():
        in_metadata = ".dist-info" in path.parts[0]
        if in_metadata and path.name.upper().startswith(("LICEN", "COPYING", "NOTICE", "AUTHORS")):
            found = True
            name = Path(*path.parts[1:]).as_posix().removeprefix("licenses/")
            yield name, Path(str(distribution.locate_file(path))).read_text("utf-8", "replace")
    if not found:
        meta = distribution.metadata
        stated = next((meta[key] for key in ("License-Expression", "License") if key in meta), "")
        classified = [c for c in meta.get_all("Classifier") or [] if c.startswith("License")]
        yield (
            "LICENSE",
            "\n".join([f"{distribution.name} {distribution.version}", stated, *classified]),
        )


def _of_system(libraries: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names and licences of the system's packages that these libraries are from, if dpkg knows."""
    if (dpkg := shutil.which("dpkg-query")) is None:
        return
    words = [dpkg, "--search", *(f"*/{name}" for name in libraries)]
    said = subprocess.run(words, capture_output=True, text=True, check=False).stdout  # noqa: S603
    for package in sorted({line.partition(":")[0] for line in said.splitlines()}):
        path = Path("/usr/share/doc", package, "copyright")
        if path.exists():
            yield package, path.read_text("utf-8", "replace")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.rstrip("\n") + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
