"""doctor, logs, events, status: what the cluster says, by this user, of one Job."""

from __future__ import annotations

import re

import pytest

from tests.e2e import screens
from tests.e2e.labs import Finished
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

PREFIX = re.compile(r"^\[pod/([a-z-]+-\w{5})/main\] ")


def test_doctor_finds_nothing_wrong_where_the_labs_run(place: Place) -> None:
    outcome = place.joblab("doctor").expect(0)

    _, *rows = (line.split()[:2] for line in outcome.out.splitlines())
    assert [name for name, _ in rows] == [
        *("kubeconfig", "server", "jobs.batch", "cronjobs.batch", "pods", "pods/eviction"),
        *("pods/log", "events", "configmaps", "pod-security", "resourcequotas"),
    ]
    assert {result for _, result in rows} == {"PASS"}


def test_logs_prints_every_pod_with_kubectls_prefix(finished: Finished) -> None:
    place = finished.place

    outcome = place.joblab("logs parallelism").expect(0)

    theirs = place.kubectl("logs job/parallelism --all-pods=true").splitlines()
    assert sorted(outcome.out.splitlines()) == sorted(theirs)


def test_logs_tail_prints_the_last_lines_of_each_pod(finished: Finished) -> None:
    lines = finished.place.joblab("logs parallelism --tail=1").expect(0).out.splitlines()

    assert sorted(PREFIX.sub("", line) for line in lines) == ["done"] * 6


def test_logs_timestamps_are_kubectls(finished: Finished) -> None:
    place = finished.place

    ours = place.joblab("logs completions --timestamps").expect(0).out.splitlines()

    theirs = place.kubectl("logs job/completions --all-pods=true --timestamps").splitlines()
    assert sorted(ours) == sorted(theirs)


def test_logs_previous_of_pods_that_were_never_restarted_says_so(finished: Finished) -> None:
    outcome = finished.place.joblab("logs sleep --previous").expect(0)

    screens.assert_screen("logs-previous-none", outcome, finished.place)


def test_logs_follow_ends_with_the_job_and_has_every_line(place: Place) -> None:
    place.joblab("start completions --no-wait").expect(0)
    place.await_condition("pod -l job-name=completions", "jsonpath={.status.phase}=Running")

    outcome = place.joblab("logs completions -f").expect(0)

    lines = [PREFIX.sub("", line) for line in outcome.out.splitlines()]
    assert [re.sub(r" on .*", "", line) for line in lines] == ["start", "done"] * 3
    place.await_condition("job/completions", "condition=Complete")


def test_logs_of_a_job_without_pods_says_so_at_once(place: Place) -> None:
    place.joblab("start echo --no-wait").expect(0)
    place.await_condition("job/echo", "condition=Complete")
    place.kubectl("delete pods -l job-name=echo")

    outcome = place.joblab("logs echo").expect(1)

    screens.assert_screen("logs-no-pods", outcome, place)


def test_events_tell_the_job_from_an_earlier_one_of_its_name(place: Place) -> None:
    place.joblab("start echo").expect(0)
    first = [pod["metadata"]["name"] for pod in place.pods("echo")]
    place.joblab("start echo").expect(0)
    second = [pod["metadata"]["name"] for pod in place.pods("echo")]
    both = place.kubectl("events --for job/echo")
    assert len({*first, *second}) == 2
    assert all(name in both for name in first + second), "kubectl goes by name"

    ours = place.joblab("events echo").expect(0).out

    assert all(name not in ours for name in first)
    assert all(name in ours for name in second)


def test_events_of_a_second_stand_in_the_order_they_happened(finished: Finished) -> None:
    lines = finished.place.joblab("events retry --no-headers").expect(0).out.splitlines()
    for pod in finished.place.pods("retry"):
        reasons = [line.split()[2] for line in lines if f"Pod/{pod['metadata']['name']} " in line]
        assert reasons == ["Scheduled", "Pulled", "Created", "Started"]


def test_events_of_one_type_are_those_alone(finished: Finished) -> None:
    outcome = finished.place.joblab("events retry --types=Warning").expect(0)

    screens.assert_screen("events-warning", outcome, finished.place)


def test_status_without_pods_says_what_kubectl_says(place: Place) -> None:
    place.joblab("start echo --no-wait").expect(0)
    place.await_condition("job/echo", "condition=Complete")
    place.kubectl("delete pods -l job-name=echo")

    outcome = place.joblab("status echo").expect(0)

    screens.assert_screen("status-no-pods", outcome, place)


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_status_prints_job_and_pods_as_one_list(finished: Finished, form: str) -> None:
    import yaml

    place = finished.place

    found = yaml.safe_load(place.joblab(f"status sleep -o {form}").expect(0).out)

    names = [(item["kind"], item["metadata"]["uid"]) for item in found["items"]]
    pods = [("Pod", pod["metadata"]["uid"]) for pod in place.pods("sleep")]
    assert names == [("Job", place.uid("job/sleep")), *pods]
