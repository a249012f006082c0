"""Deployments beside Jobs, as lab 0 has them: one starts an ended process again, the other not."""

from __future__ import annotations

import json

import pytest

from tests.e2e.place import Place
from tests.labs import ours

pytestmark = pytest.mark.e2e


def test_lab_0_shows_that_a_deployment_starts_an_ended_process_again_and_a_job_does_not(
    place: Place,
) -> None:
    lines = next(lab for lab in ours.LABS if lab.name == "basics").commands
    create, look, delete = (line for line in lines if "again" in line)
    place.joblab("start basics")

    place.kubectl(create.removeprefix("kubectl "))
    restarts = "jsonpath={.status.containerStatuses[0].restartCount}"
    place.kubectl(f"wait pod -l app=again --for={restarts}=2 --timeout=90s")

    (pod,) = json.loads(place.kubectl(f"{look.removeprefix('kubectl ')} -o json"))["items"]
    last = pod["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert (last["reason"], last["exitCode"]) == ("Completed", 0)
    done = place.pods("basics")[0]["status"]["containerStatuses"][0]
    assert done["restartCount"] == 0
    place.kubectl(delete.removeprefix("kubectl "))
    place.kubectl("wait pod -l app=again --for=delete --timeout=60s")
