"""Whatever Jobs there are and however one advances: times in order, each timer once and in time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.clock import Wait
from kubectl_joblab.practice.movable import MovableClock
from kubectl_joblab.practice.skipping.engine import MOMENT, REACHED, Skipping
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster
from tests.practice.skipping.scenes import all_news, job

DAY = 24 * 3600
EPSILON = 1e-6


class Case(NamedTuple):
    """A Job, and what its Pods do: so many fail, after so many seconds."""

    spec: Object
    policy: str
    failing: int
    runs: float


class Move(NamedTuple):
    """What one does: advance by seconds, or let as much real time pass."""

    seconds: int
    really: bool
    while_running: bool


class Fired(NamedTuple):
    """A timer by which an object has waited, and when it fired, in seconds of cluster time."""

    due: float
    at: float


def _specs(deadlines: Sequence[int | None]) -> st.SearchStrategy[Object]:
    found: dict[str, st.SearchStrategy[Any]] = {
        "completions": st.integers(1, 3),
        "parallelism": st.integers(1, 2),
        "backoffLimit": st.integers(0, 4),
        "activeDeadlineSeconds": st.sampled_from(deadlines),
        "ttlSecondsAfterFinished": st.sampled_from([None, 0, 30, 600]),
    }
    return st.fixed_dictionaries(found).map(
        lambda spec: {key: value for key, value in spec.items() if value is not None}
    )


def _cases(deadlines: Sequence[int | None]) -> st.SearchStrategy[list[Case]]:
    one = st.builds(
        Case,
        _specs(deadlines),
        st.sampled_from(["Never", "OnFailure"]),
        st.integers(0, 5),
        st.sampled_from([0.0, 0.3, 1.0, 7.5]),
    )
    return st.lists(one, min_size=1, max_size=3)


def _moves(while_running: bool) -> st.SearchStrategy[list[Move]]:
    anyway = st.booleans() if while_running else st.just(False)
    return st.lists(st.builds(Move, st.integers(1, 900), st.booleans(), anyway), max_size=5)


@settings(deadline=None, max_examples=30)
@given(_cases([None, 1, 20, 60]), _moves(while_running=True))
def test_times_are_in_order_and_no_timer_is_missed_or_late_or_fires_twice(
    cases: list[Case], moves: list[Move]
) -> None:
    async def scene(on: Cluster) -> None:
        fired = _recorded(on.clock)
        await _play(on, cases, moves)
        assert [one for one in fired if one.at < one.due - EPSILON] == []
        assert [one for one in fired if _second(one.at) != _second(one.due)] == []
        order = [round(one.due, 6) for one in fired]
        assert order == sorted(order)
        assert list(on.clock.waits()) == []
        for pod in on.seen.pods.values():
            _check_pod(pod)
        created = sorted(on.seen.pods.values(), key=objects.uid)  # uids are counted up
        stamps = [pod["metadata"]["creationTimestamp"] for pod in created]
        assert stamps == sorted(stamps)

    cluster.run(scene, _behaviour(cases))


@settings(deadline=None, max_examples=20)
@given(_cases([None]), _moves(while_running=False))
def test_a_job_ends_as_it_would_have_ended(cases: list[Case], moves: list[Move]) -> None:
    def ends(these: list[Move]) -> Object:
        async def scene(on: Cluster) -> Object:
            return await _play(on, cases, these)

        return cluster.run(scene, _behaviour(cases))

    assert ends(moves) == ends([])


def _behaviour(cases: list[Case]) -> Callable[[Object], Object]:
    begun: dict[str, int] = {}

    def does(pod: Object) -> Object:
        name = pod["metadata"]["labels"]["job-name"]
        case = cases[int(name)]
        begun[name] = begun.get(name, 0) + 1
        fails = begun[name] <= case.failing
        return {"runs": case.runs, "exits": int(fails), "after": case.failing}

    return does


async def _play(on: Cluster, cases: list[Case], moves: list[Move]) -> Object:
    """Make the Jobs and the moves, then skip to where nothing waits; how each Job has ended."""
    ends: Object = {}
    watching = asyncio.ensure_future(_watch(on, ends))
    for number, case in enumerate(cases):
        on.create(kinds.JOBS, job(str(number), policy=case.policy, **case.spec))
    for move in moves:
        if move.really:
            await asyncio.sleep(move.seconds)
        else:
            await all_news(on, Skipping(seconds=move.seconds, while_running=move.while_running))
    await all_news(on, Skipping(lambda: _over(on), DAY))
    watching.cancel()
    return ends


def _second(when: float) -> int:
    """The second of a moment, to which stamps are cut."""
    return math.floor(when + MOMENT)


def _over(on: Cluster) -> str:
    return "" if on.engine.running() or any(on.clock.waits()) else REACHED


async def _watch(on: Cluster, ends: Object) -> None:
    async for event in on.registry.watch(kinds.JOBS):
        status, meta = event.object["status"], event.object["metadata"]
        assert status.get("startTime", "") >= meta["creationTimestamp"] or "startTime" not in status
        assert status.get("completionTime", "9") >= status.get("startTime", "")
        if objects.is_finished(event.object):
            last = status["conditions"][-1]
            counts = {key: status.get(key, 0) for key in ("succeeded", "failed")}
            ends[meta["name"]] = [last["type"], last["reason"], counts]


def _check_pod(pod: Object) -> None:
    moments = [pod["metadata"]["creationTimestamp"]]
    for entry in pod["status"].get("containerStatuses") or ():
        moments += [entry["state"].get("terminated", {}).get("finishedAt", moments[-1])]
    assert moments == sorted(moments)


def _recorded(clock: MovableClock) -> list[Fired]:
    """The timers of objects that are set from now on, as they fire; one that fires twice fails."""
    fired: list[Fired] = []
    plain = clock.call_later

    def call_later(
        seconds: float, callback: Callable[..., object], *args: object, wait: Wait | None = None
    ) -> object:
        due, calls = clock.elapsed() + seconds, 0

        def call() -> None:
            nonlocal calls
            calls += 1
            assert calls == 1, wait
            if wait is not None:
                fired.append(Fired(due, clock.elapsed()))
            callback(*args)

        return plain(seconds, call, wait=wait)

    clock.call_later = call_later  # type: ignore[method-assign, assignment]
    return fired
