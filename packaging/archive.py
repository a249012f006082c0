"""Packs the folder build: dist/kubectl-joblab_vX.Y.Z_OS_ARCH.tar.gz and its .sha256.

`make build` runs it with the Python of the build's own environment, whose installed distributions
are what is bundled. The same commit gives the same bytes: names sorted, no owners, no times. krew
refuses links, so what links point to is packed in their place. A script, not a package: `packaging`
is also the name of a library.

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
# krew's names for what platform.machine() and sys.platform say
MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}
# in the build's environment, but not in the bundle, other than what starts it, pyinstaller's
_BUILDERS = ("pip", "pyinstaller-hooks-contrib", "setuptools", "altgraph", "packaging")


def main(folder: str, dist: str) -> None:
    """Add the licences to the folder, pack it, say the archive's path and what it needs."""
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
    """The archive of a folder, in `dist`, and beside it its sha256 as sha256sum writes it."""
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
    """The newest glibc that a program or library of the folder has a symbol of, if any has."""
    found = {
        tuple(int(part) for part in version.split(b"."))
        for path in folder.rglob("*")
        if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"
        for version in re.findall(rb"\0GLIBC_(\d+(?:\.\d+)+)(?=\0)", path.read_bytes())
    }
    return ".".join(str(part) for part in max(found)) if found else ""


# ---- licences


def add_licences(folder: Path) -> None:
    """LICENSE is ours; LICENSES/ holds those of Python and of all else that is bundled."""
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
    """Python's own, which names those of what it contains; where it lies depends on the system."""
    places = Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix)
    found = next(path for place in places if (path := place / "LICENSE.txt").exists())
    return found.read_text("utf-8")


def _texts(distribution: metadata.Distribution) -> Iterator[tuple[str, str]]:
    """The licence files of a distribution; what its metadata says where it ships none."""
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
    """The licences of the system's packages that libraries are of, where dpkg knows them."""
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
