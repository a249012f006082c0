"""The stages of an exercise: what a run goes through, Job after Job.

start, check and lab test call it. A lab without stages has one round, which its variant's manifest
makes; stages that go on with the Job that is there belong to the round of that Job.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from kubectl_joblab.labs.definition import model

if TYPE_CHECKING:
    from kubectl_joblab.objects import Object

ANNOTATION = f"{model.PARAMETER_PREFIX}stage"  # by which start marks the Job of a later round


class Round(NamedTuple):
    """The stages that one Job of an exercise goes through.

    file: the manifest that makes the Job, "" where the learner mends that of the round before.
    stages: none where the lab has no stages. solution: a manifest that the round can be done with.
    """

    file: str
    stages: tuple[model.Stage, ...] = ()
    solution: str = ""

    @property
    def do(self) -> tuple[model.Action, ...]:
        """What is done to the Job, in order."""
        return tuple(action for stage in self.stages for action in stage.do)

    @property
    def name(self) -> str:
        """The name of its first stage, "" where there are no stages."""
        return self.stages[0].name if self.stages else ""

    def has(self, stage: str) -> bool:
        """Whether the stage of this name is one of the round's."""
        return stage in [one.name for one in self.stages]


def rounds(lab: model.Lab, variant: model.Variant) -> tuple[Round, ...]:
    """The rounds of an exercise, one at least."""
    found: list[Round] = []
    for stage in lab.stages_of(variant):
        if found and not stage.makes_job:
            found[-1] = found[-1]._replace(stages=(*found[-1].stages, stage))
            continue
        file = stage.file or ("" if found else variant.file)
        found.append(Round(file, (stage,), file or _solution(lab, variant, stage)))
    return tuple(found) or (Round(variant.file, (), variant.file),)


def _solution(lab: model.Lab, variant: model.Variant, stage: model.Stage) -> str:
    """The manifest that the learner's repair may come to, "" where the lab has none."""
    fitting = (
        one.file
        for one in lab.solutions
        if one.stage == stage.name and lab.variant(one.variant) == variant
    )
    return next(fitting, "")


def of_stage(found: tuple[Round, ...], stage: str) -> int:
    """The round that the stage of this name belongs to; the first for ""."""
    return next((number for number, one in enumerate(found) if one.has(stage)), 0)


def at(
    found: tuple[Round, ...],
    checks: tuple[model.Check, ...],
    passed: Mapping[str, str],
    job: Object | None,
) -> int:
    """The round that a Job is of, or that one is in where there is no Job.

    passed: the uid of the Job with which each check has passed in the last run, by the check's id.
    A Job that start has made for a later round says so; of any other it is the first round that is
    not passed, or the one which was passed with this very Job. Where all have passed, another Job
    begins a new run.
    """
    from kubectl_joblab import objects  # whose import takes longer than that of all labs

    if job is not None and (marked := objects.annotation(job, ANNOTATION)):
        return next((number for number, one in enumerate(found) if one.name == marked), 0)
    uid = objects.uid(job) if job else None
    for number in range(len(found)):
        uids = [
            passed.get(one.id)
            for one in checks
            if of_stage(found, one.stage) == number and not one.optional
        ]
        if uid in uids or None in uids:
            return number
    return 0
