"""How far the cluster's clock was set ahead: a row beside the objects, of no kind that is served.

So the checksum, the counter and the sync that hold for objects hold for it, and it goes where they
go. It is written before the jump, hence the disk never has what was written later without it.
"""

from __future__ import annotations

from functools import partial

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.storage import history
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.clock import TimeSource
from kubectl_joblab.practice.movable import UNMOVED, Jump, MovableClock, Moved

_KEY = Key(history.CLOCK, "", "clock")


def clock(base: TimeSource, store: Store) -> MovableClock:
    """The clock of the cluster whose objects are in this store, as far ahead as it was left."""
    return MovableClock(base, _kept(store), partial(_keep, store))


def _kept(store: Store) -> Moved:
    row = store.get(_KEY)
    if row is None:
        return UNMOVED
    journal = tuple(Jump(since, ahead) for since, ahead in row["journal"])
    return Moved(row["ahead"], row["auto"], journal)


def _keep(store: Store, moved: Moved) -> None:
    # the history keeps many of these rows, which share their jumps
    journal = moved.journal
    row: Object = {"metadata": {}, "ahead": moved.ahead, "auto": moved.auto, "journal": journal}
    store.put(_KEY, row)
