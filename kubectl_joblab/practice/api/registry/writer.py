"""Writes for the registry's verbs, once they know which object they mean.

Each method is atomic, and a dry run of it leaves the store as it was. Follows Create, Update and
Delete of k8s.io/apiserver/pkg/registry/generic/registry/store.go.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.access.caller import Caller
from kubectl_joblab.practice.api.admission import chain
from kubectl_joblab.practice.api.admission.attributes import Attributes
from kubectl_joblab.practice.api.codec import timeshift
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import (
    CreateOptions,
    DeleteOptions,
    PatchOptions,
    UpdateOptions,
    Warn,
)
from kubectl_joblab.practice.api.patch import apply, managers
from kubectl_joblab.practice.api.patch.managers import Manager
from kubectl_joblab.practice.api.registry import (
    allocation,
    deletion,
    kinds,
    metadata,
    preparing,
    views,
)
from kubectl_joblab.practice.api.registry.roles import Roles
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.draft import Objects
from kubectl_joblab.practice.clock import Ids, TimeSource, rfc3339

GENERATED_NAME_ATTEMPTS = 8  # maxNameGenerationCreateAttempts
_SERVER = "kube-apiserver"  # as which admission owns what it writes
_RESOURCES = {kind.plural: kind.resource for kind in kinds.KINDS if kind.view_of is None}


def key(kind: Kind, namespace: str, name: str) -> Key:
    """The key under which an object of this name is stored."""
    return Key(kind.stored_as, namespace if kind.namespaced else "", name)


def key_of(kind: Kind, obj: Object) -> Key:
    """The key under which this object is stored."""
    meta = obj["metadata"]
    return Key(kind.stored_as, meta.get("namespace", ""), meta["name"])


class Writer:
    """Writes to one store. Objects that are passed in may be changed, `old` ones may not.

    manager: who owns what is written where the options do not say who does.
    """

    def __init__(self, store: Objects, clock: TimeSource, ids: Ids, manager: str = "") -> None:
        self._manager = manager
        self._store = store
        self._clock = clock
        self._ids = ids

    def create(
        self,
        kind: Kind,
        obj: Object,
        namespace: str,
        options: CreateOptions,
        warn: Warn | None,
        name: str = "",
    ) -> Object:
        """Create an object; one of a kind that is not stored is answered.

        name: that in the path, where an update or an apply creates.
        """
        meta = obj.setdefault("metadata", {})
        metadata.place(kind, obj, namespace)
        caller = self._caller(options, namespace, name)
        if not kind.stored:
            return self._answer(kind, obj, caller)
        if kind.always_empty:
            raise errors.always_empty(kind.resource)
        metadata.fill(obj, self._clock, self._ids)
        kind.strategy.default(obj)
        self._own(kind, obj, None, options, "")
        attributes = self._attributes(kind, obj, None, "", warn)
        chain.admit(attributes)
        kind.strategy.authorize(obj, None, caller)
        if not meta.get("name") and meta.get("generateName"):
            self._generate_name(kind, obj)
        if kind is kinds.SERVICES:
            allocation.allocate(obj, None, self._services)
        obj = preparing.for_create(kind, obj, warn)
        chain.validate(replace(attributes, obj=obj))
        existing = self._store.get(key_of(kind, obj))
        if existing is not None:
            error = errors.already_exists(kind.group, kind.plural, meta["name"])
            if objects.is_deleted(existing):
                error.message = f"object is being deleted: {error.message}"
            raise error
        if options.dry_run:
            del obj["metadata"]["resourceVersion"]
            return views.kept(kind, obj)
        self._charge(attributes)
        return self.put(kind, obj)

    def _own(
        self,
        kind: Kind,
        obj: Object,
        old: Object | None,
        options: CreateOptions,
        subresource: str,
    ) -> None:
        """Write into an object who owns what of it, before admission adds what nobody owns."""
        name = options.field_manager
        if name is not None:
            name = name or self._manager or managers.UNKNOWN
            manager = Manager(name, managers.UPDATE, kind.api_version, subresource)
            managers.update(kind, obj, old, manager, self._now())

    def _caller(self, options: CreateOptions, namespace: str, name: str) -> Caller:
        return Caller(options.user, Roles(self._store), namespace, name)

    def _answer(self, kind: Kind, review: Object, caller: Caller) -> Object:
        metadata.wipe(review)
        answer = kind.strategy.answer(review, self._now(), caller)
        named = {"apiVersion": kind.api_version, "kind": kind.kind}
        return canonical(kind.type, {**answer, **named})

    def _generate_name(self, kind: Kind, obj: Object) -> None:
        meta = obj["metadata"]
        for _ in range(GENERATED_NAME_ATTEMPTS):
            meta["name"] = metadata.generated_name(meta["generateName"], self._ids)
            if self._store.get(key_of(kind, obj)) is None:
                break

    def _attributes(
        self, kind: Kind, obj: Object, old: Object | None, subresource: str, warn: Warn | None
    ) -> Attributes:
        now = self._clock.now()
        return Attributes(kind, obj, old, subresource, self.find, self._scan, now, warn)

    def find(self, plural: str, namespace: str, name: str) -> Object | None:
        """The object of a kind with this plural; None where there is none."""
        return self._store.get(Key(_RESOURCES[plural], namespace, name))

    def _scan(self, plural: str, namespace: str) -> list[Object]:
        return self._store.scan(_RESOURCES[plural], namespace)

    def _services(self) -> list[Object]:
        return self._store.scan(kinds.SERVICES.resource)

    def _charge(self, attributes: Attributes) -> None:
        """Write what the object that is written next uses of its quotas."""
        for quota in attributes.charged:
            kind, meta = kinds.RESOURCE_QUOTAS, quota["metadata"]
            changed = {**quota, "metadata": dict(meta)}
            old = self.find(kind.plural, meta["namespace"], meta["name"])
            owner = Manager(_SERVER, managers.UPDATE, kind.api_version, "status")
            managers.update(kind, changed, old, owner, self._now())
            self.put(kind, canonical(kind.type, changed))

    def replace(
        self,
        kind: Kind,
        obj: Object,
        old: Object,
        options: UpdateOptions,
        subresource: str,
        warn: Warn | None,
    ) -> Object:
        """Put an object in the place of the old one.

        It is removed instead where the update takes away the last thing that kept a deleted object.
        """
        stored, old = old, views.shown(kind, old)
        metadata.check_version(kind, obj, old)
        kind.strategy.default(obj)
        self._own(kind, obj, old, options, subresource)
        attributes = self._attributes(kind, obj, old, subresource, warn)
        chain.admit(attributes)
        meta = old["metadata"]
        caller = self._caller(options, meta.get("namespace", ""), meta["name"])
        kind.strategy.authorize(obj, old, caller)
        if kind is kinds.SERVICES and not subresource:
            allocation.allocate(obj, old, self._services)
        obj = preparing.for_update(kind, obj, old, subresource, warn)
        chain.validate(replace(attributes, obj=obj))
        if deletion.ends(obj, old):
            if not options.dry_run:
                self._store.remove(key_of(kind, old))
            return views.kept(kind, obj)
        if obj == old:
            return stored
        if options.dry_run:
            return views.kept(kind, obj)
        self._charge(attributes)
        return self.put(kind, obj)

    def apply(
        self,
        kind: Kind,
        name: str,
        config: object,
        namespace: str,
        options: PatchOptions,
        subresource: str,
        warn: Warn | None,
    ) -> Object:
        """Create or change an object by server-side apply."""
        old = self._store.get(key(kind, namespace, name))
        if old is None and subresource:
            raise errors.not_found(kind.group, kind.plural, name)
        shown = old and views.shown(kind, old)
        seen = shown and timeshift.moved(kind.type, shown, -options.ahead)
        now = rfc3339(self._clock.now() - timedelta(seconds=options.ahead))
        changed = apply.applied(kind, seen, config, options, subresource, now)
        obj = timeshift.moved(kind.type, changed, options.ahead)
        if old is None and (uid := obj["metadata"].get("uid")):
            why = (
                f"uid mismatch: the provided object specified uid {uid}, and no existing object "
                "was found"
            )
            raise errors.conflict(kind.group, kind.plural, name, why)
        metadata.place(kind, obj, namespace)
        metadata.check_name(obj, name)
        options = replace(options, field_manager=None)
        if old is not None:
            return self.replace(kind, obj, old, options, subresource, warn)
        obj["metadata"].pop("resourceVersion", None)
        return self.create(kind, obj, namespace, options, warn, name)

    def delete(self, kind: Kind, old: Object, options: DeleteOptions) -> Object:
        """Delete an object, or begin to; returns it as it is now, or as it last was."""
        deletion.check_preconditions(kind, old, options.preconditions)
        plan = deletion.plan(kind, old, options, self._clock.now())
        result = old
        if plan.update is not None and plan.update != old:
            result = canonical((kind.view_of or kind).type, plan.update)
        if options.dry_run:
            return result
        if result is not old:
            self.put(kind.view_of or kind, result)
        return self._store.remove(key_of(kind, old)) if plan.remove else result

    def put(self, kind: Kind, obj: Object) -> Object:
        """Store an object as it is."""
        obj = views.kept(kind, obj)
        ttl = kind.strategy.ttl
        expires = self._clock.now().timestamp() + ttl if ttl else 0
        rests = kind.strategy.rests(obj)
        return self._store.put(key_of(kind, obj), obj, expires=expires, rests=rests)

    def _now(self) -> str:
        return rfc3339(self._clock.now())
