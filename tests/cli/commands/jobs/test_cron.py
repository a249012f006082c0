"""cron: whole screens of CronJobs in a practice cluster, in virtual time."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.cli.screens import chart
from kubectl_joblab.errors import ExitCode
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.printing import timeline
from tests.cli.commands.conftest import Compare
from tests.cli.commands.test_requests import sent
from tests.inprocess.cluster import Cluster
from tests.inprocess.containers import Table
from tests.labs import builders as b
from tests.practice.node.fake import Program


class _Runs(dict[str, Any]):
    """A table that says of any run of a CronJob what the CronJob's row says."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        return self[name.rpartition("-")[0]] if "-" in name else [[Program(runs=5)]]


TABLE: Table = _Runs(
    {
        "fine": [[Program(runs=5)]],
        "slow": [[Program(runs=150)]],
        "broken": [[Program(runs=1, exits=3)]],
        "crashing": [[Program(runs=2, exits=2)]],
        "retrying": [[Program(runs=4, exits=1)], [Program(runs=4, exits=1)], [Program(runs=9)]],
        "many": [[Program(runs=9)], [Program(runs=14, exits=1)], [Program(runs=5)]],
    }
)

# of the Jobs of CronJobs whose runs take several tries
TRIES: dict[str, dict[str, Any]] = {
    "crashing": {"backoffLimit": 6},
    "retrying": {"backoffLimit": 2},
    "many": {"backoffLimit": 2, "completions": 3, "parallelism": 2},
}


def cron_job(name: str, schedule: str = "* * * * *", **spec: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "busybox:1.36", "command": ["work"]}
    pod = {"restartPolicy": "Never", "containers": [container]}
    job = {"spec": {"backoffLimit": 0, "template": {"spec": pod}}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {"schedule": schedule, "jobTemplate": job, **spec},
    }


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The zone of who looks."""
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster whose CronJobs have been there for seven minutes."""
    with Cluster(tmp_path_factory.mktemp("cron"), TABLE) as made:
        for one in (
            cron_job("fine", timeZone="Europe/Berlin"),
            cron_job("slow", concurrencyPolicy="Forbid"),
            cron_job("broken", failedJobsHistoryLimit=1),
            cron_job("held", suspend=True),
            cron_job("yearly", "0 0 1 1 *"),
            cron_job("never", "0 3 31 2 *", suspend=True),
            cron_job("crashing", "*/5 * * * *"),
            cron_job("retrying", "*/2 * * * *"),
            cron_job("many", "*/3 * * * *"),
        ):
            spec = one["spec"]["jobTemplate"]["spec"]
            spec |= TRIES.get(one["metadata"]["name"], {})
            if one["metadata"]["name"] == "crashing":
                spec["template"]["spec"]["restartPolicy"] = "OnFailure"
            _create(made, one)
        made.sleep(430)
        yield made


def _create(cluster: Cluster, body: dict[str, Any]) -> None:
    cluster._turns.call(lambda: cluster.registry.create(kinds.CRON_JOBS, body, "default"))


@pytest.mark.parametrize("name", ["fine", "slow", "broken", "held", "yearly", "never"])
def test_the_screen(there: Cluster, compare: Compare, name: str) -> None:
    assert compare(there, f"cron-{name}", f"cron cronjob/{name}").code == 0


def test_what_never_comes_is_a_cause_also_where_it_is_suspended(
    there: Cluster, compare: Compare
) -> None:
    screen = compare(there, "diagnose-cron-never", "diagnose cronjob/never")
    assert screen.code == ExitCode.FAILED


def test_in_korean(there: Cluster, compare: Compare) -> None:
    assert compare(there, "cron-slow-ko", "cron cronjob/slow --lang=ko").code == 0


def test_for_programs(there: Cluster, compare: Compare) -> None:
    assert compare(there, "cron-json", "cron cronjob/fine -o json").code == 0


def test_its_runs_as_a_timeline(there: Cluster, compare: Compare) -> None:
    assert compare(there, "timeline-cronjob", "timeline cronjob/slow").code == 0
    assert "<svg" in there.run("timeline", "cronjob/slow", "-o", "svg").out


@pytest.mark.parametrize("name", TRIES)
def test_a_run_shows_its_tries_and_what_it_waits_for(
    there: Cluster, compare: Compare, name: str
) -> None:
    assert compare(there, f"timeline-cronjob-{name}", f"timeline cronjob/{name}").code == 0


def test_the_pods_of_all_runs_are_asked_for_at_once(there: Cluster) -> None:
    assert sent(there, "timeline cronjob/retrying") == [
        "1 GET cronjobs",
        "1 LIST jobs",
        "1 LIST pods",
    ]


def test_a_run_without_its_pods_is_drawn_from_its_begin_to_its_end() -> None:
    """They are gone, or the user may not read them; a run that goes on has none yet."""
    ended, goes_on = b.complete(30), b.job(status=b.running(0))
    gone: list[Object] = []
    for pods in (gone, None):
        (whole,) = chart.run(ended, pods, b.at(40)).attempts
        assert (whole.started, whole.finished, whole.exit_code) == (b.at(0), b.at(30), 0)
    assert chart.run(goes_on, [], b.at(40)).attempts == []
    assert len(chart.run(goes_on, None, b.at(40)).attempts) == 1


def test_a_run_that_is_suspended_is_not_held_back() -> None:
    """Its first try has failed, and nothing waits for another."""
    held = b.condition("Suspended", 9, "JobSuspended")
    run = chart.run(b.job(conditions=[held]), [b.ran("demo-abcde", 0, 4, 3)], b.at(40))
    assert (run.tail, len(run.attempts)) == ("Suspended", 1)
    assert "-" not in timeline.draw([run], b.at(0), b.at(40))[1][1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("cronjob/none", 'Error from server (NotFound): cronjobs.batch "none" not found'),
        ("job/fine", 'error: this command takes cronjob/NAME, not "job/fine"'),
        (
            "fine",
            'error: this command takes cronjob/NAME, not "fine"; did you mean cronjob/fine?',
        ),
    ],
)
def test_what_is_refused(there: Cluster, words: str, says: str) -> None:
    screen = there.run("cron", words)
    assert screen.code == ExitCode.ERROR
    assert says in screen.err.splitlines()[0]


def test_where_the_clock_was_set_ahead_times_are_those_of_the_cluster(
    tmp_path: Path, compare: Compare
) -> None:
    with Cluster(tmp_path, TABLE) as made:
        _create(made, cron_job("fine"))
        assert made.run("practice", "clock", "advance", "6m").code == 0
        assert compare(made, "cron-ahead", "cron cronjob/fine").code == 0
        shown = re.search(r"last scheduled (\S+),", made.run("diagnose", "cronjob/fine").out)
        assert shown is not None
        last = json.loads(made.run("cron", "cronjob/fine", "-o", "json").out)["last"]
        assert shown[1] == last[0]["time"]
        drawn = made.run("timeline", "cronjob/fine", "-o", "svg").out
        oldest = [one["time"] for one in last if one["job"]][-1]
        assert f"0s is {oldest}" in drawn


@pytest.mark.parametrize("lab", ["23", "cronjob"])
def test_of_a_lab_its_cron_job_is_meant(cluster: Cluster, lab: str) -> None:
    assert "did you mean cronjob/cronjob-minute?" in cluster.run("cron", lab).err
