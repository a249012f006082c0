"""A delay that doubles with each failure, and is forgotten after a time without one.

Restarts of containers and pulls of images each use one. Follows
k8s.io/client-go/util/flowcontrol/backoff.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kubectl_joblab.practice import clock as clocks


@dataclass(frozen=True)
class _Entry:
    delay: timedelta
    updated: datetime


class Backoff:
    """Delays by key, between `first` and `longest`.

    A key whose last failure is more than twice the longest delay ago begins anew.
    """

    def __init__(self, first: timedelta, longest: timedelta) -> None:
        self._first = first
        self._longest = longest
        self._entries: dict[str, _Entry] = {}

    def delay(self, key: str) -> timedelta:
        """The present delay of a key; none before its first failure."""
        entry = self._entries.get(key)
        return entry.delay if entry else timedelta(0)

    def until(self, key: str, failure: datetime, now: datetime) -> datetime | None:
        """When the delay after a failure is over; None where it is over now (IsInBackOffSince)."""
        entry = self._entries.get(key)
        if entry is None or self._expired(entry, failure):
            return None
        end = clocks.after(failure, entry.delay)
        return end if now < end else None

    def since_update(self, key: str, now: datetime) -> bool:
        """Whether the delay is not over yet.

        It is counted from the last call of `next` (IsInBackOffSinceUpdate).
        """
        entry = self._entries.get(key)
        if entry is None or self._expired(entry, now):
            return False
        return now - entry.updated < entry.delay

    def next(self, key: str, failure: datetime, now: datetime) -> None:
        """Note a failure: the key's delay becomes twice as long."""
        entry = self._entries.get(key)
        delay = self._first
        if entry is not None and not self._expired(entry, failure):
            delay = min(entry.delay * 2, self._longest)
        self._entries[key] = _Entry(delay, now)

    def reset(self, key: str) -> None:
        """Forget the key."""
        self._entries.pop(key, None)

    def _expired(self, entry: _Entry, failure: datetime) -> bool:
        return failure - entry.updated > self._longest * 2
