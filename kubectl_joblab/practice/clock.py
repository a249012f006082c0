"""Time and identity, passed in so that hours of back-off are tested in milliseconds.

Everything in practice that needs the time, a uid or a name's random end takes it from here. Waiting
is asyncio's: a test runs it on an event loop whose time jumps to the next timer.
"""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timezone
from typing import Protocol

# k8s.io/apimachinery/pkg/util/rand: no vowels, no 0, 1, 3, so that no words come out
SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
SUFFIX_LENGTH = 5


class Clock(Protocol):
    """The time now, aware, in UTC."""

    def now(self) -> datetime:
        """The time."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time."""
        return datetime.now(timezone.utc)


class Ids(Protocol):
    """What has to be new each time."""

    def uid(self) -> str:
        """A metadata.uid."""

    def suffix(self) -> str:
        """The random end of a generated name: five characters."""


class RandomIds:
    """Ids as an API server makes them."""

    def uid(self) -> str:
        """A random UUID."""
        return str(uuid.uuid4())

    def suffix(self) -> str:
        """Five characters of the alphabet."""
        return "".join(random.choices(SUFFIX_ALPHABET, k=SUFFIX_LENGTH))  # noqa: S311 -- no secret


def rfc3339(when: datetime) -> str:
    """A metav1.Time: whole seconds, cut off."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_micro(when: datetime) -> str:
    """A metav1.MicroTime: six digits."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
