"""When a Job is over, and with which reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import backoff, finish, snapshot
from tests.practice.controllers.build import NOW, at, indexed, job, pod

FAILED = pod("f", "Failed", exit_code=42)
FAIL_JOB: Object = {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}
IGNORE: Object = {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [42]}}


def target(kind: str, status: str = "True") -> Object:
    return finish.condition(kind, status, "Reason", "Message", NOW - timedelta(seconds=60))


def seen(one: Object, some: Sequence[Object] = ()) -> snapshot.Snapshot:
    return snapshot.observe(one, some, backoff.Record(), NOW)


def restarted(count: int, phase: str = "Running") -> Object:
    return pod("r", phase, restarts=count)


def on_failure(limit: int) -> Object:
    template = {"spec": {"restartPolicy": "OnFailure", "containers": [{"name": "main"}]}}
    return job(backoffLimit=limit, template=template)


@pytest.mark.parametrize(
    ("one", "some", "ending"),
    [
        pytest.param(job(), [], None, id="nothing has happened"),
        pytest.param(job(), [FAILED], None, id="a failure within backoffLimit"),
        pytest.param(
            job(backoffLimit=0),
            [FAILED],
            (
                "FailureTarget",
                "BackoffLimitExceeded",
                "Job has reached the specified backoff limit",
            ),
            id="one failure more than backoffLimit",
        ),
        pytest.param(
            job({"failed": 2}, backoffLimit=2),
            [FAILED],
            (
                "FailureTarget",
                "BackoffLimitExceeded",
                "Job has reached the specified backoff limit",
            ),
            id="with those counted before",
        ),
        pytest.param(
            job({"uncountedTerminatedPods": {"failed": ["u"]}}, backoffLimit=1),
            [FAILED],
            (
                "FailureTarget",
                "BackoffLimitExceeded",
                "Job has reached the specified backoff limit",
            ),
            id="with those listed and not counted",
        ),
        pytest.param(
            job({"uncountedTerminatedPods": {"failed": ["uid-f"]}}, backoffLimit=1),
            [FAILED],
            None,
            id="no Pod twice",
        ),
        pytest.param(on_failure(2), [restarted(1)], None, id="OnFailure: a restart is left"),
        pytest.param(
            on_failure(2),
            [restarted(2)],
            (
                "FailureTarget",
                "BackoffLimitExceeded",
                "Job has reached the specified backoff limit",
            ),
            id="OnFailure: restarts reach backoffLimit",
        ),
        pytest.param(on_failure(0), [restarted(0)], None, id="OnFailure 0: still at the first run"),
        pytest.param(
            on_failure(0),
            [restarted(1)],
            (
                "FailureTarget",
                "BackoffLimitExceeded",
                "Job has reached the specified backoff limit",
            ),
            id="OnFailure 0: one restart",
        ),
        pytest.param(
            on_failure(1),
            [restarted(5, "Succeeded")],
            None,
            id="OnFailure: ended Pods do not count",
        ),
        pytest.param(
            job({"startTime": at(-29)}, activeDeadlineSeconds=30),
            [],
            None,
            id="before the deadline",
        ),
        pytest.param(
            job({"startTime": at(-30)}, activeDeadlineSeconds=30),
            [],
            ("FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline"),
            id="at the deadline",
        ),
        pytest.param(
            job(activeDeadlineSeconds=0),
            [],
            ("FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline"),
            id="a deadline of 0",
        ),
        pytest.param(
            job({"startTime": at(-30)}, activeDeadlineSeconds=30, suspend=True),
            [],
            None,
            id="no deadline while suspended",
        ),
        pytest.param(
            job(podFailurePolicy={"rules": [FAIL_JOB]}, backoffLimit=0),
            [FAILED],
            (
                "FailureTarget",
                "PodFailurePolicy",
                "Container main for pod default/f failed with exit code 42 matching FailJob rule "
                "at index 0",
            ),
            id="podFailurePolicy before backoffLimit",
        ),
        pytest.param(
            job(podFailurePolicy={"rules": [IGNORE]}, backoffLimit=0),
            [FAILED],
            None,
            id="ignored failures do not count",
        ),
        pytest.param(
            indexed(4, {"failedIndexes": "0"}, backoffLimitPerIndex=0, maxFailedIndexes=1),
            [],
            None,
            id="as many failed indexes as there may be",
        ),
        pytest.param(
            indexed(4, {"failedIndexes": "0,2"}, backoffLimitPerIndex=0, maxFailedIndexes=1),
            [],
            (
                "FailureTarget",
                "MaxFailedIndexesExceeded",
                "Job has exceeded the specified maximal number of failed indexes",
            ),
            id="more failed indexes",
        ),
        pytest.param(
            indexed(3, {"failedIndexes": "0", "completedIndexes": "1"}, backoffLimitPerIndex=0),
            [],
            None,
            id="an index is still to be tried",
        ),
        pytest.param(
            indexed(3, {"failedIndexes": "0", "completedIndexes": "1,2"}, backoffLimitPerIndex=0),
            [],
            ("FailureTarget", "FailedIndexes", "Job has failed indexes"),
            id="all indexes are done, one failed",
        ),
        pytest.param(
            indexed(
                3,
                {"completedIndexes": "1"},
                successPolicy={"rules": [{"succeededIndexes": "1"}]},
            ),
            [],
            ("SuccessCriteriaMet", "SuccessPolicy", "Matched rules at index 0"),
            id="successPolicy",
        ),
        pytest.param(
            job({"conditions": [target("SuccessCriteriaMet")]}, backoffLimit=0),
            [FAILED],
            ("SuccessCriteriaMet", "Reason", "Message"),
            id="success that was decided stands",
        ),
        pytest.param(
            job({"conditions": [target("FailureTarget")]}, podFailurePolicy={"rules": [FAIL_JOB]}),
            [FAILED],
            ("Failed", "Reason", "Message"),
            id="failure that was decided stands",
        ),
        pytest.param(
            job({"conditions": [target("FailureTarget", "False")]}), [], None, id="but not if False"
        ),
    ],
)
def test_the_first_reason_to_end_decides(
    one: Object, some: list[Object], ending: tuple[str, str, str] | None
) -> None:
    found = finish.evaluate(seen(one, some))
    shown = None if found is None else (found["type"], found["reason"], found["message"])
    assert shown == ending


@pytest.mark.parametrize(
    ("one", "active", "complete"),
    [
        pytest.param(job({"succeeded": 1}), 0, True, id="as many as there should be"),
        pytest.param(job({"succeeded": 1}), 1, False, id="not while a Pod is active"),
        pytest.param(job({"succeeded": 1}, completions=2), 0, False, id="not with one too few"),
        pytest.param(job(completions=0), 0, True, id="completions 0"),
        pytest.param(job(completions=None), 0, False, id="a work queue without a success"),
        pytest.param(
            job({"succeeded": 1}, completions=None, parallelism=3), 0, True, id="or with one"
        ),
    ],
)
def test_a_job_is_complete_when_enough_succeeded_and_none_is_active(
    one: Object, active: int, complete: bool
) -> None:
    found = finish.completed(seen(one), active)
    assert (found is not None) == complete
    assert found is None or found["message"] == "Reached expected number of succeeded pods"


def test_a_condition_has_all_its_fields() -> None:
    assert finish.condition("Suspended", "True", "JobSuspended", "Job suspended", NOW) == {
        "type": "Suspended",
        "status": "True",
        "lastProbeTime": at(0),
        "lastTransitionTime": at(0),
        "reason": "JobSuspended",
        "message": "Job suspended",
    }


SUSPENDED = finish.condition("Suspended", "True", "JobSuspended", "Job suspended", NOW)


@pytest.mark.parametrize(
    ("before", "state", "after"),
    [
        pytest.param([], "False", [], id="what never was True does not become False"),
        pytest.param([], "True", ["True"], id="it is added"),
        pytest.param([SUSPENDED], "False", ["False"], id="it is changed in its place"),
        pytest.param([SUSPENDED], "True", ["True"], id="it stays"),
    ],
)
def test_a_condition_is_added_changed_or_left(
    before: list[Object], state: str, after: list[str]
) -> None:
    later = NOW + timedelta(seconds=9)
    reason = {"True": "JobSuspended", "False": "JobResumed"}[state]
    message = {"True": "Job suspended", "False": "Job resumed"}[state]
    found = finish.ensured(before, "Suspended", state, reason, message, later)
    assert [one["status"] for one in found] == after
    assert (found is before) == (after == [one["status"] for one in before])
