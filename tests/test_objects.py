"""What objects says of spans of time, Jobs and Pods where no golden file shows it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kubectl_joblab import objects

MINUTE, HOUR, DAY = 60, 3600, 86400
YEAR = 365 * DAY

# apimachinery/pkg/util/duration/duration_test.go has the same boundaries
SPANS = {
    "two seconds in the future are an error of a clock": (-2, "<invalid>"),
    "less than two seconds in the future are now": (-1.999, "0s"),
    "a part of a second in the future is now": (-0.5, "0s"),
    "a part of a second is dropped": (0.999, "0s"),
    "seconds stand alone": (27, "27s"),
    "under two minutes there are only seconds": (2 * MINUTE - 1, "119s"),
    "two minutes": (2 * MINUTE, "2m"),
    "minutes and seconds": (2 * MINUTE + 5, "2m5s"),
    "under ten minutes there are still seconds": (10 * MINUTE - 1, "9m59s"),
    "from ten minutes there are only minutes": (10 * MINUTE + 59, "10m"),
    "under three hours there are only minutes": (3 * HOUR - 1, "179m"),
    "three hours": (3 * HOUR + 59, "3h"),
    "hours and minutes": (3 * HOUR + MINUTE, "3h1m"),
    "under eight hours there are still minutes": (8 * HOUR - 1, "7h59m"),
    "from eight hours there are only hours": (9 * HOUR - 1, "8h"),
    "under two days there are only hours": (2 * DAY - 1, "47h"),
    "two days": (2 * DAY, "2d"),
    "days and hours": (2 * DAY + HOUR, "2d1h"),
    "under eight days there are still hours": (8 * DAY - 1, "7d23h"),
    "from eight days there are only days": (9 * DAY - 1, "8d"),
    "above eight days there are no hours": (8 * DAY + HOUR, "8d"),
    "under two years there are only days": (2 * YEAR - 1, "729d"),
    "two years": (2 * YEAR, "2y"),
    "years and days": (2 * YEAR + DAY, "2y1d"),
    "under eight years there are still days": (8 * YEAR - 1, "7y364d"),
    "from eight years there are only years": (9 * YEAR - 1, "8y"),
    "above eight years there are no days": (8 * YEAR + DAY, "8y"),
    "nine years": (9 * YEAR, "9y"),
}


@pytest.mark.parametrize(("seconds", "text"), SPANS.values(), ids=SPANS)
def test_a_span_is_rounded_as_kubectl_rounds_it(seconds: float, text: str) -> None:
    assert objects.human_duration(seconds) == text


def test_an_age_is_counted_from_a_time() -> None:
    now = datetime(2026, 1, 2, tzinfo=timezone.utc)
    assert objects.age(now - timedelta(seconds=130), now) == "2m10s"
    assert objects.age(None, now) == "<unknown>"


# ---- Jobs

COMPLETIONS = {
    "a number of successes": ({"completions": 6, "parallelism": 3}, "2/6"),
    "no success is needed": ({"completions": 0}, "2/0"),
    "any success of one Pod at a time": ({"parallelism": 1}, "2/1"),
    "any success of several at once": ({"parallelism": 2}, "2/1 of 2"),
    "nothing is known": ({}, "2/1"),
}


@pytest.mark.parametrize(("spec", "text"), COMPLETIONS.values(), ids=COMPLETIONS)
def test_completions_are_counted_as_kubectl_does(spec: dict[str, Any], text: str) -> None:
    assert objects.completions({"spec": spec, "status": {"succeeded": 2}}) == text


ENDED = {
    "some of each": ({"succeeded": 2, "failed": 1, "active": 4}, 3),
    "only successes": ({"succeeded": 2}, 2),
    "only failures": ({"failed": 1}, 1),
    "none has ended": ({"active": 4}, 0),
}


@pytest.mark.parametrize(("status", "number"), ENDED.values(), ids=ENDED)
def test_a_pod_has_ended_once_the_job_has_counted_it(status: dict[str, int], number: int) -> None:
    assert objects.ended_pods({"status": status}) == number


# ---- Pods

TWO = {"containers": [{"name": "main"}, {"name": "second"}]}
SIDECARS = {
    "initContainers": [
        {"name": "log", "restartPolicy": "Always"},
        {"name": "proxy", "restartPolicy": "Always"},
    ],
    "containers": [{"name": "main"}],
}
RUNNING: dict[str, Any] = {"state": {"running": {}}, "ready": True, "started": True}


def entry(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "restartCount": 0, **fields}


def waiting(name: str, reason: str, **fields: Any) -> dict[str, Any]:
    return entry(name, state={"waiting": {"reason": reason}}, **fields)


def ended(name: str, code: int, **fields: Any) -> dict[str, Any]:
    return entry(name, state={"terminated": {"exitCode": code, **fields}})


def pod(spec: dict[str, Any], deleted: str | None = None, **status: Any) -> dict[str, Any]:
    return {"metadata": {"deletionTimestamp": deleted}, "spec": spec, "status": status}


STATUSES = {
    "a Pod that nobody has seen yet shows its phase": (pod(TWO, phase="Pending"), "0/2", "Pending"),
    "a reason of the Pod hides its phase": (
        pod(TWO, phase="Failed", reason="DeadlineExceeded"),
        "0/2",
        "DeadlineExceeded",
    ),
    "a reason of a container hides that of the Pod": (
        pod(TWO, reason="DeadlineExceeded", containerStatuses=[ended("main", 143, reason="Error")]),
        "0/2",
        "Error",
    ),
    "the first container that is in trouble is shown": (
        pod(
            TWO,
            containerStatuses=[
                waiting("main", "CrashLoopBackOff"),
                waiting("second", "ImagePullBackOff"),
            ],
        ),
        "0/2",
        "CrashLoopBackOff",
    ),
    "a container that failed is shown before one that completed": (
        pod(
            TWO,
            containerStatuses=[
                ended("main", 0, reason="Completed"),
                ended("second", 1, reason="ContainerCannotRun"),
            ],
        ),
        "0/2",
        "ContainerCannotRun",
    ),
    "a container that runs and is not ready does not count": (
        pod(
            TWO,
            phase="Running",
            containerStatuses=[entry("main", **{**RUNNING, "ready": False}), entry("second")],
        ),
        "0/2",
        "Running",
    ),
    "a Pod that ended is not Terminating": (
        pod(TWO, "2026-01-01T00:00:00Z", phase="Succeeded"),
        "0/2",
        "Succeeded",
    ),
    "a Pod that is deleted while it initializes is Terminating": (
        pod(
            SIDECARS,
            "2026-01-01T00:00:00Z",
            phase="Pending",
            initContainerStatuses=[waiting("log", "PodInitializing")],
        ),
        "0/3",
        "Terminating",
    ),
    "a sidecar that has started counts as ready while the next starts": (
        pod(
            SIDECARS,
            phase="Pending",
            initContainerStatuses=[entry("log", **RUNNING), waiting("proxy", "PodInitializing")],
        ),
        "1/3",
        "Init:1/2",
    ),
    "a sidecar that has started and is not ready is passed over": (
        pod(
            SIDECARS,
            phase="Pending",
            initContainerStatuses=[
                entry("log", state={"running": {}}, started=True, ready=False),
                entry("proxy", **RUNNING),
            ],
            containerStatuses=[waiting("main", "PodInitializing")],
        ),
        "1/3",
        "PodInitializing",
    ),
    "a sidecar that crashes hides those after it": (
        pod(
            SIDECARS,
            phase="Running",
            conditions=[{"type": "Initialized", "status": "True"}],
            initContainerStatuses=[waiting("log", "CrashLoopBackOff"), entry("proxy", **RUNNING)],
            containerStatuses=[entry("main", **RUNNING)],
        ),
        "1/3",
        "Init:CrashLoopBackOff",
    ),
}


@pytest.mark.parametrize(("found", "ready", "status"), STATUSES.values(), ids=STATUSES)
def test_a_pod_is_summed_up_as_kubectl_does(found: dict[str, Any], ready: str, status: str) -> None:
    columns = objects.pod_columns(found)
    assert (f"{columns.ready}/{columns.total}", columns.status) == (ready, status)


def restarted(name: str, count: int, at: str) -> dict[str, Any]:
    last = {"terminated": {"exitCode": 1, "finishedAt": f"2026-01-01T00:00:{at}Z"}}
    return {"name": name, "restartCount": count, "lastState": last}


def test_restarts_of_init_containers_count_only_until_the_pod_is_initialized() -> None:
    spec = {"initContainers": [{"name": "prepare"}], "containers": [{"name": "main"}]}
    prepare, main = restarted("prepare", 4, "09"), restarted("main", 2, "05")
    fails = {**prepare, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    done = {**prepare, "state": {"terminated": {"exitCode": 0}}}

    before = objects.pod_columns(pod(spec, initContainerStatuses=[fails]))
    after = objects.pod_columns(
        pod(spec, initContainerStatuses=[done], containerStatuses=[{**main, **RUNNING}])
    )

    assert (before.restarts, before.restarted) == (4, objects.time("2026-01-01T00:00:09Z"))
    assert (after.restarts, after.restarted) == (2, objects.time("2026-01-01T00:00:05Z"))


def test_restarts_of_sidecars_count_and_the_last_one_gives_the_time() -> None:
    log, proxy = restarted("log", 1, "07"), restarted("proxy", 2, "08")
    statuses = [{**log, **RUNNING}, {**proxy, **RUNNING}]
    main = {**restarted("main", 3, "06"), **RUNNING}
    found = objects.pod_columns(
        pod(SIDECARS, initContainerStatuses=statuses, containerStatuses=[main])
    )
    assert (found.restarts, found.restarted) == (6, objects.time("2026-01-01T00:00:08Z"))


NOT_DONE = {
    "waits to be started again": {"waiting": {"reason": "CrashLoopBackOff"}},
    "has failed": {"terminated": {"exitCode": 1}},
    "runs and has not started yet": {"running": {}},
}


@pytest.mark.parametrize("state", NOT_DONE.values(), ids=NOT_DONE)
def test_restarts_after_a_sidecar_that_is_not_done_do_not_count(state: dict[str, Any]) -> None:
    log = {**restarted("log", 1, "07"), "state": state}
    proxy = {**restarted("proxy", 2, "08"), **RUNNING}
    found = objects.pod_columns(pod(SIDECARS, initContainerStatuses=[log, proxy]))
    assert (found.restarts, found.restarted) == (1, objects.time("2026-01-01T00:00:07Z"))
