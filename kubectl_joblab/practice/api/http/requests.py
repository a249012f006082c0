"""What a request is about: the place that its path names, and the values in its query.

The HTTP handlers read requests with it. Pure: it knows no connections and no store. Follows
k8s.io/apiserver/pkg/endpoints/request/requestinfo.go and, for the values of a query,
k8s.io/apimachinery/pkg/{conversion,runtime}.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.go import strconv
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds

# segments behind the name of a namespace that are its subresources, not kinds in it
_OF_NAMESPACES = ("status", "finalize")
# connections to a container; that to a port is served so that it is refused with the reason
CONNECTIONS = ("exec", "attach", "portforward")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}")


@dataclass(frozen=True)
class Place:
    """What a path names: all objects of a kind (no name), one object, or a subresource of it."""

    kind: Kind
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def no_resource() -> StatusError:
    """The 404 of a path at which nothing is served."""
    message = "the server could not find the requested resource"
    return StatusError(404, "NotFound", message, {})


def no_method() -> StatusError:
    """The 405 of a method that is not served at a path."""
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, {})


def segments(raw: str) -> list[str]:
    """The segments of a path as it came over the wire; a "/" at its end does not count."""
    return decoded(raw).removeprefix("/").removesuffix("/").split("/")


def decoded(raw: str) -> str:
    """A path without its escapes, so that an escaped "/" separates as a plain one does.

    Raises 400 where they are broken.
    """
    if broken := _BROKEN_ESCAPE.search(raw):
        raise errors.bad_request(f'invalid URL escape "{broken[0]}"')
    return unquote(raw, errors="replace")


def place(parts: Sequence[str]) -> Place:
    """The place of /api/VERSION/... or /apis/GROUP/VERSION/...; 404 where there is none."""
    if parts[0] == "api":
        group, version, rest = "", parts[1], list(parts[2:])
    else:
        group, version, rest = parts[1], parts[2], list(parts[3:])
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in _OF_NAMESPACES:
        namespace, rest = rest[1], rest[2:]
    kind = kinds.find(group, version, rest[0])
    if kind is None or len(rest) > 3 or not all(rest):
        raise no_resource()
    found = Place(kind, namespace, *rest[1:])
    _check(found)
    return found


def _check(found: Place) -> None:
    kind = found.kind
    if kind.namespaced and found.name and not found.namespace:
        raise no_resource()
    if not kind.namespaced and found.namespace:
        raise no_resource()
    if found.subresource and found.subresource not in _subresources(kind):
        raise no_resource()
    if found.name in (".", ".."):
        raise _bad_name(found.name, f"may not be '{found.name}'")
    if "%" in found.name:
        raise _bad_name(found.name, "may not contain '%'")


def _bad_name(name: str, why: str) -> StatusError:
    return errors.bad_request(f'Name parameter invalid: "{name}": {why}')


def _subresources(kind: Kind) -> tuple[str, ...]:
    return kind.subresources + (CONNECTIONS if kind is kinds.PODS else ())


class Query:
    """The values of a query. One that cannot be read is a 400 in Go's words."""

    def __init__(self, text: str) -> None:
        self._values: dict[str, list[str]] = {}
        for pair in filter(None, text.split("&")):
            if _BROKEN_ESCAPE.search(pair) or ";" in pair:
                continue  # net/url drops such a pair
            for name, value in parse_qsl(pair, keep_blank_values=True):
                self._values.setdefault(name, []).append(value)

    def text(self, name: str) -> str:
        """The first value of a name, "" where there is none."""
        return self._values.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Every value of a name."""
        return self._values.get(name, [])

    def flag(self, name: str) -> bool | None:
        """A boolean, true unless it is "false" or "0"; None where it is absent."""
        if name not in self._values:
            return None
        return self.text(name).lower() not in ("false", "0")

    def integer(self, name: str) -> int | None:
        """A whole number of 64 bits; None where it is absent."""
        if name not in self._values:
            return None
        try:
            return strconv.parse_int(self.text(name))
        except strconv.NumError as error:
            raise errors.bad_request(str(error)) from error
