"""What holds a Job back without failing it: quotas, Pod Security, images, nodes; and what a
container may not have more of: memory, and room on the disk."""

from __future__ import annotations

import json
import re

import pytest

from tests.e2e import abilities, labs, manifests, screens
from tests.e2e import cluster as clusters
from tests.e2e.conftest import MakePlace
from tests.e2e.place import Outcome, Place

pytestmark = pytest.mark.e2e


@pytest.mark.usefixtures("quotas")
def test_a_quota_that_blocks_all_pods_ends_start_with_the_quotas_name(place: Place) -> None:
    abilities.apply_quota(place, "none", pods=0)

    outcome = place.joblab("start sleep").expect(1)

    screens.assert_screen("quota-none", outcome, place)
    assert place.uid("job/sleep")


@pytest.mark.usefixtures("quotas")
def test_doctor_says_that_a_quota_is_used_up(place: Place) -> None:
    abilities.apply_quota(place, "none", pods=0)

    outcome = place.joblab("doctor").expect(2)

    assert re.search(r"^resourcequotas +FAIL +none: pods 0/0$", outcome.out, re.MULTILINE)
    assert outcome.err.endswith("Next: kubectl describe quota\n")


@pytest.mark.usefixtures("quotas")
def test_under_a_quota_of_two_the_job_completes_and_only_at_once_fails(place: Place) -> None:
    abilities.apply_quota(place, "two", pods=2)

    outcome = place.joblab("start parallelism").expect(2)

    results = dict(
        re.findall(r"^parallelism/(\S+) +(PASS|FAIL|UNKNOWN|PENDING)", outcome.out, re.MULTILINE)
    )
    assert results.pop("at-once") == "FAIL"
    assert set(results.values()) == {"PASS"}
    assert "  because   " in outcome.out
    because = outcome.out.partition("  because   ")[2].partition("  do ")[0]
    assert "exceeded quota: two, requested: pods=1, used: pods=2, limited: pods=2" in " ".join(
        because.split()
    )
    place.await_condition("job/parallelism", "condition=Complete")
    checked = place.joblab("check parallelism").expect(2)
    screens.assert_screen("quota-two-check", checked, place)
    screens.assert_screen("quota-two-start", outcome, place)
    screens.assert_screen("quota-two-hint", place.joblab("hint parallelism").expect(0), place)


@pytest.mark.usefixtures("pod_security")
def test_a_plain_job_is_refused_its_pods_where_restricted_is_enforced(
    make_place: MakePlace,
) -> None:
    place = make_place("restricted", **abilities.RESTRICTED)
    place.write("plain.yaml", manifests.PLAIN)

    outcome = place.joblab("start sleep -f plain.yaml").expect(1)

    screens.assert_screen("pod-security-plain", outcome, place)


@pytest.mark.usefixtures("pod_security")
def test_doctor_names_the_pod_security_level(make_place: MakePlace) -> None:
    place = make_place("restricted", **abilities.RESTRICTED)

    outcome = place.joblab("doctor").expect(0)

    assert re.search(r"^pod-security +PASS +restricted; ", outcome.out, re.MULTILINE)


def test_an_image_that_cannot_be_pulled_ends_start(place: Place) -> None:
    outcome = place.joblab("start sleep --image=localhost:1/nobody/nothing:1").expect(1)

    # what follows is the container runtime's
    error = re.sub(r"(: ErrImagePull: ).*", r"\1...", outcome.err)
    # a practice cluster, which asks no registry, says that there is no such image
    golden = "image-practice" if clusters.is_practice() else "image"
    screens.assert_screen(golden, Outcome(outcome.line, 1, outcome.out, error), place)
    place.joblab("check sleep").expect(3)


def test_a_program_that_is_not_in_the_image_is_told_at_the_first_try(place: Place) -> None:
    made = place.joblab("start echo --dry-run=client -o json").expect(0).out
    job = json.loads(made)
    job["spec"]["backoffLimit"] = 1
    job["spec"]["template"]["spec"]["containers"][0]["command"] = ["nosuchcmd"]
    place.write("no-program.yaml", json.dumps(job))

    running = place.begin("kubectl joblab start echo -f no-program.yaml")
    with labs.ended([running]):
        running.await_line(r"Warning: pod/echo-\w+: 1 try failed with exit code 128 \(StartError\)")
        first = place.pods("echo")
        outcome = running.finish().expect(2)

    assert len(first) == 1
    assert outcome.err.count("StartError") == 1
    assert f"Warning: pod/{first[0]['metadata']['name']}: " in outcome.err
    assert '(StartError): exec: "nosuchcmd": executable file not found in $PATH\n' in outcome.err
    assert "The image has no program of that name" in outcome.out


def test_a_container_that_uses_more_memory_than_its_limit_is_oom_killed(place: Place) -> None:
    place.write("hungry.yaml", manifests.HUNGRY)

    outcome = place.joblab("start sleep -f hungry.yaml").expect(2)

    pod = place.pods("sleep")[0]
    ended = pod["status"]["containerStatuses"][0]["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (137, "OOMKilled")
    assert "1 try failed with exit code 137 (OOMKilled)" in outcome.err
    assert "it used more memory than its limit of 30Mi" in " ".join(outcome.out.split())


def test_a_pod_that_writes_more_than_its_limits_is_evicted(place: Place) -> None:
    place.write("writers.yaml", manifests.WRITERS)

    place.kubectl("create -f writers.yaml")
    for name in ("in-a-volume", "beside"):
        wait = f"wait pod/{name} --for=jsonpath={{.status.reason}}=Evicted --timeout=150s"
        place.kubectl(wait)

    told = {}
    for pod in json.loads(place.kubectl("get pods -o json"))["items"]:
        status = pod["status"]
        code = status["containerStatuses"][0]["state"]["terminated"]["exitCode"]
        told[pod["metadata"]["name"]] = (status["phase"], status["message"], code)
    assert told == {
        "in-a-volume": ("Failed", 'Usage of EmptyDir volume "x" exceeds the limit "1Mi". ', 137),
        "beside": (
            "Failed",
            "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ",
            137,
        ),
    }


def test_a_pod_that_fits_no_node_is_warned_of_and_waited_for(place: Place) -> None:
    place.write("nowhere.yaml", manifests.NOWHERE)

    outcome = place.joblab("start sleep -f nowhere.yaml --timeout=12s").expect(1)

    pod = place.pods("sleep")[0]
    reason = next(c for c in pod["status"]["conditions"] if c["type"] == "PodScheduled")["message"]
    assert f"Warning: pod/{pod['metadata']['name']}: Unschedulable: {reason}\n" in outcome.err
    told = outcome.err.replace(reason, "MESSAGE")
    shown = Outcome(outcome.line, outcome.code, outcome.out, told)
    screens.assert_screen("unschedulable", shown, place)


def test_a_job_that_is_held_back_goes_on_when_it_is_released(place: Place) -> None:
    place.write("gated.yaml", manifests.GATED)
    running = place.begin("kubectl joblab start sleep -f gated.yaml")
    with labs.ended([running]):
        running.await_line(
            r"Warning: pod/sleep-\w+: SchedulingGated: .* Waiting for its release, .*: kubectl"
        )
        manifests.release(place)

        running.finish().expect(0)
