"""Every lab from `start` to PASS, by the installed command, and kubectl's word on what is there."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
import yaml

from tests.e2e import abilities, labs, screens
from tests.e2e.labs import Finished
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

JOBS = [pytest.param(job, id=f"start {typed}") for job, typed in labs.STARTS.items()]


@pytest.mark.parametrize("job", JOBS)
def test_start_shows_what_the_job_did_and_that_every_check_passes(
    finished: Finished, job: str
) -> None:
    outcome = finished.starts[job].expect(labs.LEFT.get(job, 0))

    screens.assert_screen(f"start-{job}", outcome, finished.place, others=True)


@pytest.mark.parametrize(
    "job", [pytest.param(job, id=f"start {typed}") for job, typed in labs.LATER.items()]
)
def test_start_of_a_later_lab_shows_what_the_job_did_and_that_every_check_passes(
    later: Finished, job: str
) -> None:
    outcome = later.starts[job].expect(0)

    screens.assert_screen(
        f"start-{job}", outcome, later.place, stream=False, pods_alike=False, others=True
    )


def test_list_shows_that_the_later_labs_are_done(later: Finished) -> None:
    outcome = later.place.joblab("list").expect(0)

    screens.assert_screen("list-later", outcome, later.place)


@pytest.mark.parametrize("job", JOBS)
def test_start_and_kubectl_show_the_same_facts(finished: Finished, job: str) -> None:
    place, printed = finished.place, finished.starts[job].expect(labs.LEFT.get(job, 0)).out
    selector = f"batch.kubernetes.io/job-name={job}"
    theirs = {
        "job": place.run(f"kubectl get job {job}"),
        "pods": place.run(f"kubectl get pods -l {selector}"),
    }

    ours = {
        "job": screens.section(printed, f"# kubectl get job {job}"),
        "pods": screens.section(printed, f"# kubectl get pods -l {selector}"),
    }

    for what, outcome in theirs.items():
        expected = (outcome.expect(0).out or outcome.err).splitlines()
        assert screens.without_ages(ours[what]) == screens.without_ages(expected)


@pytest.mark.parametrize("job", JOBS)
def test_a_job_has_not_taken_longer_than_it_exists(finished: Finished, job: str) -> None:
    row = screens.section(finished.starts[job].out, f"# kubectl get job {job}")[1].split()

    duration, age = (int(cell.removesuffix("s")) for cell in row[-2:])

    assert duration <= age


@pytest.mark.parametrize("lab", labs.LABS)
def test_check_passes_what_start_has_passed(finished: Finished, lab: str) -> None:
    outcome = finished.place.joblab(f"check {lab}").expect(labs.LEFT.get(lab, 0))

    screens.assert_screen(f"check-{lab}", outcome, finished.place, others=True)


def test_check_without_a_lab_judges_every_job_there_is(finished: Finished) -> None:
    outcome = finished.place.joblab("check").expect(3)  # the Job of lab 0 is still to be deleted

    screens.assert_screen("check", outcome, finished.place)


def test_the_job_of_lab_0_is_the_learners_to_delete(place: Place) -> None:
    led = place.joblab("start basics").expect(3)
    assert "Next: kubectl delete job basics" in led.err
    place.kubectl("delete job basics")
    place.kubectl("wait pod -l job-name=basics --for=delete --timeout=60s")

    screens.assert_screen("check-basics-deleted", place.joblab("check basics").expect(0), place)


def test_list_shows_where_the_learner_stands_with_each_lab(finished: Finished) -> None:
    outcome = finished.place.joblab("list").expect(0)

    screens.assert_screen("list", outcome, finished.place)


@pytest.mark.usefixtures("pod_security")
def test_every_lab_passes_where_restricted_is_enforced(finished: Finished) -> None:
    namespace = finished.place.get(f"namespace {finished.place.namespace}")
    assert abilities.RESTRICTED.items() <= namespace["metadata"]["labels"].items()

    assert {job["metadata"]["name"] for job in finished.place.items("jobs")} == set(labs.STARTS)

    said = {
        job: outcome.expect(labs.LEFT.get(job, 0)).err for job, outcome in finished.starts.items()
    }

    assert not [job for job, text in said.items() if "Warning" in text]


def test_start_says_all_of_it_in_korean(place: Place) -> None:
    outcome = place.joblab("start echo --lang=ko").expect(0)

    screens.assert_screen("start-echo-korean", outcome, place)


def test_the_locale_chooses_korean(finished: Finished) -> None:
    place = finished.place

    by_locale = place.with_environ(LC_ALL="ko_KR.UTF-8").joblab("check echo").expect(0)

    assert by_locale.out == place.joblab("check echo --lang=ko").expect(0).out
    assert "통과" in by_locale.out


# ---- check's formats


def test_check_prints_wide_with_the_source_of_each_verdict(finished: Finished) -> None:
    outcome = finished.place.joblab("check retry --variant=onfailure -o wide").expect(0)

    screens.assert_screen("check-wide", outcome, finished.place, others=True)


def test_check_prints_json_with_every_key(finished: Finished) -> None:
    outcome = finished.place.joblab("check completions -o json").expect(0)

    found = json.loads(outcome.out)
    uid = finished.place.uid("job/completions")
    assert {item["uid"] for item in found["items"]} == {uid}
    screens.assert_screen("check-json", outcome, finished.place, others=True)


def test_check_prints_yaml_with_the_same_content_as_json(finished: Finished) -> None:
    as_json = finished.place.joblab("check parallelism -o json").expect(0)
    as_yaml = finished.place.joblab("check parallelism -o yaml").expect(0)

    assert yaml.safe_load(as_yaml.out) == json.loads(as_json.out)


def test_check_prints_names(finished: Finished) -> None:
    outcome = finished.place.joblab("check sleep -o name").expect(0)

    assert outcome.out.split() == ["sleep/job", "sleep/pod", "sleep/duration", "sleep/complete"]
    assert not outcome.err.startswith("error")


def test_check_prints_junit_that_an_xml_reader_takes(finished: Finished) -> None:
    outcome = finished.place.joblab("check -o junit").expect(3)

    suites = ElementTree.fromstring(outcome.out)
    assert [suite.get("name") for suite in suites] == list(labs.STARTS)
    assert {suite.get("failures") for suite in suites} == {"0"}
    cases = [case for suite in suites for case in suite]
    assert len(cases) == sum(int(suite.get("tests", "0")) for suite in suites)
    assert [case.get("name") for case in cases if list(case)] == ["pods-gone"]


def test_check_prints_no_headers_where_none_are_wanted(finished: Finished) -> None:
    with_headers = finished.place.joblab("check sleep").expect(0).out.splitlines()

    without = finished.place.joblab("check sleep --no-headers").expect(0).out.splitlines()

    assert len(without) > 1
    assert without == with_headers[1:]


def test_start_prints_its_verdicts_as_json(place: Place) -> None:
    outcome = place.joblab("start echo -o json").expect(0)

    found = json.loads(outcome.out)
    assert found["summary"] == {"pass": 3, "fail": 0, "pending": 0, "unknown": 0}
    assert {item["uid"] for item in found["items"]} == {place.uid("job/echo")}
