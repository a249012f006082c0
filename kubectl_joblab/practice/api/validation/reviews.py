"""The rules of access reviews and of requests for a token.

The strategies call it. Follows pkg/apis/authorization/validation/validation.go and
pkg/apis/authentication/validation/validation.go. A value is shown as upstream's internal struct
prints it, whose fields have no JSON names.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.field import FieldError

LEAST_TOKEN_SECONDS = 10 * 60
MOST_TOKEN_SECONDS = 1 << 32
_ONE_OF = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
_NO_ONE = "at least one of user or group must be specified"
_BOTH = "may not specified at the same time as requirements"  # as upstream writes it


def validate_self_access_review(review: Object) -> list[FieldError]:
    """The errors of a SelfSubjectAccessReview."""
    found = _validate_question(review) + _validate_selectors(review)
    if meta := dict(objects.metadata(review)):
        found.append(field.invalid("metadata", meta, "must be empty"))
    return found


def validate_access_review(review: Object) -> list[FieldError]:
    """The errors of a SubjectAccessReview."""
    found = _validate_question(review) + _validate_user(review) + _validate_selectors(review)
    if meta := dict(objects.metadata(review)):
        found.append(field.invalid("metadata", meta, "must be empty"))
    return found


def validate_local_access_review(review: Object) -> list[FieldError]:
    """The errors of a LocalSubjectAccessReview, which asks about its own namespace alone."""
    found = _validate_question(review) + _validate_user(review) + _validate_selectors(review)
    meta, spec = dict(objects.metadata(review)), objects.spec(review)
    namespace = meta.get("namespace", "")
    if meta.keys() - {"namespace"}:
        found.append(field.invalid("metadata", meta, "must be empty except for namespace"))
    asked = spec.get("resourceAttributes")
    if asked is not None and asked.get("namespace", "") != namespace:
        at, why = "spec.resourceAttributes.namespace", "must match metadata.namespace"
        found.append(field.invalid(at, asked.get("namespace", ""), why))
    if (path := spec.get("nonResourceAttributes")) is not None:
        why = "disallowed on this kind of request"
        found.append(field.invalid("spec.nonResourceAttributes", _shown(path), why))
    return found


def _validate_question(review: Object) -> list[FieldError]:
    """The error of a review that asks about nothing, or two things."""
    spec = objects.spec(review)
    path = spec.get("nonResourceAttributes")
    if (path is None) == (spec.get("resourceAttributes") is None):
        return [field.invalid("spec", None if path is None else _shown(path), _ONE_OF)]
    return []


def _shown(path: Object) -> Object:
    return {"Path": path.get("path", ""), "Verb": path.get("verb", "")}


def _validate_user(review: Object) -> list[FieldError]:
    spec = objects.spec(review)
    if spec.get("user") or spec.get("groups"):
        return []
    return [field.invalid("spec.user", "", _NO_ONE)]


def _validate_selectors(review: Object) -> list[FieldError]:
    asked = objects.spec(review).get("resourceAttributes") or {}
    found = []
    for key in ("fieldSelector", "labelSelector"):
        selector, path = asked.get(key), f"spec.resourceAttributes.{key}"
        if selector is None:
            continue
        raw, requirements = selector.get("rawSelector"), selector.get("requirements")
        if raw and requirements:
            found.append(field.invalid(f"{path}.rawSelector", raw, _BOTH))
        if not raw and not requirements:
            why = f"when {path} is specified, requirements or rawSelector is required"
            found.append(field.required(f"{path}.requirements", why))
    return found


def validate_token_request(request: Object) -> list[FieldError]:
    """The errors of a TokenRequest (ValidateTokenRequest)."""
    spec = objects.spec(request)
    seconds, found = spec.get("expirationSeconds") or 0, []
    at = "spec.expirationSeconds"
    if seconds < LEAST_TOKEN_SECONDS:
        why = "may not specify a duration less than 10 minutes"
        found.append(field.invalid(at, seconds, why))
    if seconds > MOST_TOKEN_SECONDS:
        why = "may not specify a duration larger than 2^32 seconds"
        found.append(field.invalid(at, seconds, why))
    if attestations := spec.get("attestations"):
        why = "attestations may only be specified with a webhook bound object reference"
        return [field.invalid("spec.attestations", attestations, why)]
    return found
