"""The kinds that are served so that clients find them, though there is never an object of them."""

from __future__ import annotations

import pytest

from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api import generated
from tests.practice.api.served import Served, path_of

EMPTY = pytest.mark.parametrize("kind", kinds.EMPTY, ids=lambda kind: kind.resource)
KINDS = {kind.kind: kind for kind in kinds.EMPTY}
PROTOBUF = "application/vnd.kubernetes.protobuf"
APPLY = "application/apply-patch+yaml"
# the default allowlists of pkg/util/prune/prune.go in k8s.io/kubectl
PRUNED = {
    ("", "ConfigMap"),
    ("", "Endpoints"),
    ("", "Namespace"),
    ("", "PersistentVolume"),
    ("", "PersistentVolumeClaim"),
    ("", "Pod"),
    ("", "ReplicationController"),
    ("", "Secret"),
    ("", "Service"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
    ("networking.k8s.io", "Ingress"),
}
# what its other commands read beside what they are asked for: pkg/describe/describe.go, pkg/drain,
# pkg/cmd/clusterinfo, and crd_finder.go of k8s.io/cli-runtime
READ = {
    ("", "Event"),
    ("", "LimitRange"),
    ("", "Node"),
    ("", "ResourceQuota"),
    ("", "ServiceAccount"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("coordination.k8s.io", "Lease"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("resource.k8s.io", "ResourceSlice"),
}


def test_all_that_kubectl_asks_for_by_itself_is_served() -> None:
    assert {(kind.group, kind.kind) for kind in kinds.KINDS} >= PRUNED | READ


@EMPTY
def test_a_list_is_empty(served: Served, kind: Kind) -> None:
    reply = served.get(path_of(kind))

    assert reply.code == 200
    assert reply.json["apiVersion"] == kind.api_version
    assert reply.json["kind"] == f"{kind.kind}List"
    assert reply.json["items"] == []


@EMPTY
def test_no_object_is_found(served: Served, kind: Kind) -> None:
    for method in ("GET", "DELETE"):
        reply = served.request(method, f"{path_of(kind)}/x")

        assert reply.code == 404
        assert reply.message == f'{kind.resource} "x" not found'


@pytest.mark.parametrize(
    "kind", [KINDS["Endpoints"], KINDS["EndpointSlice"]], ids=lambda kind: kind.kind
)
def test_whoever_asks_for_what_is_deprecated_is_warned(served: Served, kind: Kind) -> None:
    said = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'
    expected = [said] if kind.kind == "Endpoints" else []

    watch = f"{path_of(kind)}?watch=true&timeoutSeconds=1"
    for path in (path_of(kind), f"{path_of(kind)}/none", watch):
        assert served.get(path).all("Warning") == expected


@EMPTY
@pytest.mark.parametrize("query", ["", "?dryRun=All"])
def test_creating_an_object_is_refused_with_the_reason(
    served: Served, kind: Kind, query: str
) -> None:
    body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": "x"}}
    applied = f"{path_of(kind)}/x{query or '?'}&fieldManager=me"
    protobuf = generated.enveloped(b"", kind.api_version, kind.kind)

    for reply in (
        served.request("POST", path_of(kind) + query, body),
        served.request("POST", path_of(kind) + query, protobuf, {"Content-Type": PROTOBUF}),
        served.request("PATCH", applied, body, {"Content-Type": APPLY}),
    ):
        assert reply.code == 405
        assert reply.json["reason"] == "MethodNotAllowed"
        assert reply.message == (
            f"the practice cluster has no {kind.resource}: they are listed, but cannot be created"
        )
