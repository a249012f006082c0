"""Which checks of a lab nobody can pass who looks later."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions, checks, fleeting
from tests.labs import builders as b
from tests.labs import ours

Asked = tuple[str, dict[str, Any]]  # kind and options of an assertion

POLICY = "spec.template.spec.restartPolicy"
JOB = ("exists", {"kind": "Job"})
POD = ("exists", {"kind": "Pod"})
LOG = ("log", {"contains": "x", "operator": ">=", "value": 1})
TRIES = ("attempts", {"operator": ">=", "value": 3})
RUN = ("duration", {"of": "run", "operator": ">=", "value": 9})
WHOLE = ("duration", {"of": "job", "operator": ">=", "value": 9})
FIRST = ("exitCodes", {"which": "first", "operator": "==", "value": 0})
LAST = ("exitCodes", {"which": "last", "operator": "==", "value": 0})
NO_PODS = ("absent", {"kind": "Pod"})
NO_JOB = ("deleted", {"kind": "Job"})
RESTARTS = ("field", {"path": POLICY, "operator": "==", "value": "OnFailure"})
NO_RESTART = ("field", {"path": POLICY, "operator": "==", "value": "Never"})


def restarted(times: int, symbol: str = ">=") -> Asked:
    return "restarts", {"operator": symbol, "value": times}


def failed(reason: str) -> Asked:
    return "condition", {"type": "Failed", "reason": reason}


# what a lab asks for, and what of it is for who watches
CASES: dict[str, tuple[list[Asked], list[Asked]]] = {
    "nothing is gone": ([JOB, POD, LOG, TRIES, RUN], []),
    "the Job is deleted, and all with it": (
        [JOB, LOG, failed("x"), NO_JOB],
        [JOB, LOG, failed("x")],
    ),
    "its Pods are": ([JOB, POD, LOG, TRIES, RUN, WHOLE, NO_PODS], [POD, LOG, TRIES, RUN]),
    "they are, at the deadline": ([JOB, LOG, failed("DeadlineExceeded")], [LOG]),
    "at the back-off limit of a Pod that is restarted": (
        [RESTARTS, TRIES, failed("BackoffLimitExceeded")],
        [TRIES],
    ),
    "not so where each try has a Pod": ([NO_RESTART, TRIES, failed("BackoffLimitExceeded")], []),
    "nor with another reason": ([RESTARTS, LOG, failed("PodFailurePolicy")], []),
    "of three starts the first is lost": (
        [RESTARTS, restarted(2), LOG, FIRST, LAST],
        [LOG, FIRST],
    ),
    "of two it is not": ([RESTARTS, restarted(1), LOG, FIRST, LAST], []),
    "nor where so many are the most there may be": ([RESTARTS, restarted(9, "<="), LOG], []),
    "of three Pods with a start each none is": ([NO_RESTART, TRIES, LOG, FIRST], []),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_for_who_watches(name: str) -> None:
    asked, wanted = CASES[name]
    lab = b.lab(*(b.check(*one, id=str(number)) for number, one in enumerate(asked)))
    found = fleeting.fleeting(Exercise(lab, lab.variants[0]))
    assert [(one.assertion.kind, one.assertion.options) for one in found] == wanted


def test_a_check_that_is_not_for_the_labs_own_values_says_nothing() -> None:
    parameter = model.Parameter("limit", "--limit", "integer", "spec.backoffLimit", b.text("it"))
    when = model.Assertion("field", {"path": "spec.backoffLimit", "operator": "<", "value": 2})
    ends = b.check(*failed("BackoffLimitExceeded"))._replace(when=(when,))
    lab = b.lab(b.check(*RESTARTS), b.check(*TRIES), ends)._replace(parameters=(parameter,))
    for limit, wanted in ((1, 1), (2, 0)):
        of_limit = lab._replace(values={lab.variants[0].name: {"limit": limit}})
        assert len(fleeting.fleeting(Exercise(of_limit, lab.variants[0]))) == wanted


def test_each_kind_of_assertion_rests_on_the_job_or_on_its_pods() -> None:
    rest = set(assertions.KINDS) - set(checks.FROM_JOB)
    assert rest <= {*fleeting.FROM_PODS, "deleted"}  # that is what is asked for


def test_of_our_labs_only_the_pod_that_is_removed_at_its_limit_is_gone() -> None:
    found = [
        f"{variant.job}/{check.id}"
        for lab in ours.LABS
        if lab.number <= 6
        for variant in lab.variants
        for check in fleeting.fleeting(Exercise(lab, variant))
    ]
    assert found == ["retry-onfailure/restarted"]


def test_what_the_learner_deletes_stays_until_it_was_looked_at() -> None:
    lab = loader.find("basics", [])
    assert fleeting.fleeting(Exercise(lab, lab.variants[0])) == []
