"""spec.successPolicy: which indexes are enough."""

from __future__ import annotations

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import indexes, success_policy
from tests.practice.controllers.build import indexed


@pytest.mark.parametrize(
    ("rules", "succeeded", "message"),
    [
        pytest.param([{"succeededIndexes": "0"}], "", None, id="nothing has succeeded"),
        pytest.param(
            [{"succeededIndexes": "0"}],
            "0,3",
            "Matched rules at index 0",
            id="the leader is enough",
        ),
        pytest.param([{"succeededIndexes": "0,2"}], "0,3", None, id="one of two is not"),
        pytest.param(
            [{"succeededIndexes": "0-2", "succeededCount": 2}],
            "0,2,4",
            "Matched rules at index 0",
            id="some of these are enough",
        ),
        pytest.param(
            [{"succeededIndexes": "0-2", "succeededCount": 2}],
            "0,3,4",
            None,
            id="others do not count",
        ),
        pytest.param(
            [{"succeededIndexes": "0"}, {"succeededCount": 2}],
            "3,4",
            "Matched rules at index 1",
            id="the second rule",
        ),
        pytest.param(
            [{"succeededIndexes": "x"}], "0", None, id="a rule that cannot be read is not met"
        ),
    ],
)
def test_a_rule_is_met_by_indexes_or_their_number(
    rules: list[Object], succeeded: str, message: str | None
) -> None:
    job = indexed(5, successPolicy={"rules": rules})
    assert success_policy.matched(job, indexes.parse(succeeded, 5)) == message


def test_without_a_policy_none_is_met() -> None:
    assert success_policy.matched(indexed(2), indexes.of([0, 1])) is None
