"""Lists in pages: all pages are of one snapshot, which an opaque token finds again.

The registry lists with it. Follows k8s.io/apiserver/pkg/storage/continue.go and etcd3/store.go
(GetList). A snapshot that the history no longer reaches is Expired, as after etcd's compaction.
"""

from __future__ import annotations

import base64
import json
import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from kubectl_joblab.formats import gojson
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, field
from kubectl_joblab.practice.api.go import gobase64, strconv
from kubectl_joblab.practice.api.go.govalues import go_kind
from kubectl_joblab.practice.api.options import ListOptions
from kubectl_joblab.practice.api.selectors import Matcher
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.api.storage.view import Stored, View

LARGE = 200  # objects; to read more of them takes longer than others should wait
_TOKEN_VERSION = "meta.k8s.io/v1"  # noqa: S105 -- no secret
_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without the continue parameter, or use the continue token in this response to "
    "retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the "
    "first chunk was returned and now may show up in the list."
)


Item = TypeVar("Item", Object, Stored)


@dataclass(frozen=True)
class Listing:
    """The result of a list. remaining: how many objects come after it, None if not known."""

    items: list[Object]
    resource_version: str
    continue_token: str = ""
    remaining: int | None = None


@dataclass(frozen=True)
class Pending:
    """A list that is about to be read: in any thread, however the store changes meanwhile.

    namespace: "" for a list of all. start: the place at which the page begins, as View.read has it.
    matches: None where every object does. limit: 0 for all that there are.
    """

    view: View
    namespace: str
    revision: int
    start: str
    matches: Matcher | None
    limit: int

    @property
    def is_large(self) -> bool:
        """Whether many objects have to be looked at."""
        return len(self.view) > LARGE

    def parts(self) -> Iterator[list[Object]]:
        """All objects that match, some at a time."""
        return self.view.read(self.start, self.matches)

    def page(self) -> Listing:
        """One page of the objects that match, or all of them."""
        found, page = self._cut(self.parts(), _place_of_object)
        return replace(page, items=found)

    @property
    def needs_contents(self) -> bool:
        """Whether an object must be parsed before it is known to match."""
        return self.matches is not None and self.matches.fields is not None

    def texts(self, beginning: bytes) -> tuple[list[bytes | Object], Listing]:
        """The page as View.texts has it, which needs no contents, and what a list says beside it.

        The items of that Listing are left out.
        """
        found, page = self._cut(
            self.view.texts(beginning, self.start, self.matches),
            lambda one: one[:2],
        )
        return [value for _, _, value in found], page

    def _cut(
        self, parts: Iterable[list[Item]], place: Callable[[Item], tuple[str, str]]
    ) -> tuple[list[Item], Listing]:
        """The first of the parts, as many as are asked for, and a Listing without them."""
        found: list[Item] = []
        for some in parts:
            found += some
            if 0 < self.limit < len(found):
                break
        else:
            return found, Listing([], str(self.revision))
        found = found[: self.limit]
        token = _token(self.revision, self._start_after(*place(found[-1])))
        remaining = None
        if self.matches is None:
            remaining = self.view.count_from(self.start) - self.limit
        return found, Listing([], str(self.revision), token, remaining)

    def _start_after(self, namespace: str, name: str) -> str:
        """What a token says of the last object: its name, in a list of all behind its namespace."""
        return (name if self.namespace or not namespace else f"{namespace}/{name}") + "\0"


def _place_of_object(obj: Object) -> tuple[str, str]:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def begun(
    store: Store, resource: str, namespace: str, matches: Matcher | None, options: ListOptions
) -> Pending:
    """A list of the objects that match, at the moment or the revision that is asked for.

    Raises 400 for a continue token or a resourceVersion that cannot be read, 410 for one that is
    too old, 504 for one that is yet to come.
    """
    revision, start = _position(store, options)
    if start and namespace:
        start = f"{namespace}/{start}"
    view = _view(store, resource, namespace, revision, options.continue_token)
    limit = 0 if options.resource_version == "0" else options.limit
    return Pending(view, namespace, revision, start, matches, limit)


def _position(store: Store, options: ListOptions) -> tuple[int, str]:
    """The revision of the snapshot, and the name at which the page begins."""
    asked = options.resource_version
    if options.continue_token:
        if asked not in ("", "0"):
            message = "specifying resource version is not allowed when using continue"
            raise errors.bad_request(message)
        revision, start = _read(options.continue_token)
        if revision > store.revision:
            raise _too_large(revision, store.revision)
        return (store.revision if revision < 0 else revision), start
    try:
        number = numbered(asked)
    except ValueError as error:
        raise errors.bad_request(f"invalid resource version: {error}") from error
    if number > store.revision:
        raise _too_large(number, store.revision)
    return (number if options.is_exact else store.revision), ""


def numbered(resource_version: str) -> int:
    """The number of a resourceVersion, 0 for ""; ValueError, with upstream's words, for none."""
    try:
        return strconv.parse_uint(resource_version or "0")
    except strconv.NumError as error:
        raise ValueError(
            str(field.invalid("resourceVersion", resource_version, str(error)))
        ) from error


def yet_to_come(asked: int, current: int) -> errors.StatusError:
    """The 410 of a watch from a resourceVersion that is yet to come, as after a reset.

    Upstream keeps such a watch open, and silent until that version comes. A client that is told
    lists again.
    """
    return errors.expired(f"Too large resource version: {asked}, current: {current}")


def _too_large(asked: int, current: int) -> errors.StatusError:
    """The 504 of a resourceVersion that is yet to come."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    details = {"causes": [cause], "retryAfterSeconds": 1}
    return errors.StatusError(504, "Timeout", message, details)


def _view(store: Store, resource: str, namespace: str, revision: int, continue_token: str) -> View:
    try:
        if revision == store.revision:
            return store.view(resource, namespace)
        return store.view_at(resource, namespace, revision)
    except errors.StatusError as exc:
        if not continue_token:
            message = "The resourceVersion for the provided list is too old."
            raise errors.expired(message) from exc
        expired = errors.expired(_EXPIRED)
        expired.metadata["continue"] = _token(-1, _read(continue_token)[1])
        raise expired from exc


def _token(revision: int, start: str) -> str:
    data = {"v": _TOKEN_VERSION, "rv": revision, "start": start}
    raw = json.dumps(data, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(token: str) -> tuple[int, str]:
    """The revision and the name in a token; 400 with upstream's words for a forged one.

    Follows DecodeContinue; a revision below 0 stands for the newest.
    """
    try:
        data = gojson.parse(gobase64.url_decoded(token))
        version, revision, start = _token_fields(data)
        if version != _TOKEN_VERSION:
            raise ValueError(f"server does not recognize this encoded version {version}")
        if revision == 0:
            why = f"incorrect encoded start resourceVersion (version {version})"
            raise ValueError(why)
        if not start:
            raise ValueError(f"encoded start key empty (version {version})")
        path = start if start.startswith("/") else f"/{start}"
        if posixpath.normpath(path) != path:
            raise ValueError(start)
    except ValueError as exc:
        why = f"invalid continue token: continue key is not valid: {exc}"
        raise errors.bad_request(why) from exc
    return revision, start


def _token_fields(data: Any) -> tuple[str, int, str]:
    """The fields of a token; ValueError in the words of encoding/json where they do not fit."""
    if data is not None and not isinstance(data, dict):
        value = "Go value of type storage.continueToken"
        raise ValueError(f"json: cannot unmarshal {go_kind(data)} into {value}")
    found: dict[str, Any] = {"v": "", "rv": 0, "start": ""}
    for name, value in (data or {}).items():
        if name not in found or value is None:
            continue
        wanted = "int64" if name == "rv" else "string"
        whole = type(value) is int and -(2**63) <= value < 2**63
        if not (whole if name == "rv" else isinstance(value, str)):
            kind = go_kind(value)
            if kind == "number" and name == "rv":
                kind = f"number {getattr(value, 'text', value)}"
            field_of = f"Go struct field continueToken.{name} of type {wanted}"
            raise ValueError(f"json: cannot unmarshal {kind} into {field_of}")
        found[name] = value
    return found["v"], found["rv"], found["start"]
