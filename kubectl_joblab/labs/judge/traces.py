"""Assertions about what someone has left by hand: in a container that ran, or on the Job.

The API tells nothing of an exec, so a learner leaves a trace of it: a message in the container,
which the kubelet reports with its end, or an annotation of the Job with what kubectl has said.
assertions.py lists these kinds among all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import failing
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.judge.measures import Measure
from kubectl_joblab.language import phrase


def message(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """Whether a container that has ended had a termination message with this text."""
    said = list(_messages(seen))
    found = next((one for one in said if options["contains"] in one), None)
    observed = found if found is not None else next(iter(said), None)
    return Measure(
        options["contains"],
        observed,
        found is not None,
        phrase('message "{text}"', text=options["contains"]),
        "<none>" if observed is None else phrase('message "{text}"', text=failing.quoted(observed)),
        settled=found is not None,
        complete=seen.has_every_start,
    )


def _messages(seen: Snapshot) -> Iterator[str]:
    """The termination messages of the Job's containers, as far as their Pods still tell them."""
    for record in seen.pods:
        for entry in objects.status(record.pod).get("containerStatuses") or ():
            for state in (entry.get("lastState"), entry.get("state")):
                if text := ((state or {}).get("terminated") or {}).get("message"):
                    yield text


def noted(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """Whether an annotation of the Job has this text, which someone may write at any time."""
    value = objects.annotation(seen.job or {}, options["annotation"])
    holds = value is not None and options["contains"] in value
    shown = f'"{failing.quoted(value or "")}"'
    return Measure(
        options["contains"],
        value,
        holds,
        phrase('"{text}" noted', text=options["contains"]),
        "<none>" if value is None else phrase("noted") if holds else shown,
        settled=holds,
        outlasts=True,
    )
