"""cron on a cluster: of each time that is over the reason that it prints is so.

The CronJobs are played once: on a real cluster minutes pass, a practice cluster's clock is set
ahead. What the API server refuses at creation is on the project's own cluster put into its etcd, as
one that an older API server has accepted (tests/cluster/etcd.py).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cluster import addresses
from tests.e2e import cluster as clusters
from tests.e2e.conftest import MakePlace
from tests.e2e.place import PATIENCE, Place

pytestmark = pytest.mark.e2e

DEADLINE = 15  # seconds
AWAY = timedelta(hours=3)  # for which no controller has looked
NOWHERE = "Mars/Olympus"
# Go finds it in the folder of time zones; PYTHONTZPATH= leaves Python those of its package alone
ELSEWHERE = "posix/Europe/Berlin"

Object = dict[str, Any]


def cron_job(name: str, runs: str, **spec: Any) -> Object:
    """A CronJob whose Jobs run a shell line."""
    container = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", runs]}
    pod = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [container]}
    template = {"spec": {"template": {"spec": pod}}}
    whole = {"schedule": "* * * * *", "suspend": False, **spec, "jobTemplate": template}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": whole,
    }


def stored(name: str, **spec: Any) -> Object:
    """A CronJob as it is stored: with the defaults that nobody adds there."""
    defaults = {"concurrencyPolicy": "Allow", "successfulJobsHistoryLimit": 3}
    return cron_job(name, "true", **defaults, failedJobsHistoryLimit=1, **spec)


CRON_JOBS = (
    cron_job("forbid", "sleep 600", concurrencyPolicy="Forbid"),
    cron_job("replace", "sleep 600", concurrencyPolicy="Replace"),
    cron_job("held", "true", suspend=True),
    cron_job("late", "true", suspend=True, startingDeadlineSeconds=DEADLINE),
    cron_job("elsewhere", "true", timeZone=ELSEWHERE),
)


class Crons:
    """The CronJobs of a place."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def times(self, name: str, **environ: str) -> Object:
        """What `cron -o json` prints."""
        place = self.place.with_environ(**environ)
        return dict(json.loads(place.joblab(f"cron cronjob/{name} -o json").expect(0).out))

    def events(self, name: str, reason: str) -> list[Object]:
        """The events of a reason about a CronJob."""
        return [
            event
            for event in self.place.items("events")
            if event["reason"] == reason and event["involvedObject"]["name"] == name
        ]

    def pass_time(self, seconds: int) -> None:
        """Let so much time pass in the cluster."""
        if not clusters.is_practice():
            time.sleep(seconds)
            return
        own = self.place.cluster.kubeconfig.with_name(clusters.PRACTICE_KUBECONFIG)
        self.place.joblab(
            f"practice clock advance {seconds}s --while-running --kubeconfig={own}"
        ).expect(0)

    def await_(self, holds: Callable[[], object]) -> None:
        """Let time pass until something holds."""
        begun = time.monotonic()
        while not holds():
            assert time.monotonic() - begun < PATIENCE
            self.pass_time(5 if clusters.is_practice() else 1)

    def suspend(self, name: str, *, value: bool) -> None:
        """Set spec.suspend."""
        patch = json.dumps({"spec": {"suspend": value}})
        self.place.kubectl(f"patch cronjob {name} -p '{patch}'")


@pytest.fixture(scope="module")
def crons(make_place: MakePlace) -> Crons:
    """CronJobs two of whose times at least are over, one of them resumed too late for its own."""
    made = Crons(make_place("cron"))
    made.place.apply(*CRON_JOBS)
    made.await_(lambda: made.events("forbid", "JobAlreadyActive"))
    made.await_(lambda: made.events("replace", "SuccessfulDelete"))
    made.pass_time(DEADLINE + 3)
    made.suspend("late", value=False)
    return made


def test_forbid_names_the_job_that_was_still_active(crons: Crons) -> None:
    last = crons.times("forbid")["last"]
    ran = next(one for one in last if one["job"])
    skipped = last[last.index(ran) - 1]
    assert (ran["result"], ran["why"]) == ("Running", "ran")
    assert (skipped["result"], skipped["why"]) == ("Skipped", "forbid")
    (active,) = crons.place.get("cronjob forbid")["status"]["active"]
    assert skipped["activeJob"] == ran["job"] == active["name"]


def test_replace_names_what_ended_the_run_before(crons: Crons) -> None:
    last = crons.times("replace")["last"]
    goes_on = next(one for one in last if one["job"])
    before = last[last.index(goes_on) + 1]
    assert (goes_on["result"], goes_on["why"]) == ("Running", "ran")
    assert (before["result"], before["why"]) == ("Replaced", "replaced")
    deleted = [event["message"] for event in crons.events("replace", "SuccessfulDelete")]
    minutes = int(datetime.fromisoformat(before["time"].replace("Z", "+00:00")).timestamp()) // 60
    assert f"Deleted job replace-{minutes}" in deleted


def test_a_suspended_one_says_so_of_each_time(crons: Crons) -> None:
    found = crons.times("held")
    assert {one["why"] for one in found["last"]} == {"suspended"}
    assert found["never"] == "spec.suspend is true, so none of these runs until it is false"
    assert crons.place.get("cronjob held")["status"] == {}


def test_a_time_for_which_it_is_resumed_too_late_is_the_deadlines(crons: Crons) -> None:
    first = crons.times("late")["last"][-1]
    # once a later one has run, nothing shows any more that this one had not
    ran = "lastScheduleTime" in crons.place.get("cronjob late")["status"]
    assert first["why"] in ("startingDeadline", "unknown") if ran else ("startingDeadline",)


def test_a_zone_that_only_the_cluster_knows_is_not_said_to_run_nothing(crons: Crons) -> None:
    known = crons.times("elsewhere")
    assert [one["inZone"][-6:] in ("+01:00", "+02:00") for one in known["next"]] == [True] * 5
    unknown = crons.times("elsewhere", PYTHONTZPATH="")
    assert unknown["next"] == []
    assert "not known on this machine" in unknown["never"]
    assert unknown["last"][0]["job"] == known["last"][0]["job"] is not None


def test_no_api_server_accepts_a_zone_that_it_does_not_know(crons: Crons) -> None:
    for spec, said in (
        ({"timeZone": NOWHERE}, f"unknown time zone {NOWHERE}"),
        ({"schedule": f"TZ={NOWHERE} * * * * *"}, "cannot use TZ or CRON_TZ in schedule"),
    ):
        manifest = json.dumps(cron_job("refused", "true", **spec))
        refused = crons.place.run("kubectl create -f -", stdin=manifest)
        assert said in refused.expect(1).err


def test_of_more_than_a_hundred_missed_times_the_last_alone_is_run(crons: Crons) -> None:
    if clusters.is_practice():
        crons.place.apply(cron_job("many", "true", schedule="@every 10s", suspend=True))
        crons.pass_time(1050)
        crons.suspend("many", value=False)
    else:
        _store(crons, stored("many"), AWAY)
    crons.await_(lambda: crons.events("many", "TooManyMissedTimes"))
    crons.await_(lambda: crons.place.get("cronjob many")["status"].get("lastScheduleTime"))
    last = crons.times("many")["last"]
    ran = next(one for one in last if one["job"])
    assert {one["why"] for one in last[last.index(ran) + 1 :]} == {"manyMissed"}


@pytest.mark.parametrize(
    ("name", "spec", "reason"),
    [
        pytest.param("zone", {"timeZone": NOWHERE}, "UnknownTimeZone", id="time zone"),
        pytest.param(
            "tz", {"schedule": f"TZ={NOWHERE} 0 3 * * *"}, "UnparseableSchedule", id="TZ= of it"
        ),
        pytest.param("broken", {"schedule": "61 * * * *"}, "UnparseableSchedule", id="schedule"),
    ],
)
def test_what_an_older_api_server_has_accepted_is_told_as_its_controller_tells_it(
    crons: Crons, name: str, spec: Object, reason: str
) -> None:
    _store(crons, stored(name, **spec))
    crons.await_(lambda: crons.events(name, reason))
    (told,) = crons.events(name, reason)
    outcome = crons.place.joblab(f"cron cronjob/{name}")
    if reason == "UnknownTimeZone":
        shown = " ".join(outcome.expect(0).out.split())
        assert f"none runs, as its controller says: {told['message']}" in shown
        assert "LAST" not in outcome.out
    else:
        why = told["message"].partition('" : ')[2]
        assert outcome.expect(1).err.splitlines()[0].endswith(f": {why}")
    found = json.loads(crons.place.joblab(f"diagnose cronjob/{name} -o json").expect(2).out)
    assert found["cause"] == "cron-schedule-invalid"
    assert reason in found["causes"][0]["what"]


def test_a_zone_in_the_schedule_of_an_older_api_server_is_gone_by(crons: Crons) -> None:
    spec = {"schedule": "TZ=Asia/Seoul 0 3 * * *"}
    _store(crons, stored("seoul", **spec))
    crons.await_(lambda: crons.events("seoul", "UnsupportedSchedule"))
    found = crons.times("seoul")
    assert found["timeZone"] == "Asia/Seoul"
    assert [one["inZone"][11:] for one in found["next"]] == ["03:00:00+09:00"] * 5


def _store(crons: Crons, body: Object, age: timedelta = timedelta()) -> None:
    """Put a CronJob into etcd; skips the test where the cluster is not the project's own."""
    if addresses.APISERVER_URL not in crons.place.cluster.kubeconfig.read_text("utf-8"):
        pytest.skip("needs the etcd of the project's own cluster")
    from tests.cluster import etcd

    etcd.put_cron_job(crons.place.namespace, body, age)
