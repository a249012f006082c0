"""check -A says of each namespace what check says in it, whoever made the Jobs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e import labs
from tests.e2e.labs import Finished
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

Item = dict[str, Any]


def items(place: Place, line: str) -> list[Item]:
    """The items of a check's JSON for the namespace of this place."""
    found = json.loads(place.joblab(f"{line} -o json").out)["items"]
    return [item for item in found if item["namespace"] == place.namespace]


def test_check_everywhere_says_of_a_namespace_what_check_says_there(finished: Finished) -> None:
    place = finished.place
    assert items(place, "check -A") == items(place, "check")


def test_a_lab_has_a_row_for_its_namespace(finished: Finished) -> None:
    place = finished.place
    lines = place.joblab("check -A").out.splitlines()
    assert lines[0].split() == ["NAMESPACE", "LAB", "STATUS", "CHECKS", "RESULT"]
    rows = [line.split() for line in lines if line.startswith(f"{place.namespace} ")]
    assert [row[1] for row in rows] == list(labs.LABS)
    # the Job of lab 0 is the learner's to delete
    assert {row[1]: row[4] for row in rows if row[4] != "PASS"} == {"basics": "PENDING"}


def test_a_job_made_with_kubectl_and_a_bare_pod_are_found(place: Place) -> None:
    place.kubectl("create job sleep --image=busybox:1.36 -- true")
    place.kubectl("run echo --image=busybox:1.36 --restart=Never -- true")
    place.await_condition("job/sleep", "condition=Complete")
    outcome = place.joblab("check -A sleep echo")
    rows = [line.split()[1:] for line in outcome.out.splitlines() if place.namespace in line]
    assert rows == [["sleep", "Complete", "3/4", "FAIL"], ["echo", "<none>", "0/3", "FAIL"]]
    assert [item["result"] for item in items(place, "check -A sleep")].count("FAIL") == 1
