"""Events: what controllers and the node say about objects, merged as client-go merges them.

A Recorder belongs to one component. Similar events become one with a count, and a component that
has too much to say about one object is cut short. Follows k8s.io/client-go/tools/record (event.go,
events_cache.go). It knows nothing of who says what.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.clock import Ids, TimeSource, rfc3339

REMEMBERED = 4096  # maxLruCacheEntries
SIMILAR = 10  # defaultAggregateMaxEvents: from so many messages of one reason on they are combined
SIMILAR_WITHIN = timedelta(minutes=10)  # defaultAggregateIntervalInSeconds
BURST = 25  # defaultSpamBurst: so many events about one object at once
REFILL = timedelta(minutes=5)  # defaultSpamQPS: after each such time one more
COMBINED = "(combined from similar events): "
STRATEGIC_MERGE = "application/strategic-merge-patch+json"
LONGEST_NAME = 253

V = TypeVar("V")

# records an event about an object that is known already: type, reason, message
Tell = Callable[[str, str, str], None]


class Sink(Protocol):
    """The verbs of the registry that recording needs."""

    def create(self, kind: Kind, body: Object, namespace: str = "") -> Object:
        """Create an event."""

    def patch(
        self, kind: Kind, name: str, patch_type: str, patch: object, namespace: str = ""
    ) -> Object:
        """Patch an event that exists."""


class EventNames:
    """Makes names of events.

    A name is that of the object, with a time in nanoseconds that never comes twice.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._last = 0

    def new(self, about: str, now: datetime) -> str:
        """A new name; a UUID where the object's own name is too long, as by GenerateEventName."""
        nanoseconds = int(now.timestamp() * 1_000_000) * 1000
        self._last = max(nanoseconds, self._last + 1)
        name = f"{about}.{self._last:x}"
        return name if len(name) <= LONGEST_NAME else self._ids.uid()


def reference(obj: Object, field_path: str = "") -> Object:
    """The ObjectReference to an object.

    Follows GetReference in k8s.io/client-go/tools/reference/ref.go.
    """
    found: Object = {"kind": obj["kind"], "apiVersion": obj["apiVersion"]}
    for key in ("namespace", "name", "uid", "resourceVersion"):
        if value := objects.metadata(obj).get(key):
            found[key] = value
    return found | ({"fieldPath": field_path} if field_path else {})


class _Recent(Generic[V]):
    """A mapping that, when it grows too large, forgets the entry that was not used for longest."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key]

    def put(self, key: Hashable, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > REMEMBERED:
            self._entries.popitem(last=False)


@dataclass(frozen=True)
class _Bucket:
    """How many events a component may still record about one object."""

    tokens: float
    at: datetime

    def filled(self, now: datetime) -> _Bucket:
        return _Bucket(min(BURST, self.tokens + (now - self.at) / REFILL), now)


@dataclass(frozen=True)
class _Written:
    """The event in the API that further events with its key are counted in."""

    name: str
    count: int
    first: str


class Correlator:
    """Decides what becomes of an event: written, counted in another, combined, or dropped."""

    def __init__(self, names: EventNames) -> None:
        self._names = names
        self._similar: _Recent[tuple[dict[str, None], datetime]] = _Recent()
        self._written: _Recent[_Written] = _Recent()
        self._buckets: _Recent[_Bucket] = _Recent()

    def correlate(self, event: Object, now: datetime) -> Object | None:
        """The event as it is to be written; None where it is one too many (EventCorrelate)."""
        event, key = self._aggregated(event, now)
        event = self._counted(event, key)
        return event if self._admitted(event, now) else None

    def _aggregated(self, event: Object, now: datetime) -> tuple[Object, Hashable]:
        key = (_about(event), event["type"], event["reason"], event["reportingComponent"])
        messages, last = self._similar.get(key) or ({}, now)
        if now - last > SIMILAR_WITHIN:
            messages = {}
        messages[event["message"]] = None
        self._similar.put(key, (messages, now))
        if len(messages) < SIMILAR:
            return event, _event_key(event)
        del messages[next(iter(messages))]
        name = self._names.new(event["involvedObject"].get("name", ""), now)
        combined = event | {
            "metadata": event["metadata"] | {"name": name},
            "message": COMBINED + event["message"],
            "reportingComponent": "",  # upstream's copy does not take these two over
            "reportingInstance": "",
        }
        return combined, key

    def _counted(self, event: Object, key: Hashable) -> Object:
        if last := self._written.get(key):
            event = event | {
                "metadata": event["metadata"] | {"name": last.name},
                "firstTimestamp": last.first,
                "count": last.count + 1,
            }
        written = _Written(event["metadata"]["name"], event["count"], event["firstTimestamp"])
        self._written.put(key, written)
        return event

    def _admitted(self, event: Object, now: datetime) -> bool:
        key = (_about(event), event["type"])
        bucket = (self._buckets.get(key) or _Bucket(BURST, now)).filled(now)
        admitted = bucket.tokens >= 1
        self._buckets.put(key, replace(bucket, tokens=bucket.tokens - admitted))
        return admitted


def _about(event: Object) -> Hashable:
    regarding = event["involvedObject"]
    keys = ("kind", "namespace", "name", "uid", "apiVersion")
    return (*event["source"].values(), *(regarding.get(key, "") for key in keys))


def _event_key(event: Object) -> Hashable:
    field_path = event["involvedObject"].get("fieldPath", "")
    return (_about(event), field_path, event["type"], event["reason"], event["message"])


class Recorder:
    """Writes the events of one component. host: the node that the component runs on, if any."""

    def __init__(
        self, registry: Sink, clock: TimeSource, ids: Ids, component: str, host: str = ""
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._names = EventNames(ids)
        self._correlator = Correlator(self._names)
        self._source = {"component": component} | ({"host": host} if host else {})
        self._reporting = {"reportingComponent": component, "reportingInstance": host}

    def event(
        self,
        obj: Object,
        type: str,  # noqa: A002 -- the API's word
        reason: str,
        message: str,
        field_path: str = "",
    ) -> None:
        """Record an event about an object. An event that the API refuses is lost, as upstream."""
        now = self._clock.now()
        regarding = reference(obj, field_path)
        namespace = regarding.get("namespace", "default")
        name = self._names.new(regarding.get("name", ""), now)
        event: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": regarding,
            "reason": reason,
            "message": message,
            "source": self._source,
            "firstTimestamp": rfc3339(now),
            "lastTimestamp": rfc3339(now),
            "count": 1,
            "type": type,
            **self._reporting,
        }
        correlated = self._correlator.correlate(event, now)
        if correlated is not None:
            self._write(correlated)

    def _write(self, event: Object) -> None:
        try:
            if event["count"] == 1 or not self._recount(event):
                self._registry.create(kinds.EVENTS, event, event["metadata"]["namespace"])
        except errors.StatusError:
            pass  # its namespace is being deleted, or it breaks a rule: there is nobody to tell

    def _recount(self, event: Object) -> bool:
        """Count an event in the one that exists; False where that one has expired."""
        change = {key: event[key] for key in ("count", "lastTimestamp", "message")}
        name, namespace = event["metadata"]["name"], event["metadata"]["namespace"]
        try:
            self._registry.patch(kinds.EVENTS, name, STRATEGIC_MERGE, change, namespace)
        except errors.StatusError as error:
            if error.code != 404:
                raise
            return False
        return True
