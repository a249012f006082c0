"""What is decided for a CronJob is what upstream's own controller decides in the same situation.

upstream.json is what that did (capture.py), in the situations of situations.yaml.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import events
from kubectl_joblab.practice.controllers.cronjob import history, missed, plan
from tests.practice.controllers.cronjob import capture, situations
from tests.practice.controllers.cronjob.situations import Situation

UPSTREAM: dict[str, Object] = json.loads(capture.RECORDED.read_text("utf-8"))
SITUATIONS = situations.load()


@pytest.mark.parametrize("one", SITUATIONS, ids=[one.about for one in SITUATIONS])
def test_it_is_decided_as_upstream_decides(one: Situation) -> None:
    assert _outcome(one) == _comparable(UPSTREAM[one.about])


def _outcome(one: Situation) -> Object:
    """What the controller does, without a cluster: there every Job is created and deleted."""
    cronjob, told, deleted = one.cronjob, [], []
    own = [job for job in one.jobs if objects.controller(job)]
    status = cronjob["status"]
    for job in history.surplus(cronjob, own):
        status = plan.without(status, objects.uid(job))
        deleted.append(objects.name(job))
    told += [f"Normal SuccessfulDelete Deleted job {name}" for name in deleted]
    there = {objects.name(job) for job in one.jobs}
    gone = frozenset(ref["uid"] for ref in plan.active(status) if ref["name"] not in there)
    found = plan.plan(plan.CronJobSnapshot(cronjob, status, own, gone), one.now)
    told += [" ".join(event) for event in found.events]
    status, wait, created = found.status, found.wait, None
    for reference in found.replaced:
        status = plan.without(status, reference["uid"])
        deleted.append(reference["name"])
        told.append(f"Normal SuccessfulDelete Deleted job {reference['name']}")
    if found.due is not None:
        new = plan.new_job(cronjob, found.due)
        name = objects.name(new)
        other = next((job for job in one.jobs if objects.name(job) == name), None)
        if other is None:
            created = new
            made = {**new, "metadata": {**new["metadata"], "namespace": "default", "uid": "new"}}
            told.append(f"Normal SuccessfulCreate Created job {name}")
            status = plan.started(status, events.reference(made), found.due)
        elif objects.controller(other):
            status = plan.started(status, events.reference(other), found.due)
        else:
            wait = None
    seconds = None if wait is None else wait.total_seconds()
    return {
        "events": told,
        "status": status,
        "created": created,
        "deleted": deleted,
        "wait": seconds,
    }


def _comparable(outcome: Object) -> Object:
    """What upstream did. A Job's kind and creation time are left out: the API says both anyway."""
    created = outcome.get("created")
    if created is not None:
        del created["metadata"]["creationTimestamp"]
        created = {"apiVersion": "batch/v1", "kind": "Job"} | created
        created.pop("status")
    return {
        "events": outcome["events"],
        "status": outcome["status"],
        "created": created,
        "deleted": outcome["deleted"],
        "wait": outcome.get("wait"),
    }


@given(
    st.sampled_from(["* * * * *", "*/7 3 * * *", "0 0 1 * *", "@every 95s", "30 6-16/4 * * 1-5"]),
    st.integers(0, 40 * 24 * 3600),
    st.integers(0, 40 * 24 * 3600),
)
def test_the_run_that_is_due_is_past_and_the_next_is_to_come(
    schedule: str, last: int, waited: int
) -> None:
    cronjob = situations.load()[0].cronjob
    start = situations.DAY + timedelta(seconds=last)
    cronjob["spec"]["schedule"] = schedule
    cronjob["status"] = {"lastScheduleTime": start.strftime("%Y-%m-%dT%H:%M:%SZ")}
    now = start + timedelta(seconds=waited)
    when = missed.schedule(cronjob)
    due = missed.due(cronjob, when, now)
    if due.time is not None:
        assert start < due.time <= now
        following = when.next(due.time)
        assert following is not None
        assert following > now
    wait = missed.until_next(cronjob, when, now)
    assert wait is not None
    assert wait > timedelta()
