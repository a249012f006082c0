"""Whatever can be decoded is answered: taken or refused, created or changed, and nothing breaks."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from tests.practice.api import generated, things

STORED = [kind for kind in kinds.KINDS if kind.stored and "create" in kind.verbs]
FEW = settings(generated.PROPERTY, max_examples=25)
# where most of the rules are, and objects made at random seldom come
DEEP = {
    "io.k8s.api.core.v1.Container": ("containers", 0),
    "io.k8s.api.core.v1.Volume": ("volumes", 0),
    "io.k8s.api.core.v1.Affinity": ("affinity",),
    "io.k8s.api.core.v1.PodSpec": (),
}


def _registry() -> Registry:
    registry = things.registry()
    registry.create(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, "default")
    return registry


def _named(kind: Kind, obj: Object) -> Object:
    space = {"namespace": "default"} if kind.namespaced else {}
    meta = {**(obj.get("metadata") or {}), "name": "a", **space}
    meta.pop("resourceVersion", None)
    made = {"apiVersion": kind.api_version, "kind": kind.kind, **obj, "metadata": meta}
    return canonical(kind.type, made)


def _answered(registry: Registry, kind: Kind, one: Object, other: Object) -> None:
    place = "default" if kind.namespaced else ""
    told: list[str] = []
    with contextlib.suppress(StatusError):
        registry.create(kind, one, place, warn=told.append)
        for subresource in ("", "status"):
            change = {**other, "metadata": {"name": "a"}}
            with contextlib.suppress(StatusError):
                registry.update(kind, "a", change, place, subresource=subresource, warn=told.append)


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: str(kind.plural))
@given(st.data())
@FEW
def test_any_object_is_answered(kind: Kind, data: st.DataObject) -> None:
    one, other = (_named(kind, data.draw(generated.objects(kind.type))) for _ in range(2))
    _answered(_registry(), kind, one, other)


@pytest.mark.parametrize("name", DEEP)
@given(st.data())
@FEW
def test_any_pod_is_answered(name: str, data: st.DataObject) -> None:
    one, other = (_pod(name, data.draw(generated.objects(name))) for _ in range(2))
    _answered(_registry(), kinds.PODS, one, other)
    jobs = [
        _named(kinds.JOBS, {"spec": {"template": {"spec": pod["spec"]}}}) for pod in (one, other)
    ]
    _answered(_registry(), kinds.JOBS, *jobs)


def _pod(name: str, part: Object) -> Object:
    container = {"name": "a", "image": "busybox"}
    if DEEP[name] == ("containers", 0):
        container.update(part)
    spec: Object = {"restartPolicy": "Never", "containers": [container]}
    if DEEP[name] == ("volumes", 0):
        spec["volumes"] = [{"name": "v", **part}]
    elif DEEP[name] == ("affinity",):
        spec["affinity"] = part
    elif not DEEP[name]:
        spec.update(part)
    return _named(kinds.PODS, {"spec": spec})
