"""The rules of a Job's status, which other controllers may write too.

The strategy calls it. Most rules look only at what has changed, so that a status that has become
wrong by a change of spec can still be written. Follows ValidateJobStatusUpdate in
pkg/apis/batch/validation/validation.go and getStatusValidationOptions in
pkg/registry/batch/job/strategy.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import internal, values
from kubectl_joblab.practice.api.validation.job import intervals

_COUNTS = ("active", "succeeded", "failed", "ready", "terminating")
_CONDITIONS = "status.conditions"


@dataclass(frozen=True)
class _Change:
    """A Job with a new status, and the Job as it was."""

    job: Object
    old: Object

    @cached_property
    def status(self) -> dict[str, Any]:
        return dict(objects.status(self.job))

    @cached_property
    def before(self) -> dict[str, Any]:
        return dict(objects.status(self.old))

    @property
    def spec(self) -> dict[str, Any]:
        found: dict[str, Any] = self.job["spec"]
        return found

    @property
    def is_finished(self) -> bool:
        return objects.is_finished(self.job)

    @property
    def finishes(self) -> bool:
        return self.is_finished != objects.is_finished(self.old)

    def has(self, condition: str) -> bool:
        return objects.is_true(self.job, condition)

    def had(self, condition: str) -> bool:
        return objects.is_true(self.old, condition)

    def turns(self, *conditions: str) -> bool:
        """Whether one of these conditions becomes true, or ceases to be."""
        return any(self.has(one) != self.had(one) for one in conditions)

    def changes(self, *keys: str) -> bool:
        """Whether one of these fields changes; unset and zero are the same."""
        return any((self.status.get(key) or 0) != (self.before.get(key) or 0) for key in keys)

    def differs(self, *keys: str) -> bool:
        """Whether one of these fields changes; unset and zero are not the same."""
        return any(self.status.get(key) != self.before.get(key) for key in keys)


def validate_job_status_update(job: Object, old: Object) -> list[FieldError]:
    """The rules that a new status breaks."""
    change = _Change(job, old)
    found = []
    for key in _COUNTS:
        found += values.validate_nonnegative_field(change.status.get(key), f"status.{key}")
    for rules in (_uncounted, _times, _finish, _index_lists, _pods, _contradictions, _transitions):
        found += rules(change)
    return found


def _uncounted(change: _Change) -> Iterator[FieldError]:
    uncounted = change.status.get("uncountedTerminatedPods") or {}
    seen: set[str] = set()
    for key in ("succeeded", "failed"):
        for index, uid in enumerate(uncounted.get(key) or ()):
            at = f"status.uncountedTerminatedPods.{key}[{index}]"
            if not uid:
                yield field.invalid(at, uid, "must not be empty")
            elif uid in seen:
                yield field.duplicate(at, uid)
            seen.add(uid)


def _condition(why: str) -> FieldError:
    return field.invalid(_CONDITIONS, field.OMITTED, why)


def _times(change: _Change) -> Iterator[FieldError]:
    """The rules between completionTime and the conditions."""
    status, complete = change.status, change.has("Complete")
    start, completion = status.get("startTime"), status.get("completionTime")
    if change.turns("Complete", "Failed") and complete and change.has("Failed"):
        yield _condition("cannot set Complete=True and Failed=true conditions")
    if change.turns("Complete", "FailureTarget") and complete and change.has("FailureTarget"):
        yield _condition("cannot set Complete=True and FailureTarget=true conditions")
    at = "status.completionTime"
    if change.turns("Complete") or change.differs("completionTime"):
        if completion and not complete:
            why = "cannot set completionTime when there is no Complete=True condition"
            yield field.invalid(at, completion, why)
        if complete and not completion:
            yield field.required(at, "completionTime is required for Complete jobs")
    if change.differs("startTime", "completionTime") and start and completion:
        first, last = objects.time(start), objects.time(completion)
        if first is not None and last is not None and last < first:
            yield field.invalid(at, completion, "must be equal to or after `startTime`")


def _finish(change: _Change) -> Iterator[FieldError]:
    """The rules of a Job that finishes."""
    status, spec = change.status, change.spec
    targeted = change.has("FailureTarget") or not change.has("Failed")
    if not targeted and (change.turns("Failed") or change.differs("failedIndexes")):
        yield _condition(
            "cannot set Failed=True condition without the FailureTarget=true condition"
        )
    met = change.has("SuccessCriteriaMet") or not change.has("Complete")
    if not met and change.turns("Complete", "SuccessCriteriaMet"):
        yield _condition(
            "cannot set Complete=True condition without the SuccessCriteriaMet=true condition"
        )
    if not change.is_finished:
        return
    active = status.get("active", 0)
    if active > 0 and (change.finishes or change.changes("active")):
        yield field.invalid("status.active", active, "active>0 is invalid for finished job")
    never_ran = spec.get("suspend") and spec.get("completions") == 0
    known = status.get("startTime") or never_ran
    if not known and (change.finishes or change.differs("startTime")):
        yield field.required("status.startTime", "startTime is required for finished job")
    at = "uncountedTerminatedPods"
    uncounted = status.get(at) or {}
    if any(uncounted.values()) and (change.finishes or change.differs(at)):
        shown = internal.shown("UncountedTerminatedPods", uncounted)
        yield field.invalid(f"status.{at}", shown, "must be empty for finished job")


def _index_lists(change: _Change) -> Iterator[FieldError]:
    """The rules of the lists of indexes: their form, and which Jobs have them."""
    status, spec = change.status, change.spec
    completed, failed = status.get("completedIndexes", ""), status.get("failedIndexes")
    completions = spec.get("completions")
    per_index = spec.get("backoffLimitPerIndex") is not None
    new_completed = change.changes("completedIndexes")
    new_failed = change.differs("failedIndexes")
    if new_completed and completions is not None:
        yield from _list_wrong("completedIndexes", completed, completions)
    if new_failed and completions is not None and per_index and failed is not None:
        yield from _list_wrong("failedIndexes", failed, completions)
    if new_completed and completed and spec.get("completionMode") != "Indexed":
        why = "cannot set non-empty completedIndexes when non-indexed completion mode"
        yield field.invalid("status.completedIndexes", completed, why)
    if new_failed and failed is not None and not per_index:
        why = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        yield field.invalid("status.failedIndexes", failed, why)
    if (new_completed or new_failed) and completions is not None and failed is not None:
        shared = intervals.overlap(completed, failed, completions)
        if shared is not None:
            why = f"failedIndexes and completedIndexes overlap at index: {shared}"
            yield field.invalid("status.failedIndexes", failed, why)


def _list_wrong(key: str, text: str, completions: int) -> Iterator[FieldError]:
    try:
        intervals.count(text, completions)
    except ValueError as error:
        yield field.invalid(f"status.{key}", text, f"error parsing {key}: {error}")


def _pods(change: _Change) -> Iterator[FieldError]:
    status = change.status
    terminating, ready = status.get("terminating", 0), status.get("ready", 0)
    ends = change.is_finished and (change.finishes or change.differs("terminating"))
    if ends and terminating > 0:
        why = "terminating>0 is invalid for finished job"
        yield field.invalid("status.terminating", terminating, why)
    too_many = ready > status.get("active", 0)
    if too_many and (change.differs("ready") or change.changes("active")):
        yield field.invalid("status.ready", ready, "cannot set more ready pods than active")


def _contradictions(change: _Change) -> Iterator[FieldError]:
    """The errors of conditions that exclude each other, whether they change or not."""
    met = change.has("SuccessCriteriaMet")
    if met and change.has("Failed"):
        yield _condition("cannot set SuccessCriteriaMet=True and Failed=true conditions")
    if met and change.has("FailureTarget"):
        yield _condition("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")
    if change.spec.get("successPolicy") is not None and not met and change.has("Complete"):
        yield _condition(
            "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"
        )


def _transitions(change: _Change) -> Iterator[FieldError]:
    """The errors of what was true and cannot be taken back."""
    for one in ("Failed", "Complete", "FailureTarget"):
        if change.had(one) and not change.has(one):
            yield _condition(f"cannot disable the terminal {one}=True condition")
    yield from _counters(change)
    status, before = change.status, change.before
    completion, start = status.get("completionTime"), before.get("startTime")
    if completion and before.get("completionTime") and change.differs("completionTime"):
        yield field.invalid("status.completionTime", completion, values.IMMUTABLE)
    resumed = objects.condition(change.job, "Suspended") or {}
    resuming = change.had("Suspended") and resumed.get("status") == "False"
    if start and change.differs("startTime") and not change.spec.get("suspend") and not resuming:
        why = "field is immutable for unsuspended job once set"
        yield field.invalid("status.startTime", status.get("startTime"), why)
    met, was_met = change.has("SuccessCriteriaMet"), change.had("SuccessCriteriaMet")
    if was_met and not met:
        yield _condition("cannot disable the SuccessCriteriaMet=True condition")
    if met and not was_met and change.had("Complete"):
        yield _condition(
            "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"
        )


def _counters(change: _Change) -> Iterator[FieldError]:
    """The errors of counters that shrink; only an elastic Job may take back succeeded ones."""
    spec, status, before = change.spec, change.status, change.before
    elastic = spec.get("completions") == spec.get("parallelism")
    for key in ("failed", "succeeded"):
        if key == "succeeded" and spec.get("completionMode") == "Indexed" and elastic:
            continue
        if (count := status.get(key, 0)) < before.get(key, 0):
            yield field.invalid(f"status.{key}", count, f"cannot decrease the {key} counter")
