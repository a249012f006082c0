"""The events that a watch tells of the store's changes.

The registry watches with it. Follows k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go: an
object that begins, or ceases, to match the selectors is told as added, or deleted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.selectors import Matcher
from kubectl_joblab.practice.api.storage import listing
from kubectl_joblab.practice.api.storage.history import Change
from kubectl_joblab.practice.api.storage.view import View

Item = TypeVar("Item")
INITIAL_EVENTS_END = "k8s.io/initial-events-end"


@dataclass(frozen=True)
class WatchEvent:
    """One event of a watch. type: ADDED, MODIFIED, DELETED or BOOKMARK.

    text: the object as it is stored, where it was not parsed; object is empty then.
    """

    type: str
    object: Object
    text: bytes = b""

    def parsed(self) -> WatchEvent:
        """The event with its object."""
        return WatchEvent(self.type, json.loads(self.text)) if self.text else self


def revision(resource_version: str) -> int:
    """The revision after which a watch begins; 0 for "", which asks for all that exists."""
    try:
        return listing.numbered(resource_version)
    except ValueError as error:
        raise errors.StatusError(500, "", str(error)) from error


def told(change: Change, matches: Callable[[Object], bool] | None) -> WatchEvent | None:
    """The event that a watch with these selectors tells of a change; None for none."""
    was = change.old is not None and (matches is None or matches(change.old))
    now = change.new is not None and (matches is None or matches(change.new))
    if was and now:
        return WatchEvent("MODIFIED", change.last)
    if now:
        return WatchEvent("ADDED", change.last)
    if not was:
        return None
    # the object as it last matched, with the revision of the change
    assert change.old is not None
    meta = {**change.old["metadata"], "resourceVersion": str(change.revision)}
    return WatchEvent("DELETED", {**change.old, "metadata": meta})


def first(
    view: View, matches: Matcher | None, beginning: bytes | None = None
) -> Iterator[WatchEvent | None]:
    """What a watch tells first that begins with all that exists; None where others get their turn.

    view: what there is. beginning: where it is given, objects come as their texts if they can; see
    `View.texts`.
    """
    if beginning is None or (matches is not None and matches.fields is not None):
        for some in in_turn(view.read("", matches)):
            yield WatchEvent("ADDED", some) if some is not None else None
        return
    for one in in_turn(view.texts(beginning, "", matches)):
        if one is None:
            yield None
        else:
            *_, value = one
            if isinstance(value, bytes):
                yield WatchEvent("ADDED", {}, value)
            else:
                yield WatchEvent("ADDED", value)


def repeated(
    view: View,
    matches: Matcher | None,
    reached: int,
    mark: Callable[[int], WatchEvent] | None,
) -> Iterator[WatchEvent | None]:
    """What a watch tells again that has come to a jump of the clock: each object, unchanged.

    view: those that there are. reached: the revision of the jump; of what has changed after it the
    watch will tell anyway. They come in the order of their changes, so that a client which goes on
    from the last version that it has seen misses none; None where others get their turn. mark: the
    bookmark of a revision, which says at the end how far the watch has come; None where none is
    wanted.
    """
    for some in in_turn(view.in_order_of_change(reached, matches)):
        yield WatchEvent("MODIFIED", some) if some is not None else None
    if mark is not None:
        yield mark(reached)


def in_turn(found: Iterable[Sequence[Item]]) -> Iterator[Item | None]:
    """Items that are read some at a time, with None between these times."""
    for number, some in enumerate(found):
        if number:
            yield None
        yield from some


def bookmark(kind: Kind, reached: int, *, end: bool = False) -> WatchEvent:
    """The event that tells how far a watch has come.

    end: whether all that existed at the beginning has been told.
    """
    meta: dict[str, Any] = {"resourceVersion": str(reached)}
    if end:
        meta["annotations"] = {INITIAL_EVENTS_END: "true"}
    obj = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": meta}
    return WatchEvent("BOOKMARK", canonical(kind.type, obj))
