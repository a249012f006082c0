"""How much of the disk a Pod uses: its emptyDirs, and what its containers write and log.

The Pod worker asks for it, the eviction manager compares it with the Pod's limits. Follows
makePodStorageStats in pkg/kubelet/stats/cri_stats_provider.go, as far as a Pod here has parts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node import attempts
from kubectl_joblab.practice.node.eviction import Usage
from kubectl_joblab.practice.node.folder import Folder

_BLOCK = 512  # bytes, of st_blocks on every system


def measure(pod: Object, folder: Folder, written: Mapping[str, Callable[[], int]]) -> Usage:
    """What a Pod uses now.

    written: by container, what tells the bytes that it has written outside of volumes.
    """
    empty = [one["name"] for one in objects.spec(pod).get("volumes") or () if "emptyDir" in one]
    volumes = {name: used(folder.volumes / name) for name in empty}
    names = [one["name"] for one in attempts.all_containers(pod)]
    containers = {name: used(folder.logs(name)) for name in names}
    for name, tell in written.items():
        containers[name] += tell()
    return Usage(volumes, containers)


def used(folder: Path) -> int:
    """The bytes that a folder takes on its disk, as du counts them: a file of two names once."""
    blocks = {(one.st_dev, one.st_ino): one.st_blocks for one in _files(str(folder))}
    return sum(blocks.values()) * _BLOCK


def _files(folder: str) -> Iterator[os.stat_result]:
    with suppress(OSError), os.scandir(folder) as entries:  # it may go meanwhile
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(entry.path)
                else:
                    yield entry.stat(follow_symlinks=False)
