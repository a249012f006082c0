"""The API that lint tries the objects of labs on: that of the practice cluster, without one."""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_joblab.client import failures
from kubectl_joblab.errors import ApiError
from kubectl_joblab.labs import acceptance
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.definition.problem import Problem
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.simulation.trial import Trial


def refused(lab: model.Lab) -> Iterator[Problem]:
    """What the API refuses of the objects of a lab."""
    trial = Trial(acceptance.accounts(lab))

    def attempt(made: Object) -> ApiError | None:
        try:
            trial.attempt(made)
        except StatusError as error:
            return failures.api_error(error.code, error.status)
        return None

    yield from acceptance.refused(lab, attempt)
