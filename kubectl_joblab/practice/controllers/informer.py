"""What a controller is told about a kind: each object, before and after a change.

First it is told of those that do not rest (Strategy.rests). Controllers read the registry itself
when they act: what they are told here only says what a change has changed. Follows
k8s.io/client-go/tools/cache (Reflector, SharedInformer); as it is in one process with the store, it
needs no copy of what there is to know what was before, and misses nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry.operations import Registry

# called with an object before and after a change; None before for a new one, after for one gone
Handler = Callable[[Object | None, Object | None], None]


class Informer:
    """Calls `handler` for each object of a kind that does not rest, and then for each change."""

    def __init__(self, registry: Registry, kind: Kind, handler: Handler) -> None:
        self._registry = registry
        self._kind = kind
        self._handler = handler

    async def run(self) -> None:
        """Call the handler, until cancelled."""
        async for old, new in self._registry.changes(self._kind):
            self._handler(old, new)
