"""What goes wrong between a client and the API server, in kubectl's words.

kube.py translates at its boundary with it, so that nothing above knows urllib3.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kubectl_joblab.errors import ApiError, UnreachableError
from kubectl_joblab.objects import Object

if TYPE_CHECKING:
    import urllib3


# k8s.io/apimachinery/pkg/api/errors (NewGenericServerResponse)
_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


def status(response: urllib3.BaseHTTPResponse) -> Object:
    """The Status object of an answer, or one made of what it says instead."""
    body = response.read()
    try:
        status: Object = json.loads(body)
    except ValueError:
        status = {}
    if isinstance(status, dict) and status.get("kind") == "Status":
        return status
    text = " ".join(body.decode("utf-8", "replace").split()) or str(response.reason)
    return {"message": text, "reason": _REASONS.get(response.status, "")}


def api_error(code: int, status: Object) -> ApiError:
    """As checkErr and StandardErrorMessage in k8s.io/kubectl/pkg/cmd/util/helpers.go."""
    reason, text = status.get("reason") or "", status.get("message") or f"HTTP {code}"
    details = status.get("details") or {}
    if reason == "Unauthorized":
        message = f"error: You must be logged in to the server ({text})"
        return ApiError(code, status, message, next="kubectl auth whoami")
    if reason == "Invalid":
        return ApiError(code, status, _invalid(status))
    message = f"Error from server{f' ({reason})' if reason else ''}: {text}"
    way = "kubectl joblab doctor"
    if reason == "NotFound" and details.get("kind") == "namespaces":
        way = f"kubectl create namespace {details.get('name')}"
    return ApiError(code, status, message, next=way)


def _invalid(status: Object) -> str:
    details = status.get("details") or {}
    named = details.get("kind") or details.get("name")
    first = "The request is invalid"
    if named:
        first = f'The {details.get("kind", "")} "{details.get("name", "")}" is invalid'
    causes = dict.fromkeys(
        f"{c.get('field')}: {c.get('message')}" for c in details.get("causes") or []
    )
    if not causes:
        return first if named else f"{first}: {status.get('message', '')}"
    if len(causes) == 1:
        return f"{first}: {next(iter(causes))}"
    return "\n".join([f"{first}: ", *(f"* {cause}" for cause in causes)])


def parsed(body: bytes | str) -> Object:
    """An object as the API server sends it. Raises UnreachableError where something else speaks."""
    try:
        answer = json.loads(body or "{}")
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    raise _failed("its answer is not that of a Kubernetes API server", transient=True)


def warning_text(header: str) -> str:
    """The text of a Warning header: 299 - "text"."""
    _, _, quoted = header.partition('"')
    return quoted.rpartition('"')[0].replace('\\"', '"') or header


def unreachable(error: Exception, host: str) -> UnreachableError:
    """What urllib3 says, as client-go says it."""
    import urllib3.exceptions as kinds

    cause = error
    if isinstance(cause, kinds.MaxRetryError) and cause.reason:
        cause = cause.reason
    text = str(cause)
    if isinstance(cause, kinds.NameResolutionError):
        name = host.rpartition(":")[0] or host
        return _failed(f"dial tcp: lookup {name}: no such host", transient=True)
    if isinstance(cause, kinds.SSLError):
        # a server that stops or starts breaks off the handshake; a certificate stays what it is
        broken = "EOF" in text
        return _failed(_tls(text, host), transient=broken, next="kubectl config view --minify")
    if isinstance(cause, kinds.ConnectTimeoutError) and "timed out" in text:
        return _failed(f"dial tcp {host}: i/o timeout", transient=True)
    if isinstance(cause, kinds.NewConnectionError):
        if "refused" in text:
            return UnreachableError(
                f"The connection to the server {host} was refused"
                " - did you specify the right host or port?",
                transient=True,
                next="kubectl joblab doctor",
            )
        return _failed(f"dial tcp {host}: {text.rpartition('] ')[2]}", transient=True)
    if isinstance(cause, kinds.ReadTimeoutError):
        return _failed("context deadline exceeded", transient=True)
    if isinstance(cause, kinds.ProxyError):
        return _failed(f"proxyconnect tcp: {text}", transient=True)
    return _failed(text, transient=True)


def _failed(text: str, *, transient: bool, next: str = "kubectl joblab doctor") -> UnreachableError:  # noqa: A002 -- as in errors
    return UnreachableError(
        f"Unable to connect to the server: {text}", transient=transient, next=next
    )


def _tls(text: str, host: str) -> str:
    """OpenSSL's verdict on a certificate, as Go's crypto/x509 words it."""
    if "unable to get" in text or "self-signed" in text or "self signed" in text:
        return "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    if "expired" in text or "not yet valid" in text:
        return (
            "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"
        )
    if "mismatch" in text or "doesn't match" in text or "not valid for" in text:
        name = host.rpartition(":")[0] or host
        return f"tls: failed to verify certificate: x509: certificate is not valid for {name}"
    return f"tls: {text}"
