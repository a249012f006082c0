"""The verbs: what HTTP clients, controllers and the node do to objects, each atomic.

Metadata, admission, deletion and watching are done here, the same for all kinds; what is special to
a kind is its strategy's. Follows k8s.io/apiserver/pkg/registry/{generic,rest}. Whatever it returns
is shared: nobody changes it.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api import (
    deletion,
    errors,
    kinds,
    metadata,
    selectors,
)
from kubectl_joblab.practice.api import (
    patch as patches,
)
from kubectl_joblab.practice.api.database import Key
from kubectl_joblab.practice.api.deletion import NO_PRECONDITIONS, Preconditions
from kubectl_joblab.practice.api.history import Change, Subscription
from kubectl_joblab.practice.api.jsondata import copied
from kubectl_joblab.practice.api.kinds import Kind
from kubectl_joblab.practice.api.store import Store
from kubectl_joblab.practice.clock import Clock, Ids

__all__ = ["Listing", "Preconditions", "Registry", "WatchEvent"]

Warn = Callable[[str], None]
GENERATED_NAME_ATTEMPTS = 8  # maxNameGenerationCreateAttempts


@dataclass(frozen=True)
class Listing:
    """What a list found. remaining: how many more there are, where that is known."""

    items: list[Object]
    resource_version: str
    continue_token: str = ""
    remaining: int | None = None


@dataclass(frozen=True)
class WatchEvent:
    """One thing that a watch tells: ADDED, MODIFIED, DELETED or BOOKMARK."""

    type: str
    object: Object


class Registry:
    """The verbs over one store."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    # ---- reading

    def get(self, kind: Kind, name: str, namespace: str = "") -> Object:
        """The object, or 404."""
        found = self._store.get(_key(kind, namespace, name))
        if found is None:
            raise errors.not_found(kind.group, kind.plural, name)
        return found

    def list(
        self,
        kind: Kind,
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        limit: int = 0,
        continue_token: str = "",
        resource_version: str = "",
    ) -> Listing:
        """The objects of a kind, in one namespace or ("") in all."""
        matches = selectors.matcher(kind, labels, fields)
        found = self._store.scan(kind.resource, namespace)
        if matches:
            found = [obj for obj in found if matches(obj)]
        return Listing(found, str(self._store.revision))

    def watch(
        self,
        kind: Kind,
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        resource_version: str = "",
        bookmarks: bool = False,
        send_initial_events: bool = False,
    ) -> Subscription[WatchEvent]:
        """What happens from a resourceVersion on; without one, first all that exists."""
        matches = selectors.matcher(kind, labels, fields)

        def translate(change: Change) -> WatchEvent | None:
            if namespace not in ("", change.key.namespace):
                return None
            return _told(change, matches)

        initial: builtins.list[WatchEvent] = []
        if resource_version in ("", "0") or send_initial_events:
            listing = self.list(kind, namespace, labels=labels, fields=fields)
            initial = [WatchEvent("ADDED", obj) for obj in listing.items]
            if send_initial_events and bookmarks:
                initial.append(_bookmark(kind, listing.resource_version, end=True))
        else:
            changes = self._store.history.since(kind.resource, int(resource_version))
            initial = [event for event in map(translate, changes) if event]
        subscription = Subscription(translate, initial)
        self._store.history.subscribe(kind.resource, subscription)
        return subscription

    # ---- writing

    def create(
        self,
        kind: Kind,
        body: Object,
        namespace: str = "",
        *,
        dry_run: bool = False,
        warn: Warn | None = None,
    ) -> Object:
        """Make a new object."""
        obj = copied(body)
        meta = obj.setdefault("metadata", {})
        self._admit_to_namespace(kind, obj, namespace)
        metadata.fill(obj, self._clock, self._ids)
        metadata.place(obj, namespace, kind.namespaced)
        if not meta.get("name") and meta.get("generateName"):
            self._generate_name(kind, obj)
        strategy = kind.strategy
        strategy.default(obj)
        strategy.prepare_for_create(obj)
        if strategy.generation:
            meta["generation"] = 1
        found = strategy.validate(obj)
        if found:
            raise errors.invalid(kind.group, kind.kind, objects.name(obj), found)
        for text in strategy.warnings(obj) if warn else ():
            assert warn is not None
            warn(text)
        key = _key(kind, objects.metadata(obj).get("namespace", ""), objects.name(obj))
        if (existing := self._store.get(key)) is not None:
            error = errors.already_exists(kind.group, kind.plural, key.name)
            if objects.is_deleted(existing):
                error.message = f"object is being deleted: {error.message}"
            raise error
        return obj if dry_run else self._put(kind, key, obj)

    def _generate_name(self, kind: Kind, obj: Object) -> None:
        meta = obj["metadata"]
        for _ in range(GENERATED_NAME_ATTEMPTS):
            meta["name"] = metadata.generated_name(meta["generateName"], self._ids)
            if not self._store.get(_key(kind, meta.get("namespace", ""), meta["name"])):
                break

    def _admit_to_namespace(self, kind: Kind, obj: Object, namespace: str) -> None:
        """Admission plugin NamespaceLifecycle: only into a namespace that is there and stays."""
        if not kind.namespaced:
            return
        found = self.get(kinds.NAMESPACES, namespace)
        if objects.status(found).get("phase") != "Terminating":
            return
        why = (
            f"unable to create new content in namespace {namespace} because it is being terminated"
        )
        error = errors.forbidden(kind.group, kind.plural, objects.name(obj), why)
        assert error.details is not None
        error.details["causes"] = [
            {
                "reason": "NamespaceTerminating",
                "message": f"namespace {namespace} is being terminated",
                "field": "metadata.namespace",
            }
        ]
        raise error

    def update(
        self,
        kind: Kind,
        name: str,
        body: Object,
        namespace: str = "",
        *,
        subresource: str = "",
        dry_run: bool = False,
        warn: Warn | None = None,
    ) -> Object:
        """Replace an object, or with subresource "status" its status."""
        old = self.get(kind, name, namespace)
        return self._update(kind, old, copied(body), subresource, dry_run, warn)

    def patch(
        self,
        kind: Kind,
        name: str,
        patch_type: str,
        patch: object,
        namespace: str = "",
        *,
        subresource: str = "",
        dry_run: bool = False,
        warn: Warn | None = None,
    ) -> Object:
        """Change an object; patch_type is the media type."""
        old = self.get(kind, name, namespace)
        new = copied(patches.applied(kind, old, patch_type, patch))
        return self._update(kind, old, new, subresource, dry_run, warn)

    def _update(
        self,
        kind: Kind,
        old: Object,
        obj: Object,
        subresource: str,
        dry_run: bool,
        warn: Warn | None,
    ) -> Object:
        strategy, meta = kind.strategy, obj.setdefault("metadata", {})
        name = old["metadata"]["name"]
        if meta.setdefault("name", name) != name:
            raise errors.bad_request(
                f"the name of the object ({meta['name']}) does not match the name on the URL "
                f"({name})"
            )
        metadata.check_version((kind.group, kind.plural), obj, old)
        metadata.place(obj, old["metadata"].get("namespace", ""), kind.namespaced)
        if generation := old["metadata"].get("generation"):
            meta["generation"] = generation
        strategy.default(obj)
        if subresource == "status":
            strategy.prepare_for_status_update(obj, old)
        else:
            strategy.prepare_for_update(obj, old)
            if strategy.generation and obj.get("spec") != old.get("spec"):
                meta["generation"] = meta.get("generation", 0) + 1
        metadata.carry_over(obj, old)
        found = metadata.update_errors(obj, old)
        validate = strategy.validate_update
        if subresource == "status":
            validate = strategy.validate_status_update
        found += validate(obj, old)
        if found:
            raise errors.invalid(kind.group, kind.kind, name, found)
        for text in strategy.warnings(obj) if warn and not subresource else ():
            assert warn is not None
            warn(text)
        if deletion.ends(obj, old):
            if not dry_run:
                self._store.remove(_key_of(kind, old))
            return obj
        if obj == old:
            return old
        return obj if dry_run else self._put(kind, _key_of(kind, old), obj)

    def bind(self, namespace: str, name: str, node: str) -> None:
        """Put a Pod on a node: pods/binding."""
        old = self.get(kinds.PODS, name, namespace)
        if objects.is_deleted(old):
            self._refuse_binding(name, f"pod {name} is being deleted, cannot be assigned to a host")
        if bound := objects.spec(old).get("nodeName"):
            self._refuse_binding(name, f'pod {name} is already assigned to node "{bound}"')
        pod = copied(old)
        pod["spec"]["nodeName"] = node
        scheduled = {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": clocks.rfc3339(self._clock.now()),
        }
        others = [
            condition
            for condition in objects.status(pod).get("conditions") or []
            if condition["type"] != "PodScheduled"
        ]
        pod.setdefault("status", {})["conditions"] = [*others, scheduled]
        self._put(kinds.PODS, _key_of(kinds.PODS, old), pod)

    def _refuse_binding(self, name: str, why: str) -> None:
        raise errors.conflict("", "pods/binding", name, why)

    def delete(
        self,
        kind: Kind,
        name: str,
        namespace: str = "",
        *,
        propagation: str | None = None,
        grace_seconds: int | None = None,
        preconditions: Preconditions = NO_PRECONDITIONS,
        dry_run: bool = False,
        warn: Warn | None = None,
    ) -> Object:
        """Delete an object, or begin to; returns it as it is now, or as it last was."""
        options = deletion.Options(propagation, grace_seconds, preconditions)
        old = self.get(kind, name, namespace)
        deletion.check(kind, old, options)
        if warn and propagation is None and kind.strategy.orphans:
            warn(deletion.ORPHANS_WARNING)
        return self._delete(kind, old, options, dry_run)

    def _delete(self, kind: Kind, old: Object, options: deletion.Options, dry_run: bool) -> Object:
        plan = deletion.plan(kind, old, options, self._clock.now())
        if dry_run:
            return plan.update or old
        result = old
        if plan.update is not None and plan.update != old:
            result = self._put(kind, _key_of(kind, old), plan.update)
        return self._store.remove(_key_of(kind, old)) if plan.remove else result

    def delete_collection(
        self,
        kind: Kind,
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        propagation: str | None = None,
        grace_seconds: int | None = None,
        dry_run: bool = False,
        warn: Warn | None = None,
    ) -> builtins.list[Object]:
        """Delete all that match; returns them as they were."""
        options = deletion.Options(propagation, grace_seconds)
        found = self.list(kind, namespace, labels=labels, fields=fields).items
        if warn and propagation is None and kind.strategy.orphans:
            warn(deletion.ORPHANS_WARNING)
        for obj in found:
            deletion.check(kind, obj, options)
            self._delete(kind, obj, options, dry_run)
        return found

    def _put(self, kind: Kind, key: Key, obj: Object) -> Object:
        ttl = kind.strategy.ttl
        expires = self._clock.now().timestamp() + ttl if ttl else 0
        return self._store.put(key, obj, expires=expires)


def _key(kind: Kind, namespace: str, name: str) -> Key:
    return Key(kind.resource, namespace if kind.namespaced else "", name)


def _key_of(kind: Kind, obj: Object) -> Key:
    meta = obj["metadata"]
    return Key(kind.resource, meta.get("namespace", ""), meta["name"])


def _told(change: Change, matches: Callable[[Object], bool] | None) -> WatchEvent | None:
    """What a watch makes of a change: an object that no longer matches is gone for it."""
    was = change.old is not None and (matches is None or matches(change.old))
    now = change.new is not None and (matches is None or matches(change.new))
    if was and now:
        return WatchEvent("MODIFIED", change.last)
    if now:
        return WatchEvent("ADDED", change.last)
    if not was:
        return None
    assert change.old is not None
    meta: dict[str, Any] = {**change.old["metadata"], "resourceVersion": str(change.revision)}
    return WatchEvent("DELETED", {**change.old, "metadata": meta})


def _bookmark(kind: Kind, resource_version: str, *, end: bool = False) -> WatchEvent:
    """How far a watch has come."""
    meta: dict[str, Any] = {"resourceVersion": resource_version, "creationTimestamp": None}
    if end:
        meta["annotations"] = {"k8s.io/initial-events-end": "true"}
    return WatchEvent(
        "BOOKMARK", {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": meta}
    )
