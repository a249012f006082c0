"""Time and identity, passed in so that hours of back-off are tested in milliseconds.

Everything in practice that needs the time, a uid or the random end of a name takes it from here,
and waits by it: movable.py has the clock that wakes. What is about connections, or about a
container while it runs, waits by the event loop itself, whose time nobody moves.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple, Protocol

from kubectl_joblab import objects

# that of k8s.io/apimachinery/pkg/util/rand: without vowels, 0, 1 and 3, so that it makes no words
SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
SUFFIX_LENGTH = 5


class TimeSource(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time now, aware, in UTC."""


# why an object waits a moment: changes are gathered, it is about to be worked on
GATHERED = "changes"
# why an object waits that will do so again and again: for it alone no time is skipped, but where
# some is skipped for something else, it gets its turn
SCHEDULE = "schedule"


class Wait(NamedTuple):
    """What an object of the cluster waits for: "Pod default/p: start of main (back-off)".

    what, why: in few English words, without the object's name.
    """

    kind: str
    namespace: str
    name: str
    what: str
    why: str


class Running(NamedTuple):
    """A container that runs, or is being started: its time is real."""

    namespace: str
    pod: str
    container: str


class Timer(Protocol):
    """A call that a clock will make."""

    def left(self) -> float:
        """The seconds until the call; negative where it is late."""

    def cancel(self) -> None:
        """Do not make the call. One that was made already is no mistake."""


class Clock(TimeSource, Protocol):
    """Tells the time, and wakes who waits for it.

    wait: what an object waits for. Who waits without one does some housekeeping, for which alone
    no time need ever be skipped.
    """

    def call_later(
        self,
        seconds: float,
        callback: Callable[..., object],
        *args: object,
        wait: Wait | None = None,
    ) -> Timer:
        """Call a function in so many seconds."""

    async def sleep(self, seconds: float, wait: Wait | None = None) -> None:
        """Wait so many seconds."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        return datetime.now(timezone.utc)


class Ids(Protocol):
    """Makes what has to be new each time."""

    def uid(self) -> str:
        """A new metadata.uid."""

    def suffix(self) -> str:
        """A new random end for a generated name, of SUFFIX_LENGTH characters."""


class RandomIds:
    """Makes uids and suffixes as an API server does."""

    def uid(self) -> str:
        """A random UUID."""
        return str(uuid.uuid4())

    def suffix(self) -> str:
        """Random characters of SUFFIX_ALPHABET."""
        return "".join(random.choices(SUFFIX_ALPHABET, k=SUFFIX_LENGTH))  # noqa: S311 -- no secret


def span(seconds: int) -> timedelta:
    """So many seconds, of 64 bits, as Kubernetes counts them: in Go's time.Duration.

    That has 64 bits for nanoseconds and overflows after 292 years, to a time that is over already
    or to any other: activeDeadlineSeconds 9223372036854775807 is a second ago.
    """
    nanoseconds = (seconds * 10**9 + 2**63) % 2**64 - 2**63
    return timedelta(microseconds=nanoseconds // 1000)


def after(when: datetime, length: timedelta) -> datetime:
    """The time so much later, or earlier where the length is negative; no year but 1 to 9999."""
    try:
        return when + length
    except OverflowError:
        return objects.LAST if length > timedelta() else objects.FIRST


def rfc3339(when: datetime) -> str:
    """A time as metav1.Time writes it: whole seconds, the rest cut off."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_micro(when: datetime) -> str:
    """A time as metav1.MicroTime writes it, with six digits of the second."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
