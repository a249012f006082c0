"""What a Job asks for, read from its spec. All policies use it."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object

CONTROLLER_NAME = "kubernetes.io/job-controller"


def parallelism(job: Object) -> int:
    """How many Pods may be active at once."""
    return int(objects.spec(job)["parallelism"])


def completions(job: Object) -> int | None:
    """How many Pods have to succeed; None for a work queue."""
    value: int | None = objects.spec(job).get("completions")
    return value


def indexes(job: Object) -> int:
    """How many indexes an Indexed Job has."""
    return int(objects.spec(job)["completions"])


def is_indexed(job: Object) -> bool:
    """Whether each Pod has an index of its own."""
    return objects.spec(job).get("completionMode") == "Indexed"


def backoff_limit(job: Object) -> int:
    """How many Pods may fail before the Job does."""
    return int(objects.spec(job)["backoffLimit"])


def backoff_limit_per_index(job: Object) -> int | None:
    """How many Pods of one index may fail; None where all failures are counted together."""
    value: int | None = objects.spec(job).get("backoffLimitPerIndex")
    return value


def is_suspended(job: Object) -> bool:
    """Whether the Job is to have no active Pods for now."""
    return bool(objects.spec(job).get("suspend"))


def replaces_only_failed(job: Object) -> bool:
    """Whether a Pod is replaced only when it has ended, not when it begins to terminate."""
    return objects.spec(job).get("podReplacementPolicy") == "Failed"


def is_managed_elsewhere(job: Object) -> bool:
    """Whether another controller is responsible for the Job."""
    return str(objects.spec(job).get("managedBy", CONTROLLER_NAME)) != CONTROLLER_NAME


def pod_failure_rules(job: Object) -> list[Object] | None:
    """The rules of podFailurePolicy; None where there is no policy."""
    policy = objects.spec(job).get("podFailurePolicy")
    return None if policy is None else policy.get("rules") or []


def selector(job: Object) -> Object | None:
    """The LabelSelector of the Job's Pods."""
    value: Object | None = objects.spec(job).get("selector")
    return value
