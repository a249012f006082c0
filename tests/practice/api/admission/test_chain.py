"""What admission adds to Pods, and how it names an object that it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from tests.practice.api import things

TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"


@pytest.fixture
def registry() -> Registry:
    made = things.registry()
    made.create(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, "default")
    return made


def _pod(**spec: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "a", "image": "busybox"}], **spec},
    }


def test_an_account_decides_what_its_pods_get(registry: Registry) -> None:
    account = {
        "metadata": {"name": "quiet"},
        "automountServiceAccountToken": False,
        "imagePullSecrets": [{"name": "s"}],
    }
    registry.create(kinds.SERVICE_ACCOUNTS, account, "default")
    pod = registry.create(kinds.PODS, _pod(serviceAccountName="quiet"), "default")
    assert "volumes" not in pod["spec"]
    assert pod["spec"]["imagePullSecrets"] == [{"name": "s"}]


def test_a_pod_may_want_a_token_that_its_account_does_not_give(registry: Registry) -> None:
    account = {"metadata": {"name": "quiet"}, "automountServiceAccountToken": False}
    registry.create(kinds.SERVICE_ACCOUNTS, account, "default")
    wanting = _pod(serviceAccountName="quiet", automountServiceAccountToken=True)
    pod = registry.create(kinds.PODS, wanting, "default")
    assert [mount["mountPath"] for mount in pod["spec"]["containers"][0]["volumeMounts"]] == [TOKEN]


def test_a_token_volume_that_is_there_is_mounted(registry: Registry) -> None:
    volume = {"name": "kube-api-access-mine", "emptyDir": {}}
    pod = registry.create(kinds.PODS, _pod(volumes=[volume]), "default")
    assert pod["spec"]["volumes"] == [volume]
    mounted = pod["spec"]["containers"][0]["volumeMounts"]
    assert mounted == [{"name": "kube-api-access-mine", "readOnly": True, "mountPath": TOKEN}]


def test_every_pod_has_a_token_volume_of_its_own(registry: Registry) -> None:
    one = registry.create(kinds.PODS, _pod(), "default")
    other = registry.create(kinds.PODS, {**_pod(), "metadata": {"name": "q"}}, "default")
    assert one["spec"]["volumes"][0]["name"] != other["spec"]["volumes"][0]["name"]


@pytest.mark.parametrize(
    ("meta", "shown"),
    [
        pytest.param({"name": "p"}, "p", id="by its name"),
        pytest.param({"generateName": "p-"}, "p-", id="by the prefix of a name to come"),
        pytest.param({"name": "p", "generateName": "q-"}, "p", id="by its name, with a prefix"),
        pytest.param({}, "Unknown", id="without either"),
    ],
)
def test_a_refused_pod_is_named(registry: Registry, meta: Object, shown: str) -> None:
    body = {**_pod(runtimeClassName="gvisor"), "metadata": meta}
    with pytest.raises(StatusError) as refused:
        registry.create(kinds.PODS, body, "default")
    assert refused.value.message == (
        f'pods "{shown}" is forbidden: pod rejected: RuntimeClass "gvisor" not found'
    )
