"""How access reviews are answered: whoever has the credential may do everything.

Follows pkg/registry/authorization/selfsubjectaccessreview/rest.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.strategy import Strategy
from kubectl_joblab.practice.api.validation import cluster


class AccessReviewStrategy(Strategy):
    """The rules of a SelfSubjectAccessReview; what it is prepared to is its answer."""

    def prepare_for_create(self, obj: Object) -> None:
        """Allow it."""
        obj["status"] = {"allowed": True}

    def validate(self, obj: Object) -> list[FieldError]:
        """Broken rules of the question."""
        return cluster.validate_access_review(obj)
