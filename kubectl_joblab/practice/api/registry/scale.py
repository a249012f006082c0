"""The scale subresource: how many Pods a workload is to have, as a Scale of autoscaling/v1.

The HTTP handlers call it. Follows ScaleREST in pkg/registry/apps/{deployment,replicaset}/storage.
"""

from __future__ import annotations

from dataclasses import replace

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.codec import timeshift
from kubectl_joblab.practice.api.kind import Kind, Strategy
from kubectl_joblab.practice.api.options import PatchOptions, UpdateOptions, Warn
from kubectl_joblab.practice.api.patch import dispatch, managers
from kubectl_joblab.practice.api.patch.managers import Manager
from kubectl_joblab.practice.api.registry import metadata
from kubectl_joblab.practice.api.registry.operations import ObjectVerbs
from kubectl_joblab.practice.api.validation import values

SCALES = Kind(
    "autoscaling",
    "v1",
    "Scale",
    "scales",
    "scale",
    "io.k8s.api.autoscaling.v1.Scale",
    Strategy(),
    verbs=(),
)
_SHOWN = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def of(obj: Object) -> Object:
    """The Scale of a Deployment or a ReplicaSet."""
    spec, status = objects.spec(obj), objects.status(obj)
    replicas = {"replicas": spec["replicas"]} if spec.get("replicas") else {}
    return {
        "kind": SCALES.kind,
        "apiVersion": SCALES.api_version,
        "metadata": {key: obj["metadata"][key] for key in _SHOWN},
        "spec": replicas,
        "status": {
            "replicas": int(status.get("replicas") or 0),
            "selector": objects.selector(spec.get("selector")),
        },
    }


def update(
    verbs: ObjectVerbs, kind: Kind, body: Object, place: tuple[str, str], options: UpdateOptions
) -> Object:
    """Scale an object as a Scale says; the Scale that it has then. place: name and namespace."""
    name, namespace = place
    body.setdefault("metadata", {})
    metadata.place(SCALES, body, namespace)
    metadata.check_name(body, name)
    return _written(verbs, kind, verbs.get(kind, name, namespace), body, options, managers.UPDATE)


def patch(
    verbs: ObjectVerbs,
    kind: Kind,
    change: tuple[str, object],
    place: tuple[str, str],
    options: PatchOptions,
    warn: Warn,
) -> Object:
    """Patch the Scale of an object. change: the patch's media type and the patch."""
    old = verbs.get(kind, *place)
    seen = timeshift.moved(SCALES.type, of(old), -options.ahead)
    operation = managers.UPDATE
    if change[0] == dispatch.APPLY:
        change, operation = (dispatch.MERGE, change[1]), managers.APPLY
    changed = dispatch.applied(SCALES, seen, *change, options, warn)
    return _written(verbs, kind, old, changed, options, operation)


def _written(
    verbs: ObjectVerbs,
    kind: Kind,
    old: Object,
    scale: Object,
    options: UpdateOptions,
    operation: str,
) -> Object:
    name, namespace = objects.name(old), old["metadata"]["namespace"]
    uid = objects.metadata(scale).get("uid")
    if uid and uid != objects.uid(old):
        why = (
            f"Precondition failed: UID in precondition: {uid}, "
            f"UID in object meta: {objects.uid(old)}"
        )
        raise errors.conflict(kind.group, f"{kind.plural}/scale", name, why)
    replicas = int(objects.spec(scale).get("replicas") or 0)
    if wrong := values.validate_nonnegative_field(replicas, "spec.replicas"):
        raise errors.invalid(SCALES.group, SCALES.kind, name, wrong)
    meta = dict(old["metadata"])
    meta["resourceVersion"] = objects.metadata(scale).get("resourceVersion", "")
    new = {**old, "metadata": meta, "spec": {**objects.spec(old), "replicas": replicas}}
    by = options.field_manager or managers.UNKNOWN
    managers.scale(new, old, Manager(by, operation, kind.api_version, "scale"))
    settled = replace(options, field_manager=None)
    return of(verbs.update(kind, name, new, namespace, settled))
