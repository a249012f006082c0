"""The verbs: what HTTP clients, controllers and the node do to objects, each atomic.

It finds out which object is meant and has writer write; what is special to a kind is in its
strategy. Follows k8s.io/apiserver/pkg/registry/generic/registry/store.go. Whatever it returns is
shared: nobody changes it.
"""

from __future__ import annotations

import builtins
from functools import partial

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, selectors
from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.patch import dispatch as patches
from kubectl_joblab.practice.api.registry import binding, deletion, kinds, metadata, writer
from kubectl_joblab.practice.api.registry.deletion import NO_PRECONDITIONS, Preconditions
from kubectl_joblab.practice.api.registry.preparing import Warn, Writing
from kubectl_joblab.practice.api.registry.writer import Writer
from kubectl_joblab.practice.api.storage import listing, watching
from kubectl_joblab.practice.api.storage.history import Change, Subscription
from kubectl_joblab.practice.api.storage.listing import Listing
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.api.storage.watching import WatchEvent
from kubectl_joblab.practice.clock import Clock, Ids, rfc3339

__all__ = ["Listing", "Preconditions", "Registry", "WatchEvent"]


class Registry:
    """The verbs over one store.

    Everywhere: namespace "" for kinds without one; dry_run does all but the writing; warn is called
    with each text for a Warning header.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._writer = Writer(store, clock, ids)

    # ---- reading

    def get(self, kind: Kind, name: str, namespace: str = "") -> Object:
        """The object, or 404."""
        found = self._store.get(writer.key(kind, namespace, name))
        if found is None:
            raise errors.not_found(kind.group, kind.plural, name)
        return found

    def owned(self, uid: str) -> builtins.list[tuple[Kind, Object]]:
        """What has an owner reference to this uid, of all kinds."""
        return [(_KINDS[key.resource], obj) for key, obj in self._store.owned(uid)]

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
        exact: bool = False,
    ) -> Listing:
        """The objects of a kind, in one namespace or ("") in all.

        exact: as they were at resource_version, not only as new as that.
        """
        matches = selectors.matcher(kind, labels, fields)
        query = listing.Query(
            kind.resource, namespace, matches, limit, continue_token, resource_version, exact
        )
        return listing.listed(self._store, query)

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
        """What happens from a resourceVersion on; "" or "0": first all that exists, as ADDED.

        Iterating raises 410 where that version is too old, or where the iteration has fallen
        behind. It ends when it is closed.
        """
        matches = selectors.matcher(kind, labels, fields)
        asked = watching.revision(resource_version)

        def translate(change: Change) -> WatchEvent | None:
            if change.revision <= asked or namespace not in ("", change.key.namespace):
                return None
            return watching.told(change, matches)

        initial: builtins.list[WatchEvent] = []
        if not asked or send_initial_events:
            found = self.list(
                kind, namespace, labels=labels, fields=fields, resource_version=resource_version
            )
            initial = [WatchEvent("ADDED", obj) for obj in found.items]
            asked = self._store.revision
        if send_initial_events and bookmarks:
            initial.append(watching.bookmark(kind, asked, end=True))
        told = partial(watching.bookmark, kind) if bookmarks else None
        subscription = Subscription(translate, initial, told)
        self._store.history.subscribe(kind.resource, subscription, asked)
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
        return self._writer.create(kind, copied(body), namespace, Writing("", dry_run, warn))

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
        manager: str = "",
    ) -> Object:
        """Replace an object, or with subresource "status" or "finalize" that part of it.

        manager: who writes, for objects that are applied by the server.
        """
        obj = copied(body)
        obj.setdefault("metadata", {})
        metadata.place(kind, obj, namespace)
        metadata.check_name(obj, name)
        writing = Writing(subresource, dry_run, warn, manager, self._now())
        old = self._store.get(writer.key(kind, namespace, name))
        if old is None and kind.strategy.creates_on_update and not subresource:
            metadata.check_uid(kind, obj, "")
            obj["metadata"].pop("resourceVersion", None)
            return self._writer.create(kind, obj, namespace, writing)
        if old is None:
            raise errors.not_found(kind.group, kind.plural, name)
        metadata.check_uid(kind, obj, old["metadata"]["uid"])
        return self._writer.replace(kind, obj, old, writing)

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
        validation: str = "Ignore",
        manager: str = "",
        force: bool = False,
    ) -> Object:
        """Change an object; patch_type is the media type.

        validation: fieldValidation. force: take fields over that other managers have applied.
        """
        writing = Writing(subresource, dry_run, warn, manager, self._now())
        if patch_type == patches.APPLY:
            return self._writer.apply(kind, name, patch, namespace, writing, force=force)
        old = self.get(kind, name, namespace)
        judge = patches.Validation(validation, warn)
        obj = patches.applied(kind, old, patch_type, patch, judge)
        metadata.place(kind, obj, namespace)
        metadata.check_name(obj, name)
        return self._writer.replace(kind, obj, old, writing)

    def _now(self) -> str:
        return rfc3339(self._clock.now())

    def bind(self, namespace: str, name: str, node: str) -> None:
        """Put a Pod on a node: pods/binding."""
        pod = self.get(kinds.PODS, name, namespace)
        self._writer.put(kinds.PODS, binding.bound(pod, node, self._clock.now()))

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
        deletion.check_options(kind, options, warn)
        old = self.get(kind, name, namespace)
        return self._writer.delete(kind, old, options, dry_run)

    def delete_collection(
        self,
        kind: Kind,
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        propagation: str | None = None,
        grace_seconds: int | None = None,
        preconditions: Preconditions = NO_PRECONDITIONS,
        dry_run: bool = False,
        warn: Warn | None = None,
    ) -> builtins.list[Object]:
        """Delete all that match; returns them as they were."""
        options = deletion.Options(propagation, grace_seconds, preconditions)
        deletion.check_options(kind, options, warn)
        found = self.list(kind, namespace, labels=labels, fields=fields).items
        for obj in found:
            self._writer.delete(kind, obj, options, dry_run)
        return found

    # ---- what dies of age

    def expire(self) -> float | None:
        """Delete what has outlived its time; returns the seconds until there is more, or None."""
        now = self._clock.now().timestamp()
        for key in self._store.expired(now):
            self._store.remove(key)
        soonest = self._store.next_expiry
        return None if soonest is None else soonest - now


_KINDS = {kind.resource: kind for kind in kinds.KINDS}
