"""timeline, cron and rerun on a cluster, as a user types them."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

CONTAINER = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", "sleep 2; exit 3"]}
POD = {"restartPolicy": "Never", "containers": [CONTAINER]}
JOB = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "report", "labels": {"app": "report"}},
    "spec": {"backoffLimit": 1, "template": {"spec": POD}},
}
CRON_JOB = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "metadata": {"name": "held"},
    "spec": {
        "schedule": "*/5 * * * *",
        "timeZone": "Asia/Seoul",
        "suspend": True,
        "jobTemplate": {"spec": JOB["spec"]},
    },
}


def test_a_job_that_failed_is_drawn_and_run_again(place: Place) -> None:
    place.apply(JOB)
    place.await_condition("job/report", "condition=Failed")
    found = json.loads(place.joblab("timeline job/report -o json").expect(0).out)
    assert [one["exitCode"] for pod in found["items"] for one in pod["tries"]] == [3, 3]
    assert found["text"]["Limit"] == "backoffLimit 1 ends it after try 2 of 2"
    drawn = ElementTree.fromstring(place.joblab("timeline job/report -o svg").expect(0).out)
    assert drawn.get("role") == "img"
    assert "back-off" in place.joblab("timeline job/report").expect(0).out

    before = place.get("job report")
    made = place.joblab("rerun job/report --set-image=main=busybox:1.36").expect(0)
    assert made.out == "job.batch/report-2 created\n"
    place.await_condition("job/report-2", "condition=Failed")
    again = place.get("job report-2")
    assert again["metadata"]["labels"]["app"] == "report"
    assert again["spec"]["template"]["spec"] == before["spec"]["template"]["spec"]
    assert place.get("job report") == before
    printed = place.joblab("rerun job/report --dry-run=server -o name").expect(0)
    assert printed.out == "job.batch/report-3\n"


def test_a_cronjob_tells_its_times(place: Place) -> None:
    place.apply(CRON_JOB)
    found = json.loads(place.joblab("cron cronjob/held -o json").expect(0).out)
    assert [one["inZone"][-6:] for one in found["next"]] == ["+09:00"] * 5
    assert all(one["why"] == "suspended" for one in found["last"])
    assert "spec.suspend is true" in place.joblab("cron cronjob/held").expect(0).out
    assert "no Jobs" in place.joblab("timeline cronjob/held").expect(0).err
