"""Faults of a disk: a bit that has changed, a power cut, and a disk that is full."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl_joblab import files


def flip(path: Path, bit: int) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def flipped(folder: Path, copy: Path, trials: int, seed: int = 0) -> Iterator[tuple[Path, int]]:
    """Copies of a folder, one after another in one place, each with one bit of a file changed.

    Yields which file it is, and which bit: any of any file that has some, as `seed` has it.
    """
    chance = random.Random(seed)
    names = sorted(path.name for path in folder.iterdir() if path.stat().st_size)
    for _ in range(trials):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        path = copy / chance.choice(names)
        bit = chance.randrange(path.stat().st_size * 8)
        flip(path, bit)
        yield path, bit


class Disk:
    """A disk that takes its time to sync, and what a power cut would leave of a folder on it.

    Its flush goes to a Store. kept: a copy of the folder as it was when the last sync began, which
    is what the disk has for sure. syncs: how many there were.
    """

    def __init__(self, folder: Path, copies: Path, *, seconds: float = 0.0) -> None:
        self.kept: Path | None = None
        self.syncs = 0
        self._folder = folder
        self._copies = copies
        self._seconds = seconds

    def flush(self, descriptor: int) -> None:
        """Sync a file of the folder, as files.flush does."""
        copy = self._copies / str(self.syncs + 1)
        shutil.copytree(self._folder, copy)
        files.flush(descriptor)
        time.sleep(self._seconds)
        self.syncs += 1
        self.kept = copy


def fill(folder: Path) -> Path:
    """Write a file that takes all that is left of the file system; delete it to free the space."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return path


def on_small_disk(folder: Path, kib: int, function: str) -> str:
    """Call `function`, of the form "module:name", with a folder that has so little space.

    It runs in a process of its own, in a namespace where a tmpfs is mounted. Returns what it
    prints. Skips the test where this machine has no such namespaces.
    """
    module, _, name = function.partition(":")
    call = (
        f"import sys; from pathlib import Path; from {module} import {name}; "
        f"{name}(Path(sys.argv[1]))"
    )
    mount = f'mount -t tmpfs -o size={kib}k,mode=700 none "$1" || exit 77; exec "$0" -c "$2" "$1"'
    done = subprocess.run(
        [
            *("unshare", "--user", "--map-root-user", "--mount"),
            *("sh", "-c", mount, sys.executable, folder, call),
        ],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77 or done.stderr.startswith("unshare"):
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    return done.stdout
