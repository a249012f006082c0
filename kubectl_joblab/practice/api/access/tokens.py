"""Tokens of service accounts: what they say, and whether they still hold.

Time is that of this machine, which nobody moves: a token that has ended stays so. Follows
pkg/serviceaccount/{claims,jwt}.go and UserInfo in
k8s.io/apiserver/pkg/authentication/serviceaccount/util.go.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.access import policy_rules, users
from kubectl_joblab.practice.api.access.signing import SignatureError, SigningKey
from kubectl_joblab.practice.api.access.users import User

ISSUER = "https://kubernetes.default.svc"
AUDIENCES = (ISSUER,)  # the API's own
_LEEWAY = 60  # seconds by which clocks may differ: DefaultLeeway of go-jose
_KINDS = {"pod": "pods", "node": "nodes", "secret": "secrets"}
_INVALIDATED = "service account token has been invalidated"
_KEY = "authentication.kubernetes.io"

# finds a stored object by the plural of its kind, its namespace ("" where it has none), its name
Find = Callable[[str, str, str], Object | None]


class TokenError(Exception):
    """A token is not accepted. The text is upstream's reason, "" where it is none of ours."""


@dataclass(frozen=True)
class Bound:
    """What a token is of, and what ends it. of: by its key in the token: pod, node, secret."""

    account: Object
    audiences: Sequence[str] = AUDIENCES
    seconds: int = 3600
    warn_after: int = 0
    of: dict[str, Object] = field(default_factory=dict)


class Tokens:
    """Issues tokens, and knows whose they are.

    key: the file of the key. now: the time of this machine. uid: makes a new id.
    """

    def __init__(
        self, key: Path, find: Find, now: Callable[[], datetime], uid: Callable[[], str]
    ) -> None:
        self._key = SigningKey(key)
        self._find = find
        self._now = now
        self._uid = uid

    def prepare(self) -> None:
        """Do now what the first token would wait for; any thread may do it."""
        self._key.prepare()

    def issue(self, bound: Bound) -> str:
        """A token (Claims)."""
        now, account = int(self._now().timestamp()), bound.account["metadata"]
        private: dict[str, Any] = {
            "namespace": account["namespace"],
            "serviceaccount": _ref(bound.account),
            **{key: _ref(obj) for key, obj in bound.of.items()},
        }
        if bound.warn_after:
            private["warnafter"] = now + bound.warn_after
        return self._key.signed(
            {
                "aud": list(bound.audiences),
                "exp": now + bound.seconds,
                "iat": now,
                "iss": ISSUER,
                "jti": self._uid(),
                "kubernetes.io": private,
                "nbf": now,
                "sub": users.account_name(account["namespace"], account["name"]),
            }
        )

    def user(self, token: str, audiences: Sequence[str] = AUDIENCES) -> tuple[User, list[str]]:
        """Whose a token is, and for which of these audiences; TokenError where it does not hold."""
        if not _has_issuer(token):
            raise TokenError("")
        try:
            claims = self._key.claims(token)
        except SignatureError:
            raise TokenError("go-jose/go-jose: error in cryptographic primitive") from None
        meant = [one for one in claims["aud"] if one in audiences]
        if not meant:
            had, wanted = policy_rules.quoted(claims["aud"]), policy_rules.quoted(audiences)
            raise TokenError(f"token audiences {had} is invalid for the target audiences {wanted}")
        self._check_time(claims)
        self._check_objects(claims["kubernetes.io"])
        return _user(claims), meant

    def _check_time(self, claims: dict[str, Any]) -> None:
        now = self._now().timestamp()
        if claims["exp"] + _LEEWAY < now:
            raise TokenError("service account token has expired")
        if claims["nbf"] - _LEEWAY > now:
            raise TokenError("service account token is not valid yet")

    def _check_objects(self, private: dict[str, Any]) -> None:
        """Raise TokenError where the account, or what the token is bound to, is gone."""
        space, account = private["namespace"], private["serviceaccount"]
        found = self._find("serviceaccounts", space, account["name"])
        if found is None:
            raise TokenError(f'serviceaccounts "{account["name"]}" not found')
        if objects.uid(found) != account["uid"]:
            raise TokenError(
                f"service account UID ({objects.uid(found)}) does not match claim "
                f"({account['uid']})"
            )
        for key, plural in _KINDS.items():
            ref = private.get(key)
            if ref is None or (key == "node" and "pod" in private):
                continue
            bound = self._find(plural, "" if key == "node" else space, ref["name"])
            if bound is None:
                raise TokenError(_INVALIDATED)
            if objects.uid(bound) != ref["uid"]:
                raise TokenError(
                    f"{key} UID ({objects.uid(bound)}) does not match service account "
                    f"{key} ref claim ({ref['uid']})"
                )


def _ref(obj: Object) -> dict[str, str]:
    return {"name": objects.name(obj), "uid": objects.uid(obj)}


def _has_issuer(token: str) -> bool:
    """Whether a token says that it is one of this cluster's; nothing else of it is believed."""
    parts = token.split(".")
    if len(parts) != 3:
        return False
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = json.loads(payload)
    except (ValueError, RecursionError):
        return False
    return isinstance(claims, dict) and claims.get("iss") == ISSUER


def _user(claims: dict[str, Any]) -> User:
    """The user of a token that holds (UserInfo)."""
    private = claims["kubernetes.io"]
    space, account = private["namespace"], private["serviceaccount"]
    extra = {users.CREDENTIAL_ID: (f"JTI={claims['jti']}",)}
    for key in ("pod", "node"):
        if key in private:
            extra[f"{_KEY}/{key}-name"] = (private[key]["name"],)
            extra[f"{_KEY}/{key}-uid"] = (private[key]["uid"],)
    name = users.account_name(space, account["name"])
    return users.authenticated(name, users.account_groups(space), account["uid"], extra)
