"""spec.podFailurePolicy: the first rule that matches decides."""

from __future__ import annotations

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import pod_failure_policy
from kubectl_joblab.practice.controllers.job.pod_failure_policy import Verdict
from tests.practice.controllers.build import job, pod

DISRUPTED: Object = {"type": "DisruptionTarget", "status": "True"}


def codes(action: str, operator: str, *values: int, container: str | None = None) -> Object:
    requirement: Object = {"operator": operator, "values": list(values)}
    if container is not None:
        requirement["containerName"] = container
    return {"action": action, "onExitCodes": requirement}


def conditions(action: str, *patterns: Object) -> Object:
    return {"action": action, "onPodConditions": list(patterns)}


def failed(exit_code: int = 1, *conditions: Object) -> Object:
    one = pod("p", "Failed", exit_code=exit_code)
    one["status"]["conditions"] = list(conditions)
    return one


@pytest.mark.parametrize(
    ("rules", "one", "expected"),
    [
        pytest.param(None, failed(), Verdict(), id="no policy: it counts"),
        pytest.param([codes("Ignore", "In", 2)], failed(1), Verdict(), id="no rule matches"),
        pytest.param(
            [codes("Ignore", "In", 1, 2)], failed(2), Verdict("Ignore"), id="a code of the list"
        ),
        pytest.param(
            [codes("Count", "NotIn", 1, 2)], failed(3), Verdict("Count"), id="a code not of it"
        ),
        pytest.param(
            [codes("FailIndex", "NotIn", 1)],
            failed(0),
            Verdict(),
            id="a container that succeeded matches nothing",
        ),
        pytest.param(
            [codes("FailIndex", "In", 1, container="other")],
            failed(1),
            Verdict(),
            id="only the container that is named",
        ),
        pytest.param(
            [codes("FailJob", "In", 42)],
            failed(42),
            Verdict(
                "FailJob",
                "Container main for pod default/p failed with exit code 42 matching FailJob rule "
                "at index 0",
            ),
            id="FailJob says which container",
        ),
        pytest.param(
            [codes("Count", "In", 7), conditions("FailJob", DISRUPTED)],
            failed(1, {"type": "Ready", "status": "False"}, DISRUPTED),
            Verdict(
                "FailJob",
                "Pod default/p has condition DisruptionTarget matching FailJob rule at index 1",
            ),
            id="FailJob says which condition",
        ),
        pytest.param(
            [conditions("Ignore", DISRUPTED)],
            failed(1, DISRUPTED | {"status": "False"}),
            Verdict(),
            id="a condition of another status",
        ),
        pytest.param(
            [codes("Ignore", "In", 1), codes("FailJob", "In", 1)],
            failed(1),
            Verdict("Ignore"),
            id="the first rule wins",
        ),
    ],
)
def test_the_first_rule_that_matches_decides(
    rules: list[Object] | None, one: Object, expected: Verdict
) -> None:
    assert pod_failure_policy.matched(rules, one) == expected


def test_containers_come_before_init_containers() -> None:
    one = failed(3)
    one["status"]["initContainerStatuses"] = [
        {"name": "first", "restartCount": 0, "state": {"terminated": {"exitCode": 3}}}
    ]
    verdict = pod_failure_policy.matched([codes("FailJob", "In", 3)], one)
    assert verdict.message.startswith("Container main ")


def test_a_container_that_still_runs_has_no_exit_code() -> None:
    assert pod_failure_policy.matched([codes("Ignore", "NotIn", 1)], pod("p")) == Verdict()


def test_only_ignored_failures_do_not_count() -> None:
    rules = [codes("Ignore", "In", 1), codes("FailIndex", "In", 2)]
    with_policy = job(podFailurePolicy={"rules": rules})
    some = [failed(1), failed(2), failed(3)]
    assert pod_failure_policy.counted(with_policy, some) == 2
    assert pod_failure_policy.counted(job(), some) == 3


def test_a_running_pod_does_not_fail_the_job() -> None:
    with_policy = job(podFailurePolicy={"rules": [conditions("FailJob", DISRUPTED)]})
    running = pod("p")
    running["status"]["conditions"] = [DISRUPTED]
    assert pod_failure_policy.fail_job_message(with_policy, [running]) is None
