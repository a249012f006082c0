"""/joblab/clock on the API server: the cluster's clock, and how to have it skip what is waited for.

The router hands requests over, once it knows who sends them. It is in no discovery document: no
client of Kubernetes comes here, only the plugin. Times are those of the cluster. A GET answers with
the state of the clock; a POST says what is wanted:

    {"advance": SECONDS}
    {"until": {"kind": "Job", "namespace": ..., "name": ..., GOAL: ...}, "atMost": SECONDS}
    {"skip": true}                  until the client closes the connection
    {"auto": true or false}         answers with the state

GOAL is "condition" with a type of condition, "pods" or "tries" with a number. `"whileRunning":
true` beside the first two: do not wait for containers. All but the last answer with a stream: a
line of JSON for each thing that happens, at once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, negotiate
from kubectl_joblab.practice.api.http import answers, limits, requests
from kubectl_joblab.practice.api.http.answers import Answer
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import GATHERED, after, rfc3339
from kubectl_joblab.practice.movable import MovableTimer
from kubectl_joblab.practice.skipping import goals
from kubectl_joblab.practice.skipping.engine import (
    MOST_AHEAD,
    Done,
    Engine,
    Failed,
    Goal,
    Jumped,
    News,
    Skipping,
    Waits,
)

AT_MOST = 24 * 3600  # seconds
_GOALS: dict[str, tuple[type, Callable[[Registry, str, str, Any], Goal]]] = {
    "condition": (str, goals.condition),
    "pods": (int, goals.pods),
    "tries": (int, goals.tries),
}


class ClockEndpoint:
    """Answers requests for the clock. registry: in which the objects are that are waited for."""

    def __init__(self, engine: Engine, registry: Registry) -> None:
        self._engine = engine
        self._registry = registry

    async def handle(self, request: web.BaseRequest) -> Answer | web.StreamResponse:
        """Answer one request. StatusError for what is refused."""
        if request.method == "POST":
            wanted = _read(await limits.body(request))
            if wanted.keys() != {"auto"}:
                return await self._stream(request, self._skipping(wanted))
            self._engine.auto = _boolean(wanted, "auto")
            await self._registry.settled()
        elif request.method != "GET":
            raise requests.no_method()
        return Answer(200, answers.encoded(self._state()))

    # ---- what is wanted

    def _skipping(self, wanted: Object) -> Skipping:
        keys = wanted.keys()
        anyway = "whileRunning" in keys and _boolean(wanted, "whileRunning")
        if "advance" in keys and keys <= {"advance", "whileRunning"}:
            return Skipping(seconds=_seconds(wanted, "advance"), while_running=anyway)
        if "until" in keys and keys <= {"until", "atMost", "whileRunning"}:
            most = _seconds(wanted, "atMost") if "atMost" in keys else AT_MOST
            return Skipping(self._goal(wanted["until"]), most, while_running=anyway)
        if keys == {"skip"} and _boolean(wanted, "skip"):
            return Skipping()
        raise errors.bad_request("the body is none of advance, until, skip and auto")

    def _goal(self, until: object) -> Goal:
        if not isinstance(until, dict) or until.get("kind") != "Job":
            raise errors.bad_request("until: it has to name a Job")
        found = [key for key in _GOALS if key in until]
        if len(found) != 1 or until.keys() != {"kind", "namespace", "name", *found}:
            raise errors.bad_request(f"until: it has to have one of {', '.join(_GOALS)}")
        kind, goal = _GOALS[found[0]]
        values = until["namespace"], until["name"], until[found[0]]
        if not all(map(_is, values, (str, str, kind))):
            raise errors.bad_request(f"until: {found[0]} is not of type {kind.__name__}")
        return goal(self._registry, *values)

    # ---- what happens

    async def _stream(self, request: web.BaseRequest, skipping: Skipping) -> web.StreamResponse:
        headers = {**answers.HEADERS, "Content-Type": negotiate.JSON}
        response = web.StreamResponse(headers=headers)
        response.enable_chunked_encoding()
        await response.prepare(request)
        self._engine.begin(skipping)
        try:
            async for news in skipping.news():
                await self._registry.settled()
                with limits.patience(request, limits.STALLED_SECONDS):
                    await response.write(answers.encoded(self._told(skipping, news)))
        finally:
            self._engine.end(skipping)
        await response.write_eof()
        return response

    def _told(self, skipping: Skipping, news: News) -> Object:
        match news:
            case Waits(running):
                return {"type": "WAITING", "running": [one._asdict() for one in running]}
            case Jumped(seconds, ahead, wait):
                told: Object = {"type": "JUMPED", "seconds": seconds, "ahead": ahead}
                return told if wait is None else {**told, "for": wait._asdict()}
            case Done(why):
                told = {"type": "DONE", "clock": self._state()}
                if skipping.goal is not None:
                    told["reached"] = not why
                return {**told, "why": why} if why else told
            case Failed(message):
                return {"type": "ERROR", "message": message}

    def _state(self) -> Object:
        clock = self._engine.clock
        now = clock.now()
        timers = [
            _timer(one, now) for one in clock.waits() if one.wait and one.wait.why != GATHERED
        ]
        running = [one._asdict() for one in self._engine.running()]
        return {
            "time": rfc3339(now),
            "ahead": clock.ahead,
            "auto": clock.auto,
            "timers": timers,
            "running": running,
        }


def _timer(timer: MovableTimer, now: datetime) -> Object:
    assert timer.wait is not None
    left = max(timer.left(), 0.0)
    at = after(now, timedelta(seconds=left))
    return {**timer.wait._asdict(), "at": rfc3339(at), "seconds": math.ceil(left)}


def _read(raw: bytes) -> Object:
    """The JSON object of a body; 400 where it is none."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise errors.bad_request(f"the body is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise errors.bad_request("the body is not a JSON object")
    return found


def _boolean(wanted: Object, key: str) -> bool:
    if not _is(wanted[key], bool):
        raise errors.bad_request(f"{key} is neither true nor false")
    return bool(wanted[key])


def _seconds(wanted: Object, key: str) -> int:
    found = wanted[key]
    if not _is(found, int) or not 1 <= found <= MOST_AHEAD:
        raise errors.bad_request(f"{key} is no whole number of seconds from 1 to {MOST_AHEAD}")
    return int(found)


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
