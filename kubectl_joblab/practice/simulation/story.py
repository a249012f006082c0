"""A story: what the Pods of a Job do, try by try, as `kubectl joblab simulate` is told it.

Tries are numbered from 0 by who comes after whom: a container that is started again in its Pod is
the next try, and so is the Pod that replaces one which has failed. The Pods of an index have tries
of their own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job.indexes import Indexes
from kubectl_joblab.practice.node import attempts
from kubectl_joblab.practice.simulation.containers import Program

INDEX = "batch.kubernetes.io/job-completion-index"
FAILS = Program(runs=1, exits=1)  # what a try does of which no story says anything
_DONE = Program(runs=0)
_SERVES = Program(ends=0)


class Told(NamedTuple):
    """What the tries of some indexes do; the last one stands for all that follow."""

    indexes: Indexes
    tries: tuple[Program, ...]


class Story(NamedTuple):
    """What the Pods of a Job do.

    tries: of each Pod, in order; the last one stands for all that follow. told: what some indexes
    do instead. drains: when, in seconds since the Job's creation, all Pods that run are evicted, as
    by kubectl drain.
    """

    tries: tuple[Program, ...] = (FAILS,)
    told: Sequence[Told] = ()
    drains: Sequence[float] = ()

    def program(self, index: int | None, number: int) -> Program:
        """What the try of this number does. index: the Pod's, None where it has none."""
        tries = self.tries
        for one in self.told:
            if index is not None and index in one.indexes:
                tries = one.tries
        return tries[min(number, len(tries) - 1)]


class Tries:
    """Counts the tries of a Job's Pods, of which it is told as they come and go."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._first: dict[str, int] = {}  # by the uid of a Pod: the number of its first try
        self._index: dict[str, int | None] = {}
        self._over: set[str] = set()  # uids of the Pods after which another one comes
        self._next: dict[int | None, list[int]] = defaultdict(list)  # by index

    def seen(self, pod: Object) -> None:
        """Take note of a Pod as it is now."""
        uid = objects.uid(pod)
        if uid not in self._first:
            text = objects.annotation(pod, INDEX)
            index = self._index[uid] = None if text is None else int(text)
            self._first[uid] = self._next[index].pop(0) if self._next[index] else 0
        if uid in self._over or objects.status(pod).get("phase") == "Succeeded":
            return
        if objects.is_deleted(pod) or objects.status(pod).get("phase") == "Failed":
            self._over.add(uid)
            self._next[self._index[uid]].append(self._first[uid] + _restarts(pod) + 1)

    def program(self, pod: Object, container: str, number: int) -> Program:
        """What a container does that is started for the time of this number, from 0.

        An init container succeeds at once, a sidecar serves until it is stopped.
        """
        for one in attempts.init_containers(pod):
            if one["name"] == container:
                return _SERVES if attempts.is_sidecar(one) else _DONE
        uid = objects.uid(pod)
        return self._story.program(self._index.get(uid), self._first.get(uid, 0) + number)


def _restarts(pod: Object) -> int:
    found = objects.status(pod).get("containerStatuses") or ()
    return max((int(one.get("restartCount") or 0) for one in found), default=0)


def seconds(program: Program) -> float | None:
    """How long a program runs, None where it runs until it is stopped."""
    return None if program.runs == math.inf else program.runs
