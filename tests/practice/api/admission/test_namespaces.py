"""What PodSecurity says to the labels of a namespace, and of the Pods that are there."""

from __future__ import annotations

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from tests.practice.api import things

PREFIX = "pod-security.kubernetes.io/"
MERGE = "application/merge-patch+json"


@pytest.fixture(name="registry")
def a_registry() -> Registry:
    made = things.registry()
    made.create(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, "default")
    return made


def labelled(registry: Registry, **labels: str) -> list[str]:
    """What is warned of when the namespace default gets labels."""
    named = {PREFIX + key.replace("_", "-"): value for key, value in labels.items()}
    warnings: list[str] = []
    patch = {"metadata": {"labels": named}}
    registry.patch(kinds.NAMESPACES, "default", MERGE, patch, warn=warnings.append)
    return warnings


def pod(registry: Registry, name: str, owner: str = "", *, privileged: bool = False) -> None:
    meta: Object = {"name": name}
    if owner:
        reference = {"apiVersion": "batch/v1", "kind": "Job", "name": owner, "uid": owner}
        meta["ownerReferences"] = [{**reference, "controller": True}]
    container: Object = {"name": "main", "image": "busybox"}
    if privileged:
        container["securityContext"] = {"privileged": True}
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": {"containers": [container]},
    }
    registry.create(kinds.PODS, body, "default")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        pytest.param(
            {"enforce": "strict"},
            'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be '
            "one of privileged, baseline, restricted",
            id="a level that is none",
        ),
        pytest.param(
            {"warn_version": "1.30"},
            'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must '
            'be "latest" or "v1.x"',
            id="a version that is none",
        ),
        pytest.param(
            {"audit": "x", "audit_version": "y"},
            '[metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "x": must be one '
            "of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/"
            'audit-version]: Invalid value: "y": must be "latest" or "v1.x"]',
            id="both of what is audited",
        ),
    ],
)
def test_labels_that_say_nothing_are_refused(
    registry: Registry, labels: dict[str, str], message: str
) -> None:
    with pytest.raises(StatusError) as refused:
        labelled(registry, **labels)

    assert refused.value.code == 422
    assert refused.value.message == f'Namespace "default" is invalid: {message}'


def test_a_stricter_level_warns_of_the_pods_that_are_there(registry: Registry) -> None:
    pod(registry, "b", privileged=True)
    pod(registry, "a", privileged=True)
    for number in range(3):
        pod(registry, f"job-{number}", "job")

    assert labelled(registry, enforce="restricted") == [
        'existing pods in namespace "default" violate the new PodSecurity enforce level '
        '"restricted:latest"',
        "a (and 1 other pod): privileged, allowPrivilegeEscalation != false, unrestricted "
        "capabilities, runAsNonRoot != true, seccompProfile",
        "job-0 (and 2 other pods): allowPrivilegeEscalation != false, unrestricted capabilities, "
        "runAsNonRoot != true, seccompProfile",
    ]
    assert labelled(registry, enforce="baseline") == []  # a level that asks for less
    assert labelled(registry, enforce_version="v1.20") == [
        'existing pods in namespace "default" violate the new PodSecurity enforce level '
        '"baseline:v1.20"',
        "a (and 1 other pod): privileged",
    ]


@pytest.mark.parametrize("labels", [{"warn": "restricted"}, {"enforce": "privileged"}])
def test_what_forbids_nothing_looks_at_no_pods(registry: Registry, labels: dict[str, str]) -> None:
    pod(registry, "a", privileged=True)

    assert labelled(registry, **labels) == []


def test_a_pod_that_is_there_already_may_be_labelled_but_get_no_other_image(
    registry: Registry,
) -> None:
    pod(registry, "a", privileged=True)
    labelled(registry, enforce="restricted")

    registry.patch(kinds.PODS, "a", MERGE, {"metadata": {"labels": {"b": "c"}}}, "default")
    other = {"spec": {"containers": [{"name": "main", "image": "alpine"}]}}
    strategic = "application/strategic-merge-patch+json"
    with pytest.raises(StatusError, match="violates PodSecurity"):
        registry.patch(kinds.PODS, "a", strategic, other, "default")
