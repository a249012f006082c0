"""CronJobs on a cluster in virtual time: their Jobs, their status, and the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import CreateOptions, DeleteOptions, Warn
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Wait
from kubectl_joblab.practice.skipping import goals
from kubectl_joblab.practice.skipping.engine import Done, Jumped, Skipping
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import MERGE, Cluster
from tests.practice.skipping import scenes

# virtual time begins at midnight: the minutes of 2026-01-01 are from this one on
MIDNIGHT = 29453760
NEXT_JOB = Wait("CronJob", "default", "c", "next Job", "schedule")


def cronjob(**spec: Any) -> Object:
    template = {"metadata": {"labels": {"app": "c"}}, "spec": scenes.job()["spec"]}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "c"},
        "spec": {"schedule": "* * * * *", "jobTemplate": template, **spec},
    }


def patch(on: Cluster, **spec: Any) -> None:
    on.registry.patch(kinds.CRON_JOBS, "c", MERGE, {"spec": spec}, "default")


def jobs(on: Cluster) -> list[int]:
    """The minutes for which there are Jobs."""
    return [int(name.removeprefix("c-")) - MIDNIGHT for name in on.names(kinds.JOBS)]


def told(on: Cluster) -> list[str]:
    """The events about the CronJob, with the minutes of its Jobs, in the order of their first."""
    found = [e for e in on.all(kinds.EVENTS) if e["involvedObject"]["kind"] == "CronJob"]
    found.sort(key=lambda event: str(event["metadata"]["name"]))
    texts = [f"{event['reason']} x{event['count']}: {event['message']}" for event in found]
    return [text.replace(f"c-{MIDNIGHT // 100}", "c-") for text in texts]


def played(
    scene: Callable[[Cluster], Awaitable[Any]], seconds: float = 5, exits: int = 0, **how: Any
) -> Any:
    return cluster.run(scene, lambda _: {"runs": seconds, "exits": exits}, **how)


def test_it_starts_a_job_each_minute_and_keeps_the_last_three() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.CRON_JOBS, cronjob())
        await asyncio.sleep(63)
        (job,) = on.all(kinds.JOBS)
        assert objects.labels(job)["app"] == "c"
        status = on.get(kinds.CRON_JOBS, "c")["status"]
        (running,) = status["active"]
        assert (running["kind"], running["name"]) == ("Job", objects.name(job))
        assert status["lastScheduleTime"] == "2026-01-01T00:01:00Z"
        assert "lastSuccessfulTime" not in status
        await asyncio.sleep(245)
        assert jobs(on) == [3, 4, 5]
        status = on.get(kinds.CRON_JOBS, "c")["status"]
        assert status["lastSuccessfulTime"] == "2026-01-01T00:05:05Z"
        assert "active" not in status
        assert told(on)[:3] == [
            "SuccessfulCreate x1: Created job c-61",
            "SawCompletedJob x1: Saw completed job: c-61, condition: Complete",
            "SuccessfulCreate x1: Created job c-62",
        ]
        assert "SuccessfulDelete x1: Deleted job c-61" in told(on)

    played(scene)


def test_of_failed_jobs_one_is_kept() -> None:
    async def scene(on: Cluster) -> list[int]:
        job = scenes.job(backoffLimit=0)
        on.create(kinds.CRON_JOBS, cronjob(jobTemplate={"spec": job["spec"]}))
        await asyncio.sleep(190)
        return jobs(on)

    assert played(scene, exits=1) == [3]


def test_forbid_waits_for_the_job_that_runs_and_then_makes_up_for_it() -> None:
    async def scene(on: Cluster) -> list[str]:
        on.create(kinds.CRON_JOBS, cronjob(concurrencyPolicy="Forbid"))
        await asyncio.sleep(125)
        assert jobs(on) == [1]
        await asyncio.sleep(35)
        assert jobs(on) == [1, 2]
        return told(on)

    found = played(scene, seconds=90)
    assert found[0] == "SuccessfulCreate x1: Created job c-61"
    assert found[1].endswith(
        ": Not starting job because prior execution is running and concurrency policy is Forbid"
    )
    assert found[1].startswith("JobAlreadyActive x")
    assert found[2:] == [
        "SawCompletedJob x1: Saw completed job: c-61, condition: Complete",
        "SuccessfulCreate x1: Created job c-62",
    ]


def test_replace_ends_the_job_that_runs() -> None:
    async def scene(on: Cluster) -> list[str]:
        on.create(kinds.CRON_JOBS, cronjob(concurrencyPolicy="Replace"))
        await asyncio.sleep(125)
        assert jobs(on) == [2]
        return told(on)

    assert played(scene, seconds=90) == [
        "SuccessfulCreate x1: Created job c-61",
        "SuccessfulDelete x1: Deleted job c-61",
        "SuccessfulCreate x1: Created job c-62",
    ]


def test_a_suspended_one_starts_none_and_a_resumed_one_the_last_it_missed() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.CRON_JOBS, cronjob(suspend=True))
        await asyncio.sleep(200)
        assert (jobs(on), list(on.clock.waits())) == ([], [])
        patch(on, suspend=False)
        await asyncio.sleep(1)
        assert jobs(on) == [3]

    played(scene)


def test_another_schedule_holds_from_now_on() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.CRON_JOBS, cronjob(schedule="30 0 * * *"))
        await asyncio.sleep(95)
        patch(on, schedule="*/2 * * * *")
        await asyncio.sleep(1)
        assert jobs(on) == []
        await asyncio.sleep(30)
        assert jobs(on) == [2]

    played(scene)


def test_a_job_that_somebody_makes_of_it_is_unexpected_and_counts_as_its_own() -> None:
    async def scene(on: Cluster) -> list[str]:
        made = on.create(kinds.CRON_JOBS, cronjob(schedule="0 1 * * *"))
        await asyncio.sleep(1)
        owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "c", "controller": True}
        job = scenes.job("c-by-hand")
        job["metadata"]["ownerReferences"] = [{**owner, "uid": objects.uid(made)}]
        on.create(kinds.JOBS, job)
        await asyncio.sleep(20)
        status = on.get(kinds.CRON_JOBS, "c")["status"]
        assert status.keys() == {"lastSuccessfulTime"}
        return told(on)

    (unexpected,) = played(scene)
    assert unexpected.startswith("UnexpectedJob x")
    assert unexpected.endswith(
        ": Saw a job that the controller did not create or forgot: c-by-hand"
    )


def test_a_job_that_somebody_deletes_is_missing() -> None:
    async def scene(on: Cluster) -> list[str]:
        on.create(kinds.CRON_JOBS, cronjob())
        await asyncio.sleep(62)
        background = DeleteOptions(propagation_policy="Background")
        on.registry.delete(kinds.JOBS, f"c-{MIDNIGHT + 1}", "default", background)
        await asyncio.sleep(1)
        assert "active" not in on.get(kinds.CRON_JOBS, "c")["status"]
        return told(on)

    assert played(scene)[1:] == ["MissingJob x1: Active job went missing: c-61"]


def test_its_jobs_and_their_pods_go_with_it() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.CRON_JOBS, cronjob())
        await asyncio.sleep(130)
        assert len(on.all(kinds.PODS)) == 2
        on.registry.delete(kinds.CRON_JOBS, "c", "default")
        await asyncio.sleep(90)
        assert [on.names(kind) for kind in (kinds.JOBS, kinds.PODS)] == [[], []]

    played(scene, seconds=1)


def test_a_run_that_the_api_refuses_is_told_and_tried_again() -> None:
    class Refusing(Registry):
        """Refuses the first three Jobs."""

        refusals = 3

        def create(
            self,
            kind: Kind,
            body: Object,
            namespace: str = "",
            options: CreateOptions = CreateOptions(),
            *,
            warn: Warn | None = None,
        ) -> Object:
            if kind is kinds.JOBS and self.refusals:
                self.refusals -= 1
                raise StatusError(403, "Forbidden", "exceeded quota")
            return super().create(kind, body, namespace, options, warn=warn)

    async def scene(on: Cluster) -> list[str]:
        on.create(kinds.CRON_JOBS, cronjob())
        await asyncio.sleep(62)
        return told(on)

    assert played(scene, registry=Refusing) == [
        "FailedCreate x3: Error creating job: exceeded quota",
        "SuccessfulCreate x1: Created job c-61",
    ]


# ---- the clock


def test_a_schedule_alone_has_the_clock_jump_for_nobody() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.CRON_JOBS, cronjob())
        await asyncio.sleep(30)
        assert [timer.wait for timer in on.clock.waits()] == [NEXT_JOB]
        assert on.clock.ahead == 0

    played(scene, jumps=True)


def test_an_hour_ahead_runs_through_the_schedule_as_an_hour_of_waiting_does() -> None:
    async def scene(on: Cluster) -> tuple[list[str], list[Object], float]:
        on.create(kinds.CRON_JOBS, cronjob(schedule="*/10 * * * *"))
        await asyncio.sleep(1)
        begun = scenes.real()
        if on.engine.auto:
            on.engine.auto = False
            news = await scenes.all_news(on, Skipping(seconds=3600))
            assert NEXT_JOB in [one.wait for one in news if isinstance(one, Jumped)]
        else:
            await asyncio.sleep(3600)
        stamps = [job["metadata"]["creationTimestamp"] for job in on.all(kinds.JOBS)]
        return told(on), stamps, scenes.real() - begun

    waited, skipped = played(scene), played(scene, jumps=True)
    assert waited[:2] == skipped[:2]
    hour = [f"2026-01-01T00:{minute}:00Z" for minute in (30, 40, 50)]
    assert skipped[1] == [*hour, "2026-01-01T01:00:00Z"]  # three that have ended, and one that runs
    assert skipped[2] < 60


def test_until_a_job_has_failed_the_schedules_between_run() -> None:
    async def scene(on: Cluster) -> list[int]:
        on.create(kinds.CRON_JOBS, cronjob(successfulJobsHistoryLimit=100))
        on.create(kinds.JOBS, scenes.job("retry", backoffLimit=4))
        await on.wait(lambda: len(on.all(kinds.PODS)) > 0)
        failed = goals.condition(on.registry, "default", "retry", "Failed")
        news = await scenes.all_news(on, Skipping(failed, seconds=3600))
        assert news[-1] == Done("")
        assert NEXT_JOB in [one.wait for one in news if isinstance(one, Jumped)]
        return [int(n[2:]) - MIDNIGHT for n in on.names(kinds.JOBS) if n.startswith("c-")]

    def behaviour(pod: Object) -> Object:
        return {"runs": 1, "exits": int(objects.name(pod).startswith("retry"))}

    assert cluster.run(scene, behaviour) == [1, 2]
