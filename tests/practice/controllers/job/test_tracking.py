"""The accounts: each Pod is counted once, after it was listed and has lost its finalizer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import backoff, finish, snapshot, tracking
from tests.practice.controllers.build import NOW, indexed, job, names, pod

FAILURE = finish.condition("FailureTarget", "True", "BackoffLimitExceeded", "message", NOW)
SUCCESS = finish.condition("SuccessCriteriaMet", "True", "CompletionsReached", "message", NOW)
IGNORE: Object = {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [7]}}


def account(one: Object, some: Sequence[Object], ending: Object | None) -> tracking.Accounts:
    seen = snapshot.observe(one, some, backoff.Record(), NOW)
    return tracking.account(seen, seen.status, ending)


@pytest.mark.parametrize(
    ("one", "some", "ending", "listed", "released"),
    [
        pytest.param(
            job(),
            [pod("s", "Succeeded"), pod("f", "Failed"), pod("r")],
            None,
            {"succeeded": ["uid-s"], "failed": ["uid-f"]},
            ["s", "f"],
            id="those that have ended",
        ),
        pytest.param(
            job(),
            [pod("s", "Succeeded", tracked=False)],
            None,
            {},
            [],
            id="not those counted before",
        ),
        pytest.param(
            job({"uncountedTerminatedPods": {"failed": ["uid-f"]}}),
            [pod("f", "Failed")],
            None,
            {"failed": ["uid-f"]},
            ["f"],
            id="no Pod twice",
        ),
        pytest.param(
            job(),
            [pod("t", deleted=True)],
            None,
            {"failed": ["uid-t"]},
            ["t"],
            id="terminating ones are failures",
        ),
        pytest.param(
            job(podReplacementPolicy="Failed"),
            [pod("t", deleted=True)],
            None,
            {},
            [],
            id="unless only ended ones are replaced",
        ),
        pytest.param(
            job(),
            [pod("r"), pod("s", "Succeeded")],
            FAILURE,
            {"succeeded": ["uid-s"], "failed": ["uid-r"]},
            ["r", "s"],
            id="when the Job fails, all others are failures",
        ),
        pytest.param(
            job(),
            [pod("r"), pod("s", "Succeeded")],
            SUCCESS,
            {"succeeded": ["uid-s"]},
            ["r", "s"],
            id="when it succeeds, they are nothing",
        ),
        pytest.param(
            job(deleted=True),
            [pod("r")],
            None,
            {},
            ["r"],
            id="a deleted Job lets all go",
        ),
        pytest.param(
            job(podFailurePolicy={"rules": [IGNORE]}),
            [pod("i", "Failed", exit_code=7), pod("f", "Failed", exit_code=1)],
            None,
            {"failed": ["uid-f"]},
            ["i", "f"],
            id="ignored failures are let go uncounted",
        ),
        pytest.param(
            indexed(3, backoffLimitPerIndex=1),
            [pod("f", "Failed", index=0, failures=0), pod("g", "Failed", index=1, failures=1)],
            None,
            {"failed": ["uid-g"]},
            ["g"],
            id="a failed Pod whose index is tried again stays until then",
        ),
        pytest.param(
            indexed(3),
            [pod("beyond", "Failed", index=7)],
            None,
            {},
            ["beyond"],
            id="an index beyond completions does not count",
        ),
    ],
)
def test_pods_that_have_ended_are_listed_and_let_go(
    one: Object,
    some: list[Object],
    ending: Object | None,
    listed: Object,
    released: list[str],
) -> None:
    accounts = account(one, some, ending)
    assert accounts.status["uncountedTerminatedPods"] == listed
    assert names(list(accounts.release)) == released


def test_an_indexed_job_writes_indexes_instead_of_uids() -> None:
    some = [pod("b", "Succeeded", index=2), pod("a", "Succeeded", index=0), pod("f", "Failed")]
    accounts = account(indexed(5, {"completedIndexes": "3", "succeeded": 1}), some, None)
    assert accounts.status["completedIndexes"] == "0,2,3"
    assert accounts.status["succeeded"] == 3
    assert accounts.status["uncountedTerminatedPods"] == {}
    assert "failedIndexes" not in accounts.status


def test_failed_indexes_are_written_from_the_first_sync_on() -> None:
    assert account(indexed(2, backoffLimitPerIndex=1), [], None).status["failedIndexes"] == ""


def test_only_five_hundred_are_listed_at_once() -> None:
    some = [pod(f"f{number}", "Failed") for number in range(501)]
    accounts = account(job(parallelism=501, completions=501, backoffLimit=999), some, None)
    assert (len(accounts.release), accounts.complete) == (500, False)


@pytest.mark.parametrize(
    ("status", "tracked", "after", "counted"),
    [
        pytest.param(
            {"uncountedTerminatedPods": {"succeeded": ["a"], "failed": ["b"]}, "failed": 2},
            set(),
            {"uncountedTerminatedPods": {}, "succeeded": 1, "failed": 3},
            True,
            id="those without finalizer are counted",
        ),
        pytest.param(
            {"uncountedTerminatedPods": {"failed": ["a", "b"]}},
            {"a"},
            {"uncountedTerminatedPods": {"failed": ["a"]}, "failed": 1},
            True,
            id="the others stay listed",
        ),
        pytest.param(
            {"uncountedTerminatedPods": {}},
            set(),
            {"uncountedTerminatedPods": {}},
            False,
            id="zero is not written",
        ),
    ],
)
def test_listed_pods_are_counted_once_their_finalizer_is_gone(
    status: Object, tracked: set[str], after: Object, counted: bool
) -> None:
    assert tracking.settled(status, tracked) == (after, counted)


@pytest.mark.parametrize(
    ("status", "ending", "last"),
    [
        pytest.param({}, None, None, id="it goes on"),
        pytest.param({}, FAILURE, "Failed", id="it has failed"),
        pytest.param({}, SUCCESS, "Complete", id="it is complete"),
        pytest.param(
            {"uncountedTerminatedPods": {"failed": ["a"]}}, FAILURE, None, id="not while uncounted"
        ),
        pytest.param({"terminating": 1}, SUCCESS, None, id="not while Pods terminate"),
    ],
)
def test_the_terminal_condition_comes_when_all_is_counted_and_gone(
    status: Object, ending: Object | None, last: str | None
) -> None:
    seen = snapshot.observe(job(), [], backoff.Record(), NOW)
    found = tracking.enacted({"uncountedTerminatedPods": {}} | status, ending, seen)
    assert (None if found is None else found["conditions"][-1]["type"]) == last
    assert found is None or ("completionTime" in found) == (last == "Complete")


def test_an_interim_condition_is_written_once() -> None:
    once = tracking.interim({"conditions": []}, FAILURE)
    assert [one["type"] for one in once["conditions"]] == ["FailureTarget"]
    assert tracking.interim(once, FAILURE) == once
    assert tracking.interim({}, None) == {}
