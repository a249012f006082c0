"""The errors of the API, as the Status objects that clients get.

They are raised anywhere below the HTTP handlers, which send them. Reasons and codes are those of
k8s.io/apimachinery/pkg/api/errors/errors.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubectl_joblab.practice.api.field import FieldError


class StatusError(Exception):
    """A refused request: HTTP code, machine-readable reason, message and details."""

    def __init__(
        self, code: int, reason: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.metadata: dict[str, Any] = {}  # of the Status: an expired list has a token there

    @property
    def status(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        return body | {"code": self.code}


class InvalidError(StatusError):
    """The 422 of an object that breaks rules, with a cause for each. broken: these rules."""

    def __init__(self, group: str, kind: str, name: str, broken: Sequence[FieldError]) -> None:
        texts = list(dict.fromkeys(map(str, broken)))
        text = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
        causes = [
            {"reason": error.reason, "message": error.body, "field": error.path} for error in broken
        ]
        qualified = f"{kind}.{group}" if group else kind
        message = f'{qualified} "{name}" is invalid: {text}'
        super().__init__(422, "Invalid", message, _details(group, kind, name, causes=causes))
        self.broken = broken
        self._about = group, kind, name

    def of(self, broken: Sequence[FieldError]) -> InvalidError:
        """The same about the same object, with other rules."""
        return InvalidError(*self._about, broken)


def _resource(group: str, plural: str) -> str:
    return f"{plural}.{group}" if group else plural


def _details(group: str, kind: str, name: str = "", **more: Any) -> dict[str, Any]:
    found = {"name": name, "group": group, "kind": kind}
    return {key: value for key, value in found.items() if value} | more


def not_found(group: str, plural: str, name: str) -> StatusError:
    """The 404 of an object that is not there."""
    message = f'{_resource(group, plural)} "{name}" not found'
    return StatusError(404, "NotFound", message, _details(group, plural, name))


def already_exists(group: str, plural: str, name: str) -> StatusError:
    """The 409 of a name that is taken."""
    message = f'{_resource(group, plural)} "{name}" already exists'
    return StatusError(409, "AlreadyExists", message, _details(group, plural, name))


def always_empty(resource: str) -> StatusError:
    """The 405 of an object of a kind that is served without objects; the sentence is ours."""
    message = f"the practice cluster has no {resource}: they are listed, but cannot be created"
    return StatusError(405, "MethodNotAllowed", message)


def conflict(group: str, plural: str, name: str, why: str) -> StatusError:
    """The 409 of an object that is not the one, or not the version, that was meant."""
    message = f'Operation cannot be fulfilled on {_resource(group, plural)} "{name}": {why}'
    return StatusError(409, "Conflict", message, _details(group, plural, name))


def forbidden(group: str, plural: str, name: str, why: str) -> StatusError:
    """The 403 of what admission or the server's own protection refuses."""
    named = f'{_resource(group, plural)} "{name}"' if name else _resource(group, plural)
    details = _details(group, plural, name)
    return StatusError(403, "Forbidden", f"{named} is forbidden: {why}", details)


def too_many_requests(
    message: str, seconds: int, causes: Sequence[dict[str, Any]] = ()
) -> StatusError:
    """The 429 of what may be asked for again later, after so many seconds; 0 for no advice."""
    found = {"causes": list(causes), "retryAfterSeconds": seconds}
    details = {key: value for key, value in found.items() if value}
    return StatusError(429, "TooManyRequests", message, details)


def unwritten(path: object, why: str) -> StatusError:
    """The 500 of a disk that does not take what is written to a file."""
    return StatusError(500, "InternalError", f"Internal error occurred: write {path}: {why}")


def bad_request(message: str) -> StatusError:
    """The 400 of what cannot be read."""
    return StatusError(400, "BadRequest", message)


def expired(message: str) -> StatusError:
    """The 410 of a resourceVersion that is too old."""
    return StatusError(410, "Expired", message)


def invalid(group: str, kind: str, name: str, errors: Sequence[FieldError]) -> InvalidError:
    """The 422 of an object that breaks rules, with a cause for each."""
    return InvalidError(group, kind, name, errors)
