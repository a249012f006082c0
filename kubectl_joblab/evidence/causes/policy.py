"""What spec.podFailurePolicy makes of the failures that a Job has: which rule fits, what follows.

A rule changes what comes of a failure and is nothing that fails: so it is told beside the cause of
the failing tries, and is a cause of its own only where it has ended the Job (limits.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kubectl_joblab import failure_policy, objects
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import Cause, Fact
from kubectl_joblab.evidence.causes.tries import failed_try
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.failure_policy import Match
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

NONE_FITS = "none"  # in Cause.rule: the policy has rules on exit codes, and none fits
_MOST_RULES = 2  # that are shown where none fits
_MANY = 6  # exit codes of a rule that are shown
# what the Job's condition says: pkg/controller/job/pod_failure_policy.go
_ENDED = re.compile(r"(?:for pod|Pod) \S+/(\S+) .* rule at index (\d+)$")


def rules(job: Object) -> Sequence[Object]:
    """The rules of a Job's podFailurePolicy."""
    found: Sequence[Object] = objects.field(job, "spec.podFailurePolicy.rules") or ()
    return found


def rule(job: Object, index: int) -> Sentence:
    """A rule in short: `rule 0 (FailJob, exit code In [42])`."""
    found = rules(job)[index]
    on = found.get("onExitCodes")
    if on is None:
        conditions = found.get("onPodConditions") or ()
        listed = ", ".join(
            str(one["type"]) + ("" if one.get("status", "True") == "True" else f" {one['status']}")
            for one in conditions
        )
        text = phrase("{action}, condition {types}", action=found["action"], types=listed)
        return phrase("rule {index} ({rule})", index=index, rule=text)
    values = [*map(str, on["values"])]
    codes = ", ".join([*values[:_MANY], *(["..."] if len(values) > _MANY else [])])
    which = f"{on['operator']} [{codes}]"
    text = phrase("{action}, exit code {which}", action=found["action"], which=which)
    if on.get("containerName"):
        text = phrase(
            "{action}, exit code of {container} {which}",
            action=found["action"],
            container=on["containerName"],
            which=which,
        )
    return phrase("rule {index} ({rule})", index=index, rule=text)


def ended(job: Object, message: str) -> Sentence:
    """Which rule has ended a Job, and for which Pod; the condition's message where that is odd."""
    found = _ENDED.search(message)
    if found is None or int(found[2]) >= len(rules(job)):
        return message
    return phrase(
        "{rule} fits {pod} and ends the Job, whatever backoffLimit allows",
        rule=rule(job, int(found[2])),
        pod=f"pod/{found[1]}",
    )


def path(index: int) -> str:
    """Where a rule stands in the Job."""
    return f"spec.podFailurePolicy.rules[{index}]"


def ended_by(job: Object, message: str) -> list[str]:
    """The path of the rule that has ended a Job, as its condition says."""
    found = _ENDED.search(message)
    return [path(int(found[2]))] if found and int(found[2]) < len(rules(job)) else []


def ruled(cause: Cause, seen: Snapshot) -> Cause:
    """The cause of tries that fail, with what the policy makes of the newest; any other as it is.

    A rule that takes failures out of the count has them tried again for ever.
    """
    job = seen.job or {}
    record = _failed(cause, seen) if cause.tries and rules(job) else None
    if record is None:
        return cause
    found = failure_policy.match(rules(job), record.pod)
    if found is None:
        return _unmatched(cause, job)
    said = _follows(found, job)
    fact = kinds.field(kinds.job_word(seen.name), job, path(found.number))
    return _with(cause, said, found.action, fact, fix=_fix(cause, found, seen))


def _failed(cause: Cause, seen: Snapshot) -> PodRecord | None:
    """The Pod that has failed as the cause says; None where none has ended as a failure."""
    named = [one for one in seen.pods if cause.object == f"pod/{one.name}"]
    newest = failed_try(seen)
    record = named[0] if named else newest.record if newest else None
    ended = record is not None and objects.status(record.pod).get("phase") == "Failed"
    return record if ended else None


def _follows(found: Match, job: Object) -> Sentence:
    """What comes of a failure that a rule fits."""
    named = rule(job, found.number)
    if found.action == "Ignore":
        return phrase(
            "podFailurePolicy {rule} takes it out of the count, so that {limit} never ends the Job",
            rule=named,
            limit=_limit(job),
        )
    if found.action == "FailJob":
        return phrase("podFailurePolicy {rule} ends the Job at it", rule=named)
    if found.action == "FailIndex":
        return phrase("podFailurePolicy {rule} fails its index at it", rule=named)
    return phrase(
        "podFailurePolicy {rule} has it count towards {limit}", rule=named, limit=_limit(job)
    )


def _unmatched(cause: Cause, job: Object) -> Cause:
    """The cause, with the word that no rule on exit codes fits; conditions are of no exit code."""
    on_codes = [index for index, one in enumerate(rules(job)) if "onExitCodes" in one]
    if cause.code is None or not on_codes:
        return cause
    shown: Sentence = rule(job, on_codes[0])
    for index in on_codes[1:_MOST_RULES]:
        shown = phrase("{rule}, {others}", rule=shown, others=rule(job, index))
    said = phrase(
        "no rule of podFailurePolicy fits it: {rules}; so it counts towards {limit}",
        rules=shown,
        limit=_limit(job),
    )
    word = kinds.job_word(objects.name(job))
    facts = [kinds.field(word, job, path(index)) for index in on_codes[:_MOST_RULES]]
    return _with(cause, said, NONE_FITS, *facts)


def _limit(job: Object) -> str:
    """The field that counts failures, with its number."""
    spec = objects.spec(job)
    key = "backoffLimitPerIndex" if "backoffLimitPerIndex" in spec else "backoffLimit"
    return f"{key} {spec.get(key)}"


def _fix(cause: Cause, found: Match, seen: Snapshot) -> Sentence:
    """What to do, where a rule has a failure tried again for ever."""
    if found.action != "Ignore":
        return cause.fix
    if cause.code is None:  # an end from outside, which another Pod may be spared
        return phrase("It does not count, and the Job controller makes another Pod by itself.")
    if seen.over:
        return cause.fix
    return phrase("It is tried again without end. {fix}", fix=cause.fix)


def _with(cause: Cause, said: Sentence, action: str, *facts: Fact, fix: Sentence = "") -> Cause:
    because = phrase("{one}; {other}", one=cause.because, other=said) if cause.because else said
    return cause._replace(
        because=because, rule=action, fix=fix or cause.fix, shows=(*cause.shows, *facts)
    )
