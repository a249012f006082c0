"""Skipping: from timer to timer while the cluster is idle, as far as asked, and never over one."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.clock import Running, Wait
from kubectl_joblab.practice.skipping import engine, goals
from kubectl_joblab.practice.skipping.engine import (
    Done,
    Engine,
    Failed,
    Goal,
    Jumped,
    News,
    Skipping,
    Waits,
)
from tests.practice import virtual
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster
from tests.practice.skipping.scenes import all_news, job, real
from tests.practice.virtual import VirtualClock

NEXT_POD = Wait("Job", "default", "j", "next Pod", "back-off")
FAILS = {"runs": 1, "exits": 1}
DAY = 24 * 3600


def played(
    scene: Callable[[Cluster], Awaitable[Any]], does: Object | None = None, *, jumps: bool = False
) -> Any:
    """What the scene returns, on a cluster whose Pods do this: they succeed after a second."""
    return cluster.run(scene, lambda _: does or {"runs": 1, "exits": 0}, jumps=jumps)


def jumps(news: list[News]) -> list[tuple[int, Wait | None]]:
    """How far the clock jumped, and for what."""
    return [(one.seconds, one.wait) for one in news if isinstance(one, Jumped)]


# ---- how far


def test_an_idle_cluster_is_advanced_at_once() -> None:
    async def scene(on: Cluster) -> list[object]:
        began = real()
        news = await all_news(on, Skipping(seconds=600))
        return [news, real() - began, on.clock.ahead]

    assert played(scene) == [[Jumped(600, 600, None), Done("")], 0, 600]


def test_an_advance_goes_from_timer_to_timer_and_not_past_its_end() -> None:
    async def scene(on: Cluster) -> list[object]:
        on.create(kinds.JOBS, job(backoffLimit=6))
        await on.until({"failed": 1})
        began = on.seconds()
        news = await all_news(on, Skipping(seconds=60))
        return [jumps(news), news[-1], 60 <= on.seconds() - began < 61, len(on.seen.pods)]

    ways = [(10, NEXT_POD), (20, NEXT_POD), (28, None)]
    assert played(scene, FAILS) == [ways, Done(""), True, 3]


def test_a_job_comes_to_its_end_in_the_time_that_its_containers_run() -> None:
    async def scene(on: Cluster) -> list[object]:
        on.create(kinds.JOBS, job(backoffLimit=6))
        began = real()
        goal = goals.condition(on.registry, "default", "j", "Failed")
        news = await all_news(on, Skipping(goal, DAY))
        return [news[-1], len(on.seen.pods), on.clock.ahead >= 620, real() - began < 7 * 1.5]

    assert played(scene, FAILS) == [Done(""), 7, True, True]


def test_what_is_less_than_a_second_away_is_waited_for() -> None:
    async def main(clock: VirtualClock) -> list[float]:
        _engine(clock).auto = True
        await clock.sleep(0.9, NEXT_POD)
        return [clock.ahead, real()]

    assert virtual.run(main) == [0, 0.9]


def test_no_timer_is_jumped_over() -> None:
    async def main(clock: VirtualClock) -> list[tuple[str, float, int]]:
        woken: list[tuple[str, float, int]] = []

        async def wait(name: str, seconds: float) -> None:
            await clock.sleep(seconds, NEXT_POD)
            woken.append((name, round(real(), 3), clock.ahead))

        _engine(clock).begin(Skipping(seconds=100))
        await asyncio.gather(wait("b", 10.8), wait("c", 20.5), wait("a", 10.3))
        return woken

    assert virtual.run(main) == [("a", 0.3, 10), ("b", 0.8, 10), ("c", 0.8, 20)]


@pytest.mark.parametrize(
    ("begun", "due", "really", "ahead"),
    [
        (0.25, 9.75, 0, 10),
        (0.25, 9.5, 0.5, 9),
        (0.75, 9.9, 0, 10),
        (0.0, 10.0, 0, 10),
        (0.1, 10.0, 0, 10),
    ],
    ids=[
        "at a whole second, in this second",
        "just before a second is over, which is waited for",
        "early in a second, in this second",
        "at whole seconds, at once",
        "so many whole seconds later, at once",
    ],
)
def test_who_is_woken_is_so_in_the_second_in_which_it_is_due(
    begun: float, due: float, really: float, ahead: int
) -> None:
    async def main(clock: VirtualClock) -> list[float]:
        await asyncio.sleep(begun)
        _engine(clock).begin(Skipping(seconds=100))
        await clock.sleep(due, NEXT_POD)
        return [round(real() - begun, 3), clock.ahead]

    assert virtual.run(main) == [really, ahead]


def test_two_requests_share_the_jumps_and_each_ends_at_its_time() -> None:
    async def scene(on: Cluster) -> list[object]:
        short, long = await asyncio.gather(
            all_news(on, Skipping(seconds=40)), all_news(on, Skipping(seconds=100))
        )
        return [short, long]

    both = [Jumped(40, 40, None), Jumped(60, 100, None), Done("")]
    assert played(scene) == [[both[0], Done("")], both]


# ---- until


@pytest.mark.parametrize(
    ("goal", "policy", "pods", "tries"),
    [
        (lambda on: goals.pods(on.registry, "default", "j", 3), "Never", 3, 3),
        (lambda on: goals.tries(on.registry, "default", "j", 3), "Never", 3, 3),
        (lambda on: goals.tries(on.registry, "default", "j", 3), "OnFailure", 1, 3),
    ],
    ids=["Pods", "tries that are Pods", "tries that are restarts"],
)
def test_it_skips_until_there_are_so_many(
    goal: Callable[[Cluster], Goal], policy: str, pods: int, tries: int
) -> None:
    async def scene(on: Cluster) -> list[object]:
        on.create(kinds.JOBS, job(policy=policy, backoffLimit=6))
        news = await all_news(on, Skipping(goal(on), DAY))
        entries = [pod["status"].get("containerStatuses", ()) for pod in on.all(kinds.PODS)]
        restarts = sum(entry["restartCount"] for found in entries for entry in found)
        return [news[-1], len(on.seen.pods), len(on.seen.pods) + restarts]

    assert played(scene, FAILS) == [Done(""), pods, tries]


def test_pods_that_are_gone_count_too() -> None:
    async def scene(on: Cluster) -> list[News]:
        on.create(kinds.JOBS, job(backoffLimit=6))
        waiting = asyncio.ensure_future(
            all_news(on, Skipping(goals.pods(on.registry, "default", "j", 3), DAY))
        )
        await on.until({"pods": 2})
        on.registry.delete_collection(kinds.PODS, "default")
        return await waiting

    assert played(scene, FAILS)[-1] == Done("")


def test_it_tells_why_it_will_never_be() -> None:
    async def why(on: Cluster, goal: str, seconds: int = DAY, **spec: Any) -> str:
        on.create(kinds.JOBS, job(**spec))
        found = goals.condition(on.registry, "default", "j", goal)
        last = (await all_news(on, Skipping(found, seconds)))[-1]
        on.registry.delete(kinds.JOBS, "j", "default", DeleteOptions())
        await on.clock.sleep(5)
        assert isinstance(last, Done)
        return last.why

    async def scene(on: Cluster) -> list[str]:
        return [
            await why(on, "Failed"),
            await why(on, "Complete", suspend=True),
            await why(on, "Complete", completions=2, activeDeadlineSeconds=600, suspend=True),
            await why(on, "Odd", ttlSecondsAfterFinished=30),
            await late(on),
        ]

    async def late(on: Cluster) -> str:
        on.clock.call_later(3600, str, wait=NEXT_POD)
        return await why(on, "Complete", 60, suspend=True)

    expected = ["finished", "nothing waits", "nothing waits", "finished", "at-most"]
    assert played(scene) == expected


def test_a_job_that_is_deleted_will_never_be_so() -> None:
    async def scene(on: Cluster) -> News:
        on.create(kinds.JOBS, job())
        goal = goals.condition(on.registry, "default", "j", "Failed")
        on.registry.delete(kinds.JOBS, "j", "default", DeleteOptions())
        return (await all_news(on, Skipping(goal, DAY)))[-1]

    assert played(scene) == Done("gone")


def test_what_is_so_already_needs_no_jump() -> None:
    async def scene(on: Cluster) -> list[News]:
        on.create(kinds.JOBS, job(suspend=True))
        await on.until({"condition": "Suspended"})
        return await all_news(
            on, Skipping(goals.condition(on.registry, "default", "j", "Suspended"), DAY)
        )

    assert played(scene) == [Done("")]


def test_there_has_to_be_such_a_job() -> None:
    async def scene(on: Cluster) -> int:
        with pytest.raises(StatusError) as caught:
            goals.condition(on.registry, "default", "j", "Failed")
        return caught.value.code

    assert played(scene) == 404


# ---- containers are real


def test_it_waits_for_containers_and_says_once_which() -> None:
    async def scene(on: Cluster) -> list[object]:
        on.create(kinds.JOBS, job())
        await on.until({"active": 1})
        began = real()
        news = await all_news(on, Skipping(seconds=30))
        (pod,) = on.all(kinds.PODS)
        waits = Waits([Running("default", pod["metadata"]["name"], "main")])
        return [news[0] == waits, len(news), news[-1], 1 <= real() - began < 2]

    assert played(scene) == [True, 3, Done(""), True]


def test_time_does_not_jump_while_a_container_runs() -> None:
    async def scene(on: Cluster) -> list[int]:
        on.create(kinds.JOBS, job("slow"))
        on.create(kinds.JOBS, job("other", ttlSecondsAfterFinished=100))
        await on.clock.sleep(8)
        return [on.clock.ahead]

    assert played(scene, {"runs": 10, "exits": 0}, jumps=True) == [0]


def test_it_jumps_all_the_same_where_that_is_asked_for() -> None:
    async def scene(on: Cluster) -> list[object]:
        on.create(kinds.JOBS, job(activeDeadlineSeconds=300))
        await on.until({"active": 1})
        await on.clock.sleep(1)
        news = await all_news(on, Skipping(seconds=600, while_running=True))
        condition = on.get(kinds.JOBS, "j")["status"]["conditions"][-1]
        return [jumps(news)[0], condition["reason"], real() < 10]

    found = played(scene, {"runs": 5000, "exits": 0})
    assert found == [
        (299, NEXT_POD._replace(what="failed", why="deadline")),
        "DeadlineExceeded",
        True,
    ]


def test_work_that_the_loop_does_not_know_of_is_waited_for() -> None:
    async def main(clock: VirtualClock) -> list[object]:
        working = True
        skips = Engine(clock, list, working=lambda: working)
        virtual.current().on_quiet(skips.quiet)
        skipping = Skipping(seconds=60)
        skips.begin(skipping)
        await asyncio.sleep(5)
        before, working = clock.ahead, False
        return [before, [news async for news in skipping.news()], clock.ahead]

    assert virtual.run(main) == [0, [Jumped(55, 55, None), Done("")], 55]


# ---- what causes no jump


def test_auto_skips_what_objects_wait_for() -> None:
    async def scene(on: Cluster) -> list[object]:
        on.create(kinds.JOBS, job(backoffLimit=3, ttlSecondsAfterFinished=3600))
        await on.until({"gone": True})
        return [on.clock.ahead > 3600 + 60, real() < 20]

    assert played(scene, FAILS, jumps=True) == [True, True]


def test_housekeeping_causes_no_jump() -> None:
    async def main(clock: VirtualClock) -> list[object]:
        _engine(clock).auto = True
        await clock.sleep(7200)
        return [clock.ahead, real()]

    assert virtual.run(main) == [0, 7200]


@pytest.mark.parametrize(
    "spec",
    [
        {"activeDeadlineSeconds": 600},
        {"activeDeadlineSeconds": 600, "completions": 3, "parallelism": 2},
    ],
    ids=str,
)
def test_a_job_that_has_ended_waits_for_nothing_more(spec: Object) -> None:
    async def scene(on: Cluster) -> list[object]:
        on.create(kinds.JOBS, job(**spec))
        await on.until({"condition": "Complete"})
        await asyncio.sleep(5)
        return [on.clock.ahead, [timer.wait for timer in on.clock.waits()]]

    assert played(scene, jumps=True) == [0, []]


@pytest.mark.parametrize(
    "change",
    [
        lambda on: on.registry.delete(kinds.JOBS, "j", "default", DeleteOptions()),
        lambda on: on.patch_job({"spec": {"ttlSecondsAfterFinished": None}}),
    ],
    ids=["deleted", "to be kept"],
)
def test_what_was_to_be_deleted_and_is_not_any_more_waits_for_nothing(
    change: Callable[[Cluster], object],
) -> None:
    async def scene(on: Cluster) -> list[object]:
        on.create(kinds.JOBS, job(ttlSecondsAfterFinished=100))
        await on.until({"condition": "Complete"})
        change(on)
        await asyncio.sleep(5)
        return [timer.wait for timer in on.clock.waits()]

    assert played(scene) == []


def test_a_suspended_jobs_deadline_causes_no_jump() -> None:
    async def scene(on: Cluster) -> list[object]:
        on.create(kinds.JOBS, job(activeDeadlineSeconds=600))
        await on.until({"active": 1})
        on.patch_job({"spec": {"suspend": True}})
        await asyncio.sleep(20)
        return [on.clock.ahead, [timer.wait for timer in on.clock.waits()]]

    assert played(scene, {"runs": 100, "exits": 0}, jumps=True) == [0, []]


# ---- who looks on


@pytest.mark.parametrize(
    ("watched", "skipping", "seconds"),
    [
        (True, Skipping(seconds=60), engine.REACTION),
        (False, Skipping(seconds=60), 0),
        (False, Skipping(), engine.REACTION),
    ],
    ids=["a client watches", "nobody watches", "nobody has said how far"],
)
def test_clients_get_time_to_react(watched: bool, skipping: Skipping, seconds: float) -> None:
    async def main(clock: VirtualClock) -> list[float]:
        revision = 1
        skips = Engine(clock, list, watched=lambda: watched, revision=lambda: revision)
        virtual.current().on_quiet(skips.quiet)
        skips.begin(skipping)
        times = []
        for _ in range(3):
            began = real()
            await clock.sleep(10, NEXT_POD)
            times.append(round(real() - began, 3))
            revision += 1
        return times

    assert virtual.run(main) == [seconds] * 3


# ---- what goes wrong


def test_a_clock_that_cannot_be_kept_is_told_and_not_tried_for_ever() -> None:
    async def main(clock: VirtualClock) -> list[object]:
        tried, full = [], True

        def jump(seconds: int) -> None:
            tried.append(seconds)
            if full:
                raise OSError(errno.ENOSPC, "the disk is full")

        clock.jump = jump  # type: ignore[method-assign]
        skips = _engine(clock)
        skips.auto = True
        skipping = Skipping(seconds=60)
        skips.begin(skipping)
        news = [one async for one in skipping.news()]
        await clock.sleep(100, NEXT_POD)
        return [news, tried, real()]

    assert virtual.run(main) == [[Failed("[Errno 28] the disk is full")], [60], 100]


def test_no_clock_goes_past_the_times_that_the_api_has() -> None:
    async def scene(on: Cluster) -> list[News]:
        await all_news(on, Skipping(seconds=engine.MOST_AHEAD - 10))
        return await all_news(on, Skipping(seconds=60))

    assert played(scene) == [Failed(f"a clock is at most {engine.MOST_AHEAD} seconds ahead")]


def test_who_goes_away_is_skipped_for_no_more() -> None:
    async def main(clock: VirtualClock) -> int:
        skips, skipping = _engine(clock), Skipping()
        skips.begin(skipping)
        await clock.sleep(60, NEXT_POD)
        skips.end(skipping)
        skips.end(skipping)
        await clock.sleep(60, NEXT_POD)
        return clock.ahead

    assert virtual.run(main) == 60


def test_a_server_that_stops_tells_all() -> None:
    async def main(clock: VirtualClock) -> list[News]:
        skips, skipping = Engine(clock, list), Skipping(seconds=60)
        skips.begin(skipping)
        skips.close("stopping")
        return [news async for news in skipping.news()]

    assert virtual.run(main) == [Done("stopping")]


def _engine(clock: VirtualClock) -> Engine:
    """An engine where no container runs, called when there is nothing to do."""
    made = Engine(clock, list)
    virtual.current().on_quiet(made.quiet)
    return made
