"""How far the cluster's clock was set ahead: a row beside the objects, of no kind that is served.

So the checksum, the counter and the sync that hold for objects hold for it, and it goes where they
go. It is written before the jump, hence the disk never has what was written later without it.
cluster.py hands both functions to the clock.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.movable import UNMOVED, Jump, Moved

KEY = Key("clock.kubectl-joblab", "", "clock")


def kept(store: Store) -> Moved:
    """How far the clock of a cluster was set ahead; not at all where it never was."""
    row = store.get(KEY)
    if row is None:
        return UNMOVED
    journal = tuple(Jump(since, ahead) for since, ahead in row["journal"])
    return Moved(row["ahead"], row["auto"], journal)


def keep(store: Store, moved: Moved) -> None:
    """Write it; StatusError where that is not possible."""
    journal = [list(jump) for jump in moved.journal]
    row: Object = {"metadata": {}, "ahead": moved.ahead, "auto": moved.auto, "journal": journal}
    store.put(KEY, row)
