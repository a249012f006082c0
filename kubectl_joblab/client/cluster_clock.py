"""The clock of a practice cluster: what waits for it, and how it is moved.

`practice clock` and `start --skip-waits` move it, by a path on the API server that needs the same
credentials as any other. No other cluster has such a clock.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.client import failures, shapes
from kubectl_joblab.client.connection import Stop
from kubectl_joblab.client.resources import RETRY_FIRST, RETRY_LAST, Client
from kubectl_joblab.errors import ApiError, JoblabError, UnreachableError
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object

PATH = "/joblab/clock"
_OURS = "+joblab"  # in the version of a practice cluster
_UP = "kubectl joblab practice up"


class Wait(NamedTuple):
    """What an object waits for. what: what comes then. why: what makes it wait, such as TTL."""

    kind: str
    namespace: str
    name: str
    what: str
    why: str


class Timer(NamedTuple):
    """A wait, and the seconds until it is over, by the cluster's time."""

    wait: Wait
    seconds: int


class Container(NamedTuple):
    """A container that runs, for which the clock waits."""

    namespace: str
    pod: str
    container: str


class Jump(NamedTuple):
    """The clock has jumped over so many seconds. wait: what for; None for the time alone."""

    seconds: int
    wait: Wait | None


class Waiting(NamedTuple):
    """The clock waits while these containers run."""

    running: tuple[Container, ...]


class State(NamedTuple):
    """The clock at one moment.

    time: the cluster's. ahead: the seconds by which it is ahead of this machine's. auto: whether
    time jumps whenever nothing runs. timers: soonest first. body: all that the server said.
    """

    time: datetime
    ahead: int
    auto: bool
    timers: tuple[Timer, ...]
    running: tuple[Container, ...]
    body: Object


class Done(NamedTuple):
    """The end of a move. reached: whether what was asked for is so. why: why not, as a word."""

    state: State
    reached: bool
    why: str


def is_of(client: Client) -> bool:
    """Whether the client's cluster has a clock that can be moved. Raises as any request does."""
    return _OURS in str(client.version().get("gitVersion") or "")


def ahead(client: Client) -> timedelta:
    """How much later it is by the clock that schedules go by than by the times of objects.

    A practice cluster whose clock was set ahead shows what is past as older. Raises ApiError.
    """
    if not is_of(client):
        return timedelta()
    return timedelta(seconds=ClusterClock(client).require().ahead)


def ahead_if_told(client: Client) -> timedelta:
    """The same, for what a user is shown beside other things: none where the clock is not told."""
    try:
        return ahead(client)
    except ApiError as error:
        if error.code not in (401, 403):
            raise
        return timedelta()


class ClusterClock:
    """The clock of the client's cluster."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._connection = client.connection

    def require(self) -> State:
        """The clock as it is now; raises JoblabError where the cluster has none to be moved."""
        if not is_of(self.client):
            raise JoblabError(
                phrase(
                    "error: only a practice cluster's clock can be moved, and {host} is none",
                    host=self.client.host,
                ),
                next=_UP,
            )
        return self._state(self._asked("GET"))

    def auto(self, *, on: bool) -> State:
        """Have time jump whenever nothing runs, or no longer."""
        return self._state(self._asked("POST", {"auto": on}))

    def move(self, wish: Mapping[str, Any], stop: Stop | None = None) -> Iterator[Any]:
        """Move the clock: a Jump or a Waiting as it comes, and Done at the end.

        wish: {"advance": SECONDS}, {"until": {...}, "atMost": SECONDS} or {"skip": True}, which
        goes on until `stop` is asked. Raises ApiError or JoblabError where the server refuses.
        """
        stop = stop or Stop(self.client.clock)
        with self._connection.stream(PATH, {}, stop, dict(wish)) as lines:
            for line in lines:
                told = failures.verify(failures.parsed(line), shapes.CLOCK_LINE)
                if told["type"] == "ERROR":
                    why = told.get("message")
                    raise JoblabError(
                        phrase(
                            "error: the practice cluster did not move its clock: {why}", why=why
                        ),
                        next="kubectl joblab practice logs",
                    )
                if found := self._told(told):
                    yield found

    def _told(self, told: Object) -> Jump | Waiting | Done | None:
        if told["type"] == "JUMPED":
            wait = _wait(told["for"]) if "for" in told else None
            return Jump(int(told.get("seconds") or 0), wait)
        if told["type"] == "WAITING":
            return Waiting(_running(told))
        if told["type"] == "DONE" and "clock" in told:
            reached = bool(told.get("reached", True))
            return Done(self._state(told["clock"]), reached, str(told.get("why") or ""))
        return None

    def _asked(self, method: str, body: Object | None = None) -> Object:
        try:
            found = self._connection.json(method, PATH, {}, body)
        except ApiError as error:
            if error.code == 403:
                raise _forbidden(error) from error
            if error.code != 404:
                raise
            raise JoblabError(
                phrase("error: the practice cluster's server is of a version without a clock"),
                next=_UP,
            ) from error
        return failures.verify(found, shapes.CLOCK)

    def _state(self, body: Object) -> State:
        return State(
            objects.time(body["time"]) or objects.FIRST,
            body["ahead"],
            body["auto"],
            tuple(Timer(_wait(one), one["seconds"]) for one in body.get("timers") or ()),
            _running(body),
            body,
        )


def _forbidden(error: ApiError) -> JoblabError:
    """The error of a user whom no role lets near the clock, with what would."""
    return JoblabError(
        phrase("error: this user may not move the practice cluster's clock: {why}", why=error.text),
        means=[
            phrase(
                "A ClusterRole with nonResourceURLs {path} and the verbs get and post, bound to the"
                " user, lets it.",
                path=PATH,
            )
        ],
    )


def _wait(body: Object) -> Wait:
    return Wait(*(str(body[name]) for name in Wait._fields))


def _running(body: Object) -> tuple[Container, ...]:
    return tuple(
        Container(one["namespace"], one["pod"], one["container"])
        for one in body.get("running") or ()
    )


class Skipping:
    """Has a cluster skip its waits from `begin` until `end`; the jumps can be taken meanwhile."""

    def __init__(self, client: Client) -> None:
        self._clock = ClusterClock(client)
        self._threads = client.clock
        self._stop = Stop(client.clock)
        self._told = client.clock.queue()
        self.has_begun = False

    def begin(self) -> None:
        """Have waits skipped from now on; any thread may call it, and again."""
        if not self.has_begun:
            self.has_begun = True
            self._threads.start(self._skip)

    def end(self) -> None:
        """Have no more waits skipped."""
        self._stop.ask()

    def jumps(self) -> Iterator[Jump]:
        """The jumps since this was asked last. Raises what the server has refused."""
        with suppress(queue.Empty):
            while True:
                told = self._told.get(timeout=0.0)
                if isinstance(told, Exception):
                    raise told
                yield told

    def _skip(self) -> None:
        """What the thread does: it goes on where the connection breaks, as the watches do."""
        wait = RETRY_FIRST
        while not self._stop.asked():
            try:
                for told in self._clock.move({"skip": True}, self._stop):
                    wait = RETRY_FIRST
                    if isinstance(told, Jump):
                        self._told.put(told)
            except UnreachableError:
                pass
            except Exception as error:
                self._told.put(error)
                return
            self._stop.wait(wait)
            wait = min(wait * 2, RETRY_LAST)
