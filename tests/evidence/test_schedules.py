"""Which Jobs are a CronJob's."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.evidence import schedules
from kubectl_joblab.objects import Object


def job(name: str, owner: str, *, controller: bool = True) -> Object:
    reference = {"kind": "CronJob", "name": "nightly", "uid": owner, "controller": controller}
    return {"metadata": {"name": name, "ownerReferences": [reference]}}


def test_a_job_is_its_cron_jobs_by_uid_and_not_by_name() -> None:
    nightly = {"metadata": {"name": "nightly", "uid": "u1"}}
    assert schedules.is_made_by(nightly, job("nightly-1", "u1"))
    assert not schedules.is_made_by(nightly, job("nightly-2", "u0"))  # an earlier CronJob's
    assert not schedules.is_made_by(nightly, job("nightly-3", "u1", controller=False))
    assert not schedules.is_made_by(nightly, {"metadata": {"name": "nightly-4"}})


def test_a_jobs_maker_is_the_cron_job_that_controls_it() -> None:
    assert schedules.maker(job("nightly-1", "u1")) == "nightly"
    assert schedules.maker(job("nightly-3", "u1", controller=False)) == ""
    assert schedules.maker(None) == ""


def test_what_was_taken_by_hand_is_not_scheduled() -> None:
    made, taken = job("nightly-29934629", "u1"), job("trial", "u1")
    made["metadata"]["annotations"] = {objects.SCHEDULED_ANNOTATION: "2026-11-30T22:29:00Z"}
    taken["metadata"]["annotations"] = {objects.INSTANTIATE_ANNOTATION: "manual"}
    found = schedules.together({"metadata": {"name": "nightly", "uid": "u1"}}, [made, taken])
    assert found.scheduled == (made,)
