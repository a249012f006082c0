"""A registry of things: kinds without rules of their own, for tests of what all kinds share.

Their objects have the fields of Pods.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind, Strategy
from kubectl_joblab.practice.api.registry.kinds import NAMESPACES
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice.virtual import CountingIds


class _Counted(Strategy):
    generation = True


class _Graceful(Strategy):
    generation = True
    graceful = True


class _Orphaning(Strategy):
    orphans = True


class _Mortal(Strategy):
    ttl = 3600
    creates_on_update = True


def _kind(strategy: Strategy, name: str, **more: Any) -> Kind:
    plural, pod = f"{name.lower()}s", "io.k8s.api.core.v1.Pod"
    return Kind("x.io", "v1", name, plural, name.lower(), pod, strategy, **more)


THINGS = _kind(_Counted(), "Thing")
PLACES = _kind(Strategy(), "Place", namespaced=False)
LEAVERS = _kind(_Graceful(), "Leaver")
PARENTS = _kind(_Orphaning(), "Parent")
MORTALS = _kind(_Mortal(), "Mortal")


class Clock:
    """A clock that stands still until a test advances it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=timezone.utc)

    def now(self) -> datetime:
        """The time at which the clock stands."""
        return self.time

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=seconds)


def registry(
    path: Path | str = ":memory:",
    *,
    clock: Clock | None = None,
    kept: int = 2000,
    store: Store | None = None,
) -> Registry:
    """A registry with the namespaces "default" and "other". store: one that a test has made."""
    made = Registry(store or Store(path, kept=kept), clock or Clock(), CountingIds())
    for name in ("default", "other"):
        made.create(
            NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        )
    return made


def thing(name: str, **metadata: Any) -> Object:
    """A thing as a client sends it."""
    return {"apiVersion": "x.io/v1", "kind": "Thing", "metadata": {"name": name, **metadata}}
