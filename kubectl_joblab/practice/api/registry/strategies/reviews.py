"""How reviews are answered: who somebody is, and what somebody may do.

Follows pkg/registry/authorization/*/rest.go and
pkg/registry/authentication/selfsubjectreview/rest.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, selectors
from kubectl_joblab.practice.api.access import authorizer
from kubectl_joblab.practice.api.access.caller import Caller
from kubectl_joblab.practice.api.access.policy_rules import Action
from kubectl_joblab.practice.api.access.users import User
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import reviews

_IGNORED = "spec.resourceAttributes.{} ignored due to parse error"


class SelfAccessReviewStrategy(Strategy):
    """The strategy of SelfSubjectAccessReview: may the caller do this?"""

    def answer(self, obj: Object, now: str, caller: Caller) -> Object:
        """The review with its answer; 422 where it asks wrongly."""
        _check(obj, reviews.validate_self_access_review)
        return _answered(obj, caller, _user(caller))


class AccessReviewStrategy(Strategy):
    """The strategy of SubjectAccessReview: may somebody do this?"""

    def answer(self, obj: Object, now: str, caller: Caller) -> Object:
        """The review with its answer; 422 where it asks wrongly."""
        _check(obj, reviews.validate_access_review)
        return _answered(obj, caller, _named(obj))


class LocalAccessReviewStrategy(Strategy):
    """The strategy of LocalSubjectAccessReview: may somebody do this in this namespace?"""

    def answer(self, obj: Object, now: str, caller: Caller) -> Object:
        """The review with its answer; 422 where it asks wrongly."""
        _check(obj, reviews.validate_local_access_review)
        return _answered(obj, caller, _named(obj))


class RulesReviewStrategy(Strategy):
    """The strategy of SelfSubjectRulesReview: what may the caller do in a namespace?"""

    def answer(self, obj: Object, now: str, caller: Caller) -> Object:
        """A review that lists the rules; 400 where no namespace is asked about."""
        namespace = objects.spec(obj).get("namespace")
        if not namespace:
            raise errors.bad_request("no namespace on request")
        rules, wrong = authorizer.rules_for(caller.reader, _user(caller), namespace)
        status: Object = {
            "resourceRules": [_kept(rule, _RESOURCES) for rule in rules if rule.get("resources")],
            "nonResourceRules": [_kept(rule, _PATHS) for rule in rules if _paths(rule)],
            "incomplete": False,
        }
        if wrong:
            status["evaluationError"] = authorizer.aggregated(wrong)
        return {"status": status}


class SubjectReviewStrategy(Strategy):
    """The strategy of SelfSubjectReview: who is the caller?"""

    def answer(self, obj: Object, now: str, caller: Caller) -> Object:
        """A review that names the caller."""
        info = _user(caller).info
        return {"metadata": {"creationTimestamp": now}, "status": {"userInfo": info}}


_RESOURCES = ("verbs", "apiGroups", "resources", "resourceNames")
_PATHS = ("verbs", "nonResourceURLs")


def _kept(rule: Object, keys: tuple[str, ...]) -> Object:
    return {key: rule[key] for key in keys if key in rule}


def _paths(rule: Object) -> bool:
    return bool(rule.get("nonResourceURLs"))


def _check(review: Object, rules: Callable[[Object], list[FieldError]]) -> None:
    review["metadata"].pop("managedFields", None)  # upstream replaces a client's
    if wrong := rules(review):
        # without its kind, which upstream's internal object does not have
        raise errors.invalid("authorization.k8s.io", "", "", wrong)


def _user(caller: Caller) -> User:
    if caller.user is None:
        raise errors.bad_request("no user present on request")
    return caller.user


def _named(review: Object) -> User:
    """The user that a review asks about."""
    spec = objects.spec(review)
    extra = {key: tuple(values) for key, values in (spec.get("extra") or {}).items()}
    groups = tuple(spec.get("groups") or ())
    return User(spec.get("user", ""), groups, spec.get("uid", ""), extra)


def _answered(review: Object, caller: Caller, user: User) -> Object:
    spec = objects.spec(review)
    decision = authorizer.authorize(caller.reader, user, _action(spec))
    status: Object = {"allowed": decision.allowed}
    if decision.reason:
        status["reason"] = decision.reason
    if wrong := _unreadable(spec.get("resourceAttributes") or {}):
        status["evaluationError"] = wrong
    return {**review, "status": status}


def _action(spec: Mapping[str, Any]) -> Action:
    """What a review asks about."""
    if (asked := spec.get("resourceAttributes")) is None:
        asked = spec["nonResourceAttributes"]
        return Action(asked.get("verb", ""), path=asked.get("path", ""), is_resource=False)
    keys = ("verb", "group", "resource", "subresource", "namespace", "name")
    return Action(*(asked.get(key, "") for key in keys))


def _unreadable(asked: Object) -> str:
    """What a review's selectors are, where they cannot be read; "" where they can."""
    raw = (asked.get("labelSelector") or {}).get("rawSelector")
    if raw:
        try:
            selectors.parse(raw)
        except StatusError:
            return _IGNORED.format("labelSelector")
    return ""
