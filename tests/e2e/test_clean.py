"""clean deletes what the labs made, Pods too, and nothing else."""

from __future__ import annotations

import pytest

from tests.e2e import screens
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e


def test_clean_deletes_the_labs_jobs_with_their_pods_and_keeps_all_others(place: Place) -> None:
    place.kubectl("create job sleep --image=busybox:1.36 -- sleep 1")
    place.kubectl("create job mine --image=busybox:1.36 -- sleep 1")
    for lab in ("echo", "basics"):
        place.joblab(f"start {lab} --no-wait").expect(0)
        place.await_condition(f"job/{lab}", "condition=Complete")

    outcome = place.joblab("clean --all").expect(0)

    screens.assert_screen("clean-all", outcome, place)
    names = [job["metadata"]["name"] for job in place.items("jobs")]
    assert names == ["mine", "sleep"]
    for lab in ("echo", "basics"):
        place.kubectl(f"wait pod -l job-name={lab} --for=delete --timeout=60s")
        assert place.pods(lab) == []
    assert len(place.pods("sleep")) == 1


def test_clean_of_one_lab_deletes_all_its_jobs_and_no_other_labs(place: Place) -> None:
    place.joblab("start echo --no-wait").expect(0)
    place.joblab("start sleep --no-wait").expect(0)
    place.joblab("start sleep --name=sleep-2 --no-wait").expect(0)

    outcome = place.joblab("clean sleep").expect(0)

    assert sorted(outcome.out.splitlines()[:2]) == [
        f'job.batch "{name}" deleted from {place.namespace} namespace'
        for name in ("sleep", "sleep-2")
    ]
    assert [job["metadata"]["name"] for job in place.items("jobs")] == ["echo"]


def test_clean_finds_nothing_where_nothing_is(place: Place) -> None:
    screens.assert_screen("clean-nothing", place.joblab("clean --all").expect(0), place)
