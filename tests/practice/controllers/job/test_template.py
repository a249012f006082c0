"""The Pods a Job makes."""

from __future__ import annotations

from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import pods, template
from tests.practice.controllers.build import SELECTOR, indexed, job, pod

TEMPLATE: dict[str, Any] = {
    "metadata": {
        "labels": {**SELECTOR, "a": "b"},
        "annotations": {"c": "d"},
        "finalizers": ["x/y"],
    },
    "spec": {
        "restartPolicy": "Never",
        "initContainers": [{"name": "first", "image": "x", "env": [{"name": "A", "value": "1"}]}],
        "containers": [
            {"name": "main", "image": "x"},
            {"name": "own", "image": "x", "env": [{"name": "JOB_COMPLETION_INDEX", "value": "7"}]},
        ],
    },
}
REFERENCE: Object = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "name": "j",
    "uid": "job-uid",
    "controller": True,
    "blockOwnerDeletion": True,
}
INDEX_VARIABLE: Object = {
    "name": "JOB_COMPLETION_INDEX",
    "valueFrom": {
        "fieldRef": {"fieldPath": "metadata.labels['batch.kubernetes.io/job-completion-index']"}
    },
}


def test_a_pod_is_made_from_the_template() -> None:
    assert template.pod(job(template=TEMPLATE)) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": "j-",
            "labels": {**SELECTOR, "a": "b"},
            "annotations": {"c": "d"},
            "finalizers": ["x/y", "batch.kubernetes.io/job-tracking"],
            "ownerReferences": [REFERENCE],
        },
        "spec": TEMPLATE["spec"],
    }


def test_a_pod_of_an_indexed_job_knows_its_index_everywhere() -> None:
    made = template.pod(indexed(9, template=TEMPLATE), 4)
    meta, spec = made["metadata"], made["spec"]
    assert meta["generateName"] == "j-4-"
    assert meta["labels"] == {**SELECTOR, "a": "b", pods.INDEX: "4"}
    assert meta["annotations"] == {"c": "d", pods.INDEX: "4"}
    assert spec["hostname"] == "j-4"
    first = spec["initContainers"][0]
    assert first["env"] == [{"name": "A", "value": "1"}, INDEX_VARIABLE]
    assert [one["env"] for one in spec["containers"]] == [
        [INDEX_VARIABLE],
        [{"name": "JOB_COMPLETION_INDEX", "value": "7"}],
    ]


def test_a_pod_with_a_limit_per_index_counts_the_failures_before_it() -> None:
    per_index = indexed(9, backoffLimitPerIndex=3)
    failed = pod("f", "Failed", index=4, failures=0)
    assert template.pod(per_index, 4)["metadata"]["annotations"][pods.FAILURE_COUNT] == "0"
    assert template.pod(per_index, 4, failed)["metadata"]["annotations"][pods.FAILURE_COUNT] == "1"


def test_a_long_name_is_cut_before_the_index() -> None:
    assert template.prefix("a" * 60, 12345) == "a" * 51 + "-12345-"
    assert len(template.prefix("a" * 60, 12345)) == 58


def test_the_jobs_own_template_is_not_changed() -> None:
    one = indexed(2, template=TEMPLATE)
    template.pod(one, 0)
    assert "hostname" not in one["spec"]["template"]["spec"]
    assert one["spec"]["template"]["metadata"]["labels"] == {**SELECTOR, "a": "b"}
