"""Thirty Jobs as simulate says that they go, and as they go on the cluster, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.evidence import ending
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from tests.e2e.conftest import MakePlace
from tests.e2e.place import Place, Running
from tests.e2e.simulated import CASES, Case

pytestmark = pytest.mark.e2e

SLACK = 2  # seconds by which two gaps may differ on a node that is not busy
PATIENCE = 240.0
WATCH = "get {} -w --output-watch-events -o json"
Codes = tuple[str, list[int | None]]
INDEX = "batch.kubernetes.io/job-completion-index"


@dataclass(frozen=True)
class Seen:
    """The namespace in which the Jobs went, and what watches have told there."""

    place: Place
    jobs: dict[str, Recorder]


@pytest.fixture(scope="module")
def seen(make_place: MakePlace) -> Iterator[Seen]:
    """All Jobs, finished, with every Pod that they had."""
    place = make_place("simulate")
    watches = [place.begin(f"kubectl {WATCH.format(kind)}") for kind in ("jobs", "pods")]
    try:
        place.apply(*(case.manifest for case in CASES))
        for case in CASES:
            _await_end(place, case.name)
        yield Seen(place, _recorders(watches))
    finally:
        for one in watches:
            one.kill()


def _await_end(place: Place, job: str) -> None:
    for _ in range(int(PATIENCE)):
        if objects.is_finished(place.get(f"job {job}")):
            return
        place.run("sleep 1")
    raise AssertionError(f"{job} does not end: {place.get(f'job {job}')['status']}")


def _recorders(watches: list[Running]) -> dict[str, Recorder]:
    """What each Job and its Pods have gone through, as the watches have told it."""
    found: dict[str, Recorder] = {}
    now = datetime.now(timezone.utc)
    for event in _events(watches[0].out):
        job = event["object"]
        recorder = found.setdefault(objects.name(job), Recorder(job, ""))
        recorder.on_job(event["type"], job, now)
    for event in _events(watches[1].out):
        name = objects.labels(event["object"]).get(objects.JOB_NAME_LABEL, "")
        found[name].on_pod(event["type"], event["object"], now)
    return found


def _events(text: str) -> Iterator[dict[str, Any]]:
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
    most = SLACK + max(_late(one) for one in seen.jobs.values())
    if not any(told):  # what ends and begins at one moment here may do so in any order there
        assert max(found, default=0) <= most, found
        return
    assert len(told) == len(found), (told, found)
    pairs = zip(told, found, strict=True)
    assert all(abs(one - two) <= most for one, two in pairs), (told, found)


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
