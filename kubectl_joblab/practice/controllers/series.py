"""Events of the newer API, as the scheduler writes them: a repeated one becomes a series.

Follows k8s.io/client-go/tools/events/event_broadcaster.go; an event has the form in which core/v1
serves it. practice/events.py writes the older form, as all others do.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.clock import Clock, Ids, Timer, rfc3339_micro
from kubectl_joblab.practice.events import STRATEGIC_MERGE, EventNames, Sink, reference

FINISH_TIME = timedelta(minutes=6)  # a series is over when so long no event was added to it


class SeriesRecorder:
    """Writes the events of one component. host: the machine that the component runs on."""

    def __init__(self, registry: Sink, clock: Clock, ids: Ids, component: str, host: str) -> None:
        self._registry = registry
        self._clock = clock
        self._names = EventNames(ids)
        self._reporting = {
            "reportingController": component,
            "reportingInstance": f"{component}-{host}",
        }
        self._recent: dict[Hashable, Object] = {}
        self._finishing: Timer | None = None

    def event(
        self,
        obj: Object,
        type: str,  # noqa: A002 -- the API's word
        reason: str,
        action: str,
        message: str,
    ) -> None:
        """Record an event about an object. Of a series only the beginning is written at once."""
        now = self._clock.now()
        regarding = reference(obj)
        key = (type, action, reason, *sorted(regarding.items()))
        if (earlier := self._recent.get(key)) is not None:
            self._repeat(key, earlier, now)
            return
        event: Object = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {
                "name": self._names.new(objects.name(obj), now),
                "namespace": regarding.get("namespace", "default"),
            },
            "regarding": regarding,
            "reason": reason,
            "note": message,
            "type": type,
            "eventTime": rfc3339_micro(now),
            "action": action,
            **self._reporting,
        }
        self._recent[key] = event
        self._write(event)
        if self._finishing is None:
            self._finish_later()

    def _repeat(self, key: Hashable, event: Object, now: datetime) -> None:
        series = event.get("series")
        count = 2 if series is None else series["count"] + 1
        series_now = {"count": count, "lastObservedTime": rfc3339_micro(now)}
        self._recent[key] = {**event, "series": series_now}
        if series is None:
            self._write(self._recent[key])

    def _finish_later(self) -> None:
        self._finishing = self._clock.call_later(FINISH_TIME.total_seconds(), self._finish)

    def _finish(self) -> None:
        """Forget what is over, and write the final count of a series (finishSeries)."""
        self._finishing = None
        before = self._clock.now() - FINISH_TIME
        for key, event in list(self._recent.items()):
            series = event.get("series")
            last = objects.time(series["lastObservedTime"] if series else event["eventTime"])
            if last is not None and last <= before:
                del self._recent[key]
                if series:
                    self._write(event)
        if self._recent:
            self._finish_later()

    def _write(self, event: Object) -> None:
        name, namespace = event["metadata"]["name"], event["metadata"]["namespace"]
        series = event.get("series")
        try:
            if series is None:
                self._registry.create(kinds.EVENTS_V1, event, namespace)
            else:
                change = {"series": series}
                self._registry.patch(kinds.EVENTS_V1, name, STRATEGIC_MERGE, change, namespace)
        except errors.StatusError as error:
            if series is not None and error.code == 404:  # the event of the series has expired
                self._registry.create(kinds.EVENTS_V1, event, namespace)
