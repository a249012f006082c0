"""A simulation as commands see it: the practice cluster's news, read as those of any cluster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.cli import manifests
from kubectl_joblab.client import failures
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import eviction
from kubectl_joblab.practice.simulation import play as playing
from kubectl_joblab.practice.simulation.play import Course
from kubectl_joblab.practice.simulation.story import Story


class Simulated(NamedTuple):
    """How a Job went.

    seen: all of it, at the end. ended: when it was finished, None where it is not. idle: whether
    nothing will ever happen any more, though it is not finished. at_most: the seconds after which
    it was left. drained: how many Pods were evicted.
    """

    seen: Snapshot
    story: Story
    ended: datetime | None
    idle: bool
    at_most: float
    drained: int
    warnings: Sequence[str]


def play(made: Document, story: Story, at_most: float) -> Simulated:
    """Play the Job of a manifest. Raises ApiError where the API refuses it."""
    try:
        course = playing.play(made.data, story, at_most)
    except StatusError as error:
        refused = failures.api_error(error.code, error.status)
        raise manifests.explained(made, refused) from error
    seen = _recorded(course)
    job = seen.job or {}
    return Simulated(
        seen,
        story,
        objects.finished_at(job),
        course.end == playing.IDLE,
        at_most,
        sum(map(_is_evicted, seen.pods)),
        course.warnings,
    )


def _recorded(course: Course) -> Snapshot:
    """What the news come to."""
    jobs = [one for one in course.news if one.object["kind"] == "Job"]
    recorder = Recorder(jobs[0].object, str(objects.metadata(jobs[0].object)["namespace"]))
    for one in course.news:
        kind = one.object["kind"]
        if kind == "Job":
            recorder.on_job(one.type, one.object, one.at)
        elif kind == "Pod":
            recorder.on_pod(one.type, one.object, one.at)
        elif one.object["involvedObject"]["kind"] == "Job":
            recorder.on_event(one.type, one.object, one.at)
    return recorder.view(course.now)


def _is_evicted(record: PodRecord) -> bool:
    found = objects.condition(record.pod, "DisruptionTarget") or {}
    return found.get("reason") == eviction.REASON
