"""The defaults of Jobs and CronJobs. Follows pkg/apis/batch/v1/defaults.go."""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.defaults.pods import set_template_defaults

BACKOFF_LIMIT = 6
MOST = 2**31 - 1
SUCCESSFUL_KEPT = 3
FAILED_KEPT = 1


def set_job_defaults(job: Object) -> None:
    """Fill in a Job; one without labels gets those of its template, as the very same dict.

    It is the same so that the labels which the strategy adds to the template later are the Job's
    too, as they are upstream.
    """
    spec = job.setdefault("spec", {})
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    per_index = spec.get("backoffLimitPerIndex") is not None
    spec.setdefault("backoffLimit", MOST if per_index else BACKOFF_LIMIT)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("manualSelector", False)
    failure = spec.get("podFailurePolicy")
    spec.setdefault("podReplacementPolicy", "TerminatingOrFailed" if failure is None else "Failed")
    _set_failure_policy_defaults(spec)
    template = spec.setdefault("template", {})
    set_template_defaults(template)
    labels = template["metadata"].get("labels")
    if labels and not job["metadata"].get("labels"):
        job["metadata"]["labels"] = labels


def set_cronjob_defaults(cronjob: Object) -> None:
    """Fill in a CronJob. The spec of its Jobs gets theirs only when they are created."""
    spec = cronjob.setdefault("spec", {})
    if not spec.get("concurrencyPolicy"):
        spec["concurrencyPolicy"] = "Allow"
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", SUCCESSFUL_KEPT)
    spec.setdefault("failedJobsHistoryLimit", FAILED_KEPT)
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    job_spec = template.setdefault("spec", {})
    _set_failure_policy_defaults(job_spec)
    set_template_defaults(job_spec.setdefault("template", {}))


def _set_failure_policy_defaults(spec: Object) -> None:
    """Have patterns of conditions look for those that are true."""
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            if not pattern.get("status"):
                pattern["status"] = "True"
