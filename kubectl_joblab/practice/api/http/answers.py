"""Answers as bytes with their headers: objects, lists, Tables and Statuses.

The HTTP handlers make them of what the registry returns. Pure. Follows
k8s.io/apiserver/pkg/endpoints/handlers/{response,responsewriters}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import negotiate
from kubectl_joblab.practice.api.codec import timeshift
from kubectl_joblab.practice.api.errors import InvalidError, StatusError
from kubectl_joblab.practice.api.http import tables
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.negotiate import Representation
from kubectl_joblab.practice.api.registry import views
from kubectl_joblab.practice.api.storage.listing import Listing, Pending
from kubectl_joblab.practice.movable import MovableClock

TEXT = "text/plain; charset=utf-8"
# headers of every answer; without Server, aiohttp would send its version and Python's
HEADERS = {"Cache-Control": "no-cache, private", "Server": "joblab"}
_END = b"]}\n"  # of an encoded list
_BROWSERS = ("curl", "Wget", "Mozilla/5.0")
# characters in all warnings of an answer and, where there are more, in each of them:
# k8s.io/apiserver/pkg/endpoints/filters/warning.go
WARNINGS_LENGTH = 4096
WARNING_LENGTH = 256


@dataclass(frozen=True)
class Answer:
    """One answer. headers: those beside Content-Type; warnings: values of Warning headers."""

    code: int
    body: bytes
    content_type: str = negotiate.JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()

    def warning(self, texts: Sequence[str]) -> Answer:
        """The same answer with a Warning header for each text."""
        return replace(self, warnings=warnings(texts))


@dataclass(frozen=True)
class Form:
    """The form in which a request wants its answer. included: includeObject, for Tables."""

    wanted: Representation = negotiate.PLAIN
    included: str = ""
    pretty: bool = False


@dataclass(frozen=True)
class Moment:
    """The moment at which an answer is made.

    now: the time as clients count it, which nobody moves. ahead: the seconds by which that of the
    cluster is later; what clients see of the past is so much older.
    """

    now: datetime
    ahead: int = 0

    @classmethod
    def of(cls, clock: MovableClock) -> Moment:
        """The moment that a clock shows."""
        ahead = clock.ahead
        return cls(clock.now() - timedelta(seconds=ahead), ahead)

    def seen(self, kind: Kind, obj: Object) -> Object:
        """An object of the cluster as clients see it."""
        return timeshift.moved(kind.type, views.shown(kind, obj), -self.ahead)

    def told(self, kind: Kind, error: StatusError) -> StatusError:
        """A refusal as clients are told it: the times that it quotes are those that they sent."""
        if not self.ahead or not isinstance(error, InvalidError):
            return error
        return error.of(
            [
                replace(one, value=timeshift.moved_at(kind.type, one.path, one.value, -self.ahead))
                for one in error.broken
            ]
        )


def is_pretty(asked: bool | None, user_agent: str) -> bool:
    """Whether JSON is indented: as the query says, else for programs that people read from."""
    return user_agent.startswith(_BROWSERS) if asked is None else asked


def encoded(obj: Object, *, pretty: bool = False) -> bytes:
    """An object as JSON with a newline at its end."""
    indent, separators = (2, (",", ": ")) if pretty else (None, (",", ":"))
    text = json.dumps(obj, ensure_ascii=False, indent=indent, separators=separators)
    return text.encode("utf-8", "replace") + b"\n"


def of_object(kind: Kind, obj: Object, form: Form, moment: Moment, *, code: int = 200) -> Answer:
    """The answer with one object. Raises 406 where the form is that of a list."""
    wanted = form.wanted
    if wanted.kind == negotiate.PARTIAL_LIST:
        message = f"you requested {wanted.kind}, but the requested object is not a list"
        raise negotiate.not_acceptable(f"{message} (*{_go_type(kind)})")
    return _json(code, shaped(kind, obj, form, moment), form)


def shaped(kind: Kind, obj: Object, form: Form, moment: Moment, *, headers: bool = True) -> Object:
    """An object as clients see it, in the form asked for: whole, its metadata, or a Table's row.

    A watch sends each of its objects so. headers: whether a Table describes its columns.
    """
    wanted, obj = form.wanted, moment.seen(kind, obj)
    if wanted.kind == negotiate.TABLE:
        version = str(objects.metadata(obj).get("resourceVersion") or "")
        return tables.table(
            kind,
            [obj],
            moment.now,
            list_metadata={"resourceVersion": version},
            include_object=form.included or "Metadata",
            headers=headers,
            api_version=wanted.api_version,
        )
    if wanted.kind == negotiate.PARTIAL:
        return tables.partial(obj, api_version=wanted.api_version)
    return obj


def of_list(kind: Kind, listing: Listing, form: Form, moment: Moment) -> Answer:
    """The answer with a list. Raises 406 where the form is that of one object."""
    return _json(200, _list(kind, listing, form, moment), form)


def of_pending(kind: Kind, pending: Pending, form: Form, moment: Moment) -> Answer:
    """The answer with a list that is to be read yet.

    A whole list is read and encoded some objects at a time: as objects it would take several times
    the memory of its text. Where clients get the objects as they are stored, that text is sent.
    """
    if is_as_stored(kind, form) and not moment.ahead and not pending.needs_contents:
        return _as_stored(kind, pending)
    if pending.limit or form.pretty:
        return of_list(kind, pending.page(), form, moment)

    def text(some: list[Object]) -> bytes:
        listing = Listing(some, str(pending.revision))
        return encoded(_list(kind, listing, form, moment))

    before, after = text([])[: -len(_END)], _END
    parts = [text(some)[len(before) : -len(after)] for some in pending.parts() if some]
    return Answer(200, b"".join((before, b",".join(parts), after)))


def is_as_stored(kind: Kind, form: Form) -> bool:
    """Whether clients get the very text of an object that is stored, while no clock is moved."""
    return form == Form() and kind.view_of is None


def _as_stored(kind: Kind, pending: Pending) -> Answer:
    """The answer with a list whose objects are, but for a few, neither parsed nor encoded."""
    begins = beginning(kind)
    found, page = pending.texts(begins)
    items = (
        b"{" + one[len(begins) :] if isinstance(one, bytes) else encoded(_item(one))[:-1]
        for one in found
    )
    before = encoded(_plain_list(kind, page))[: -len(_END)]
    return Answer(200, b"".join((before, b",".join(items), _END)))


def beginning(kind: Kind) -> bytes:
    """How the text of a stored object begins: with what an item of a list leaves out."""
    return encoded({"kind": kind.kind, "apiVersion": kind.api_version})[: -len(b"}\n")] + b","


def _list(kind: Kind, listing: Listing, form: Form, moment: Moment) -> Object:
    """A list in the form asked for; its objects, or their rows, are the last that is in it."""
    wanted, meta = form.wanted, _list_metadata(listing)
    items = [moment.seen(kind, item) for item in listing.items]
    if wanted.kind == negotiate.TABLE:
        found = tables.table(
            kind,
            items,
            moment.now,
            list_metadata=meta,
            include_object=form.included or "Metadata",
            api_version=wanted.api_version,
        )
    elif wanted.kind == negotiate.PARTIAL_LIST:
        version = wanted.api_version
        found = tables.partial_list(items, list_metadata=meta, api_version=version)
    elif wanted.kind == negotiate.PARTIAL:
        message = f"you requested {wanted.kind}, but the requested object is a list"
        raise negotiate.not_acceptable(f"{message} (*{_go_type(kind)}List)")
    else:
        found = _plain_list(kind, listing, items)
    return found


def _plain_list(kind: Kind, listing: Listing, items: Sequence[Object] = ()) -> Object:
    """A list of objects. items: those of the listing, as clients see them."""
    return {
        "kind": f"{kind.kind}List",
        "apiVersion": kind.api_version,
        "metadata": _list_metadata(listing),
        "items": [_item(item) for item in items],
    }


def _list_metadata(listing: Listing) -> Object:
    meta: Object = {"resourceVersion": listing.resource_version}
    if listing.continue_token:
        meta["continue"] = listing.continue_token
    if listing.remaining is not None:
        meta["remainingItemCount"] = listing.remaining
    return meta


def _item(item: Object) -> Object:
    """An item of a list without its kind and apiVersion, which the list has."""
    return {key: value for key, value in item.items() if key not in ("kind", "apiVersion")}


def _go_type(kind: Kind) -> str:
    return f"{kind.group.partition('.')[0] or 'core'}.{kind.kind}"


def of_document(document: Object, content_type: str = negotiate.JSON, **more: bool) -> Answer:
    """The answer with a document about the API itself. more: pretty, as for objects."""
    return Answer(200, encoded(document, **more), content_type)


def of_text(code: int, text: str) -> Answer:
    """The answer with a text for people and probes."""
    return Answer(code, text.encode(), TEXT)


def of_status(error: StatusError, *, pretty: bool) -> Answer:
    """The answer that a request is refused; where there is one, when to ask again."""
    seconds = (error.details or {}).get("retryAfterSeconds")
    headers = {"Retry-After": str(seconds)} if seconds else {}
    return Answer(error.code, encoded(error.status, pretty=pretty), headers=headers)


def success(code: int, details: Object | None, form: Form) -> Answer:
    """The answer that something was done which leaves no object to show."""
    status: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    if details is not None:
        status["details"] = details
    return _json(code, status if code == 200 else status | {"code": code}, form)


def _json(code: int, found: Object, form: Form) -> Answer:
    return Answer(code, encoded(found, pretty=form.pretty))


def internal() -> StatusError:
    """The 500 of a mistake in this program, which only the server's log describes."""
    message = "Internal error occurred: see kubectl joblab practice logs"
    return StatusError(500, "InternalError", message)


def unreadable(code: int) -> StatusError:
    """The error of what is no HTTP request; code: that of aiohttp."""
    return StatusError(code, "BadRequest", "the request is not HTTP/1.1, or its head is too large")


def warnings(texts: Sequence[str]) -> list[str]:
    """The values of Warning headers: each text once, all cut short where they are too long."""
    once = [text for text in dict.fromkeys(texts) if text and text.isprintable()]
    if sum(map(len, once)) > WARNINGS_LENGTH:
        once = [text[:WARNING_LENGTH] for text in once][: WARNINGS_LENGTH // WARNING_LENGTH]
    return [f'299 - "{_quoted(text)}"' for text in once]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
