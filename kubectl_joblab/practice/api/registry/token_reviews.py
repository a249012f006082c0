"""Answers reviews of a token: whose it is, and for whom. Who looks at tokens of Pods asks.

Follows pkg/registry/authentication/tokenreview/storage.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.access import authorizer
from kubectl_joblab.practice.api.access.tokens import AUDIENCES, TokenError, Tokens
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.registry import kinds, metadata

_INVALID = "invalid bearer token"


def reviewed(tokens: Tokens, review: Object) -> Object:
    """A TokenReview with its answer; 400 where it has no token."""
    spec = objects.spec(review)
    token = spec.get("token")
    if not token:
        raise errors.bad_request("token is required for TokenReview in authentication")
    review.setdefault("metadata", {})
    metadata.wipe(review)
    status: Object = {"user": {}}
    try:
        user, audiences = tokens.user(token, spec.get("audiences") or AUDIENCES)
        status = {"authenticated": True, "user": user.info, "audiences": audiences}
    except TokenError as error:
        status["error"] = authorizer.aggregated([_INVALID, *filter(None, [str(error)])])
    named = {"apiVersion": kinds.TOKEN_REVIEWS.api_version, "kind": kinds.TOKEN_REVIEWS.kind}
    return canonical(kinds.TOKEN_REVIEWS.type, {**review, **named, "status": status})
