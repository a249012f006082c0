"""Which failing tries a lab asks for, so that they need no explanation."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kubectl_joblab.evidence.causes import table
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, standings
from kubectl_joblab.objects import Object
from tests.labs import builders as b
from tests.labs import ours
from tests.labs.judge import states

SPEC = {"backoffLimit": 2, "template": {"spec": {"restartPolicy": "OnFailure"}}}


def failed(code: int, reason: str = "", *, message: str = "") -> Object:
    state = b.ended(1, 3, code, reason)
    if message:
        state["terminated"]["message"] = message
    return b.pod("demo-a", b.container(state))


def ended() -> Object:
    """A Pod that the kubelet has ended at the Pod's own deadline."""
    pod = failed(137)
    pod["status"]["reason"] = "DeadlineExceeded"
    return pod


def twice() -> Object:
    """A Pod whose container failed, was started again and failed again."""
    again = b.container(b.ended(14, 15, 3), last=b.ended(1, 3, 3), restarts=1)
    return b.pod("demo-a", again, restart_policy="OnFailure")


@pytest.mark.parametrize(
    ("lab", "variant", "pod", "left"),
    [
        pytest.param("basics", "", failed(3), ["exit"], id="a lab that wants no failure"),
        pytest.param("retry", "never", failed(3), [], id="a lab that wants each try to fail"),
        pytest.param("retry", "onfailure", failed(3), [], id="a lab that wants the Job to fail"),
        pytest.param("retry", "recover", failed(3), [], id="a lab that wants the first to fail"),
        pytest.param("retry", "recover", twice(), ["exit"], id="and not the second"),
        pytest.param("attempts", "onfailure", twice(), [], id="a lab that wants two restarts"),
        pytest.param(
            "retry",
            "never",
            failed(128, "StartError", message="exec: no such file"),
            ["notStarted"],
            id="a command that never began is not what a lab means",
        ),
        pytest.param("retry", "never", failed(127), ["notFound"], id="nor one that is not there"),
        pytest.param("retry", "never", failed(137, "OOMKilled"), ["memory"], id="nor memory"),
    ],
)
def test_what_is_left_to_explain(lab: str, variant: str, pod: Object, left: Sequence[str]) -> None:
    found = ours.BY_NAME[lab]
    exercise = Exercise(found, found.variant(variant), "demo")
    seen = b.seen(b.job(spec=SPEC), pod, now=20)
    unasked = standings.unasked(exercise, checks.judge(exercise, seen), table.of(seen))
    assert [cause.kind for cause in unasked] == left


def test_a_pod_that_ran_out_of_its_time_is_asked_for_where_its_event_is() -> None:
    deadline = ours.BY_NAME["deadline"]
    exercise = Exercise(deadline, deadline.variant("pod"), "demo")
    seen = b.seen(b.job(spec={"template": {"spec": {"activeDeadlineSeconds": 5}}}), ended(), now=9)
    assert standings.unasked(exercise, checks.judge(exercise, seen), table.of(seen)) == []


def test_and_nowhere_else() -> None:
    basics = ours.BY_NAME["basics"]
    exercise = Exercise(basics, basics.variants[0], "demo")
    seen = b.seen(b.job(), ended(), now=9)
    unasked = standings.unasked(exercise, checks.judge(exercise, seen), table.of(seen))
    assert [cause.kind for cause in unasked] == ["pod"]


def test_a_first_failure_is_asked_for_before_the_check_of_it_applies() -> None:
    retry = ours.BY_NAME["retry"]
    exercise = Exercise(retry, retry.variant("recover"), "demo")
    never = {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never"}}}
    seen = b.seen(b.failed(9, spec=never), failed(3), now=20)
    assert standings.unasked(exercise, checks.judge(exercise, seen), table.of(seen)) == []


@pytest.mark.parametrize(
    ("kind", "options", "left"),
    [
        pytest.param("suspended", {"operator": ">=", "value": 5}, [], id="how long it is"),
        pytest.param("condition", {"type": "Suspended"}, [], id="that it is"),
        pytest.param("conditionOrder", {"types": ["Suspended", "Complete"]}, [], id="when it is"),
        pytest.param(
            "field", {"path": "spec.suspend", "operator": "==", "value": True}, [], id="its field"
        ),
        pytest.param(
            "event", {"reason": "Resumed", "operator": ">=", "value": 1}, [], id="its event"
        ),
        pytest.param("condition", {"type": "Complete"}, ["suspended"], id="something else"),
    ],
)
def test_a_suspension_that_a_check_is_about_needs_no_explanation(
    kind: str, options: dict[str, object], left: list[str]
) -> None:
    lab = b.lab(b.check(kind, options))
    exercise = Exercise(lab, lab.variants[0])
    seen = b.seen(b.job(spec={"suspend": True}), now=20)
    found = standings.unasked(exercise, checks.judge(exercise, seen), table.of(seen))
    assert [cause.kind for cause in found] == left


def test_what_a_check_that_is_left_out_asks_for_needs_no_explanation_either() -> None:
    """The lab's command fails as it is to, whatever else of the Job is not as asked."""
    (exercise,) = (one for one in states.EXERCISES if states.called(one) == "per-index")
    job = b.job("per-index", spec={"completions": 4, "completionMode": "Indexed"})
    seen = b.seen(job, b.ran("per-index-1-a", 1, 3, 3), now=20, name="per-index")
    verdicts = checks.judge(exercise, seen)
    assert [one.check.id for one in verdicts if one.left_out] != []
    assert [cause.kind for cause in table.of(seen)] == ["exit"]
    assert standings.unasked(exercise, verdicts, table.of(seen)) == []


def policy(exercise: Exercise) -> str:
    """The restartPolicy that the lab's own Job has."""
    return str(states.spec_of(exercise)["template"]["spec"]["restartPolicy"])


@pytest.mark.parametrize(
    "exercise",
    [one for one in states.EXERCISES if policy(one) == "Never"],
    ids=states.called,
)
def test_a_pod_that_tries_again_and_again_is_told_where_the_labs_own_would_not(
    exercise: Exercise,
) -> None:
    """What a lab asks to fail in Pods of their own is not what fails in one Pod for ever."""
    seen = states.in_one_pod(exercise, states.LATE)
    verdicts = checks.judge(exercise, seen)
    told = [str(one.line) for one in standings.unasked(exercise, verdicts, table.of(seen))]
    named = [one.check.id for one in verdicts if "restartPolicy" in str(one.because)]
    assert any("failed, the last with exit code 1" in one for one in told) or named


def test_what_to_do_about_it_names_the_field() -> None:
    (exercise,) = (one for one in states.EXERCISES if states.called(one) == "exit-codes")
    seen = states.in_one_pod(exercise, states.SOON)
    (cause,) = standings.unasked(exercise, checks.judge(exercise, seen), table.of(seen))
    assert "create it with restartPolicy: Never" in str(cause.fix)
