"""What goes wrong between a client and the API server, in kubectl's and client-go's words.

connection.py translates responses with it and the transports translate exceptions, so that
nothing above them knows sockets, TLS or HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kubectl_joblab.client import shapes
from kubectl_joblab.errors import ApiError, UnreachableError
from kubectl_joblab.objects import Object

# k8s.io/apimachinery/pkg/api/errors/errors.go (NewGenericServerResponse)
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


LONGEST_TEXT = 2048  # characters of what is no Status; client-go shows no more either
_TUNNEL = "Tunnel connection failed: "  # http.client's words for a proxy that refuses to connect


def status(code: int, reason: str, body: bytes) -> Object:
    """The Status object of a response; where its body is none, one made of the body's text.

    code and reason: those of the response's first line.
    """
    try:
        status = parsed(body)
        shapes.verify(status, shapes.STATUS)
    except (UnreachableError, shapes.MalformedError):
        status = {}
    if status.get("kind") == "Status":
        return status
    text = " ".join(body[:LONGEST_TEXT].decode("utf-8", "replace").split()) or reason
    return {"message": text, "reason": _REASONS.get(code, "")}


def api_error(code: int, status: Object) -> ApiError:
    """The error for a Status object, with kubectl's message and the command to go on with.

    Follows checkErr and StandardErrorMessage in k8s.io/kubectl/pkg/cmd/util/helpers.go.
    """
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
    elif reason == "NotFound" and details.get("kind") in ("jobs", "cronjobs"):
        way = f"kubectl get {details['kind']}"
    return ApiError(code, status, message, next=way)


def _invalid(status: Object) -> str:
    """kubectl's message for the reason Invalid: the object, then a line for each cause."""
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
    """The JSON object in a body or in a line of a watch.

    Raises UnreachableError for anything else: what answered is no API server, or broke off.
    """
    text = body if isinstance(body, str) else body.decode("utf-8", "replace")
    try:
        answer = json.loads(text or "{}")
        if "\\ud" in text or "\\uD" in text:
            answer = _whole_characters(answer)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        return answer
    raise _failed("its answer is not that of a Kubernetes API server", transient=True)


def _whole_characters(answer: Any) -> Any:
    """The answer with a mark in place of each half of a surrogate pair, which nobody can print."""
    text = json.dumps(answer, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def verify(answer: Object, shape: Mapping[str, shapes.Shape]) -> Object:
    """The answer. Raises UnreachableError where a field is not of the type that it has to be."""
    try:
        shapes.verify(answer, shape)
    except shapes.MalformedError as error:
        raise malformed(str(error)) from error
    return answer


def malformed(text: str) -> UnreachableError:
    """The error for an answer that no Kubernetes API server gives; text: what is wrong with it."""
    return _failed(f"its answer is not that of a Kubernetes API server: {text}", transient=False)


def too_late() -> UnreachableError:
    """The error for a request that was not answered within --request-timeout."""
    return _failed("context deadline exceeded", transient=True)


def redirected(code: int, location: str) -> UnreachableError:
    """The error for an answer whose status code neither grants nor refuses, such as a redirect."""
    to = " ".join(location[:LONGEST_TEXT].split())
    return malformed(f"status code {code}" + (f", to {to}" if to else ""))


def warning_text(header: str) -> str:
    """The text of a Warning header, which has the form 299 - "text"."""
    _, _, quoted = header.partition('"')
    return quoted.rpartition('"')[0].replace('\\"', '"') or header


def unreachable(error: Exception, host: str, *, dialling: bool = False) -> UnreachableError:
    """The standard library's exception about a connection, in client-go's and kubectl's words.

    host: host and port of the server. dialling: whether the connection was still being opened,
    which is what a timeout then says.
    """
    import http.client
    import socket
    import ssl

    text = str(error)
    if isinstance(error, socket.gaierror):
        name = host.rpartition(":")[0] or host
        return _failed(f"dial tcp: lookup {name}: no such host", transient=True)
    if isinstance(error, ssl.SSLError):
        # a server that stops or starts breaks the handshake off, which passes; a certificate that
        # is refused stays so
        broken = "EOF" in text
        return _failed(_tls(text, host), transient=broken, next="kubectl config view --minify")
    if isinstance(error, TimeoutError):
        return _failed(f"dial tcp {host}: i/o timeout", transient=True) if dialling else too_late()
    if isinstance(error, ConnectionRefusedError):
        return UnreachableError(
            f"The connection to the server {host} was refused"
            " - did you specify the right host or port?",
            transient=True,
            next="kubectl joblab doctor",
        )
    if isinstance(error, http.client.RemoteDisconnected):
        return _failed("EOF", transient=True)
    if isinstance(error, ConnectionError):
        return _failed(f"read tcp {host}: connection reset by peer", transient=True)
    if isinstance(error, http.client.IncompleteRead):
        return _failed("unexpected EOF", transient=True)
    if isinstance(error, http.client.HTTPException):
        return _failed(f"malformed HTTP response: {text}", transient=True)
    if text.startswith(_TUNNEL):
        return _failed(f"proxyconnect tcp: {text.removeprefix(_TUNNEL)}", transient=True)
    if isinstance(error, OSError):
        text = f"dial tcp {host}: connect: {(error.strerror or text).lower()}"
    return _failed(" ".join(text.split()), transient=True)


def _failed(text: str, *, transient: bool, next: str = "kubectl joblab doctor") -> UnreachableError:  # noqa: A002 -- as in errors
    return UnreachableError(
        f"Unable to connect to the server: {text}", transient=transient, next=next
    )


def _tls(text: str, host: str) -> str:
    """OpenSSL's message about a handshake, as Go's crypto/x509, crypto/tls and net/http word it."""
    if "unable to get" in text or "self-signed" in text or "self signed" in text:
        return "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    if "expired" in text or "not yet valid" in text:
        return (
            "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"
        )
    if "mismatch" in text or "doesn't match" in text or "not valid for" in text:
        name = host.rpartition(":")[0] or host
        return f"tls: failed to verify certificate: x509: certificate is not valid for {name}"
    if "WRONG_VERSION_NUMBER" in text or "HTTP_REQUEST" in text:
        return "http: server gave HTTP response to HTTPS client"
    return f"tls: {text}"
