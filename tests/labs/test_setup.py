"""What a lab sets up beside its Job: here CronJobs, and Jobs that are taken from them."""

from __future__ import annotations

import pytest

from kubectl_joblab import objects
from kubectl_joblab.labs import launch, setup
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.objects import Object
from tests.labs import ours
from tests.labs.judge.scheduled import UID, cron_job

MARK = {objects.INSTANTIATE_ANNOTATION: "manual"}
JOB: Object = {"kind": "Job", "metadata": {"name": "trial"}}
MARKED: Object = {"kind": "Job", "metadata": {"name": "trial", "annotations": MARK}}
(LAB,) = (lab for lab in ours.LABS if lab.name == "cronjob")


def test_a_job_that_says_so_is_owned_by_the_cron_job_of_the_setup() -> None:
    made: list[Object] = [{"kind": "ConfigMap", "metadata": {"name": "words"}}, cron_job()]
    assert setup.taken(MARKED, made)["metadata"]["ownerReferences"] == [
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "name": "minute",
            "uid": UID,
            "controller": True,
        }
    ]
    assert setup.taken(JOB, made) == JOB
    assert setup.taken(MARKED, made[:1]) == MARKED


@pytest.mark.parametrize(
    ("spec", "changed"),
    [
        pytest.param({"concurrencyPolicy": "Allow"}, False, id="what the server fills in"),
        pytest.param({"suspend": True}, True, id="what a learner has changed"),
    ],
)
def test_a_cron_job_is_brought_to_what_the_lab_says(spec: Object, changed: bool) -> None:
    assert (setup.change(cron_job(), cron_job(**spec)) != {}) is changed


def test_the_job_of_lab_23_is_what_its_cron_job_makes() -> None:
    (made,) = setup.of_files(LAB, LAB.setup)
    template, job = made["spec"]["jobTemplate"], LAB.files[LAB.variants[0].file].data
    assert list(launch.differences(template["spec"], job["spec"], "spec")) == []
    assert template["metadata"]["labels"] == job["metadata"]["labels"]


def test_what_is_scaffolded_leads_to_create_job() -> None:
    exercise = Exercise(LAB, LAB.variants[0])
    assert exercise.apply(exercise.path()) == (
        "kubectl apply -f 23-cronjob/cronjob.yaml"
        " && kubectl create job cronjob-by-hand --from=cronjob/cronjob-minute"
    )
