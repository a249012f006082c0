"""What a controller is told about a kind: each object, before and after a change.

An informer lists, then watches; after a watch that was cut off it finds out what it has missed.
Controllers read the registry itself when they act: what is kept here only tells what a change has
changed. Follows k8s.io/client-go/tools/cache (Reflector, SharedInformer).
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import ListOptions
from kubectl_joblab.practice.api.registry.operations import Registry

# called with an object before and after a change; None before for a new one, after for one gone
Handler = Callable[[Object | None, Object | None], None]


class Informer:
    """Calls `handler` for each object of a kind that exists, and then for each change."""

    def __init__(self, registry: Registry, kind: Kind, handler: Handler) -> None:
        self._registry = registry
        self._kind = kind
        self._handler = handler
        self._known: dict[tuple[str, str], Object] = {}

    async def run(self) -> None:
        """Call the handler, until cancelled."""
        while True:
            since = ListOptions(resource_version=self._catch_up())
            try:
                async for event in self._registry.watch(self._kind, options=since):
                    self._tell(event.object, gone=event.type == "DELETED")
            except errors.StatusError as error:
                if error.code != 410:
                    raise

    def _catch_up(self) -> str:
        listing = self._registry.list(self._kind)
        there = {_place(obj) for obj in listing.items}
        for place in [place for place in self._known if place not in there]:
            self._tell(self._known[place], gone=True)
        for obj in listing.items:
            before = self._known.get(_place(obj))
            if before is None or _version(before) != _version(obj):
                self._tell(obj, gone=False)
        return listing.resource_version

    def _tell(self, obj: Object, *, gone: bool) -> None:
        place = _place(obj)
        before = self._known.pop(place, None)
        if before is not None and before["metadata"]["uid"] != obj["metadata"]["uid"]:
            # Another object has the name now, and the end of the one before was missed.
            self._handler(before, None)
            before = None
        if not gone:
            self._known[place] = obj
            self._handler(before, obj)
        else:
            self._handler(obj, None)


def _place(obj: Object) -> tuple[str, str]:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def _version(obj: Object) -> str:
    return str(obj["metadata"]["resourceVersion"])
