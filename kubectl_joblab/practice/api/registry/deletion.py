"""What a DELETE does to an object: remove it, mark it as deleted, or nothing.

Pure: the writer carries it out. Follows k8s.io/apiserver/pkg/registry/rest/delete.go,
k8s.io/apiserver/pkg/registry/generic/registry/store.go and, for Pods and Namespaces,
k8s.io/kubernetes/pkg/registry/core/{pod/strategy.go,namespace/storage/storage.go}.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api import errors, field
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import DeleteOptions, Preconditions, Warn
from kubectl_joblab.practice.api.registry.kinds import NAMESPACES
from kubectl_joblab.practice.clock import rfc3339

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
POLICIES = ("Foreground", "Background", "Orphan")
IMMORTAL = ("default", "kube-public", "kube-system")
ORPHANS_WARNING = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background "
    "to remove them or set propagationPolicy=Orphan to suppress this warning"
)


@dataclass(frozen=True)
class Plan:
    """What a DELETE has to do: write `update` if there is one, then remove the object or not."""

    update: Object | None
    remove: bool


def plan(kind: Kind, obj: Object, options: DeleteOptions, now: datetime) -> Plan:
    """What a DELETE of an object has to do. Raises 403 for a namespace that must stay."""
    if kind is NAMESPACES:
        return _of_namespace(kind, obj, options, now)
    return _generic(kind, obj, options, now)


def _generic(kind: Kind, obj: Object, options: DeleteOptions, now: datetime) -> Plan:
    new = {**obj, "metadata": dict(obj["metadata"])}
    # 1. The grace period, which only Pods have; once it runs it can only be shortened.
    grace = _grace(kind, obj, options)
    graceful = grace is not None
    if grace is not None:
        if not objects.is_deleted(obj):
            _mark(new, clocks.after(now, clocks.span(grace)), grace)
        elif not (left := obj["metadata"].get("deletionGracePeriodSeconds")):
            graceful = False
        elif options.grace_period_seconds is None or grace >= left:
            return Plan(None, remove=False)
        else:
            grace = _shorten(new, grace, left, now)
    # 2. Finalizers: those that the policy asks of the garbage collector, and all others.
    finalizers = _finalizers(kind, obj, options)
    if finalizers:
        new["metadata"]["finalizers"] = finalizers
        if not graceful:
            _mark_now(new, now)
        return Plan(new, remove=False)
    new["metadata"].pop("finalizers", None)
    # 3. Neither keeps the object.
    if graceful:
        return Plan(new, remove=not grace)
    return Plan(None, remove=True)


def _grace(kind: Kind, obj: Object, options: DeleteOptions) -> int | None:
    """The seconds that a kubelet has to end a Pod; None for a kind without a grace period."""
    if not kind.strategy.graceful:
        return None
    asked = options.grace_period_seconds
    if not objects.is_deleted(obj):
        if asked is None:
            asked = int(objects.spec(obj).get("terminationGracePeriodSeconds") or 0)
        unbound = not objects.spec(obj).get("nodeName")
        if unbound or objects.status(obj).get("phase") in ("Succeeded", "Failed"):
            return 0
    return 1 if (asked or 0) < 0 else asked or 0


def _mark(obj: Object, when: datetime, grace: int) -> None:
    meta = obj["metadata"]
    if "deletionTimestamp" not in meta and meta.get("generation"):
        meta["generation"] += 1
    meta["deletionTimestamp"] = rfc3339(when)
    meta["deletionGracePeriodSeconds"] = grace


def _mark_now(obj: Object, now: datetime) -> None:
    """Mark an object as deleted, so that only finalizers keep it (markAsDeleting upstream)."""
    marked = objects.time(obj["metadata"].get("deletionTimestamp"))
    _mark(obj, now if marked is None or marked > now else marked, 0)


def _shorten(obj: Object, grace: int, left: int, now: datetime) -> int:
    marked = objects.time(obj["metadata"]["deletionTimestamp"])
    assert marked is not None  # the caller has seen it
    when = clocks.after(marked, -clocks.span(left - grace))
    if when < now:
        when, grace = now, min(grace, 1)
    _mark(obj, when, grace)
    return grace


def _finalizers(kind: Kind, obj: Object, options: DeleteOptions) -> list[str]:
    """The finalizers of an object from now on (deletionFinalizersForGarbageCollection)."""
    present = obj["metadata"].get("finalizers") or []
    wanted = {"Orphan": ORPHAN, "Foreground": FOREGROUND}.get(options.propagation_policy or "")
    if options.propagation_policy is None:
        wanted = next((one for one in present if one in (ORPHAN, FOREGROUND)), None)
        if wanted is None and kind.strategy.orphans:
            wanted = ORPHAN
    kept = [one for one in present if one not in (ORPHAN, FOREGROUND)]
    if kind.strategy.ttl:  # an object that expires by itself owns nothing
        return kept
    if wanted is not None and wanted in present and len(kept) + 1 == len(present):
        return list(present)
    return kept if wanted is None else [*kept, wanted]


def _of_namespace(kind: Kind, obj: Object, options: DeleteOptions, now: datetime) -> Plan:
    """The plan for a namespace, which its controller empties before spec.finalizers are gone."""
    if obj["metadata"]["name"] in IMMORTAL:
        why = "this namespace may not be deleted"
        raise errors.forbidden("", "namespaces", obj["metadata"]["name"], why)
    if objects.is_deleted(obj):
        if objects.spec(obj).get("finalizers"):
            return Plan(None, remove=False)
        return _generic(kind, obj, options, now)
    new = {**obj, "metadata": dict(obj["metadata"])}
    new["metadata"]["deletionTimestamp"] = rfc3339(now)
    new["status"] = {**objects.status(obj), "phase": "Terminating"}
    if finalizers := _finalizers(kind, obj, options):
        new["metadata"]["finalizers"] = finalizers
    return Plan(new, remove=False)


def check_options(kind: Kind, options: DeleteOptions, warn: Warn | None) -> None:
    """Raise 422 for an unknown policy; warn of the Pods that a Job's default policy leaves."""
    policy = options.propagation_policy
    if policy is not None and policy not in POLICIES:
        error = field.not_supported("propagationPolicy", policy, (*POLICIES, "nil"))
        raise errors.invalid("meta.k8s.io", "DeleteOptions", "", [error])
    if warn is not None and policy is None and kind.strategy.orphans:
        warn(ORPHANS_WARNING)


def check_preconditions(kind: Kind, obj: Object, asked: Preconditions) -> None:
    """Raise 409 where an object is not the one, or not the version, that was meant."""
    meta = obj["metadata"]
    for what, wanted, found, how in (
        ("UID", asked.uid, meta["uid"], "deleted and then recreated"),
        ("ResourceVersion", asked.resource_version, meta["resourceVersion"], "modified"),
    ):
        if not wanted or wanted == found:
            continue
        if kind is NAMESPACES:
            why = (
                f"Precondition failed: {what} in precondition: {wanted}, "
                f"{what} in object meta: {found}"
            )
            raise errors.conflict(kind.group, kind.plural, meta["name"], why)
        why = (
            f"the {what} in the precondition ({wanted}) does not match the {what} in record "
            f"({found}). The object might have been {how}"
        )
        raise errors.conflict(kind.group, kind.kind, meta["name"], why)


def ends(new: Object, old: Object) -> bool:
    """Whether an update takes away the last thing that kept a deleted object."""
    meta, before = new["metadata"], old["metadata"]
    if meta.get("finalizers") or "deletionTimestamp" not in before:
        return False
    if objects.spec(new).get("finalizers"):  # a Namespace that is not empty yet
        return False
    return not before.get("deletionGracePeriodSeconds")
