"""A request made as somebody else: what it takes, and who it is then from.

The router asks once it knows who has sent a request. Each mode needs rights of its own: those of
constrained impersonation (`impersonate:MODE` for whom, `impersonate-on:MODE:VERB` for what), and
last the right `impersonate` of old. Follows
k8s.io/apiserver/pkg/endpoints/filters/impersonation/{constrained_impersonation,mode}.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from kubectl_joblab.formats import gojson
from kubectl_joblab.practice.api import errors, names
from kubectl_joblab.practice.api.access import authorizer, users
from kubectl_joblab.practice.api.access.policy_rules import Action
from kubectl_joblab.practice.api.access.resolver import Reader
from kubectl_joblab.practice.api.access.users import User
from kubectl_joblab.practice.api.errors import StatusError

_AUTHENTICATION = "authentication.k8s.io"
_EXTRA = "impersonate-extra-"
_MANY = 4  # manyAuthorizationChecksInLoop
_MOST_REMEMBERED = 1_000  # users


def wanted(headers: Iterable[tuple[str, str]]) -> User | None:
    """Whom the headers of a request name; None for nobody, 400 for groups and the like alone."""
    given = [(key.lower(), value) for key, value in headers if key[:11].lower() == "impersonate"]
    if not given:
        return None
    extra: dict[str, tuple[str, ...]] = {}
    for key, value in given:
        if key.startswith(_EXTRA):
            decoded = unquote(key[len(_EXTRA) :])
            extra[decoded] = (*extra.get(decoded, ()), value)
    groups = tuple(value for key, value in given if key == "impersonate-group")
    found = User(_first(given, "user"), groups, _first(given, "uid"), extra)
    if found.name:
        return found
    if found.uid or groups or extra:
        raise errors.bad_request(f"requested {_shown(found)} without impersonating a user name")
    return None


def _first(given: Iterable[tuple[str, str]], what: str) -> str:
    return next((value for key, value in given if key == f"impersonate-{what}"), "")


def _shown(user: User) -> str:
    """A user as Go's %#v prints a user.DefaultInfo."""
    groups = ", ".join(map(gojson.quote, user.groups))
    shown_groups = f"[]string{{{groups}}}" if user.groups else "[]string(nil)"
    extra = ", ".join(
        f"{gojson.quote(key)}:[]string{{{', '.join(map(gojson.quote, values))}}}"
        for key, values in sorted(user.extra.items())
    )
    shown_extra = f"map[string][]string{{{extra}}}" if extra else "map[string][]string(nil)"
    return (
        f'&user.DefaultInfo{{Name:"", UID:{gojson.quote(user.uid)}, Groups:{shown_groups}, '
        f"Extra:{shown_extra}}}"
    )


class Impersonation:
    """Decides as whom requests go on.

    It remembers of each user the mode that was right last, and tries that first: where none is
    right, its refusal is the one that is told.
    """

    def __init__(self) -> None:
        self._last: dict[str, str] = {}  # the name of a mode, by that of a user

    def user(self, reader: Reader, requestor: User, as_user: User, action: Action) -> User:
        """The user as whom a request goes on; 403 where no mode lets its sender impersonate so.

        action: what the request does.
        """
        first: StatusError | None = None
        last = self._last.get(requestor.name)
        modes = _modes(requestor, as_user)
        for mode in sorted(modes, key=lambda mode: mode.name != last):
            try:
                found = mode.check(reader, requestor, as_user, action)
            except StatusError as error:
                first = first or error
            else:
                self._remember(requestor.name, mode.name)
                return found
        assert first is not None  # the last mode is for everybody
        raise first

    def _remember(self, name: str, mode: str) -> None:
        self._last.pop(name, None)
        self._last[name] = mode
        if len(self._last) > _MOST_REMEMBERED:
            del self._last[next(iter(self._last))]


def _modes(requestor: User, as_user: User) -> list[_Mode]:
    """The modes that are there for such a user, in the order in which they are tried."""
    bare = not (as_user.uid or as_user.groups or as_user.extra)
    node, account = users.node_of(as_user.name), users.account_of(as_user.name)
    found = []
    if bare and node and _is_on(requestor, node):
        found.append(_Mode("associated-node"))
    if bare and node:
        found.append(_Mode("arbitrary-node"))
    if bare and account:
        found.append(_Mode("serviceaccount"))
    if not node and not account:
        found.append(_Mode("user-info"))
    return [*found, _Mode("")]


def _is_on(requestor: User, node: str) -> bool:
    """Whether a user is a service account whose token is of a Pod on a node."""
    return bool(users.account_of(requestor.name)) and requestor.extra.get(users.NODE_NAME) == (
        node,
    )


@dataclass(frozen=True)
class _Mode:
    """One way to impersonate. name: "" for that of old, which knows no limits."""

    name: str

    def check(self, reader: Reader, requestor: User, as_user: User, action: Action) -> User:
        """The user as whom the request goes on; 403 for the first right that is missing."""
        if self.name:
            on = replace(action, verb=f"impersonate-on:{self.name}:{action.verb}")
            authorizer.check(reader, requestor, on)
        for asked in self._asked(as_user):
            authorizer.check(reader, requestor, asked)
        self._check_values(reader, requestor, as_user)
        return self._completed(as_user)

    @property
    def _verb(self) -> str:
        return f"impersonate:{self.name}" if self.name else "impersonate"

    def _asked(self, as_user: User) -> list[Action]:
        """The rights on the name and the uid."""
        group = _AUTHENTICATION if self.name else ""
        name = Action(self._verb, group, "users", name=as_user.name)
        node, account = users.node_of(as_user.name), users.account_of(as_user.name)
        if self.name and node:
            shown = "*" if self.name == "associated-node" else node
            name = replace(name, resource="nodes", name=shown)
        if account:
            name = replace(name, resource="serviceaccounts", namespace=account[0], name=account[1])
        if not as_user.uid:
            return [name]
        return [name, Action(self._verb, _AUTHENTICATION, "uids", name=as_user.uid)]

    def _check_values(self, reader: Reader, requestor: User, as_user: User) -> None:
        """Raise 403 where a group or a value of extra is missing among the rights."""
        group = Action(self._verb, _AUTHENTICATION if self.name else "", "groups")
        extra = Action(self._verb, _AUTHENTICATION, "userextras")
        if self.name:
            _check_groups(requestor, group, as_user.groups)
            _check_extra(requestor, extra, as_user)
        groups = [replace(group, name=one) for one in as_user.groups]
        values = [
            replace(extra, subresource=key, name=one)
            for key, listed in as_user.extra.items()
            for one in listed
        ]
        everything = replace(group, name="*"), replace(extra, subresource="*", name="*")
        for one, checks in zip(everything, (groups, values), strict=True):
            many = bool(self.name) and len(checks) >= _MANY
            if many and authorizer.authorize(reader, requestor, one).allowed:
                continue
            for check in checks:
                authorizer.check(reader, requestor, check)

    def _completed(self, as_user: User) -> User:
        """The user with the groups that follow from the name."""
        account = users.account_of(as_user.name)
        if account and not as_user.groups:
            as_user = replace(as_user, groups=users.account_groups(account[0]))
        if self.name and users.node_of(as_user.name):
            as_user = replace(as_user, groups=(users.NODES_GROUP,))
        if as_user.name == users.ANONYMOUS.name:
            return users.with_group(as_user, users.UNAUTHENTICATED)
        if users.UNAUTHENTICATED in as_user.groups:
            return as_user
        return users.with_group(as_user, users.AUTHENTICATED)


def _check_groups(requestor: User, action: Action, groups: Sequence[str]) -> None:
    if "" in groups:
        why = "impersonating the empty string group is not allowed"
        raise authorizer.forbidden(requestor, action, why)
    if users.MASTERS in groups:
        why = "impersonating the system:masters group is not allowed"
        raise authorizer.forbidden(requestor, replace(action, name=users.MASTERS), why)


def _check_extra(requestor: User, action: Action, as_user: User) -> None:
    for key, values in as_user.extra.items():
        if why := _wrong_extra(key, values):
            raise authorizer.forbidden(requestor, action, why)


def _wrong_extra(key: str, values: Sequence[str]) -> str:
    if not key:
        return "impersonating the empty string key in extra is not allowed"
    if wrong := names.is_domain_prefixed_path(key):
        texts = [f"extra.key: Invalid value: {gojson.quote(v)}: {why}" for v, why in wrong]
        why = authorizer.aggregated(texts)
        return f"impersonating an invalid key in extra is not allowed: {why}"
    if "" in values:
        return "impersonating the empty string value in extra is not allowed"
    return ""
