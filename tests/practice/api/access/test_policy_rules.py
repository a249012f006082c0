"""What a rule allows, and whether some rules cover others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.access import policy_rules
from kubectl_joblab.practice.api.access.policy_rules import Action
from tests.practice.api.generated import PROPERTY

PODS: Object = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
GET = Action("get", "", "pods", namespace="default", name="x")
LOG = Action("get", "", "pods", "log", name="x")
PATH = Action("get", path="/api/v1", is_resource=False)

ALLOWED: dict[str, tuple[Object, Action, bool]] = {
    "what is named": (PODS, GET, True),
    "another verb": ({**PODS, "verbs": ["list"]}, GET, False),
    "every verb": ({**PODS, "verbs": ["*"]}, GET, True),
    "another group": ({**PODS, "apiGroups": ["batch"]}, GET, False),
    "every group": ({**PODS, "apiGroups": ["*"]}, GET, True),
    "no group": ({"resources": ["pods"], "verbs": ["get"]}, GET, False),
    "a subresource is not its resource": (PODS, LOG, False),
    "a subresource": ({**PODS, "resources": ["pods/log"]}, LOG, True),
    "the subresource of every resource": ({**PODS, "resources": ["*/log"]}, LOG, True),
    "every resource": ({**PODS, "resources": ["*"]}, LOG, True),
    "every subresource is no pattern": ({**PODS, "resources": ["pods/*"]}, LOG, False),
    "its name": ({**PODS, "resourceNames": ["y", "x"]}, GET, True),
    "another name": ({**PODS, "resourceNames": ["y"]}, GET, False),
    "a name where none is asked for": (
        {**PODS, "resourceNames": ["x"]},
        Action("get", "", "pods"),
        False,
    ),
    "a path": ({"verbs": ["get"], "nonResourceURLs": ["/api/v1"]}, PATH, True),
    "a path below": ({"verbs": ["get"], "nonResourceURLs": ["/api/*"]}, PATH, True),
    "a path beside": ({"verbs": ["get"], "nonResourceURLs": ["/apis/*"]}, PATH, False),
    "a beginning of a path": ({"verbs": ["get"], "nonResourceURLs": ["/a*"]}, PATH, True),
    "every path": ({"verbs": ["get"], "nonResourceURLs": ["*"]}, PATH, True),
    "resources are no paths": ({**PODS, "resources": ["*"], "verbs": ["*"]}, PATH, False),
    "paths are no resources": ({"verbs": ["*"], "nonResourceURLs": ["*"]}, GET, False),
}


@pytest.mark.parametrize(("rule", "action", "allowed"), ALLOWED.values(), ids=ALLOWED)
def test_a_rule_allows(rule: Object, action: Action, allowed: bool) -> None:
    assert policy_rules.allows(rule, action) is allowed


def _some(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


RULES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries(
        {
            "apiGroups": _some("", "batch", "*"),
            "resources": _some("pods", "pods/log", "*/log", "*"),
            "verbs": _some("get", "list", "*"),
        },
        optional={"resourceNames": _some("a", "b")},
    ),
    st.fixed_dictionaries(
        {"nonResourceURLs": _some("/a", "/a/b", "/a/*", "*"), "verbs": _some("get", "*")}
    ),
)
ACTIONS = [
    *(
        Action(verb, group, "pods", part, name=name)
        for verb in ("get", "list", "delete")
        for group in ("", "batch", "apps")
        for part in ("", "log", "exec")
        for name in ("", "a", "c")
    ),
    *(
        Action(verb, path=path, is_resource=False)
        for verb in ("get", "post")
        for path in ("/a", "/a/b", "/a/b/c", "/b")
    ),
]


@PROPERTY
@given(st.lists(RULES, max_size=4), RULES)
def test_whoever_covers_a_rule_may_do_all_that_it_allows(owned: list[Object], rule: Object) -> None:
    if policy_rules.uncovered(owned, [rule]):
        return
    for action in ACTIONS:
        if policy_rules.allows(rule, action):
            assert any(policy_rules.allows(one, action) for one in owned), action


@PROPERTY
@given(st.lists(RULES, max_size=4))
def test_rules_cover_themselves_and_what_is_missing_covers_them(rules: list[Object]) -> None:
    assert policy_rules.uncovered(rules, rules) == []
    missing = policy_rules.uncovered([], rules)
    assert policy_rules.uncovered(missing, rules) == []
    assert policy_rules.uncovered(policy_rules.compacted(missing), rules) == []


def test_what_is_missing_is_shown_in_a_line_for_each_resource() -> None:
    wanted = [{**PODS, "resourceNames": ["a"], "verbs": ["get", "list"]}, {**PODS, "verbs": ["*"]}]
    missing = policy_rules.compacted(policy_rules.uncovered([PODS], wanted))
    assert [policy_rules.compact(rule) for rule in missing] == [
        '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["list"]}',
        '{APIGroups:[""], Resources:["pods"], Verbs:["*"]}',
    ]
