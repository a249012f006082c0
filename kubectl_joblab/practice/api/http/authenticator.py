"""Whom a request is from: by the client certificate of its connection, or by a token.

The router asks it. Who shows nothing is anonymous, and may do what roles let an anonymous user do;
a credential that is not right is refused. Follows
k8s.io/apiserver/pkg/authentication/request/{x509/x509,bearertoken/bearertoken,anonymous/anonymous}.go.
"""

from __future__ import annotations

import hashlib
from typing import Any

from aiohttp import web

from kubectl_joblab.practice.api.access import users
from kubectl_joblab.practice.api.access.tokens import TokenError, Tokens
from kubectl_joblab.practice.api.access.users import User
from kubectl_joblab.practice.api.errors import StatusError


class Authenticator:
    """Knows users by what they show."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def user(self, request: web.BaseRequest) -> User:
        """Whom a request is from; 401 where its credential is not right.

        A certificate counts before a token. With a right token the connection is no stranger's any
        more.
        """
        connection: Any = request.protocol
        if connection.user is None:
            connection.user = of_certificate(request.transport)
        found: User = connection.user
        token = _token(request) if found is users.ANONYMOUS else ""
        if not token:
            return found
        try:
            user, _ = self._tokens.user(token)
        except TokenError:
            raise StatusError(401, "Unauthorized", "Unauthorized") from None
        connection.known.set()
        return user


def of_certificate(transport: Any) -> User:
    """The user whom the certificate of a connection names; the anonymous one without it."""
    certificate = transport and transport.get_extra_info("peercert")
    if not certificate:
        return users.ANONYMOUS
    named = [pair for relative in certificate["subject"] for pair in relative]
    name = next((value for key, value in named if key == "commonName"), "")
    groups = tuple(value for key, value in named if key == "organizationName")
    tls = transport.get_extra_info("ssl_object")
    shown = tls.getpeercert(binary_form=True) if tls else b""
    digest = hashlib.sha256(shown).hexdigest()
    extra = {users.CREDENTIAL_ID: (f"X509SHA256={digest}",)} if shown else {}
    return users.authenticated(name, groups, extra=extra)


def _token(request: web.BaseRequest) -> str:
    """The bearer token of a request; "" where it has none."""
    scheme, _, rest = request.headers.get("Authorization", "").strip().partition(" ")
    return rest.partition(" ")[0] if scheme.lower() == "bearer" else ""
