"""What podFailurePolicy makes of failures: told beside their cause, which it never turns round."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from kubectl_joblab.evidence.causes import limits, policy, table
from kubectl_joblab.evidence.causes.table import Findings
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.objects import Object
from tests.causes import worlds
from tests.labs import builders as b

JOBS = {world.name: world for world in worlds.all_of() if world.is_job}
# reasons of the condition by which the Job controller ends a Job, and one of another controller
ENDS = (
    *("BackoffLimitExceeded", "DeadlineExceeded", "PodFailurePolicy", "FailedIndexes"),
    *("MaxFailedIndexesExceeded", "QueueGone"),
)
RULES: dict[str, Object] = {
    "In": {"onExitCodes": {"operator": "In", "values": [3, 42]}},
    "NotIn": {"onExitCodes": {"operator": "NotIn", "values": [0]}},
    "a container": {"onExitCodes": {"containerName": "main", "operator": "In", "values": [42]}},
}
ELSEWHERE: Object = {"onExitCodes": {"operator": "In", "values": [41]}}
DISRUPTION: Object = {
    "action": "Ignore",
    "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
}


def failing(rules: Sequence[Object], *conditions: Object, **spec: Any) -> Snapshot:
    """A Job whose only try so far has ended with exit code 42."""
    job = b.job(spec={"podFailurePolicy": {"rules": list(rules)}, **spec}, conditions=conditions)
    return b.seen(job, b.ran("demo-a", 1, 2, 42))


def text(found: Findings) -> str:
    assert found.root is not None
    return str(found.root.line)


@pytest.mark.parametrize("fits", RULES)
@pytest.mark.parametrize(
    ("action", "follows"),
    [
        ("Ignore", "takes it out of the count, so that backoffLimit 6 never ends the Job"),
        ("FailJob", "ends the Job at it"),
        ("FailIndex", "fails its index at it"),
        ("Count", "has it count towards backoffLimit 6"),
    ],
)
def test_what_follows_of_the_rule_that_fits_is_told_with_the_failure(
    action: str, follows: str, fits: str
) -> None:
    rules = [{"action": "FailJob", **ELSEWHERE}, {"action": action, **RULES[fits]}]
    found = table.findings(failing([DISRUPTION, *rules]))
    assert found.root is not None
    assert (found.root.id, found.root.rule) == ("exit-code", action)
    assert f"podFailurePolicy rule 2 ({action}, exit code " in text(found)
    assert text(found).endswith(follows)
    assert "spec.podFailurePolicy.rules[2]" in [fact.field for fact in found.root.shows]


def test_a_failure_that_is_ignored_is_tried_again_without_end() -> None:
    rules = [{"action": "Ignore", **RULES["NotIn"]}]
    (cause,) = table.of(failing(rules, backoffLimit=0))
    assert "backoffLimit 0 never ends the Job" in str(cause.line)
    assert str(cause.fix).startswith("It is tried again without end. Correct the command")


@pytest.mark.parametrize("action", ["Ignore", "FailJob", "FailIndex", "Count"])
def test_rules_none_of_which_fits_are_named(action: str) -> None:
    found = table.findings(failing([DISRUPTION, {"action": action, **ELSEWHERE}]))
    assert found.root is not None
    assert found.root.rule == policy.NONE_FITS
    assert text(found) == (
        "pod/demo-a: 1 try failed with exit code 42: no rule of podFailurePolicy fits it: rule 1"
        f" ({action}, exit code In [41]); so it counts towards backoffLimit 6"
    )


def test_rules_on_conditions_alone_say_nothing_of_an_exit_code() -> None:
    found = table.findings(failing([DISRUPTION]))
    assert text(found) == "pod/demo-a: 1 try failed with exit code 42"
    assert found.root is not None
    assert found.root.rule == ""


def test_a_job_without_failures_hears_nothing_of_its_rules() -> None:
    rules = {"podFailurePolicy": {"rules": [{"action": "FailJob", **ELSEWHERE}]}}
    for pods in ([], [b.runs("demo-a", 1)], [b.ran("demo-a", 1, 2)]):
        assert table.of(b.seen(b.job(spec=rules), *pods)) == []
    made_good = b.seen(b.job(spec=rules), b.ran("demo-a", 1, 2, 42), b.ran("demo-b", 3, 4))
    assert table.of(made_good) == []


def test_the_rule_that_has_ended_the_job_is_told_once_before_the_failure_it_was_for() -> None:
    message = "Container main for pod labs/demo-a failed with exit code 42 matching FailJob rule at"
    ends = b.condition("Failed", 3, "PodFailurePolicy") | {"message": f"{message} index 1"}
    rules = [DISRUPTION, {"action": "FailJob", **RULES["In"]}]
    found = table.findings(failing(rules, ends))
    assert text(found) == (
        "job.batch/demo: PodFailurePolicy: rule 1 (FailJob, exit code In [3, 42]) fits pod/demo-a"
        " and ends the Job, whatever backoffLimit allows"
    )
    assert found.consequences == ()
    assert [str(one.line) for one in found.origins] == [
        "pod/demo-a: 1 try failed with exit code 42"
    ]


@pytest.mark.parametrize("message", ["", "said otherwise", "Pod a/b x matching rule at index 7"])
def test_a_message_that_names_no_rule_is_quoted(message: str) -> None:
    ends = b.condition("Failed", 3, "PodFailurePolicy") | {"message": message}
    found = table.findings(failing([{"action": "FailJob", **RULES["In"]}], ends))
    assert found.root is not None
    assert str(found.root.because) == message


# ---- the order of causes


def with_end(seen: Snapshot, reason: str) -> Snapshot:
    """The snapshot, with a Job that has Failed for this reason."""
    job = seen.job or {}
    ends = b.condition("Failed", 0, reason) | {"message": "as the API server words it"}
    kept = [
        one
        for one in job["status"].get("conditions") or []
        if one["type"] not in ("Failed", "FailureTarget", "Complete", "SuccessCriteriaMet")
    ]
    return seen._replace(job={**job, "status": {**job["status"], "conditions": [*kept, ends]}})


@pytest.mark.parametrize("world", JOBS.values(), ids=JOBS)
def test_no_cause_is_the_consequence_of_what_it_has_brought_about(world: worlds.World) -> None:
    seen = world.snapshot()
    for one in (seen, *(with_end(seen, reason) for reason in ENDS)):
        found = table.findings(one, world.last_line(seen))
        if found.root is None:
            assert (found.origins, found.consequences) == ((), ())
            continue
        root = found.root.id
        for came in found.consequences:
            assert table.may_come_of(came.id, root)
        for origin in found.origins:
            assert table.may_come_of(root, origin.id)


def test_of_two_causes_one_at_most_may_come_of_the_other() -> None:
    pairs = list(itertools.combinations_with_replacement(table.IDS, 2))
    assert not [
        pair for pair in pairs if table.may_come_of(*pair) and table.may_come_of(*pair[::-1])
    ]
    assert set(limits.ALL) <= table.IDS.keys()
