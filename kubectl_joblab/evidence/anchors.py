"""What becomes of times that were kept when the clock of a practice cluster is moved.

Such a cluster shows the past as older, so that ages by a client's clock are right: after a jump of
20 seconds it shows each object anew, every time 20 seconds earlier. An object's creationTimestamp
is its anchor: the difference says how far all that was kept of it has to move. recorder.py and
snapshot.py move what they keep so. Elsewhere anchors never change, and nothing moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Attempt, Object

NONE = timedelta()
# in which all watches have told of a jump: each of them is read by a thread of its own
TOLD = timedelta(seconds=1)
# the fields of type Time and MicroTime of Jobs, CronJobs, Pods and events, wherever they stand
_TIMES = frozenset(
    (
        *("creationTimestamp", "deletionTimestamp", "time"),  # the last is of managedFields
        *("startTime", "completionTime", "lastTransitionTime", "lastProbeTime"),
        *("lastScheduleTime", "lastSuccessfulTime"),
        *("startedAt", "finishedAt"),
        *("firstTimestamp", "lastTimestamp", "eventTime", "lastObservedTime"),
    )
)
_FREE = frozenset(("spec", "annotations", "labels"))  # what users write, whatever it is called


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> timedelta:
    """How far the times of an object have moved between two tellings, to the past as a rule."""
    old, new = objects.created(before), objects.created(after)
    return new - old if old and new else NONE


def at(when: datetime | None, by: timedelta) -> datetime | None:
    """A time, moved."""
    return when + by if when else None


def shifted(obj: Object, by: timedelta) -> Object:
    """The object with all its times moved; itself where they do not move."""
    return _shifted(obj, by) if by else obj


def attempts(known: tuple[Attempt, ...], by: timedelta) -> tuple[Attempt, ...]:
    """The attempts with their times moved."""
    if not by:
        return known
    return tuple(
        one._replace(started=at(one.started, by), finished=at(one.finished, by)) for one in known
    )


def _shifted(value: Any, by: timedelta) -> Any:
    if isinstance(value, list):
        return [_shifted(inner, by) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        key: inner
        if key in _FREE
        else objects.later(inner, by)
        if key in _TIMES and isinstance(inner, str)
        else _shifted(inner, by)
        for key, inner in value.items()
    }


class Anchors:
    """How far the times of a Job and of what belongs to it have moved since they were followed.

    moves: how far they had, from no distance at first to what they have now. What was told last of
    an object may lag behind that or be ahead, as the watches of Jobs, Pods and events are read by
    a thread each. What is new is taken to agree with the others; where that was wrong, the Job's
    own times tell, and within TOLD all agree.
    """

    def __init__(self, job: Object) -> None:
        self._job = objects.uid(job)
        self._created = {self._job: objects.created(job)}
        self._moved = {self._job: NONE}  # by uid, how far when the object was told last
        self._since: datetime | None = None  # when the last jump was heard of; None: all agree
        self.moves = [NONE]

    @property
    def now(self) -> timedelta:
        """How far the times have moved by now."""
        return self.moves[-1]

    def lag(self, obj: Object) -> timedelta:
        """How far the times in the object's last telling have to move to agree with the others."""
        return self.now - self._moved.get(objects.uid(obj), self.now)

    def tell(
        self, obj: Object, now: datetime, *, leads: bool = True
    ) -> tuple[timedelta, timedelta]:
        """Take in that an object was told. now: the server's time.

        Returns how far the object's own times have moved since it was told last, and how far all
        else that was kept has to move. leads: whether a jump may be known by this object first.
        """
        before, uid, created = self.now, objects.uid(obj), objects.created(obj)
        old = self._created.get(uid)
        own = created - old if created and old else NONE
        agreed = self._since is None or now - self._since >= TOLD
        if agreed:
            self._since = None
            self._moved = {**dict.fromkeys(self._moved, before), self._job: self._moved[self._job]}
        moved = self._moved.get(uid, before) + own
        if (leads and moved < before) or (uid == self._job and agreed and moved != before):
            self.moves.append(moved)
        self._created[uid], self._moved[uid] = created, moved
        if own or self.now != before:
            self._since = now
        return own, self.now - before

    def is_same_line(self, line: str, other: str) -> bool:
        """Whether two log lines are one, read twice, and the clock may have moved in between.

        Each begins with its timestamp, whose nanoseconds no jump changes.
        """
        (written, _, text), (again, _, same) = line.partition(" "), other.partition(" ")
        return text == same and any(
            objects.later(written, one - before) == again
            for one in self.moves
            for before in self.moves
        )
