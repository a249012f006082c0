"""watch: what is done with kubectl meanwhile is shown, judged and kept."""

from __future__ import annotations

import json

import pytest

from tests.e2e import labs
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e


def test_each_job_that_is_made_by_hand_is_followed_and_judged(place: Place) -> None:
    place.joblab("scaffold echo").expect(0)
    running = place.begin("kubectl joblab watch echo")
    with labs.ended([running]):
        running.await_line("Waiting for job.batch/echo")
        place.kubectl("create job echo --image=busybox:1.36 -- sh -c 'echo nothing; exit 0'")
        running.await_line("Waiting for another job.batch/echo")
        place.kubectl("delete job echo")
        place.kubectl("apply -f 02-echo/job.yaml")
        running.await_line("3 passed.")
        running.interrupt()

        outcome = running.finish()

    outcome.expect(0)
    assert "FAIL echo/output" in outcome.out
    assert outcome.out.index("FAIL echo/output") < outcome.out.index("3 passed.")
    items = json.loads(place.joblab("list -o json").expect(0).out)["items"]
    assert [item["name"] for item in items if item["done"]] == ["echo"]
