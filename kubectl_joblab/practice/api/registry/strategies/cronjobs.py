"""The strategy of CronJobs. Follows pkg/registry/batch/cronjob/strategy.go."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.defaults import disabled
from kubectl_joblab.practice.api.defaults.jobs import set_cronjob_defaults
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.go.govalues import go_text
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.registry.strategies.jobs import ODD_NAME
from kubectl_joblab.practice.api.validation.job.create import warnings_for_job_spec
from kubectl_joblab.practice.api.validation.job.cronjob import (
    validate_cronjob_create,
    validate_cronjob_update,
)

_TEMPLATE = "spec.jobTemplate.spec"
_ZONE_IN_SCHEDULE = (  # upstream's path, word for word
    "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see "
    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
)


class CronJobStrategy(Strategy):
    generation = True

    def default(self, obj: Object) -> None:
        set_cronjob_defaults(obj)

    def prepare_for_create(self, obj: Object) -> None:
        obj["status"] = {}
        disabled.drop_disabled_job_fields(_job_spec(obj))

    def validate(self, obj: Object) -> list[FieldError]:
        return validate_cronjob_create(obj)

    def warnings(self, obj: Object, old: Object | None = None) -> list[str]:
        """What is odd in a new CronJob, or in the spec that an update changes."""
        if old is None:
            wrong = names.is_dns1123_label(objects.name(obj))
            found = [ODD_NAME + go_text(wrong)] if wrong else []
            return found + warnings_for_job_spec(_job_spec(obj), _TEMPLATE)
        found = []
        if obj["spec"] != old["spec"]:
            found += warnings_for_job_spec(_job_spec(obj), _TEMPLATE)
        if "TZ" in obj["spec"].get("schedule", ""):
            found.append(_ZONE_IN_SCHEDULE)
        return found

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        obj["status"] = old.get("status") or {}
        disabled.drop_disabled_job_fields(_job_spec(obj))

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return validate_cronjob_update(obj, old)

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]


def _job_spec(cronjob: Object) -> Object:
    spec: Object = cronjob["spec"]["jobTemplate"]["spec"]
    return spec
