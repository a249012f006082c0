"""A power cut: what a client was told is on the disk, whatever else is lost."""

from __future__ import annotations

import asyncio
import errno
import shutil
from pathlib import Path

import pytest

from kubectl_joblab import files
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice import faults

WRITERS = 40


def _put(store: Store, name: str) -> Object:
    meta = {"name": name, "namespace": "n"}
    return store.put(Key("things", "n", name), {"metadata": meta})


def _after_power_cut(disk: faults.Disk) -> set[str]:
    """The names of the objects that are there when the power comes back."""
    assert disk.kept is not None
    copy = shutil.copytree(disk.kept, f"{disk.kept}-again", dirs_exist_ok=True)
    store = Store(Path(copy) / "db")
    found = {obj["metadata"]["name"] for obj in store.scan("things")}
    store.close()
    return found


def test_what_has_settled_survives_a_power_cut_and_many_share_a_sync(tmp_path: Path) -> None:
    (lived := tmp_path / "lived").mkdir()
    disk = faults.Disk(lived, tmp_path / "kept")
    store = Store(lived / "db", flush=disk.flush)
    found: dict[Path, set[str]] = {}

    async def write(writer: int) -> None:
        for number in range(3):
            name = f"{writer}-{number}"
            _put(store, name)
            await store.settled()
            assert disk.kept is not None
            if disk.kept not in found:
                found[disk.kept] = _after_power_cut(disk)
            assert name in found[disk.kept]

    async def main() -> None:
        await asyncio.gather(*map(write, range(WRITERS)))

    asyncio.run(main())
    store.close()
    assert len(store.scan("things")) == 3 * WRITERS
    assert disk.syncs <= 3 * 2  # the first alone, the others of a round together


def test_who_wrote_nothing_since_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    (lived := tmp_path / "lived").mkdir()
    disk = faults.Disk(lived, tmp_path / "kept")
    store = Store(lived / "db", flush=disk.flush)

    async def main() -> None:
        _put(store, "a")
        for _ in range(5):
            await store.settled()

    asyncio.run(main())
    store.close()
    assert disk.syncs == 1


def test_after_a_sync_that_failed_nothing_is_ever_said_to_be_kept(tmp_path: Path) -> None:
    failures = [OSError(errno.EIO, "Input/output error")]

    def flush(descriptor: int) -> None:
        if failures:
            raise failures.pop()
        files.flush(descriptor)

    store = Store(tmp_path / "db", flush=flush)

    async def main() -> None:
        for name in "ab":
            _put(store, name)
            with pytest.raises(StatusError) as refused:
                await store.settled()
            assert (refused.value.code, refused.value.reason) == (500, "InternalError")
            assert refused.value.message == (
                f"Internal error occurred: write {tmp_path / 'db'}: input/output error"
            )

    asyncio.run(main())
    store.close()
