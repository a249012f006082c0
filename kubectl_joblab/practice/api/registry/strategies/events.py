"""The strategy of Events. Follows pkg/registry/core/event/strategy.go."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import cluster

# events.k8s.io -> v1
RENAMED = {
    "regarding": "involvedObject",
    "note": "message",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
    "reportingController": "reportingComponent",
}


class EventStrategy(Strategy):
    ttl = 3600  # --event-ttl
    creates_on_update = True

    def rests(self, obj: Object) -> bool:
        return not objects.is_deleted(obj)

    def name_rule(self, name: str) -> list[str]:
        """What is wrong with the name of an Event, which only has to fit into a URL."""
        return names.is_path_segment_name(name)

    def validate(self, obj: Object) -> list[FieldError]:
        return cluster.validate_event(obj)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return cluster.validate_event(obj)


class NewerEventStrategy(EventStrategy):
    """The strategy of Events of events.k8s.io, which are in its form here, and have more rules."""

    def validate(self, obj: Object) -> list[FieldError]:
        return cluster.validate_newer_event(_stored(obj))

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return cluster.validate_newer_event_update(_stored(obj), _stored(old))


def _stored(event: Object) -> Object:
    return {RENAMED.get(key, key): value for key, value in event.items()}
