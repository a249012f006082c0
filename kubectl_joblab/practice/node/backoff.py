"""Back-off that doubles, and is forgotten after a time of quiet.

Restarts and image pulls each have one. Follows k8s.io/client-go/util/flowcontrol/backoff.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class _Entry:
    delay: timedelta
    updated: datetime


class Backoff:
    """Delays by key. Twice the longest delay without trouble, and a key begins anew."""

    def __init__(self, first: timedelta, longest: timedelta) -> None:
        self._first = first
        self._longest = longest
        self._entries: dict[str, _Entry] = {}

    def delay(self, key: str) -> timedelta:
        """The present delay; none before the first trouble."""
        entry = self._entries.get(key)
        return entry.delay if entry else timedelta(0)

    def until(self, key: str, trouble: datetime, now: datetime) -> datetime | None:
        """Until when to wait, counted from the trouble; None where it is over.

        IsInBackOffSince.
        """
        entry = self._entries.get(key)
        if entry is None or self._expired(entry, trouble):
            return None
        end = trouble + entry.delay
        return end if now < end else None

    def since_update(self, key: str, now: datetime) -> bool:
        """Whether to wait still, counted from the last change (IsInBackOffSinceUpdate)."""
        entry = self._entries.get(key)
        if entry is None or self._expired(entry, now):
            return False
        return now - entry.updated < entry.delay

    def next(self, key: str, trouble: datetime, now: datetime) -> None:
        """There is more trouble: wait twice as long the next time."""
        entry = self._entries.get(key)
        delay = self._first
        if entry is not None and not self._expired(entry, trouble):
            delay = min(entry.delay * 2, self._longest)
        self._entries[key] = _Entry(delay, now)

    def reset(self, key: str) -> None:
        """Forget the key."""
        self._entries.pop(key, None)

    def _expired(self, entry: _Entry, trouble: datetime) -> bool:
        return trouble - entry.updated > self._longest * 2
