"""How reviews are answered: there is one user, who may do everything.

Follows pkg/registry/authorization/{selfsubjectaccessreview,selfsubjectrulesreview}/rest.go and
pkg/registry/authentication/selfsubjectreview/rest.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import user
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import cluster


class AccessReviewStrategy(Strategy):
    """The strategy of SelfSubjectAccessReview: may the user do this?"""

    def answer(self, obj: Object, now: str) -> Object:
        """The review with the answer that it is allowed; 422 where it asks wrongly."""
        obj["metadata"].pop("managedFields", None)  # upstream replaces a client's
        if wrong := cluster.validate_access_review(obj):
            # without its kind, which upstream's internal object does not have
            raise errors.invalid("authorization.k8s.io", "", "", wrong)
        return {**obj, "status": {"allowed": True}}


class RulesReviewStrategy(Strategy):
    """The strategy of SelfSubjectRulesReview: what may the user do in a namespace?"""

    def answer(self, obj: Object, now: str) -> Object:
        """A review that lists everything; 400 where no namespace is asked about."""
        if not objects.spec(obj).get("namespace"):
            raise errors.bad_request("no namespace on request")
        everything = {"verbs": ["*"]}
        return {
            "status": {
                "resourceRules": [{**everything, "apiGroups": ["*"], "resources": ["*"]}],
                "nonResourceRules": [{**everything, "nonResourceURLs": ["*"]}],
                "incomplete": False,
            }
        }


class SubjectReviewStrategy(Strategy):
    """The strategy of SelfSubjectReview: who is the user?"""

    def answer(self, obj: Object, now: str) -> Object:
        """A review that names the user."""
        info = {"username": user.NAME, "groups": list(user.GROUPS)}
        return {"metadata": {"creationTimestamp": now}, "status": {"userInfo": info}}
