"""The pages "Jobs" and "Automatic Cleanup for Finished Jobs", example by example.

https://kubernetes.io/docs/concepts/workloads/controllers/job/ and .../ttlafterfinished/. The digits
of pi are those of busybox's bc.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

PI = "3.1415926535897932384626433832795028841971693993751"


def job(name: str, script: str, **spec: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", script]}
    template = {
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 1,
            "containers": [container],
        }
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {**spec, "template": template},
    }


def conditions(place: Place, name: str) -> list[tuple[str, str | None]]:
    """The conditions of a Job that hold, each with its reason."""
    found = place.get(f"job {name}")["status"]["conditions"]
    return [(one["type"], one.get("reason")) for one in found if one["status"] == "True"]


def test_pi_is_computed_and_printed(place: Place) -> None:
    pi = job("pi", "echo 'scale=60; 4*a(1)' | bc -l | cut -c1-51", backoffLimit=4)
    place.write("job.yaml", json.dumps(pi))
    assert place.kubectl("apply -f job.yaml") == "job.batch/pi created\n"
    place.await_condition("job/pi", "condition=complete")

    described = place.kubectl("describe job pi")
    assert re.search(r"Pods Statuses: +0 Active \(0 Ready\) / 1 Succeeded / 0 Failed", described)
    events = described.partition("Events:")[2].splitlines()[3:]
    assert [line.split()[1] for line in events] == ["SuccessfulCreate", "Completed"]
    pods = place.kubectl(
        "get pods --selector=batch.kubernetes.io/job-name=pi "
        "--output=jsonpath='{.items[*].metadata.name}'"
    )
    assert place.kubectl(f"logs {pods}") == f"{PI}\n"
    assert place.kubectl("logs jobs/pi") == f"{PI}\n"
    place.kubectl("delete -f ./job.yaml")
    place.kubectl("wait pods --all --for=delete --timeout=60s")


def test_each_index_has_its_own_back_off_limit(place: Place) -> None:
    script = "echo Hello world; exit $(( 1 - $JOB_COMPLETION_INDEX % 2 ))"
    spec = {"completions": 4, "parallelism": 4, "completionMode": "Indexed"}
    limits = {"backoffLimitPerIndex": 1, "maxFailedIndexes": 3}
    place.apply(job("job-backoff-limit-per-index-example", script, **spec, **limits))
    name = "job-backoff-limit-per-index-example"
    place.await_condition(f"job/{name}", "condition=failed")
    status = place.get(f"job {name}")["status"]
    assert (status["completedIndexes"], status["failedIndexes"]) == ("1,3", "0,2")
    assert (status["succeeded"], status["failed"]) == (2, 4)
    reasons = [("FailureTarget", "FailedIndexes"), ("Failed", "FailedIndexes")]
    assert conditions(place, name) == reasons


def test_a_success_policy_ends_the_job(place: Place) -> None:
    script = "test $JOB_COMPLETION_INDEX = 2 || sleep 600"
    spec = {"completions": 4, "parallelism": 4, "completionMode": "Indexed"}
    policy = {"rules": [{"succeededIndexes": "0,2-3", "succeededCount": 1}]}
    place.apply(job("job-success", script, **spec, successPolicy=policy))
    place.await_condition("job/job-success", "condition=complete")
    status = place.get("job job-success")["status"]
    assert (status["succeeded"], status["completedIndexes"]) == (1, "2")
    reasons = [("SuccessCriteriaMet", "SuccessPolicy"), ("Complete", "SuccessPolicy")]
    assert conditions(place, "job-success") == reasons


def test_a_job_over_its_deadline_fails_and_a_job_past_its_ttl_goes(place: Place) -> None:
    place.apply(
        job("pi-with-timeout", "sleep 600", backoffLimit=5, activeDeadlineSeconds=3),
        job("pi-with-ttl", "true", ttlSecondsAfterFinished=3),
        job("pi-without", "true"),
    )
    place.await_condition("job/pi-with-timeout", "condition=failed")
    reasons = [("FailureTarget", "DeadlineExceeded"), ("Failed", "DeadlineExceeded")]
    assert conditions(place, "pi-with-timeout") == reasons
    place.kubectl("wait job/pi-with-ttl --for=delete --timeout=60s")
    place.kubectl("wait pods -l job-name=pi-with-ttl --for=delete --timeout=60s")
    place.await_condition("job/pi-without", "condition=complete")

    # ttlafterfinished: a finished Job may be given a TTL too
    patch = '{"spec":{"ttlSecondsAfterFinished":0}}'
    place.kubectl(f"patch job pi-without --patch '{patch}'")
    place.kubectl("wait job/pi-without --for=delete --timeout=60s")


def test_a_job_is_suspended_and_resumed_by_patches(place: Place) -> None:
    place.apply(job("myjob", "sleep 2", suspend=True, parallelism=1, completions=2))
    place.await_condition("job/myjob", "condition=suspended")
    assert place.pods("myjob") == []
    resumed = """patch job/myjob --type=strategic --patch '{"spec":{"suspend":false}}'"""
    suspended = resumed.replace("false", "true")

    assert place.kubectl(resumed) == "job.batch/myjob patched\n"
    place.await_condition("job/myjob", "jsonpath={.status.ready}=1")
    place.kubectl(suspended)
    place.await_condition("job/myjob", "condition=suspended")
    place.kubectl("wait pods -l job-name=myjob --for=delete --timeout=60s")
    assert "startTime" not in place.get("job myjob")["status"]
    place.kubectl(resumed)
    place.await_condition("job/myjob", "condition=complete")

    status = place.get("job myjob")["status"]
    found = {one["type"]: (one["status"], one["reason"]) for one in status["conditions"]}
    assert found["Suspended"] == ("False", "JobResumed")
    events = place.kubectl("describe jobs/myjob").partition("Events:")[2].splitlines()[3:]
    told = {line.split()[1] for line in events}
    assert told == {"Suspended", "Resumed", "SuccessfulCreate", "SuccessfulDelete", "Completed"}


def test_a_new_job_takes_over_the_pods_of_an_old_one_by_its_selector(place: Place) -> None:
    place.apply(job("old", "until test -f /tmp/done; do sleep 0.2; done"))
    place.await_condition("job/old", "jsonpath={.status.ready}=1")
    (pod,) = place.pods("old")
    labels = place.get("job old")["spec"]["selector"]["matchLabels"]
    place.kubectl("delete jobs/old --cascade=orphan")
    new = job("new", "exit 9", selector={"matchLabels": labels})
    new["spec"]["template"]["metadata"] = {"labels": labels}

    refused = place.run("kubectl create -f -", stdin=json.dumps(new)).expect(1)
    assert "`selector` not auto-generated" in refused.err
    new["spec"]["manualSelector"] = True
    place.kubectl("create -f -", stdin=json.dumps(new))
    place.await_condition("job/new", "jsonpath={.status.ready}=1")
    name = pod["metadata"]["name"]
    (owner,) = place.get(f"pod {name}")["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"]) == ("Job", "new")
    place.kubectl(f"exec {name} -- touch /tmp/done")
    place.await_condition("job/new", "condition=complete")
    assert place.get("job new")["status"]["succeeded"] == 1
    assert [one["metadata"]["name"] for one in place.items("pods")] == [name]


def test_a_side_container_runs_as_long_as_the_job(place: Place) -> None:
    mounts = [{"name": "data", "mountPath": "/opt"}]
    ships = {
        "name": "logshipper",
        "image": "busybox:1.36",
        "restartPolicy": "Always",
        "command": ["sh", "-c", "tail -F /opt/logs.txt"],
        "volumeMounts": mounts,
    }
    made = job("myjob", "echo logging > /opt/logs.txt; sleep 2")
    pod = made["spec"]["template"]["spec"]
    pod |= {"initContainers": [ships], "volumes": [{"name": "data", "emptyDir": {}}]}
    pod["containers"][0]["volumeMounts"] = mounts
    place.apply(made)
    place.await_condition("job/myjob", "condition=complete")
    assert "logging" in place.kubectl("logs job/myjob -c logshipper").splitlines()
    (pod,) = place.pods("myjob")
    assert pod["status"]["phase"] == "Succeeded"
