"""The strategy of Jobs. Follows pkg/registry/batch/job/strategy.go."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.defaults import disabled
from kubectl_joblab.practice.api.defaults.jobs import set_job_defaults
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.go.govalues import go_text
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation.job.create import (
    generated_labels,
    validate_job_create,
    warnings_for_job_spec,
)
from kubectl_joblab.practice.api.validation.job.status import validate_job_status_update
from kubectl_joblab.practice.api.validation.job.update import validate_job_update

ODD_NAME = (
    "metadata.name: this is used in Pod names and hostnames, which can result in surprising "
    "behavior; a DNS label is recommended: "
)


class JobStrategy(Strategy):
    generation = True
    orphans = True

    def rests(self, obj: Object) -> bool:
        """Whether a Job is finished and stays: it is neither deleted, nor will it be in time."""
        goes = (
            objects.is_deleted(obj) or objects.spec(obj).get("ttlSecondsAfterFinished") is not None
        )
        return objects.is_finished(obj) and not goes

    def default(self, obj: Object) -> None:
        set_job_defaults(obj)

    def prepare_for_create(self, obj: Object) -> None:
        """Drop the status, and generate the selector and the labels of the Pods."""
        obj["status"] = {}
        if not obj["spec"]["manualSelector"]:
            _generate_selector(obj)
        disabled.drop_disabled_job_fields(obj["spec"])

    def validate(self, obj: Object) -> list[FieldError]:
        return validate_job_create(obj)

    def warnings(self, obj: Object, old: Object | None = None) -> list[str]:
        """What is odd in a new Job, or in the spec that an update changes."""
        if old is None:
            wrong = names.is_dns1123_label(objects.name(obj))
            found = [ODD_NAME + go_text(wrong)] if wrong else []
            return found + warnings_for_job_spec(obj["spec"], "spec")
        return warnings_for_job_spec(obj["spec"], "spec") if obj["spec"] != old["spec"] else []

    def canonicalize(self, obj: Object) -> None:
        """Give a Job without labels those of its Pods, as upstream does when it reads one."""
        labels = obj["spec"]["template"]["metadata"].get("labels")
        if labels and not obj["metadata"].get("labels"):
            obj["metadata"]["labels"] = labels

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        obj["status"] = old.get("status") or {}
        disabled.drop_disabled_job_fields(obj["spec"])

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return validate_job_update(obj, old)

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        return validate_job_status_update(obj, old)


def _generate_selector(job: Object) -> None:
    """Select Pods by the Job's uid. Labels that the client has set stay, for the rules to judge."""
    spec = job["spec"]
    labels = spec["template"]["metadata"].setdefault("labels", {})
    for key, value in generated_labels(job).items():
        labels.setdefault(key, value)
    selected = spec.setdefault("selector", {}).setdefault("matchLabels", {})
    selected.setdefault(objects.CONTROLLER_UID_LABEL, objects.uid(job))
