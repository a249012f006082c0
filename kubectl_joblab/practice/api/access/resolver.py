"""The rules that hold for a user: those of the roles that bindings give.

Follows pkg/registry/rbac/validation/rule.go. It reads roles and bindings as they are stored, and
decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from kubectl_joblab.formats import gojson
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.access import users
from kubectl_joblab.practice.api.access.users import User
from kubectl_joblab.practice.api.errors import StatusError

GROUP = "rbac.authorization.k8s.io"


class Reader(Protocol):
    """What the resolver needs of a store."""

    def one(self, plural: str, namespace: str, name: str) -> Object | None:
        """The object of a kind of RBAC; None where there is none."""

    def all(self, plural: str, namespace: str) -> Sequence[Object]:
        """All objects of a kind of RBAC in a namespace, "" for those without one."""


@dataclass(frozen=True)
class Granted:
    """A binding that applies to a user. subject: the first of its subjects that the user is."""

    binding: Object
    subject: Object
    rules: Sequence[Object] = ()
    error: StatusError | None = None  # why its role has no rules

    def __str__(self) -> str:
        """The binding as the reason of a decision names it."""
        meta, role = self.binding["metadata"], self.binding["roleRef"]
        space = meta.get("namespace", "")
        kind, name = "ClusterRoleBinding", meta["name"]
        if space:
            kind, name = "RoleBinding", f"{name}/{space}"
        return (
            f"{kind} {gojson.quote(name)} of {role['kind']} {gojson.quote(role['name'])} "
            f"to {_described(self.subject, space)}"
        )


def _described(subject: Object, space: str) -> str:
    name = subject["name"]
    if subject["kind"] == "ServiceAccount":
        name = f"{name}/{subject.get('namespace') or space}"
    return f"{subject['kind']} {gojson.quote(name)}"


def granted(reader: Reader, user: User, namespace: str) -> Iterator[Granted]:
    """The bindings that apply to a user, of the cluster and (unless "") of a namespace."""
    own = {("User", user.name), *(("Group", group) for group in user.groups)}
    account = users.account_of(user.name)
    spaces = (("clusterrolebindings", ""), ("rolebindings", namespace))
    for plural, space in spaces[: 2 if namespace else 1]:
        for binding in reader.all(plural, space):
            for subject in binding.get("subjects") or ():  # appliesToUser
                kind, name = subject["kind"], subject["name"]
                if kind == "ServiceAccount":
                    applies = account == (subject.get("namespace") or space, name)
                else:
                    applies = (kind, name) in own
                if applies:
                    yield _granted(reader, binding, subject, space)
                    break


def _granted(reader: Reader, binding: Object, subject: Object, space: str) -> Granted:
    try:
        return Granted(binding, subject, role_rules(reader, binding["roleRef"], space))
    except StatusError as error:
        return Granted(binding, subject, error=error)


def role_rules(reader: Reader, ref: Object, namespace: str, asked: str = "") -> list[Object]:
    """The rules of the role that a roleRef names; 404 where there is none.

    asked: the plural that this 404 speaks of: upstream's storage takes it from the request. Without
    it the 404 is that of a lister, which names the kind.
    """
    kind = ref.get("kind", "")
    if kind not in ("Role", "ClusterRole"):
        message = f"unsupported role reference kind: {gojson.quote(kind)}"
        raise StatusError(500, "InternalError", message)
    plural, space = ("roles", namespace) if kind == "Role" else ("clusterroles", "")
    role = reader.one(plural, space, ref["name"])
    if role is None:
        raise errors.not_found(GROUP, asked or kind.lower(), ref["name"])
    return role.get("rules") or []
