"""How `start` puts a Job into the cluster, and how it ends other than by the Job's end."""

from __future__ import annotations

import json
import re
import time

import pytest
import yaml

from tests.e2e import labs, manifests, screens
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

LONG = "sleep --seconds=60"


def test_no_wait_creates_the_job_and_says_how_to_go_on(place: Place) -> None:
    outcome = place.joblab("start echo --no-wait").expect(0)

    screens.assert_screen("no-wait", outcome, place)
    assert place.uid("job/echo")
    place.joblab("check echo --wait").expect(0)


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_no_wait_prints_the_job_as_served(place: Place, form: str) -> None:
    outcome = place.joblab(f"start sleep --no-wait -o {form}").expect(0)

    job = yaml.safe_load(outcome.out)  # JSON is YAML
    assert job["metadata"]["uid"] == place.uid("job/sleep")


def test_no_wait_prints_the_name_alone(place: Place) -> None:
    assert place.joblab("start sleep --no-wait -o name").expect(0).out == "job.batch/sleep\n"


@pytest.mark.parametrize("mode", ["client", "server"])
def test_a_dry_run_creates_nothing(place: Place, mode: str) -> None:
    outcome = place.joblab(f"start sleep --dry-run={mode}").expect(0)

    screens.assert_screen(f"dry-run-{mode}", outcome, place)
    assert place.items("jobs") == []


def test_a_dry_run_of_the_client_prints_what_kubectl_can_create(place: Place) -> None:
    printed = place.joblab("start sleep --seconds=11 --dry-run=client -o yaml").expect(0).out

    place.kubectl("create -f -", stdin=printed)

    assert place.get("job sleep")["spec"]["template"]["spec"]["containers"][0]["command"][1] == "11"


def test_a_dry_run_of_the_server_prints_what_the_server_would_add(place: Place) -> None:
    printed = place.joblab("start sleep --dry-run=server -o json").expect(0).out

    job = json.loads(printed)
    assert job["metadata"]["uid"]
    assert job["spec"]["backoffLimit"] == 6


def test_a_dry_run_of_the_server_says_what_start_would_do_with_a_job_that_is_there(
    place: Place,
) -> None:
    place.joblab("start sleep --seconds=2").expect(0)
    first = place.uid("job/sleep")
    again = place.joblab("start sleep --dry-run=server").expect(0)
    assert again.out == (
        'job.batch "sleep" deleted (server dry run)\njob.batch/sleep created (server dry run)\n'
    )
    assert place.uid("job/sleep") == first

    place.kubectl("delete job sleep")
    place.joblab(f"start {LONG} --no-wait").expect(0)
    joined = place.joblab(f"start {LONG} --dry-run=server").expect(0)
    assert joined.out == "job.batch/sleep is running; start joins it\n"
    other = place.joblab("start sleep --seconds=30 --dry-run=server").expect(1)
    assert other.err == place.joblab("start sleep --seconds=30").expect(1).err

    place.kubectl("create job echo --image=busybox:1.36 -- echo hi")
    left = place.joblab("start echo --dry-run=server").expect(1)
    assert left.err == place.joblab("start echo").expect(1).err


def test_a_dry_run_of_the_starter_is_refused_as_its_creation_is(place: Place) -> None:
    outcome = place.joblab("start yaml --dry-run=server").expect(1)

    assert outcome.out == ""
    assert outcome.err.startswith("error: ") or "is invalid" in outcome.err


def test_a_finished_job_of_the_lab_is_replaced(place: Place) -> None:
    place.joblab("start echo").expect(0)
    first = place.uid("job/echo")

    outcome = place.joblab("start echo").expect(0)

    assert (
        f'job.batch "echo" deleted from {place.namespace} namespace\njob.batch/echo created\n'
    ) in outcome.out
    assert place.uid("job/echo") != first


def test_a_running_job_of_the_lab_is_joined(place: Place) -> None:
    manifests.start_gated(place)
    first = place.uid("job/sleep")
    running = place.begin("kubectl joblab start sleep -f gated.yaml")
    with labs.ended([running]):
        running.await_line("joined it")
        manifests.release(place)

        outcome = running.finish().expect(0)

    assert "job.batch/sleep is running; joined it\n" in outcome.out
    assert place.uid("job/sleep") == first


def test_a_running_job_with_other_values_is_refused_with_the_difference(place: Place) -> None:
    place.joblab(f"start {LONG} --no-wait").expect(0)
    first = place.uid("job/sleep")

    outcome = place.joblab("start sleep --seconds=30").expect(1)

    screens.assert_screen("running-with-other-values", outcome, place)
    assert place.uid("job/sleep") == first


def test_a_job_that_no_lab_made_is_left_alone(place: Place) -> None:
    place.kubectl("create job sleep --image=busybox:1.36 -- sleep 60")
    before = place.get("job sleep")

    outcome = place.joblab("start sleep").expect(1)

    screens.assert_screen("not-made-by-a-lab", outcome, place)
    after = place.get("job sleep")
    assert (after["metadata"]["uid"], after["spec"]) == (before["metadata"]["uid"], before["spec"])


def test_a_job_of_another_lab_under_this_labs_name_is_left_alone(place: Place) -> None:
    place.joblab("start sleep --name=echo --no-wait").expect(0)
    first = place.uid("job/echo")

    place.joblab("start echo").expect(1)

    assert place.uid("job/echo") == first


def test_two_starts_beside_each_other_follow_one_job(place: Place) -> None:
    place.write("gated.yaml", manifests.GATED)
    both = [place.begin("kubectl joblab start sleep -f gated.yaml") for _ in range(2)]
    with labs.ended(both):
        for one in both:
            one.await_line("SchedulingGated")
        manifests.release(place)

        outcomes = [one.finish().expect(0) for one in both]

    done = re.compile(r"^job\.batch/sleep .*", re.MULTILINE)
    assert sorted(done.findall(outcome.out)[0] for outcome in outcomes) == [
        "job.batch/sleep created",
        "job.batch/sleep is running; joined it",
    ]
    assert len(place.pods("sleep")) == 1


def test_another_name_makes_another_job_that_is_judged_by_that_name(place: Place) -> None:
    place.joblab("start echo --name=echo-2").expect(0)

    outcome = place.joblab("check echo --name=echo-2").expect(0)

    assert "Job echo-2" in outcome.out
    place.joblab("check echo").expect(3)


def test_changed_parameters_are_what_check_expects(place: Place) -> None:
    place.joblab("start parallelism --completions=4 --parallelism=2").expect(0)

    outcome = place.joblab("check parallelism").expect(0)

    screens.assert_screen("check-changed-parameters", outcome, place)


def test_the_namespace_that_was_given_is_in_every_command_to_go_on_with(place: Place) -> None:
    outcome = place.joblab(f"start echo --no-wait -n {place.namespace}").expect(0)

    assert outcome.err == f"Next: kubectl joblab check echo --wait -n {place.namespace}\n"


# ---- ends before the Job's end


def test_a_timeout_is_said_and_the_job_goes_on(place: Place) -> None:
    began = time.monotonic()
    outcome = place.joblab(f"start {LONG} --timeout=3s").expect(1)

    assert time.monotonic() - began < 9
    screens.assert_screen("timeout", outcome, place)
    assert place.get("job sleep")["status"]["active"] == 1


def test_ctrl_c_stops_watching_and_the_job_goes_on(place: Place) -> None:
    running = place.begin(f"kubectl joblab start {LONG}")
    running.await_line(r"pod/sleep-\w+ +Running")

    running.interrupt()

    outcome = running.finish().expect(130)
    screens.assert_screen("interrupted", outcome, place)
    again = place.begin(outcome.err.splitlines()[-1].removeprefix("Next: "))
    with labs.ended([again]):
        again.await_line("job.batch/sleep is running; joined it")


def test_a_job_deleted_while_it_is_watched_ends_start(place: Place) -> None:
    running = place.begin(f"kubectl joblab start {LONG}")
    running.await_line(r"pod/sleep-\w+ +Running")

    place.kubectl("delete job sleep --wait=false")

    screens.assert_screen("deleted-while-watched", running.finish().expect(1), place)


def test_check_wait_judges_a_running_job_at_its_end(place: Place) -> None:
    manifests.start_gated(place)
    place.joblab("check sleep").expect(3)
    waiting = place.begin("kubectl joblab check sleep --wait")
    with labs.ended([waiting]):
        waiting.await_line("Waiting for job.batch/sleep to finish")
        manifests.release(place)

        screens.assert_screen("check-wait", waiting.finish().expect(0), place, stream=False)


def test_check_wait_ends_after_its_timeout_with_what_is_pending(place: Place) -> None:
    place.joblab(f"start {LONG} --no-wait").expect(0)
    place.await_condition("pod -l job-name=sleep", "jsonpath={.status.phase}=Running")

    began = time.monotonic()
    outcome = place.joblab("check sleep --wait --timeout=2s").expect(3)

    assert time.monotonic() - began < 8
    screens.assert_screen("check-wait-timeout", outcome, place, stream=False)


def test_ctrl_c_stops_check_wait_and_the_job_goes_on(place: Place) -> None:
    place.joblab(f"start {LONG} --no-wait").expect(0)
    waiting = place.begin("kubectl joblab check sleep --wait")
    waiting.await_line("Waiting for job.batch/sleep to finish")

    waiting.interrupt()

    screens.assert_screen(
        "check-wait-interrupted", waiting.finish().expect(130), place, stream=False
    )
    assert place.get("job sleep")["status"]["active"] == 1


def test_a_job_deleted_while_check_waits_for_it_is_told_so(place: Place) -> None:
    # of a name that no other test's namespace has: check would point at that one
    place.joblab(f"start {LONG} --name=given-up --no-wait").expect(0)
    waiting = place.begin("kubectl joblab check sleep --name=given-up --wait")
    waiting.await_line("Waiting for job.batch/given-up to finish")

    place.kubectl("delete job given-up --wait=false")

    screens.assert_screen("check-wait-deleted", waiting.finish().expect(3), place, stream=False)


def test_check_of_a_lab_that_was_not_started_says_so(place: Place) -> None:
    outcome = place.joblab("check sleep --name=nowhere").expect(3)

    screens.assert_screen("check-not-started", outcome, place)
