"""How reviews are answered: there is one user, who may do everything.

Follows pkg/registry/authorization/{selfsubjectaccessreview,selfsubjectrulesreview}/rest.go and
pkg/registry/authentication/selfsubjectreview/rest.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice import user
from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import cluster


class AccessReviewStrategy(Strategy):
    """The rules of a SelfSubjectAccessReview; what it is prepared to is its answer."""

    def prepare_for_create(self, obj: Object) -> None:
        """Allow it."""
        obj["status"] = {"allowed": True}

    def validate(self, obj: Object) -> list[FieldError]:
        """Broken rules of the question."""
        return cluster.validate_access_review(obj)


class RulesReviewStrategy(Strategy):
    """The rules of a SelfSubjectRulesReview."""

    def prepare_for_create(self, obj: Object) -> None:
        """List what may be done: everything."""
        everything = {"verbs": ["*"]}
        obj["status"] = {
            "resourceRules": [{**everything, "apiGroups": ["*"], "resources": ["*"]}],
            "nonResourceRules": [{**everything, "nonResourceURLs": ["*"]}],
            "incomplete": False,
        }

    def validate(self, obj: Object) -> list[FieldError]:
        """Broken where it asks about no namespace."""
        if (obj.get("spec") or {}).get("namespace"):
            return []
        return [field.required("spec.namespace", "must be specified")]


class SubjectReviewStrategy(Strategy):
    """The rules of a SelfSubjectReview."""

    def prepare_for_create(self, obj: Object) -> None:
        """Say who asks."""
        info = {"username": user.NAME, "groups": list(user.GROUPS)}
        obj["status"] = {"userInfo": info}
