"""The rules of CronJobs, new and changed.

The strategy calls it. Follows ValidateCronJobCreate, ValidateCronJobUpdate and what they call in
pkg/apis/batch/validation/validation.go.
"""

from __future__ import annotations

import re

from kubectl_joblab import objects
from kubectl_joblab.formats import cron, golocation
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values
from kubectl_joblab.practice.api.validation.job import create

CONCURRENCY_POLICIES = ("Allow", "Forbid", "Replace")
LONGEST_NAME = 52  # a Job's may have 63 characters, and the controller adds up to 11

_ZONE_PART = re.compile(r"[A-Za-z.\-_0-9+]{1,14}")
_NOT_EXPLICIT = (
    "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
)


def validate_cronjob_create(cronjob: Object) -> list[FieldError]:
    """The rules that a new CronJob breaks, except those of metadata."""
    spec, name = cronjob["spec"], objects.name(cronjob)
    found = _validate_spec(spec, "spec", None)
    if names.size(name) > LONGEST_NAME:
        why = f"must be no more than {LONGEST_NAME} characters"
        found.append(field.invalid("metadata.name", name, why))
    return found + _validate_declared(spec, "spec")


def validate_cronjob_update(cronjob: Object, old: Object) -> list[FieldError]:
    """The rules that a changed CronJob breaks, except those of metadata."""
    spec = cronjob["spec"]
    return _validate_spec(spec, "spec", old["spec"]) + _validate_declared(spec, "spec")


def _validate_spec(spec: Object, path: str, old: Object | None) -> list[FieldError]:
    found = []
    if schedule := spec.get("schedule"):
        found += _validate_schedule(schedule, f"{path}.schedule", spec, old)
    deadline = spec.get("startingDeadlineSeconds")
    found += values.validate_nonnegative_field(deadline, f"{path}.startingDeadlineSeconds")
    zone = spec.get("timeZone")
    if zone is not None and (old is None or zone != old.get("timeZone")):
        found += _validate_time_zone(zone, f"{path}.timeZone")
    policy = spec.get("concurrencyPolicy", "")
    found += values.validate_choice(policy, CONCURRENCY_POLICIES, f"{path}.concurrencyPolicy")
    found += _validate_job_template(spec["jobTemplate"]["spec"], f"{path}.jobTemplate.spec")
    for key in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        found += values.validate_nonnegative_field(spec.get(key), f"{path}.{key}")
    return found


def _validate_declared(spec: Object, path: str) -> list[FieldError]:
    """The rules that upstream declares beside the type, in v1/types.go, and asks last."""
    return [] if spec.get("schedule") else [field.required(f"{path}.schedule")]


def _validate_schedule(
    schedule: str, path: str, spec: Object, old: Object | None
) -> list[FieldError]:
    """The errors of a schedule: one with a time zone in it is left alone where it always had one.

    Follows validateScheduleFormat.
    """
    found = []
    try:
        cron.parse(schedule)
    except cron.CronError as error:
        found.append(field.invalid(path, schedule, str(error)))
    allowed = old is not None and "TZ" in old.get("schedule", "")
    if "TZ" in schedule and not allowed:
        why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        found.append(field.invalid(path, schedule, why))
    elif "TZ" in schedule and spec.get("timeZone") is not None:
        why = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        found.append(field.invalid(path, schedule, why))
    return found


def _validate_time_zone(zone: str, path: str) -> list[FieldError]:
    if not zone:
        return [field.invalid(path, zone, "timeZone must be nil or non-empty string")]
    if not all(map(_is_zone_part, zone.split("/"))):
        return [field.invalid(path, zone, f"unknown time zone {zone}")]
    found = []
    if zone.lower() == "local":
        found.append(field.invalid(path, zone, _NOT_EXPLICIT))
    try:
        golocation.location(zone)
    except golocation.LocationError as error:
        found.append(field.invalid(path, zone, str(error)))
    return found


def _is_zone_part(part: str) -> bool:
    if part in (".", "..") or part.startswith("-"):
        return False
    return _ZONE_PART.fullmatch(part) is not None


def _validate_job_template(spec: Object, path: str) -> list[FieldError]:
    """The rules of the spec of the Jobs; the selector is made for each of them."""
    found = create.validate_job_fields(spec, path)
    if (selector := spec.get("selector")) is not None:
        shown = create.shown_selector(selector)
        found.append(field.invalid(f"{path}.selector", shown, "`selector` will be auto-generated"))
    if spec.get("manualSelector"):
        found.append(field.not_supported(f"{path}.manualSelector", True, ("nil", "false")))
    return found
