"""Thirty Jobs as simulate says that they go, and as they go on the cluster, side by side.

What the Job controller decides has to come at the time that is told, within 2 seconds, however busy
the node is; docs/simulate.md says what a gap is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.evidence import ending
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.objects import Object
from tests.e2e.conftest import MakePlace
from tests.e2e.place import Place
from tests.e2e.simulated import CASES, Case

pytestmark = pytest.mark.e2e

SLACK = 2  # seconds by which a gap may differ from the one that is told
AT_ONCE = 5  # Jobs whose Pods begin at a time: all of them are more than a node can start
PATIENCE = 400.0
WATCH = "get {} -w --output-watch-events -o json --show-managed-fields"
Codes = tuple[str, list[int | None]]
Event = dict[str, Any]
INDEX = "batch.kubernetes.io/job-completion-index"


@dataclass(frozen=True)
class Seen:
    """The namespace in which the Jobs went, and what watches have told there.

    told: by the uid of a Pod, when the API was told that it had ended.
    """

    place: Place
    jobs: dict[str, Recorder]
    told: dict[str, datetime]


@pytest.fixture(scope="module")
def seen(make_place: MakePlace) -> Iterator[Seen]:
    """All Jobs, finished, with every Pod that they had."""
    place = make_place("simulate")
    watches = [place.begin(f"kubectl {WATCH.format(kind)}") for kind in ("jobs", "pods")]
    try:
        for first in range(0, len(CASES), AT_ONCE):
            some = CASES[first : first + AT_ONCE]
            place.apply(*(case.manifest for case in some))
            for case in some:
                _await(place, case.name, _has_begun)
        for case in CASES:
            _await(place, case.name, objects.is_finished)
        jobs, pods = (list(_events(one.out)) for one in watches)
        yield Seen(place, _recorders(jobs, pods), _told(pods))
    finally:
        for one in watches:
            one.kill()


def _await(place: Place, job: str, so: Callable[[Object], bool]) -> None:
    for _ in range(int(PATIENCE)):
        found = place.get(f"job {job}")
        if so(found):
            return
        place.run("sleep 1")
    raise AssertionError(f"{job} does not go on: {found['status']}")


def _has_begun(job: Object) -> bool:
    """Whether its Pods have started, or one of them has ended."""
    status = objects.status(job)
    ready, active = status.get("ready") or 0, status.get("active") or 0
    return objects.is_finished(job) or bool(status.get("failed")) or 0 < active == ready


def _recorders(jobs: list[Event], pods: list[Event]) -> dict[str, Recorder]:
    """What each Job and its Pods have gone through, as the watches have told it."""
    found: dict[str, Recorder] = {}
    now = datetime.now(timezone.utc)
    for event in jobs:
        job = event["object"]
        recorder = found.setdefault(objects.name(job), Recorder(job, ""))
        recorder.on_job(event["type"], job, now)
    for event in pods:
        name = objects.labels(event["object"]).get(objects.JOB_NAME_LABEL, "")
        found[name].on_pod(event["type"], event["object"], now)
    return found


def _told(pods: list[Event]) -> dict[str, datetime]:
    """When the phase of each Pod became one of the last ones, by who wrote its status then."""
    found: dict[str, datetime] = {}
    for event in pods:
        pod = event["object"]
        if objects.has_ended(pod) and objects.uid(pod) not in found:
            fields = pod["metadata"]["managedFields"]
            times = [one["time"] for one in fields if one.get("subresource") == "status"]
            time = objects.time(max(times))
            assert time is not None
            found[objects.uid(pod)] = time
    return found


def _events(text: str) -> Iterator[Event]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            found, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            return  # the last one, which is not written whole yet
        yield found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_job_goes_as_simulated(seen: Seen, case: Case) -> None:
    real = seen.jobs[case.name].view(datetime.now(timezone.utc) + timedelta(days=1))
    file = seen.place.write(f"{case.name}.json", json.dumps(case.manifest))
    words = " ".join(f"'{word}'" for word in case.flags)
    screen = seen.place.joblab(f"simulate -f {file} -o json {words}").expect(0)
    simulated = json.loads(screen.out)
    assert simulated["status"] == objects.job_status(real.job or {})
    assert simulated["reason"] == _reason(real)
    limit = ending.of(real)
    assert limit is not None
    assert simulated["limit"] == limit.field
    assert _codes_of(simulated["items"]) == _codes(real)
    told, found = simulated["gapsSeconds"], ending.gaps(real)
    if any(told):  # else what ends and begins at one moment here may do so in any order there
        assert len(told) == len(found), (told, found)
    due = told if any(told) else [0.0] * len(found)
    late = max(_late(one) for one in seen.jobs.values())
    for seconds, gap in zip(due, found, strict=True):
        assert seconds - SLACK <= gap.seconds <= _most(seen, gap, seconds, late) + SLACK, gap


def _most(seen: Seen, gap: ending.Gap, seconds: float, late: float) -> float:
    """How long a gap is at the most which is told as this long.

    The Job controller counts from the end of a try, and hears of it from the kubelet, which may
    say so later than the next Pod is due. A container starts again in its Pod when the kubelet gets
    to it: after the back-off it waits up to half as long again (workerBackOffPeriodJitterFactor in
    pkg/kubelet/pod_workers.go), and it is as late as with the first start of others.
    """
    if gap.after is gap.before:
        return 1.5 * seconds + late
    told = seen.told.get(objects.uid(gap.after), gap.since)
    return max(seconds, (told - gap.since).total_seconds())


def _reason(seen: Snapshot) -> str:
    job = seen.job or {}
    return str((objects.condition(job, objects.job_status(job)) or {})["reason"])


def _late(job: Recorder) -> float:
    """How much later than a node that is not busy this one has started a container of a Job."""
    starts = [
        (one.started - created).total_seconds()
        for record in job.pods
        for one in record.attempts[:1]
        if one.started and (created := objects.created(record.pod))
    ]
    return max(0, *starts, 1) - 1


def _codes(seen: Snapshot) -> list[Codes]:
    """The index of each Pod and the codes of its tries, index by index in the order of time."""
    return _sorted(
        (objects.annotation(record.pod, INDEX), [one.exit_code for one in record.attempts])
        for record in seen.pods
    )


def _codes_of(items: list[dict[str, Any]]) -> list[Codes]:
    """The same of what simulate prints."""
    codes = ((one["index"], [run["exitCode"] for run in one["tries"]]) for one in items)
    return _sorted(codes)


def _sorted(codes: Iterable[tuple[Any, list[int | None]]]) -> list[Codes]:
    named = [("" if index is None else str(index), of_tries) for index, of_tries in codes]
    return sorted(named, key=lambda one: one[0])
