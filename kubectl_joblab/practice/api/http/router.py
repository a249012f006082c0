"""The handler of all requests: who may make them, who answers, and what becomes of failures.

The cluster makes an Api and a listener serves it. Documents about the API are answered here; verbs
answers for objects. Every request ends with an answer: a refusal with its Status, a mistake in this
program with a 500 that tells nothing, while the server's log tells all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, negotiate
from kubectl_joblab.practice.api.access import authorizer, impersonation, request_info
from kubectl_joblab.practice.api.access.impersonation import Impersonation
from kubectl_joblab.practice.api.access.users import User
from kubectl_joblab.practice.api.documents import discovery
from kubectl_joblab.practice.api.documents.cache import Document, Documents
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import answers, limits, requests, work
from kubectl_joblab.practice.api.http.answers import Answer
from kubectl_joblab.practice.api.http.authenticator import Authenticator
from kubectl_joblab.practice.api.http.requests import Query
from kubectl_joblab.practice.api.http.verbs import Outcome, Verbs

LOG = logging.getLogger("joblab.http")

_HEALTH = ("healthz", "livez", "readyz")
CLOCK = ["joblab", "clock"]  # the path of the cluster's clock
_READING = ("GET", "HEAD")
PART_BYTES = 256 * 1024  # of a body that are sent before others are served


class Api:
    """The handler of all requests.

    clock: answers those for the cluster's clock. address: the host and port that clients reach.
    """

    def __init__(
        self,
        verbs: Verbs,
        documents: Documents,
        clock: Callable[[web.BaseRequest], Awaitable[Outcome]],
        authenticator: Authenticator,
        address: str,
    ) -> None:
        self._verbs = verbs
        self._documents = documents
        self._clock = clock
        self._authenticator = authenticator
        self._impersonation = Impersonation()
        self._address = address

    def close(self) -> None:
        """End the watches that are open."""
        self._verbs.watches.close()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path, _, text = request.raw_path.partition("?")
        query = await work.done(Query, text, large=len(text) > work.SMALL_BYTES)
        try:
            outcome = await self._answer(request, path, query)
        except StatusError as error:
            outcome = await self._refused(request, query, error)
        except RecursionError:
            too_deep = errors.bad_request("exceeded max depth")
            outcome = await self._refused(request, query, too_deep)
        except (ConnectionError, web.HTTPException):
            raise
        except Exception:
            LOG.exception("%s %s", request.method, path)
            outcome = await self._refused(request, query, answers.internal())
        if isinstance(outcome, web.StreamResponse):
            return outcome
        return await _sent(request, outcome)

    async def _refused(self, request: web.BaseRequest, query: Query, error: StatusError) -> Answer:
        agent = request.headers.get("User-Agent", "")
        pretty = answers.is_pretty(query.flag("pretty"), agent)
        return await work.refused(error, pretty=pretty)

    async def _answer(self, request: web.BaseRequest, path: str, query: Query) -> Outcome:
        _check_host(request)
        parts = requests.segments(path)
        user = self._user(request, path, query)
        if parts[0] == "api" and len(parts) > 2:
            return await self._objects(request, user, parts, 2, query)
        if parts[0] == "apis" and len(parts) > 3:
            return await self._objects(request, user, parts, 3, query)
        if parts == CLOCK:
            return await self._clock(request)
        return await self._document(request, parts, query)

    def _user(self, request: web.BaseRequest, path: str, query: Query) -> User:
        """Whom a request is from, or is made as; 401 or 403 where it may not be made.

        That is decided before anybody looks whether there is anything at its path.
        """
        user = self._authenticator.user(request)
        as_user = impersonation.wanted(request.headers.items())
        if user.is_master and as_user is None:
            return user
        reader = self._verbs.roles
        action = request_info.of_request(request.method, requests.decoded(path), query.text)
        if as_user is not None:
            user = self._impersonation.user(reader, user, as_user, action)
        authorizer.check(reader, user, action)
        return user

    async def _objects(
        self, request: web.BaseRequest, user: User, parts: list[str], depth: int, query: Query
    ) -> Outcome:
        group = parts[1] if depth == 3 else ""
        if not discovery.versions(group):
            return _page_not_found()
        return await self._verbs.do(request, user, requests.place(parts), query)

    # ---- documents

    async def _document(self, request: web.BaseRequest, parts: list[str], query: Query) -> Answer:
        name, accept = parts[0], request.headers.get("Accept", "")
        if name in _HEALTH:
            return _health(parts, verbose=query.flag("verbose") is not None)
        if parts[:2] == ["openapi", "v3"]:
            return await self._openapi(parts[2:], request.headers.get("If-None-Match", ""))
        if parts == ["openapi", "v2"]:
            return await self._swagger(accept, request.headers.get("If-None-Match", ""))
        if name not in ("", "api", "apis", "version") or (not name and len(parts) > 1):
            return _page_not_found()
        if name == "apis" and len(parts) > 1 and not discovery.versions(parts[1]):
            return _page_not_found()
        if request.method not in _READING:
            raise requests.no_method()
        wanted = negotiate.PLAIN
        if len(parts) == 1 and name in ("api", "apis"):
            wanted = negotiate.of_discovery(accept)
        else:
            negotiate.of_documents(accept)
        found = self._described(parts, aggregated=wanted == negotiate.AGGREGATED)
        return _discovered(request, query, found, wanted)

    def _described(self, parts: list[str], *, aggregated: bool) -> Object:
        """The discovery document at a path; 404 where there is none."""
        name, *rest = parts
        found: Object | None = None
        if name == "":
            found = {"paths": _paths()}
        elif name == "version" and not rest:
            found = discovery.version()
        elif name in ("api", "apis") and not rest and aggregated:
            found = discovery.aggregated(core=name == "api")
        elif name == "api":
            address = self._address
            found = discovery.resources("", rest[0]) if rest else discovery.core_versions(address)
        elif name == "apis" and len(rest) == 2:
            found = discovery.resources(rest[0], rest[1])
        elif name == "apis":
            found = discovery.group(rest[0]) if rest else discovery.group_list()
        if found is None:
            raise requests.no_resource()
        return found

    async def _openapi(self, place: list[str], known: str) -> Answer:
        if not place:
            index = await self._documents.index()
            return Answer(200, index.read_bytes())
        document = await self._documents.find("/".join(place))
        if document is None:
            return _page_not_found()
        return _unless_known(document, known)

    async def _swagger(self, accept: str, known: str) -> Answer:
        form = negotiate.of_openapi(accept)
        if not form:
            return Answer(406, b"", headers={"Vary": "Accept"})
        document = await self._documents.swagger(protobuf=form == negotiate.OPENAPI_PROTOBUF)
        return _unless_known(document, known, form)


def _unless_known(document: Document, known: str, form: str = negotiate.JSON) -> Answer:
    """A document, or 304 where the client has the one of this ETag already."""
    headers = {"ETag": f'"{document.etag}"', "Vary": "Accept"}
    if known == headers["ETag"]:
        return Answer(304, b"", form, headers)
    return Answer(200, document.file.read_bytes(), form, headers)


def _check_host(request: web.BaseRequest) -> None:
    """Raise 403 for any host name but loopback's."""
    if not limits.is_own(request.headers.get("Host", "")):
        raise errors.forbidden("", "hosts", request.headers.get("Host", ""), "not this cluster's")


def _discovered(
    request: web.BaseRequest, query: Query, document: Object, wanted: negotiate.Representation
) -> Answer:
    agent = request.headers.get("User-Agent", "")
    pretty = answers.is_pretty(query.flag("pretty"), agent)
    found = answers.of_document(document, wanted.content_type, pretty=pretty)
    if wanted != negotiate.AGGREGATED:
        return found
    tag = f'"{discovery.etag(document)}"'
    headers = {"ETag": tag, "Vary": "Accept"}
    if request.headers.get("If-None-Match") == tag:
        return Answer(304, b"", wanted.content_type, headers)
    return Answer(200, found.body, wanted.content_type, headers)


def _paths() -> list[str]:
    """The paths that the document at the root lists."""
    found = [
        "/api",
        "/apis",
        *(f"/{name}" for name in _HEALTH),
        "/openapi/v2",
        "/openapi/v3",
        "/version",
    ]
    for group in discovery.groups():
        base = f"/apis/{group}" if group else "/api"
        found += [base, *(f"{base}/{version}" for version in discovery.versions(group))]
    return sorted(set(found))


def _health(parts: list[str], *, verbose: bool) -> Answer:
    """The answer to a probe. It is always ok: a server that is not ready does not listen."""
    if len(parts) > 1:
        return answers.of_text(200, "ok") if parts[1:] == ["ping"] else _page_not_found()
    if verbose:
        return answers.of_text(200, f"[+]ping ok\n{parts[0]} check passed\n")
    return answers.of_text(200, "ok")


def _page_not_found() -> Answer:
    return answers.of_text(404, "404 page not found\n")


async def _sent(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Send an answer; a client that does not take it in time is cut off.

    A large one is sent in parts, between which others are served: each is encrypted at once.
    """
    large = len(answer.body) > PART_BYTES and request.method != "HEAD"
    response: web.StreamResponse
    if large:
        response = web.StreamResponse(status=answer.code)
        response.content_length = len(answer.body)
    else:
        response = web.Response(status=answer.code, body=answer.body)
    response.headers["Content-Type"] = answer.content_type
    response.headers.update(answers.HEADERS)
    response.headers.update(answer.headers)
    for warning in answer.warnings:
        response.headers.add("Warning", warning)
    if answer.code == 413:
        response.force_close()
    with limits.patience(request, limits.REQUEST_SECONDS):
        await response.prepare(request)
        for start in range(0, len(answer.body) if large else 0, PART_BYTES):
            await response.write(answer.body[start : start + PART_BYTES])
            await asyncio.sleep(0)
        await response.write_eof()
    return response
