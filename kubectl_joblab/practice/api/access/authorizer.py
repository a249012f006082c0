"""Decides whether a user may do something, and lists what a user may do.

The router asks for every request, reviews and impersonation ask too. Follows
plugin/pkg/auth/authorizer/rbac/rbac.go and, for those who may do everything,
k8s.io/apiserver/pkg/authorization/authorizerfactory/builtin.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from kubectl_joblab.formats import gojson
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.access import policy_rules, resolver
from kubectl_joblab.practice.api.access.policy_rules import Action
from kubectl_joblab.practice.api.access.resolver import Reader
from kubectl_joblab.practice.api.access.users import User
from kubectl_joblab.practice.api.errors import StatusError

# avoid errors that look like HTML: the sanitizer of handlers/responsewriters/errors.go
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True)
class Decision:
    """Whether something is allowed, and why."""

    allowed: bool
    reason: str = ""


def authorize(reader: Reader, user: User, action: Action) -> Decision:
    """Whether a user may do something."""
    if user.is_master:
        return Decision(allowed=True)
    wrong = []
    for grant in resolver.granted(reader, user, action.namespace):
        if grant.error is not None:
            wrong.append(grant.error.message)
        elif any(policy_rules.allows(rule, action) for rule in grant.rules):
            return Decision(allowed=True, reason=f"RBAC: allowed by {grant}")
    # the union of authorizers names the one whose reason this is
    return Decision(allowed=False, reason=f"rbac: RBAC: {aggregated(wrong)}" if wrong else "")


def check(reader: Reader, user: User, action: Action) -> None:
    """Raise 403 where a user may not do something."""
    decision = authorize(reader, user, action)
    if not decision.allowed:
        raise forbidden(user, action, decision.reason)


def rules_for(reader: Reader, user: User, namespace: str) -> tuple[list[Object], list[str]]:
    """The rules that hold for a user in a namespace, and the errors that hid others (RulesFor)."""
    rules: list[Object] = []
    wrong = []
    for grant in resolver.granted(reader, user, namespace):
        rules += grant.rules
        if grant.error is not None:
            wrong.append(grant.error.message)
    return rules, wrong


def aggregated(messages: list[str]) -> str:
    """Some errors as one: in brackets where they are several (utilerrors.NewAggregate)."""
    once = list(dict.fromkeys(messages))
    return once[0] if len(once) == 1 else f"[{', '.join(once)}]"


def forbidden(user: User, action: Action, reason: str = "") -> StatusError:
    """The 403 of what a user may not do (ForbiddenStatusError)."""
    why = _sentence(user, action).translate(_HTML)
    why = f"{why}: {reason}" if reason else why
    if action.is_resource:
        return errors.forbidden(action.group, action.resource, action.name, why)
    return StatusError(403, "Forbidden", f"forbidden: {why}", {})


def _sentence(user: User, action: Action) -> str:
    who = f"User {gojson.quote(user.name)} cannot {action.verb}"
    if not action.is_resource:
        return f"{who} path {gojson.quote(action.path)}"
    what = f"resource {gojson.quote(action.combined)} in API group {gojson.quote(action.group)}"
    if action.namespace:
        return f"{who} {what} in the namespace {gojson.quote(action.namespace)}"
    return f"{who} {what} at the cluster scope"
