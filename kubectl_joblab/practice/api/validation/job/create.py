"""The rules of a new Job, and the warnings about its spec.

The strategy calls it; changes and status have modules of their own. Follows ValidateJobCreate and
what it calls in pkg/apis/batch/validation/validation.go, and pkg/api/job/warnings.go.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names, selectors
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import internal, values
from kubectl_joblab.practice.api.validation.job import pod_failure_policy, success_policy
from kubectl_joblab.practice.api.validation.pod import warnings
from kubectl_joblab.practice.api.validation.pod.spec import validate_pod_template_spec
from kubectl_joblab.practice.api.validation.selectors import validate_label_selector

MOST_PARALLEL_INDEXES = 100_000
MOST_FAILED_INDEXES = 100_000
MANY_COMPLETIONS = 100_000  # above it, parallelism and failed indexes are limited
MOST_AT_MANY = 10_000
LONGEST_MANAGED_BY = 63
REPLACEMENT_POLICIES = ("Failed", "TerminatingOrFailed")
MODES = ("NonIndexed", "Indexed")
LEGACY_UID_LABEL = "controller-uid"
LEGACY_NAME_LABEL = "job-name"

_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_AT_MANY = f"when completions are above {MANY_COMPLETIONS} and used with backoff limit per index"
_NEEDS_INDEXED = "requires indexed completion mode"
_MANY_INDEXES = (
    "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than "
    "10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes "
    "fail"
)


def validate_job_create(job: Object) -> list[FieldError]:
    """The rules that a new Job breaks, except those of metadata."""
    found = _validate_generated_selector(job)
    found += validate_job_spec(job["spec"], "spec")
    return found + validate_name_allows_completions(job)


def generated_labels(job: Object) -> dict[str, str]:
    """The labels that the API puts on the Pods of a Job, in upstream's order."""
    return {
        LEGACY_UID_LABEL: objects.uid(job),
        LEGACY_NAME_LABEL: objects.name(job),
        objects.CONTROLLER_UID_LABEL: objects.uid(job),
        objects.JOB_NAME_LABEL: objects.name(job),
    }


def _validate_generated_selector(job: Object) -> list[FieldError]:
    spec = job["spec"]
    selector = spec.get("selector")
    if spec.get("manualSelector") or selector is None:
        return []
    labels = (spec["template"].get("metadata") or {}).get("labels") or {}
    expected = generated_labels(job)
    found = []
    for key, value in expected.items():
        found += _validate_has_label(labels, key, value, "spec.template.metadata.labels")
    if _matches(selector, expected) is False:
        found.append(
            field.invalid(
                "spec.selector", shown_selector(selector), "`selector` not auto-generated"
            )
        )
    return found


def _validate_has_label(
    labels: Mapping[str, str], key: str, value: str, path: str
) -> list[FieldError]:
    if key not in labels:
        return [field.required(f"{path}[{key}]", f"must be '{value}'")]
    if labels[key] != value:
        return [field.invalid(f"{path}[{key}]", _sorted(labels), f"must be '{value}'")]
    return []


def _matches(selector: Object, labels: Mapping[str, str]) -> bool | None:
    """Whether a selector selects labels; None where it is no selector."""
    wrong = validate_label_selector(selector, "")
    return None if wrong else selectors.of(selector).matches(labels)


def _sorted(labels: Mapping[str, str] | None) -> dict[str, str] | None:
    return {key: labels[key] for key in sorted(labels)} if labels is not None else None


def shown_selector(selector: Object | None) -> Object | None:
    """A selector as errors show it."""
    return None if selector is None else internal.served("LabelSelector", selector)


def validate_name_allows_completions(job: Object) -> list[FieldError]:
    """The error of a name that is too long as a host name once the last index is added to it."""
    spec, name = job["spec"], objects.name(job)
    if spec.get("completionMode") != "Indexed" or not spec.get("completions", 0) > 0:
        return []
    host = f"{name}-{spec['completions'] - 1}"
    if not names.is_dns1123_label(host):
        return []
    why = f"will not able to create pod with invalid DNS label: {host}"
    return [field.invalid("metadata.name", name, why)]


def validate_job_spec(spec: Object, path: str) -> list[FieldError]:
    """The rules that the spec of a Job breaks (ValidateJobSpec upstream)."""
    found = validate_job_fields(spec, path)
    template = spec["template"]
    selector = spec.get("selector")
    if selector is None:
        found.append(field.required(f"{path}.selector"))
    else:
        found += validate_label_selector(selector, f"{path}.selector")
    labels = (template.get("metadata") or {}).get("labels")
    if selector is None or _matches(selector, labels or {}) is False:
        why = "`selector` does not match template `labels`"
        found.append(field.invalid(f"{path}.template.metadata.labels", _sorted(labels), why))
    return found


def validate_job_fields(spec: Object, path: str) -> list[FieldError]:
    """The rules of all fields but the selector (validateJobSpec upstream)."""
    found = _validate_counts_and_policies(spec, path)
    found += validate_pod_template_spec(spec["template"], f"{path}.template")
    return found + _validate_restart_policy(spec, f"{path}.template.spec.restartPolicy")


def _validate_counts_and_policies(spec: Object, path: str) -> list[FieldError]:
    found = []
    for key in _COUNTS:
        found += values.validate_nonnegative_field(spec.get(key), f"{path}.{key}")
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        why = "when maxFailedIndexes is specified"
        found.append(field.required(f"{path}.backoffLimitPerIndex", why))
    if (manager := spec.get("managedBy")) is not None:
        found += _validate_managed_by(manager, f"{path}.managedBy")
    mode = spec.get("completionMode", "NonIndexed")
    found += values.validate_enum(mode, MODES, f"{path}.completionMode")
    if mode == "Indexed":
        found += _validate_indexed(spec, path)
    elif mode == "NonIndexed":
        for key in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(key) is not None:
                found.append(field.invalid(f"{path}.{key}", spec[key], _NEEDS_INDEXED))
    if spec.get("podFailurePolicy") is not None:
        at = f"{path}.podFailurePolicy"
        found += pod_failure_policy.validate_pod_failure_policy(spec, at)
    if (policy := spec.get("successPolicy")) is not None:
        at = f"{path}.successPolicy"
        if mode == "Indexed":
            found += success_policy.validate_success_policy(spec, at)
        else:
            shown = internal.shown("SuccessPolicy", policy)
            found.append(field.invalid(at, shown, _NEEDS_INDEXED))
    return found + _validate_replacement_policy(spec, f"{path}.podReplacementPolicy")


def _validate_managed_by(manager: str, path: str) -> list[FieldError]:
    if not manager:
        return [field.required(path)]
    found = [field.invalid(path, part, why) for part, why in names.is_domain_prefixed_path(manager)]
    if names.size(manager) > LONGEST_MANAGED_BY:
        found.append(field.too_long(path, LONGEST_MANAGED_BY))
    return found


def _validate_indexed(spec: Object, path: str) -> list[FieldError]:
    completions, parallelism = spec.get("completions"), spec.get("parallelism", 0)
    most = spec.get("maxFailedIndexes")
    found = []
    if completions is None:
        found.append(field.required(f"{path}.completions", "when completion mode is Indexed"))
    if parallelism > MOST_PARALLEL_INDEXES:
        why = _at_most(MOST_PARALLEL_INDEXES, "when completion mode is Indexed")
        found.append(field.invalid(f"{path}.parallelism", parallelism, why))
    if completions is not None and most is not None and most > completions:
        why = "must be less than or equal to completions"
        found.append(field.invalid(f"{path}.maxFailedIndexes", most, why))
    if most is not None and most > MOST_FAILED_INDEXES:
        found.append(field.invalid(f"{path}.maxFailedIndexes", most, _at_most(MOST_FAILED_INDEXES)))
    if (completions or 0) > MANY_COMPLETIONS and spec.get("backoffLimitPerIndex") is not None:
        found += _validate_many(parallelism, most, path)
    return found


def _validate_many(parallelism: int, most: int | None, path: str) -> list[FieldError]:
    found = []
    if most is None:
        why = f"must be specified when completions is above {MANY_COMPLETIONS}"
        found.append(field.required(f"{path}.maxFailedIndexes", why))
    why = _at_most(MOST_AT_MANY, _AT_MANY)
    if parallelism > MOST_AT_MANY:
        found.append(field.invalid(f"{path}.parallelism", parallelism, why))
    if most is not None and most > MOST_AT_MANY:
        found.append(field.invalid(f"{path}.maxFailedIndexes", most, why))
    return found


def _at_most(limit: int, when: str = "") -> str:
    return f"must be less than or equal to {limit} {when}".rstrip()


def _validate_replacement_policy(spec: Object, path: str) -> list[FieldError]:
    policy = spec.get("podReplacementPolicy")
    if policy is None:
        return []
    failure = spec.get("podFailurePolicy") is not None
    return values.validate_enum(policy, ("Failed",) if failure else REPLACEMENT_POLICIES, path)


def _validate_restart_policy(spec: Object, path: str) -> list[FieldError]:
    policy = (spec["template"].get("spec") or {}).get("restartPolicy", "")
    if policy in ("", "Always"):
        return [field.required(path, 'valid values: "OnFailure", "Never"')]
    if policy not in ("OnFailure", "Never"):
        return [field.not_supported(path, policy, ("OnFailure", "Never"))]
    if spec.get("podFailurePolicy") is not None and policy != "Never":
        why = 'only "Never" is supported when podFailurePolicy is specified'
        return [field.invalid(path, policy, why)]
    return []


def warnings_for_job_spec(spec: Object, path: str) -> list[str]:
    """What the rules allow in a Job's spec, but is odd (WarningsForJobSpec upstream)."""
    found = []
    many = spec.get("completions", 0) > MANY_COMPLETIONS
    wide = spec.get("parallelism", 0) > MOST_AT_MANY
    if spec.get("completionMode") == "Indexed" and many and wide:
        found.append(f"{path}: {_MANY_INDEXES}")
    return found + warnings.for_pod(spec["template"], f"{path}.template.")
