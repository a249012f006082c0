"""Containers that the kubelet has ended as a probe failed: the events of their Pod alone tell.

Their exit code is that of a signal, or what the program makes of SIGTERM. The messages are those of
pkg/kubelet/prober/prober.go and of computePodActions in pkg/kubelet/kuberuntime: where a container
is started again, it says which probe failed; where that was the last of its Pod, it only stops.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import Cause, Fact
from kubectl_joblab.evidence.causes.tries import Try
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

_KILLED = re.compile(r"ontainer (\S+) failed (?:liveness|startup) probe")
_STOPPED = re.compile(r"Stopping container (\S+)$")
_UNHEALTHY = re.compile(r"(liveness|startup) probe", re.IGNORECASE)
_PROBES = ("livenessProbe", "startupProbe")


class Failed(NamedTuple):
    """What a probe that failed means, what to do, and what shows it."""

    meaning: Sentence
    fix: Sentence
    shows: tuple[Fact, ...]


def has_probe(record: PodRecord, container: str) -> bool:
    """Whether a container of a Pod has a probe that may end it."""
    spec = objects.spec(record.pod)
    return any(
        one.get(probe)
        for one in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ()))
        if one.get("name") == container
        for probe in _PROBES
    )


def failed(seen: Snapshot, one: Try) -> Failed | None:
    """The probe that has ended a try; None where no event tells of one."""
    container, pod = one.attempt.container, one.record.pod
    about = [
        event for event in seen.events or () if kinds.about(event).get("uid") == objects.uid(pod)
    ]
    pattern = _KILLED.pattern
    if not objects.is_deleted(pod):
        pattern = f"{_KILLED.pattern}|{_STOPPED.pattern}"
    return _told(about, container, pattern)


def of_gone(seen: Snapshot) -> Iterator[Cause]:
    """That a probe has ended the tries of a Pod that is gone, as its events alone tell."""
    there = {record.name for record in seen.pods}
    for name in sorted(kinds.made_pods(seen) - there):
        about = [
            event
            for event in seen.events or ()
            if kinds.about(event).get("kind") == "Pod" and kinds.about(event).get("name") == name
        ]
        said = [_KILLED.search(str(event.get("message"))) for event in about]
        container = next((found[1] for found in said if found), None)
        told = _told(about, container, _KILLED.pattern) if container else None
        if told is None:
            continue
        yield Cause(
            "signal",
            False,
            f"pod/{name}",
            phrase("its tries were ended"),
            told.meaning,
            told.fix,
            f"kubectl describe job {seen.name}",
            id="probe-failed",
            shows=told.shows,
        )
        return


def _told(about: Sequence[Object], container: str, pattern: str) -> Failed | None:
    """What the events about a Pod tell of a probe that has ended a container.

    pattern: of the message by which the kubelet says that it ends it, with its name as a group.
    """
    about = [
        event
        for event in about
        if f"{{{container}}}" in str(kinds.about(event).get("fieldPath") or f"{{{container}}}")
    ]
    killed = [
        event
        for event in kinds.events_of(about, "Killing")
        if (found := re.search(pattern, str(event.get("message")))) and container in found.groups()
    ]
    unhealthy = [
        (event, found[1].lower())
        for event in kinds.events_of(about, "Unhealthy")
        if (found := _UNHEALTHY.match(str(event.get("message"))))
    ]
    if not killed or not unhealthy:
        return None
    last, probe = unhealthy[-1]
    return Failed(
        phrase("the kubelet has ended it, as its {probe} probe failed", probe=probe),
        phrase(
            "Have the probe ask for what the program can answer while it works, or give it more"
            " time: initialDelaySeconds, periodSeconds, failureThreshold. A Job seldom needs a"
            " probe: activeDeadlineSeconds ends what hangs."
        ),
        (kinds.event(last), kinds.event(killed[-1])),
    )
