"""The clock that is kept with the objects: as far ahead as it was, at no cost that grows."""

from __future__ import annotations

from pathlib import Path

from kubectl_joblab.practice.api.storage import history, timekeeping
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice import virtual


def test_a_clock_is_as_far_ahead_as_it_was_when_its_file_is_opened_again(tmp_path: Path) -> None:
    async def main(clock: virtual.VirtualClock) -> None:
        store = Store(tmp_path / "db")
        first = timekeeping.clock(clock, store)
        first.jump(10)
        await clock.sleep(5)
        first.jump(20)
        first.auto = True
        store.close()
        again = timekeeping.clock(clock, Store(tmp_path / "db"))
        assert (again.ahead, again.auto, again.journal) == (30, True, first.journal)
        assert again.now() == first.now()

    virtual.run(main)


def test_what_is_remembered_of_each_jump_holds_the_others_once() -> None:
    async def main(base: virtual.VirtualClock) -> None:
        store = Store()
        clock = timekeeping.clock(base, store)
        for _ in range(3):
            clock.jump(1)
        rows = [change.new for change in store.history.since(history.CLOCK, 0)]
        assert all(row is not None for row in rows)
        found = [one for row in rows if row for one in row["journal"]]
        assert len(found) == 6
        assert len({id(one) for one in found}) == 3

    virtual.run(main)
