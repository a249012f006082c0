"""The ReplicaSets of a Deployment: which is the new one, their revisions and annotations. Pure.

Follows pkg/controller/deployment/util/deployment_util.go. The hash of a template is another than
upstream's, which is one of Go's own picture of it; names differ in it, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.go import strconv

HASH_LABEL = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"
ROLLBACK = "deprecated.deployment.rollback.to"
LONGEST_HISTORY = 2000  # maxRevHistoryLengthInChars
_NOT_COPIED = {
    *(REVISION, HISTORY, DESIRED, MOST, ROLLBACK),
    "kubectl.kubernetes.io/last-applied-configuration",
}
_LONGEST_NAME = 253
_FNV_PRIME, _FNV_BASIS = 16777619, 2166136261


# ---- templates


def find_new(deployment: Object, sets: Iterable[Object]) -> Object | None:
    """The ReplicaSet with the Deployment's template, the oldest one where there are several."""
    wanted = _without_hash(objects.spec(deployment)["template"])
    for one in sorted(sets, key=age):
        if _without_hash(objects.spec(one)["template"]) == wanted:
            return one
    return None


def same_template(one: Object, other: Object) -> bool:
    """Whether the templates of two objects are the same but for the hash (EqualIgnoreHash)."""
    left, right = (objects.spec(obj)["template"] for obj in (one, other))
    return _without_hash(left) == _without_hash(right)


def _without_hash(template: Mapping[str, Any]) -> Object:
    meta = dict(template.get("metadata") or {})
    labels = {key: value for key, value in (meta.get("labels") or {}).items() if key != HASH_LABEL}
    meta.pop("labels", None)
    return {**template, "metadata": {**meta, **({"labels": labels} if labels else {})}}


def template_hash(template: Mapping[str, Any], collisions: int | None) -> str:
    """What stands for a template in names and labels (ComputeHash, SafeEncodeString)."""
    text = json.dumps(template, sort_keys=True, separators=(",", ":"))
    found = _FNV_BASIS
    for byte in (text + ("" if collisions is None else str(collisions))).encode():
        found = (found ^ byte) * _FNV_PRIME % 2**32
    letters = clocks.SUFFIX_ALPHABET
    return "".join(letters[ord(digit) % len(letters)] for digit in str(found))


def new_set(deployment: Object) -> Object:
    """The ReplicaSet for the Deployment's template, without replicas, annotations and owner."""
    spec = objects.spec(deployment)
    code = template_hash(spec["template"], objects.status(deployment).get("collisionCount"))
    meta = dict(spec["template"].get("metadata") or {})
    labels = {**(meta.get("labels") or {}), HASH_LABEL: code}
    selector = dict(spec["selector"])
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH_LABEL: code}
    name = objects.name(deployment)[: _LONGEST_NAME - 1 - len(code)] + "-" + code
    found: Object = {
        "selector": selector,
        "template": {**spec["template"], "metadata": {**meta, "labels": labels}},
    }
    if seconds := spec.get("minReadySeconds"):
        found["minReadySeconds"] = seconds
    namespace = deployment["metadata"]["namespace"]
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": found,
    }


# ---- order


def age(obj: Object) -> tuple[str, str]:
    """A key that sorts from old to new (ReplicaSetsByCreationTimestamp)."""
    return str(objects.metadata(obj).get("creationTimestamp") or ""), objects.name(obj)


def by_revision(obj: Object) -> tuple[int, tuple[str, str]]:
    """A key that sorts from the first revision to the last."""
    return revision(obj), age(obj)


# ---- revisions


def revision(obj: Object) -> int:
    """The number of a revision; 0 where there is none."""
    text = objects.annotation(obj, REVISION) or "0"
    return int(text) if strconv.is_int(text) else 0


def highest(sets: Iterable[Object]) -> int:
    """The last revision of some ReplicaSets."""
    return max((max(revision(one), 0) for one in sets), default=0)


def last_but_one(sets: Iterable[Object]) -> int:
    """The revision before the last (LastRevision); 0 where there is none."""
    return sorted((0, 0, *map(revision, sets)))[-2]


def annotated(
    deployment: Object, one: Object, number: int, limits: tuple[int, int] | None = None
) -> dict[str, str]:
    """The annotations of the new ReplicaSet (SetNewReplicaSetAnnotations).

    number: its revision. limits: the replicas that are desired and the most there may be, for a
    ReplicaSet that is yet to be created.
    """
    found = dict(objects.metadata(one).get("annotations") or {})
    own = objects.metadata(deployment).get("annotations") or {}
    found |= {key: value for key, value in own.items() if key not in _NOT_COPIED}
    before = found.get(REVISION)
    if before and not strconv.is_int(before):
        return found
    if int(before or 0) < number:
        found[REVISION] = str(number)
        if before is not None:
            _remember(found, before)
    return found | (_of_limits(*limits) if limits else {})


def _remember(annotations: dict[str, str], before: str) -> None:
    """Add a revision to the history of a ReplicaSet, which drops its oldest ones."""
    history = [one for one in annotations.get(HISTORY, "").split(",") if one]
    while history and len(",".join([*history, before])) > LONGEST_HISTORY:
        history.pop(0)
    annotations[HISTORY] = ",".join([*history, before])


def _of_limits(desired: int, most: int) -> dict[str, str]:
    return {DESIRED: str(desired), MOST: str(most)}


def with_limits(one: Object, desired: int, most: int) -> dict[str, str]:
    """The annotations of a ReplicaSet with how many are desired, and the most there may be."""
    return {**(objects.metadata(one).get("annotations") or {}), **_of_limits(desired, most)}


def desired(one: Object) -> int | None:
    """How many replicas the Deployment had when it wrote this; None where that is unknown."""
    return _count(one, DESIRED)


def most(one: Object) -> int | None:
    """The most replicas that there might be when the Deployment wrote this."""
    return _count(one, MOST)


def _count(one: Object, key: str) -> int | None:
    text = objects.annotation(one, key) or ""
    return int(text) if text.isdecimal() and strconv.is_int(text, 32) else None


# ---- a rollback


def rollback_to(deployment: Object) -> int | None:
    """The revision that the deprecated annotation asks for; None where it asks for none."""
    text = objects.annotation(deployment, ROLLBACK) or ""
    return int(text) if text and strconv.is_int(text) else None


def rolled_back(deployment: Object, one: Object | None) -> Object:
    """The Deployment with the template of a ReplicaSet, or unchanged; it asks for nothing more."""
    own = objects.metadata(deployment).get("annotations") or {}
    annotations = {key: value for key, value in own.items() if key != ROLLBACK}
    spec = objects.spec(deployment)
    if one is not None:
        spec = {**spec, "template": _without_hash(objects.spec(one)["template"])}
        theirs = objects.metadata(one).get("annotations") or {}
        annotations = {key: value for key, value in annotations.items() if key in _NOT_COPIED}
        annotations |= {key: value for key, value in theirs.items() if key not in _NOT_COPIED}
    return {
        **deployment,
        "metadata": {**deployment["metadata"], "annotations": annotations},
        "spec": spec,
    }


def active(sets: Sequence[Object | None]) -> list[Object]:
    """The ReplicaSets that want Pods (FilterActiveReplicaSets)."""
    return [one for one in sets if one is not None and replicas(one) > 0]


def replicas(one: Object) -> int:
    """How many Pods a Deployment or a ReplicaSet is to have."""
    return int(objects.spec(one).get("replicas") or 0)
