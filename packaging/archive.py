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
import shutil
import sys
import sysconfig
import tarfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "kubectl-joblab"
# krew's names for what platform.machine() and sys.platform say
MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}
# in the build's environment, but not in the bundle
_BUILDERS = (
    "pip",
    "pyinstaller",
    "pyinstaller-hooks-contrib",
    "setuptools",
    "altgraph",
    "packaging",
)


def main(folder: str, dist: str) -> None:
    """Add the licences to the folder, pack it, say the archive's path."""
    at = Path(folder)
    add_licences(at)
    sys.stdout.write(f"{pack(at, Path(dist))}\n")


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


# ---- licences


def add_licences(folder: Path) -> None:
    """LICENSE is ours; LICENSES/ holds those of Python and of every bundled distribution."""
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")
    target = folder / "LICENSES"
    shutil.rmtree(target, ignore_errors=True)
    python = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    _write(target / "python" / "LICENSE.txt", python.read_text("utf-8"))
    for distribution in metadata.distributions():
        name = distribution.name
        if name.lower() in (*_BUILDERS, NAME):
            continue
        for file, text in _texts(distribution):
            _write(target / name / file, text)


def _texts(distribution: metadata.Distribution) -> Iterator[tuple[str, str]]:
    """The licence files of a distribution; what its metadata says where it ships none."""
    found = False
    for path in distribution.files or ():
        in_metadata = ".dist-info" in path.parts[0]
        if in_metadata and path.name.upper().startswith(("LICEN", "COPYING", "NOTICE", "AUTHORS")):
            found = True
            yield path.name, Path(str(distribution.locate_file(path))).read_text("utf-8", "replace")
    if not found:
        meta = distribution.metadata
        stated = meta.get("License-Expression") or meta.get("License") or ""
        classified = [c for c in meta.get_all("Classifier") or [] if c.startswith("License")]
        yield (
            "LICENSE",
            "\n".join([f"{distribution.name} {distribution.version}", stated, *classified]),
        )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.rstrip("\n") + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
