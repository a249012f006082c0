"""What shows a cause and was not brought about on a cluster, as Kubernetes' source has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.evidence import verdict
from kubectl_joblab.evidence.causes import cron, table
from kubectl_joblab.evidence.causes.cron import Made
from kubectl_joblab.evidence.causes.table import Findings
from kubectl_joblab.evidence.snapshot import PodRecord
from kubectl_joblab.language import Language
from kubectl_joblab.objects import Object
from tests.labs import builders as b

LIMIT = "BackoffLimitExceeded"


def found(job: Object, pods: Sequence[Any] = (), events: Sequence[Object] = ()) -> Findings:
    return table.findings(b.seen(job, *pods, events=events))


def test_what_to_run_looks_at_no_object_of_a_job_that_is_gone() -> None:
    failed = b.record(b.ran("demo-a", 1, 2, 1), gone=True)
    seen = b.seen(b.job(), failed)
    assert [one.run for one in table.of(seen)] == ["kubectl describe job demo"]
    gone = table.of(seen._replace(gone=True))
    assert [one.run for one in gone] == ["kubectl joblab logs job/demo"]


def disrupted(reason: str) -> Object:
    """A Pod that is ended from outside, and whose container has ended with 143 of that."""
    target = {"type": "DisruptionTarget", "status": "True", "reason": reason}
    target |= {"message": "why", "lastTransitionTime": b.stamp(3)}
    return b.pod("demo-a", b.container(b.ended(1, 4, 143)), phase="Failed", conditions=[target])


def ended(reason: str, message: str = "") -> Object:
    pod = b.pod("demo-a", phase="Failed")
    pod["status"] |= {"reason": reason, "message": message}
    return pod


def waits(reason: str, message: str) -> Object:
    return b.pod("demo-a", b.container(b.waiting(reason, message)))


PODS: dict[str, tuple[str, Callable[[], Object]]] = {
    "a node that is not reachable": ("node-lost", lambda: disrupted("DeletionByTaintManager")),
    "a node that is gone": ("node-lost", lambda: disrupted("DeletionByPodGC")),
    "a Pod that was preempted and is still there": (
        "preempted",
        lambda: disrupted("PreemptionByScheduler"),
    ),
    "a drain that is still seen": ("eviction", lambda: disrupted("EvictionByEvictionAPI")),
    "a node without memory": (
        "evicted-for-memory",
        lambda: ended("Evicted", "The node was low on resource: memory. Threshold quantity: 1"),
    ),
    "a node without process ids": (
        "evicted",
        lambda: ended("Evicted", "The node was low on resource: pids."),
    ),
    "a node without disk": (
        "evicted-for-disk",
        lambda: ended("Evicted", "The node was low on resource: ephemeral-storage."),
    ),
    "an image for a reason that nobody has met": (
        "image",
        lambda: waits("ImagePullBackOff", "Back-off pulling image: something else"),
    ),
    "a container for a reason that nobody has met": (
        "container-config",
        lambda: waits("CreateContainerConfigError", "something else"),
    ),
}


@pytest.mark.parametrize(("cause", "pod"), PODS.values(), ids=PODS)
def test_a_pod_shows(cause: str, pod: Callable[[], Object]) -> None:
    named = found(b.job(), [pod()])
    assert named.root is not None
    assert (named.root.id, [one.id for one in named.also]) == (cause, [])


def test_a_limit_where_nothing_is_left_of_the_tries_is_no_cause_but_a_loss() -> None:
    named = found(b.failed(9))
    assert (named.root and named.root.id, named.lost) == ("backoff-limit", True)


def test_a_refusal_that_nobody_has_met() -> None:
    named = found(b.job(), (), [b.event("FailedCreate", "Error creating: no", kind="Warning")])
    assert named.root is not None
    assert named.root.id == "pods-refused"


def test_a_volume_for_a_reason_that_nobody_has_met() -> None:
    pod = b.pod("demo-a", b.container(b.waiting("ContainerCreating")))
    about = {"kind": "Pod", "name": "demo-a", "uid": "uid-of-demo-a"}
    event = b.event("FailedMount", "Unable to attach", kind="Warning") | {"involvedObject": about}
    named = found(b.job(), [pod], [event])
    assert named.root is not None
    assert named.root.id == "volume-not-mounted"


def outlasting(*, gone: bool, runs: float = 100) -> PodRecord:
    """A Pod whose program ended well, and whose other container was ended by a deadline."""
    program = b.container(b.ended(1, 2))
    other = b.container(b.ended(1, runs, 137), name="collector")
    return b.record(b.pod("demo-a", program, other, phase="Failed"), gone=gone)


def test_a_sidecar_that_only_the_jobs_deadline_has_ended_is_known_from_a_record() -> None:
    ended = b.failed(101, reason="DeadlineExceeded")
    named = found(ended, [outlasting(gone=True)])
    assert named.root is not None
    assert named.root.id == "sidecar-never-ends"
    assert named.root.run == "kubectl joblab logs job/demo"
    assert [one.id for one in named.consequences] == ["job-deadline"]


def test_two_programs_of_about_the_same_length_are_no_sidecar() -> None:
    ended = b.failed(31, reason="DeadlineExceeded")
    named = found(ended, [outlasting(gone=True, runs=30)])
    assert named.root is not None
    assert named.root.id != "sidecar-never-ends"


# ---- CronJobs


def nightly(**spec: object) -> Object:
    metadata = {"name": "nightly", "uid": "u1", "creationTimestamp": b.stamp(0)}
    return {"metadata": metadata, "spec": {"schedule": "0 3 * * *", **spec}, "status": {}}


def told(reason: str, message: str) -> Object:
    about = {"kind": "CronJob", "name": "nightly", "uid": "u1"}
    return b.event(reason, message, kind="Warning") | {"involvedObject": about}


EVENTS = {
    "a zone that the node does not know": ("cron-schedule-invalid", "UnknownTimeZone"),
    "a schedule that cannot be read": ("cron-schedule-invalid", "UnparseableSchedule"),
    "a run that was missed": ("cron-missed", "MissSchedule"),
    "too many runs that were missed": ("cron-missed", "TooManyMissedTimes"),
}


@pytest.mark.parametrize(("cause", "reason"), EVENTS.values(), ids=EVENTS)
def test_a_cron_job_tells_by_its_events(cause: str, reason: str) -> None:
    named = cron.findings(nightly(), (), [told(reason, "why")])
    assert named.root is not None
    assert (named.root.id, named.root.because) == (cause, "why")


def test_a_cron_job_is_not_well_where_its_last_job_is_not() -> None:
    root = table.findings(b.seen(b.failed(9), b.ran("demo-a", 1, 3, 1))).root
    won, lost = Made(b.complete(9), Findings()), Made(b.failed(9), Findings(root))
    assert cron.findings(nightly(), [won, lost], ()).root == root
    assert cron.findings(nightly(), [lost, won], ()).root is None


def test_a_cron_job_that_a_controller_has_suspended_is_not_so_on_purpose() -> None:
    fields = {"manager": "some-operator", "fieldsV1": {"f:spec": {"f:suspend": {}}}}
    one = nightly(suspend=True)
    assert cron.findings(one, (), ()).root is None
    one["metadata"]["managedFields"] = [fields]
    named = cron.findings(one, (), ()).root
    assert named is not None
    assert named.id == "cron-suspended"


def running_ones(number: int) -> list[Made]:
    """Jobs of a schedule that go on, each begun a minute after the one before."""
    made = []
    for place in range(number):
        job = b.job(f"nightly-{place}", created=60 * place, status={"active": 1})
        noted = {objects.SCHEDULED_ANNOTATION: b.stamp(60 * place)}
        job["metadata"]["annotations"] = noted
        made.append(Made(job, Findings()))
    return made


def test_jobs_pile_up_where_none_succeeds_and_many_run_at_once() -> None:
    one = nightly(schedule="* * * * *")
    named = cron.findings(one, running_ones(10), ()).root
    assert named is not None
    assert named.id == "cron-jobs-pile-up"
    assert cron.findings(one, running_ones(9), ()).root is None
    assert cron.findings(nightly(concurrencyPolicy="Forbid"), running_ones(10), ()).root is None


def test_jobs_that_overlap_and_succeed_are_as_many_as_they_need_to_be() -> None:
    one = nightly(schedule="* * * * *")
    one["status"]["lastSuccessfulTime"] = b.stamp(580)
    assert cron.findings(one, running_ones(10), ()).root is None


# ---- the verdict


def test_tries_that_begin_in_the_same_second_and_run_on_have_no_gaps() -> None:
    running = b.pod("demo-a", b.container(b.running(1)))
    seen = b.seen(
        b.job(), running, b.ran("demo-b", 1, 3), b.pod("demo-c", b.container(b.running(1)))
    )
    assert Language("en")(verdict.of_job(seen)) == "Running. 3 tries"


def test_gaps_are_told_between_tries_that_failed_one_after_the_other() -> None:
    tries = [b.ran("demo-a", 1, 3, 1), b.ran("demo-b", 13, 15, 1), b.ran("demo-c", 35, 36, 3)]
    said = Language("en")(verdict.of_job(b.seen(b.failed(37), *tries)))
    assert said == "Failed: BackoffLimitExceeded. 3 tries, gaps 10s 20s; exit 1, 3"
