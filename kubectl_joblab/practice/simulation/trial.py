"""Whether the API takes an object: its decoding, defaults and validation, with nothing running.

Every object is tried by itself, in a dry run; nothing is stored but what admission asks for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.codec import decode
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import CreateOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.simulation import virtual
from kubectl_joblab.practice.simulation.virtual import CountingIds

NAMESPACE = "default"
_KINDS = {
    one.kind: one
    for one in (
        *(kinds.JOBS, kinds.PODS, kinds.CRON_JOBS),
        *(kinds.CONFIG_MAPS, kinds.SECRETS, kinds.SERVICE_ACCOUNTS),
    )
}


class _Standstill:
    """Tells one time for ever."""

    def now(self) -> datetime:
        """The time at which simulations begin."""
        return virtual.START


class Trial:
    """An API with one namespace. accounts: the names of the ServiceAccounts in it."""

    def __init__(self, accounts: Iterable[str] = ()) -> None:
        self._registry = Registry(Store(), _Standstill(), CountingIds())
        self._registry.create(kinds.NAMESPACES, _named("Namespace", NAMESPACE))
        for name in dict.fromkeys(("default", *accounts)):
            try:
                one = _named("ServiceAccount", name)
                self._registry.create(kinds.SERVICE_ACCOUNTS, one, NAMESPACE)
            except StatusError:
                continue  # the name that is refused, whoever tries the object is told

    def attempt(self, made: Object) -> None:
        """Try an object of one of the kinds that labs make, its kind and apiVersion as they are.

        A field that there is not is let pass. Raises StatusError where the API refuses it.
        """
        kind = _KINDS[str(made["kind"])]
        raw = json.dumps(made).encode()
        body, _ = decode.decode(kind.type, raw, validation="Ignore")
        self._registry.create(kind, body, NAMESPACE, CreateOptions(dry_run=True))


def _named(kind: str, name: str) -> Object:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}
