"""The verbs: what HTTP clients, controllers and the node can do with objects, each atomic.

It finds the object that is meant and has the writer write; what is special to a kind is in its
strategy. Follows k8s.io/apiserver/pkg/registry/generic/registry/store.go.

The objects that verbs return are shared: nobody may change them.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, selectors
from kubectl_joblab.practice.api.codec import timeshift
from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import (
    CreateOptions,
    DeleteOptions,
    ListOptions,
    PatchOptions,
    UpdateOptions,
    Warn,
)
from kubectl_joblab.practice.api.patch import dispatch
from kubectl_joblab.practice.api.registry import deletion, kinds, metadata, views, writer
from kubectl_joblab.practice.api.registry.roles import Roles
from kubectl_joblab.practice.api.registry.writer import Writer
from kubectl_joblab.practice.api.storage import listing, watching
from kubectl_joblab.practice.api.storage.draft import Draft, Objects
from kubectl_joblab.practice.api.storage.history import Change, Subscription
from kubectl_joblab.practice.api.storage.listing import Listing, Pending
from kubectl_joblab.practice.api.storage.store import Store, is_awake
from kubectl_joblab.practice.api.storage.watching import WatchEvent
from kubectl_joblab.practice.clock import Ids, TimeSource, rfc3339

__all__ = ["Listing", "ObjectVerbs", "Registry", "WatchEvent"]

# an object before and after a change; None before for a new one, after for one that is gone
Told = tuple[Object | None, Object | None]


class ObjectVerbs:
    """The verbs that are about one object, over a store or over a draft of one.

    All raise StatusError for what is refused. namespace: "" for kinds without one. options: where
    they are left out, those of a client that says nothing. subresource: "" for the object itself.
    warn: called with each text of a Warning header. manager: who owns the fields that are written
    where options do not say it.
    """

    def __init__(self, store: Objects, clock: TimeSource, ids: Ids, manager: str = "") -> None:
        self._objects = store
        self._clock = clock
        self._ids = ids
        self._writer = Writer(store, clock, ids, manager)

    def get(self, kind: Kind, name: str, namespace: str = "") -> Object:
        """The object of this name; 404 where there is none."""
        found = self._objects.get(writer.key(kind, namespace, name))
        if found is None:
            raise errors.not_found(kind.group, kind.plural, name)
        return found

    def create(
        self,
        kind: Kind,
        body: Object,
        namespace: str = "",
        options: CreateOptions = CreateOptions(),
        *,
        warn: Warn | None = None,
    ) -> Object:
        """Create an object and return it as it is stored; a review is answered instead."""
        return self._writer.create(kind, _copied(body), namespace, options, warn)

    def update(
        self,
        kind: Kind,
        name: str,
        body: Object,
        namespace: str = "",
        options: UpdateOptions = UpdateOptions(),
        *,
        subresource: str = "",
        warn: Warn | None = None,
    ) -> Object:
        """Replace an object, or the part of it that is a subresource, such as "status"."""
        obj = _copied(body)
        obj.setdefault("metadata", {})
        metadata.place(kind, obj, namespace)
        metadata.check_name(obj, name)
        old = self._objects.get(writer.key(kind, namespace, name))
        if old is None and kind.strategy.creates_on_update and not subresource:
            metadata.check_uid(kind, obj, "")
            obj["metadata"].pop("resourceVersion", None)
            return self._writer.create(kind, obj, namespace, options, warn, name)
        if old is None:
            raise errors.not_found(kind.group, kind.plural, name)
        metadata.check_uid(kind, obj, old["metadata"]["uid"])
        return self._writer.replace(kind, obj, old, options, subresource, warn)

    def patch(
        self,
        kind: Kind,
        name: str,
        patch_type: str,
        patch: object,
        namespace: str = "",
        options: PatchOptions = PatchOptions(),
        *,
        subresource: str = "",
        warn: Warn | None = None,
    ) -> Object:
        """Change an object. patch_type: the media type of the patch; patch: its JSON data."""
        if patch_type == dispatch.APPLY:
            return self._writer.apply(kind, name, patch, namespace, options, subresource, warn)
        old = self.get(kind, name, namespace)
        seen = timeshift.moved(kind.type, views.shown(kind, old), -options.ahead)
        changed = dispatch.applied(kind, seen, patch_type, patch, options, warn)
        obj = timeshift.moved(kind.type, changed, options.ahead)
        metadata.place(kind, obj, namespace)
        metadata.check_name(obj, name)
        return self._writer.replace(kind, obj, old, options, subresource, warn)

    def delete(
        self,
        kind: Kind,
        name: str,
        namespace: str = "",
        options: DeleteOptions = DeleteOptions(),
        *,
        warn: Warn | None = None,
    ) -> Object:
        """Delete an object, or begin to; returns it as it is now, or as it last was."""
        deletion.check_options(kind, options, warn)
        return self._writer.delete(kind, self.get(kind, name, namespace), options)


class Registry(ObjectVerbs):
    """The verbs over one store, to be called on the thread of the event loop alone."""

    def __init__(self, store: Store, clock: TimeSource, ids: Ids, manager: str = "") -> None:
        super().__init__(store, clock, ids, manager)
        self._store = store

    def by(self, manager: str) -> Registry:
        """The verbs of one part of the cluster, which owns the fields that it writes."""
        found = copy(self)
        found._writer = Writer(self._store, self._clock, self._ids, manager)
        return found

    def draft(self) -> tuple[ObjectVerbs, Draft]:
        """The verbs for one write that is worked out in a thread, and the draft to commit then."""
        draft = Draft(self._store)
        return ObjectVerbs(draft, self._clock, self._ids), draft

    async def settled(self, revision: int | None = None) -> None:
        """Wait until clients may be told: until the disk has all up to a revision, or up to now."""
        await self._store.settled(revision)

    # ---- reading

    @property
    def roles(self) -> Roles:
        """The roles and bindings, for whoever asks what a user may do."""
        return Roles(self._store)

    def find(self, plural: str, namespace: str, name: str) -> Object | None:
        """The object of a kind with this plural; None where there is none."""
        return self._writer.find(plural, namespace, name)

    def owned(self, uid: str) -> builtins.list[tuple[Kind, Object]]:
        """The objects of all kinds that have an owner reference to this uid, with their kinds."""
        return [(_KINDS[key.resource], obj) for key, obj in self._store.owned(uid)]

    def dangling(self) -> builtins.list[tuple[Kind, Object]]:
        """The objects of whose owners not all exist, with their kinds."""
        found = [(_KINDS[key.resource], self._store.get(key)) for key in self._store.dangling()]
        return [(kind, obj) for kind, obj in found if obj is not None]

    def uids(self, kind: Kind) -> set[str]:
        """The uids of all objects of a kind."""
        return self._store.uids(kind.stored_as)

    def awake(self, kind: Kind, namespace: str = "") -> builtins.list[Object]:
        """The objects of a kind that do not rest (see Strategy.rests)."""
        return self._store.awake(kind.stored_as, namespace)

    def uncontrolled(self, kind: Kind, namespace: str) -> builtins.list[Object]:
        """The objects of a kind that have no controller."""
        return self._store.uncontrolled(kind.stored_as, namespace)

    def list(
        self, kind: Kind, namespace: str = "", options: ListOptions = ListOptions()
    ) -> Listing:
        """The objects of a kind that are selected, in one namespace or ("") in all."""
        if options == ListOptions():  # who wants them all wants them again soon
            found = self._store.scan(kind.stored_as, namespace)
            return Listing(found, str(self._store.revision))
        return self.listing(kind, namespace, options).page()

    def listing(
        self, kind: Kind, namespace: str = "", options: ListOptions = ListOptions()
    ) -> Pending:
        """A list that is to be read yet, of the objects as they are now."""
        matches = selectors.matcher(kind, options.label_selector, options.field_selector)
        return listing.begun(self._store, kind.stored_as, namespace, matches, options)

    def changes(self, kind: Kind) -> Subscription[Told]:
        """What the cluster's own parts are told of a kind: each object before and after a change.

        First come those that do not rest, with None before. It is never behind, and is not ended.
        """

        def translate(change: Change) -> Told:
            return change.old, change.last if change.new is not None else None

        found = watching.in_turn(self._store.view(kind.stored_as, wanted=is_awake).read())
        initial: Iterator[Told | None] = ((None, obj) if obj is not None else None for obj in found)
        subscription = Subscription(translate, initial, is_bounded=False)
        self._store.history.subscribe(kind.stored_as, subscription, self._store.revision)
        return subscription

    def watch(
        self,
        kind: Kind,
        namespace: str = "",
        options: ListOptions = ListOptions(),
        *,
        again: bool = False,
        beginning: bytes | None = None,
    ) -> Subscription[WatchEvent]:
        """The changes after a resourceVersion; of "" and "0", first all that exists, as ADDED.

        again: whether what there is is told again, as MODIFIED, after each jump of the clock, which
        gives it other times for clients. beginning: how the text of an object begins that may come
        as its text, among those that exist. Raises 410 where that version is yet to come; the
        iteration does where it is too old, or where it has fallen behind. It ends when it is
        closed.
        """
        matches = selectors.matcher(kind, options.label_selector, options.field_selector)
        asked = watching.revision(options.resource_version)

        def translate(change: Change) -> WatchEvent | None:
            if change.revision <= asked or namespace not in ("", change.key.namespace):
                return None
            return watching.told(change, matches)

        bookmarks = options.allow_watch_bookmarks
        initial: Iterable[WatchEvent | None] = ()
        if not asked or options.send_initial_events:
            everything = replace(options, limit=0, continue_token="", resource_version_match="")
            view = self.listing(kind, namespace, everything).view
            initial = watching.first(view, matches, beginning)
            asked = self._store.revision
        elif asked > self._store.revision:
            raise listing.yet_to_come(asked, self._store.revision)
        if options.send_initial_events and bookmarks:
            initial = chain(initial, (watching.bookmark(kind, asked, end=True),))
        told = partial(watching.bookmark, kind) if bookmarks else None

        def repeated(revision: int) -> Iterator[WatchEvent | None]:
            view = self._store.view(kind.stored_as, namespace)
            return watching.repeated(view, matches, revision, told)

        subscription = Subscription(translate, initial, told, repeated if again else None)
        self._store.history.subscribe(kind.stored_as, subscription, asked)
        return subscription

    # ---- writing

    def bind(self, namespace: str, name: str, node: str) -> None:
        """Put a Pod on a node (pods/binding), past the strategy, as upstream does."""
        pod = self.get(kinds.PODS, name, namespace)
        self._writer.put(kinds.PODS, bound(pod, node, self._clock.now()))

    def delete_collection(
        self,
        kind: Kind,
        namespace: str = "",
        options: DeleteOptions = DeleteOptions(),
        selected: ListOptions = ListOptions(),
        *,
        warn: Warn | None = None,
    ) -> builtins.list[Object]:
        """Delete all objects that are selected; returns them as they were."""
        deletion.check_options(kind, options, warn)
        found = self.list(kind, namespace, selected).items
        for obj in found:
            self._writer.delete(kind, obj, options)
        return found

    # ---- what dies of age

    def expire(self) -> float | None:
        """Delete the objects whose time is over; returns the seconds until the next, or None."""
        now = self._clock.now().timestamp()
        for key in self._store.expired(now):
            self._store.remove(key)
        soonest = self._store.next_expiry
        return None if soonest is None else soonest - now


def _copied(body: Object) -> Object:
    """A copy to be changed. It shares managedFields with the original, which nobody changes."""
    owned = objects.metadata(body).get("managedFields")
    if owned is None:
        return copied(body)
    rest = {key: value for key, value in body["metadata"].items() if key != "managedFields"}
    found = copied({**body, "metadata": rest})
    found["metadata"]["managedFields"] = owned
    return found


_KINDS = {kind.resource: kind for kind in kinds.KINDS if kind.view_of is None}


def bound(pod: Object, node: str, now: datetime) -> Object:
    """The Pod put on a node (setPodNodeAndMetadata upstream); 409 where it cannot be."""
    name = objects.name(pod)
    if objects.is_deleted(pod):
        raise _not_bound(name, f"pod {name} is being deleted, cannot be assigned to a host")
    if current := objects.spec(pod).get("nodeName"):
        raise _not_bound(name, f'pod {name} is already assigned to node "{current}"')
    if objects.spec(pod).get("schedulingGates"):
        raise _not_bound(name, f"pod {name} has non-empty .spec.schedulingGates")
    new = copied(pod)
    new["spec"]["nodeName"] = node
    status = new.setdefault("status", {})
    status.pop("nominatedNodeName", None)
    conditions = status.setdefault("conditions", [])
    scheduled = {
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": rfc3339(now),
    }
    for place, condition in enumerate(conditions):
        if condition["type"] == "PodScheduled":
            conditions[place] = scheduled
            return new
    conditions.append(scheduled)
    return new


def _not_bound(name: str, why: str) -> errors.StatusError:
    return errors.conflict("", "pods/binding", name, why)
