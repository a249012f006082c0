"""What ended a Job by its own spec: a limit, a deadline, a policy, its indexes.

Often that is a consequence: the tries failed for a reason of their own, and a limit came of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.evidence import tally
from kubectl_joblab.evidence.causes import kinds, policy
from kubectl_joblab.evidence.causes.kinds import Cause, Fact, job_word
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

TOO_MANY_INDEXES = "MaxFailedIndexesExceeded"
_AGAIN = kinds.anew(phrase("Mend the cause."))
# by the reason of the condition Failed: k8s.io/api/batch/v1/types.go
_IDS = {
    "BackoffLimitExceeded": "backoff-limit",
    "DeadlineExceeded": "job-deadline",
    "PodFailurePolicy": "pod-failure-policy",
    "FailedIndexes": "failed-indexes",
    TOO_MANY_INDEXES: "failed-indexes",
}
_OTHER = "job-failed"
ALL = (*dict.fromkeys(_IDS.values()), _OTHER)  # the ids of what ends a Job by its own spec
_SUCCESS_POLICY = "SuccessPolicy"


def reached(seen: Snapshot) -> Cause | None:
    """What has ended the Job, or is about to: None where it goes on, or has succeeded."""
    job = seen.job or {}
    found = _ended(job)
    reason = str(found.get("reason") or "")
    if found.get("status") != "True" or not reason:
        return None
    word = _IDS.get(reason, _OTHER)
    because, fix = _meaning(word, job)
    name = job_word(seen.name)
    return Cause(
        "limit",
        True,
        name,
        reason,
        because,
        fix,
        f"kubectl describe job {seen.name}",
        id=word,
        shows=(*kinds.condition(name, job, str(found["type"])), *_fields(word, name, job)),
    )


def _meaning(word: str, job: Object) -> tuple[Sentence, Sentence]:
    """Why the Job ended so, and what to do."""
    spec, status = objects.spec(job), objects.status(job)
    said = _said(job)
    if word == "backoff-limit":
        limit = spec.get("backoffLimit")
        return phrase("spec.backoffLimit {limit} allows no further try", limit=limit), _AGAIN
    if word == "job-deadline":
        seconds = spec.get("activeDeadlineSeconds")
        return phrase("spec.activeDeadlineSeconds is {seconds}", seconds=seconds), kinds.anew(
            phrase("Raise activeDeadlineSeconds, or have the Job be done sooner."),
            phrase(
                "Then delete the Job and create it again. A suspended Job can have another deadline"
                " when it is resumed."
            ),
        )
    if word == "pod-failure-policy":
        mend = phrase(
            "The rule ends the Job at the first such failure. Mend what the exit code stands for,"
            " or change the rule."
        )
        return policy.ended(job, said), kinds.anew(mend)
    if word == "failed-indexes":
        failed = str(status.get("failedIndexes") or "")
        counted = phrase(
            "{n} of {total} indexes failed: {indexes}",
            n=tally.number(failed),
            total=spec.get("completions"),
            indexes=failed,
        )
        if _ended(job).get("reason") == TOO_MANY_INDEXES:
            return phrase(
                "{failed}; spec.maxFailedIndexes {limit} allows no more",
                failed=counted,
                limit=spec.get("maxFailedIndexes"),
            ), kinds.anew(
                phrase(
                    "See why these indexes fail, or raise maxFailedIndexes, so that the others go"
                    " on."
                )
            )
        return counted, kinds.anew(
            phrase("See why these indexes fail: the others are not to blame."),
            phrase(
                "Then delete the Job and create it again, with these indexes alone where the"
                " program can be told so."
            ),
        )
    return said, _AGAIN


def _said(job: Object) -> str:
    """The message of the condition that has ended the Job, or is about to."""
    return str(_ended(job).get("message") or "")


def _ended(job: Object) -> Mapping[str, Any]:
    """The condition that has ended the Job, or is about to; an empty one where there is none."""
    return objects.condition(job, "Failed") or objects.condition(job, "FailureTarget") or {}


def _fields(word: str, name: str, job: Object) -> tuple[Fact, ...]:
    paths = {
        "backoff-limit": ("spec.backoffLimit", "status.failed"),
        "job-deadline": ("spec.activeDeadlineSeconds", "status.startTime"),
        "failed-indexes": ("spec.completions", "spec.maxFailedIndexes", "status.failedIndexes"),
        "pod-failure-policy": policy.ended_by(job, _said(job)),
    }.get(word, ())
    return tuple(
        kinds.field(name, job, path) for path in paths if objects.field(job, path) is not None
    )


def succeeded_early(seen: Snapshot) -> Cause | None:
    """That a success policy has ended a Job before all its indexes succeeded: as it was asked."""
    job = seen.job or {}
    found = objects.condition(job, "Complete") or {}
    done, wanted = objects.status(job).get("succeeded") or 0, objects.spec(job).get("completions")
    early = wanted is not None and done < wanted
    if found.get("status") != "True" or found.get("reason") != _SUCCESS_POLICY or not early:
        return None
    name = job_word(seen.name)
    return Cause(
        "policy",
        False,
        name,
        _SUCCESS_POLICY,
        str(found.get("message") or ""),
        phrase("The policy asks for no more: the other Pods were ended, and are no failures."),
        f"kubectl get job {seen.name} -o jsonpath='{{.spec.successPolicy}}'",
        id="success-policy",
        shows=(
            *kinds.condition(name, job, "Complete"),
            kinds.field(name, job, "spec.successPolicy.rules"),
            *(
                kinds.field(name, job, path)
                for path in ("status.completedIndexes",)
                if objects.field(job, path)
            ),
        ),
    )


def ids(found: Iterable[Cause]) -> list[str]:
    """The ids of causes, in their order."""
    return [one.id for one in found]
