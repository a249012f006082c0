"""Who sends a request, and the names that every cluster has for users and groups.

Authentication makes a User, authorization reads it. Follows
k8s.io/apiserver/pkg/authentication/{user/user,serviceaccount/util}.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
NODES_GROUP = "system:nodes"
_NODE = "system:node:"
_ACCOUNT = "system:serviceaccount:"
_ACCOUNTS = "system:serviceaccounts"
# keys of extra
CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"
NODE_NAME = "authentication.kubernetes.io/node-name"


@dataclass(frozen=True)
class User:
    """Whom a request is from, or is made as. extra: more that the credential says, by key."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    @property
    def is_master(self) -> bool:
        """Whether the user may do everything, whatever roles there are."""
        return MASTERS in self.groups

    @property
    def info(self) -> Object:
        """The user as reviews show one (authentication.k8s.io/v1 UserInfo)."""
        found: dict[str, Any] = {"username": self.name, "uid": self.uid}
        found |= {"groups": list(self.groups), "extra": _lists(self.extra)}
        return {key: value for key, value in found.items() if value}


ANONYMOUS = User("system:anonymous", (UNAUTHENTICATED,))


def _lists(extra: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {key: list(values) for key, values in sorted(extra.items())}


def authenticated(
    name: str, groups: Iterable[str], uid: str = "", extra: Mapping[str, tuple[str, ...]] = {}
) -> User:
    """A user who has shown a credential, and so is of the group of all who have."""
    own = tuple(groups)
    return User(name, own if AUTHENTICATED in own else (*own, AUTHENTICATED), uid, extra)


def with_group(user: User, group: str) -> User:
    """The user with a group more, unless it is one of the user's already."""
    if group in user.groups:
        return user
    return User(user.name, (*user.groups, group), user.uid, user.extra)


def account_name(namespace: str, name: str) -> str:
    """The name of a service account as a user (MakeUsername)."""
    return f"{_ACCOUNT}{namespace}:{name}"


def account_groups(namespace: str) -> tuple[str, ...]:
    """The groups of every service account of a namespace (MakeGroupNames)."""
    return _ACCOUNTS, f"{_ACCOUNTS}:{namespace}"


def account_of(name: str) -> tuple[str, str] | None:
    """Namespace and name of the service account that a user is; None for others (SplitUsername)."""
    if not name.startswith(_ACCOUNT):
        return None
    parts = name.removeprefix(_ACCOUNT).split(":")
    if len(parts) != 2 or names.is_dns1123_label(parts[0]) or names.is_dns1123_subdomain(parts[1]):
        return None
    return parts[0], parts[1]


def node_of(name: str) -> str:
    """The name of the node that a user is; "" for others (isNodeUsername)."""
    found = name.removeprefix(_NODE)
    if found == name or names.is_dns1123_subdomain(found):
        return ""
    return found
