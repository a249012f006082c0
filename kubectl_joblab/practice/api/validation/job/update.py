"""The rules of a change of a Job.

The strategy calls it. Follows ValidateJobUpdate and what it calls in
pkg/apis/batch/validation/validation.go, and validationOptionsForJob in
pkg/registry/batch/job/strategy.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.api.validation import internal, values
from kubectl_joblab.practice.api.validation.job import create

# what may not change -> the Go type of what is no text or number
_IMMUTABLE = {
    "completionMode": "",
    "podFailurePolicy": "PodFailurePolicy",
    "backoffLimitPerIndex": "",
    "managedBy": "",
    "successPolicy": "SuccessPolicy",
}


def validate_job_update(job: Object, old: Object) -> list[FieldError]:
    """The rules that a changed Job breaks, except those of metadata."""
    spec, before = job["spec"], old["spec"]
    found = create.validate_job_spec(spec, "spec")
    found += _validate_completions(spec, before)
    if spec.get("selector") != before.get("selector"):
        shown = create.shown_selector(spec.get("selector"))
        found.append(field.invalid("spec.selector", shown, values.IMMUTABLE))
    found += _validate_template_update(job, old)
    for key, name in _IMMUTABLE.items():
        new = spec.get(key)
        if new != before.get(key):
            shown = _shown_policy(name, new) if name and new is not None else new
            found.append(field.invalid(f"spec.{key}", shown, values.IMMUTABLE))
    return found + create.validate_name_allows_completions(job)


def _shown_policy(name: str, policy: Object) -> Object:
    """A policy as errors show it; without rules it has an empty list, as clients mostly send."""
    return internal.shown(name, {**policy, "rules": policy.get("rules") or []})


def _validate_completions(spec: Object, old: Object) -> list[FieldError]:
    """The errors of changed completions.

    Only an Indexed Job may change them, and only together with parallelism.
    """
    completions = spec.get("completions")
    if completions == old.get("completions"):
        return []
    if spec.get("completionMode") != "Indexed":
        return [field.invalid("spec.completions", completions, values.IMMUTABLE)]
    if completions is None or completions == spec.get("parallelism"):
        return []
    why = "can only be modified in tandem with spec.parallelism"
    return [field.invalid("spec.completions", completions, why)]


def _is_template_mutable(job: Object) -> bool:
    """Whether no Pod made from the template exists (shouldAllowMutablePodTemplate upstream)."""
    status = objects.status(job)
    started = status.get("startTime") and not objects.is_true(job, "Suspended")
    return bool(job["spec"].get("suspend")) and not started and not status.get("active")


def _validate_template_update(job: Object, old: Object) -> list[FieldError]:
    template, before = job["spec"]["template"], old["spec"]["template"]
    if template == before:
        return []
    if not _is_template_mutable(old):
        shown = internal.shown("PodTemplateSpec", template)
        return [field.invalid("spec.template", shown, values.IMMUTABLE)]
    spec = template["spec"]
    if spec == _with_mutable_fields(before["spec"], spec):
        return []
    shown = internal.shown("PodSpec", spec)
    return [field.invalid("spec.template.spec", shown, values.IMMUTABLE)]


def _with_mutable_fields(old: Object, new: Object) -> Object:
    """The old spec with the fields of the new one that a suspended Job may change."""
    found = copied(old)
    for key in ("nodeSelector", "tolerations", "schedulingGates"):
        _take(found, new, key)
    affinity = found.get("affinity") or {}
    _take(affinity, new.get("affinity") or {}, "nodeAffinity")
    if affinity or "affinity" in new:
        found["affinity"] = affinity
    else:
        found.pop("affinity", None)
    for kind in ("containers", "initContainers"):
        mine, theirs = found.get(kind) or [], new.get(kind) or []
        if len(mine) == len(theirs):
            for one, other in zip(mine, theirs, strict=True):
                if one.get("name") == other.get("name"):
                    _take(one, other, "resources")
    return found


def _take(target: Object, source: Object, key: str) -> None:
    if key in source:
        target[key] = source[key]
    else:
        target.pop(key, None)
