"""The verbs over HTTP: each method at a place calls a verb of the registry and makes an answer.

The router calls Verbs.do for everything below /api/VERSION and /apis/GROUP/VERSION. Follows
k8s.io/apiserver/pkg/endpoints/handlers and the routes of pkg/endpoints/installer.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial

from aiohttp import web

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, negotiate, selectors
from kubectl_joblab.practice.api.access import authorizer
from kubectl_joblab.practice.api.access.policy_rules import Action
from kubectl_joblab.practice.api.access.tokens import Tokens
from kubectl_joblab.practice.api.access.users import User
from kubectl_joblab.practice.api.codec import timeshift
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import (
    answers,
    bodies,
    limits,
    logs,
    parameters,
    requests,
    tables,
    watches,
    work,
)
from kubectl_joblab.practice.api.http.answers import Answer, Form, Moment
from kubectl_joblab.practice.api.http.connect import connections
from kubectl_joblab.practice.api.http.connect.connections import Connections
from kubectl_joblab.practice.api.http.logs import Logs
from kubectl_joblab.practice.api.http.requests import CONNECTIONS, Place, Query
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import DeleteOptions, ListOptions
from kubectl_joblab.practice.api.patch import dispatch
from kubectl_joblab.practice.api.registry import (
    deletion,
    eviction,
    kinds,
    metadata,
    scale,
    token_requests,
    token_reviews,
)
from kubectl_joblab.practice.api.registry.operations import ObjectVerbs, Registry
from kubectl_joblab.practice.api.registry.roles import Roles
from kubectl_joblab.practice.api.storage.listing import Listing
from kubectl_joblab.practice.api.streaming import Streaming
from kubectl_joblab.practice.movable import MovableClock

# kinds whose DELETE answers with the object even when it is gone (ReturnDeletedObject)
_RETURNED = (kinds.PODS, kinds.NAMESPACES, kinds.SERVICE_ACCOUNTS)
TOGETHER = 20  # objects of a collection that are deleted before others are served again
_BINDING = "io.k8s.api.core.v1.Binding"
_EVICTION = "io.k8s.api.policy.v1.Eviction"


@dataclass
class Call:
    """One request for a place. warnings: the texts that its answer warns of."""

    request: web.BaseRequest
    user: User
    place: Place
    query: Query
    form: Form
    warnings: list[str] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """The kind that the request is about."""
        return self.place.kind

    def warn(self, text: str) -> None:
        """Warn the client in the answer."""
        self.warnings.append(text)

    @property
    def program(self) -> str:
        """The name of the client's program, from its User-Agent."""
        name = self.request.headers.get("User-Agent", "").partition("/")[0]
        return "".join(filter(str.isprintable, name))

    async def body(self) -> bytes:
        """The body of the request; raises as limits.body does."""
        return await limits.body(self.request)

    async def decoded(self, type_name: str, validation: str) -> Object:
        """The object in the body; its strict errors become warnings."""
        raw, header = await self.body(), self.request.headers.get("Content-Type", "")
        obj, odd = await bodies.read(raw, bodies.decoded, type_name, header, raw, validation)
        self.warnings += odd
        return obj


Outcome = Answer | web.StreamResponse
Handler = Callable[[Call], Awaitable[Outcome]]


class Verbs:
    """The verbs over one registry.

    logs: the node's reader of logs. streaming: its exec and attach. tokens: those of the accounts.
    """

    def __init__(
        self,
        registry: Registry,
        clock: MovableClock,
        logs: Logs,
        streaming: Streaming,
        tokens: Tokens,
    ) -> None:
        self.watches = watches.Watches(registry.settled)
        self.connections = Connections(streaming)
        self._registry = registry
        self._clock = clock
        self._logs = logs
        self._tokens = tokens
        self._of_all: dict[str, Handler] = {
            "GET": self._list,
            "POST": self._create,
            "DELETE": self._delete_all,
        }
        self._of_one: dict[str, Handler] = {
            "GET": self._get,
            "PUT": self._update,
            "PATCH": self._patch,
            "DELETE": self._delete,
        }
        self._of_parts: dict[str, dict[str, Handler]] = {
            "status": {"GET": self._get, "PUT": self._update, "PATCH": self._patch},
            "finalize": {"PUT": self._update},
            "ephemeralcontainers": {"GET": self._get, "PUT": self._update, "PATCH": self._patch},
            "binding": {"POST": self._bind},
            "eviction": {"POST": self._evict},
            "token": {"POST": self._request_token},
            "scale": {"GET": self._get_scale, "PUT": self._scale, "PATCH": self._patch_scale},
            "log": {"GET": self._log},
            **{one: {"GET": self._connect, "POST": self._connect} for one in CONNECTIONS},
        }

    @property
    def roles(self) -> Roles:
        """The roles and bindings that say what a user may do."""
        return self._registry.roles

    async def do(self, request: web.BaseRequest, user: User, place: Place, query: Query) -> Outcome:
        """Carry a request out; refusals are raised, unless they have warnings beside them.

        user: whom it is from, who may make it. What an answer tells, of this request or of others,
        is on the disk before it is sent.
        """
        handler = self._handler(request.method, place)
        call = Call(request, user, place, query, _form(request, place, query))
        if place.kind.deprecation:
            call.warn(place.kind.deprecation)
        try:
            found = await handler(call)
        except StatusError as refusal:
            await self._registry.settled()
            error = Moment.of(self._clock).told(place.kind, refusal)
            if not call.warnings:
                raise error from None
            answer = await work.refused(error, pretty=call.form.pretty)
            return answer.warning(call.warnings)
        if not isinstance(found, Answer):
            return found  # it was sent already
        await self._registry.settled()
        return found.warning(call.warnings)

    def _handler(self, method: str, place: Place) -> Handler:
        if place.subresource:
            found = self._of_parts[place.subresource]
        elif place.name:
            found = self._of_one if place.kind.stored else {}
        else:
            found = self._of_all
        if method not in found or (not place.name and method not in _methods_of_all(place)):
            raise requests.no_method()
        return found[method]

    # ---- reading

    async def _get(self, call: Call) -> Answer:
        place = call.place
        obj = self._registry.get(place.kind, place.name, place.namespace)
        return await self._one(call, obj)

    async def _list(self, call: Call) -> Outcome:
        options = await self._selection(call)
        if options.watch:
            return await self._watch(call, options)
        pending = self._registry.listing(call.kind, call.place.namespace, options)
        if not pending.is_large:
            return await self._many(call, pending.page())
        make = partial(answers.of_pending, call.kind, pending, call.form, Moment.of(self._clock))
        return await work.done(make, large=True)

    async def _selection(self, call: Call) -> ListOptions:
        """The ListOptions of a request; where its selectors are long they are read in a thread."""
        options = parameters.of_list(call.query)
        labels, fields = options.label_selector, options.field_selector
        large = len(labels) + len(fields) > work.SMALL_BYTES
        await work.done(selectors.matcher, call.kind, labels, fields, large=large)
        return options

    async def _watch(self, call: Call, options: ListOptions) -> web.StreamResponse:
        # the rows of a Table say how old all was when they were sent, and nothing that could move
        again = call.form.wanted.kind != negotiate.TABLE
        plain = answers.is_as_stored(call.kind, call.form)
        beginning = answers.beginning(call.kind) if plain else None
        where = call.kind, call.place.namespace
        events = self._registry.watch(*where, options, again=again, beginning=beginning)
        first = True

        def shape(obj: Object) -> Callable[[], Object]:
            nonlocal first
            headers, first = first, False
            moment = Moment.of(self._clock)
            return partial(answers.shaped, call.kind, obj, call.form, moment, headers=headers)

        shapes = watches.Shapes(shape, lambda: bool(self._clock.ahead))
        seconds = options.timeout_seconds
        return await self.watches.send(call.request, events, shapes, seconds, call.warnings)

    async def _log(self, call: Call) -> Outcome:
        options = parameters.of_log(call.query, call.place.name)
        pod = self._registry.get(kinds.PODS, call.place.name, call.place.namespace)
        container = logs.container(pod, options.container)
        if not objects.spec(pod).get("nodeName"):
            return Answer(204, b"")
        logs.check_started(pod, container, previous=options.previous)
        await self._registry.settled()
        return await watches.send_log(call.request, self._logs(pod, container, options))

    async def _connect(self, call: Call) -> Outcome:
        place, subresource = call.place, call.place.subresource
        # The method of a WebSocket's request is GET; it must not do what POST may not.
        where = ("", place.kind.plural, subresource, place.namespace, place.name)
        authorizer.check(self.roles, call.user, Action("create", *where))
        pod = self._registry.get(kinds.PODS, place.name, place.namespace)
        if subresource == "portforward":
            raise connections.refused(pod)
        request = call.request
        return await self.connections.serve(request, pod, call.query, subresource)

    # ---- writing

    async def _create(self, call: Call) -> Answer:
        options = replace(parameters.of_create(call.query, call.program), user=call.user)
        body = await call.decoded(call.kind.type, options.field_validation)
        ahead = self._clock.ahead
        if call.kind is kinds.TOKEN_REVIEWS:
            return await self._one(call, token_reviews.reviewed(self._tokens, body), 201)

        def create(verbs: ObjectVerbs, told: list[str]) -> Object:
            namespace = call.place.namespace
            obj = timeshift.moved(call.kind.type, body, ahead)
            return verbs.create(call.kind, obj, namespace, options, warn=told.append)

        obj = await self._written(call, create, large=work.is_large(body))
        return await self._one(call, obj, 201)

    async def _update(self, call: Call) -> Answer:
        options = replace(parameters.of_update(call.query, call.program), user=call.user)
        place = call.place
        body = await call.decoded(place.kind.type, options.field_validation)
        ahead, is_new = self._ahead_of(place, body), not self._exists(place)
        self._check_create(call, is_new=is_new and place.kind.strategy.creates_on_update)

        def update(verbs: ObjectVerbs, told: list[str]) -> Object:
            return verbs.update(
                place.kind,
                place.name,
                timeshift.moved(place.kind.type, body, ahead),
                place.namespace,
                options,
                subresource=place.subresource,
                warn=told.append,
            )

        large = work.is_large(body) or self._is_large(place)
        obj = await self._written(call, update, large=large)
        return await self._one(call, obj, 201 if is_new else 200)

    async def _patch(self, call: Call) -> Answer:
        content_type = bodies.media_type(call.request.headers.get("Content-Type", ""))
        bodies.check_patch_type(content_type)
        options = parameters.of_patch(call.query, call.program, content_type)
        options = replace(options, ahead=self._clock.ahead, user=call.user)
        raw = await call.body()
        change = await bodies.read(raw, bodies.patch_of, content_type, raw)
        place = call.place
        is_new = not self._exists(place)
        self._check_create(call, is_new=is_new and content_type == dispatch.APPLY)

        def patch(verbs: ObjectVerbs, told: list[str]) -> Object:
            return verbs.patch(
                place.kind,
                place.name,
                content_type,
                change,
                place.namespace,
                options,
                subresource=place.subresource,
                warn=told.append,
            )

        large = bodies.makes_much(content_type, change) or self._is_large(place)
        obj = await self._written(call, patch, large=large)
        return await self._one(call, obj, 201 if is_new else 200)

    async def _get_scale(self, call: Call) -> Answer:
        place = call.place
        found = self._registry.get(place.kind, place.name, place.namespace)
        return await self._one_scale(call, scale.of(found))

    async def _scale(self, call: Call) -> Answer:
        options, place = parameters.of_update(call.query, call.program), call.place
        body = await call.decoded(scale.SCALES.type, options.field_validation)
        at = place.name, place.namespace

        def update(verbs: ObjectVerbs, _: list[str]) -> Object:
            moved = timeshift.moved(scale.SCALES.type, body, self._clock.ahead)
            return scale.update(verbs, place.kind, moved, at, options)

        found = await self._written(call, update, large=self._is_large(place))
        return await self._one_scale(call, found)

    async def _patch_scale(self, call: Call) -> Answer:
        content_type = bodies.media_type(call.request.headers.get("Content-Type", ""))
        bodies.check_patch_type(content_type)
        options = parameters.of_patch(call.query, call.program, content_type)
        options = replace(options, ahead=self._clock.ahead)
        raw, place = await call.body(), call.place
        change = await bodies.read(raw, bodies.patch_of, content_type, raw)
        at = place.name, place.namespace

        def patch(verbs: ObjectVerbs, told: list[str]) -> Object:
            given = content_type, change
            return scale.patch(verbs, place.kind, given, at, options, told.append)

        found = await self._written(call, patch, large=self._is_large(place))
        return await self._one_scale(call, found)

    async def _one_scale(self, call: Call, found: Object) -> Answer:
        moment = Moment.of(self._clock)
        return await work.done(
            partial(answers.of_object, scale.SCALES, found, call.form, moment), large=False
        )

    async def _bind(self, call: Call) -> Answer:
        place = call.place
        options = parameters.of_create(call.query, call.program)
        body = await call.decoded(_BINDING, options.field_validation)
        if objects.name(body) != place.name:
            raise errors.bad_request("name in URL does not match name in Binding object")
        target = body.get("target") or {}
        self._registry.get(kinds.PODS, place.name, place.namespace)
        if not options.dry_run:
            self._registry.bind(place.namespace, place.name, target.get("name") or "")
        return answers.success(201, None, call.form)

    async def _request_token(self, call: Call) -> Answer:
        place = call.place
        options = parameters.of_create(call.query, call.program)
        body = await call.decoded(token_requests.TYPE, options.field_validation)
        found = token_requests.requested(
            self._registry, self._tokens, self._clock, place.namespace, place.name, body
        )
        # the token is of this machine's time, and so is what is said of it
        shown = timeshift.moved(token_requests.TYPE, found, -self._clock.ahead)
        return Answer(201, answers.encoded(shown, pretty=call.form.pretty))

    async def _evict(self, call: Call) -> Answer:
        place = call.place
        options = parameters.of_create(call.query, call.program)
        body = await call.decoded(_EVICTION, options.field_validation)
        body.setdefault("metadata", {})
        metadata.place(place.kind, body, place.namespace)
        if objects.name(body) != place.name:
            raise errors.bad_request("name in URL does not match name in Eviction object")
        how = parameters.of_eviction(options, body.get("deleteOptions"), place.name)
        now = self._clock.now()
        eviction.evict(self._registry, place.namespace, place.name, how, now)
        return answers.success(201, None, call.form)

    async def _delete(self, call: Call) -> Answer:
        place, options = call.place, await self._delete_options(call)

        def delete(verbs: ObjectVerbs, told: list[str]) -> Object:
            return verbs.delete(place.kind, place.name, place.namespace, options, warn=told.append)

        obj = await self._written(call, delete, large=self._is_large(place))
        is_kept = self._exists(place, objects.uid(obj))
        if options.dry_run:
            is_kept = objects.is_deleted(obj)
        if is_kept or place.kind in _RETURNED:
            return await self._one(call, obj)
        details = {
            "name": place.name,
            "group": place.kind.group,
            "kind": place.kind.plural,
            "uid": objects.uid(obj),
        }
        named = {key: value for key, value in details.items() if value}
        return answers.success(200, named, call.form)

    async def _delete_all(self, call: Call) -> Answer:
        selected = await self._selection(call)
        options = await self._delete_options(call)
        kind, namespace = call.kind, call.place.namespace
        gone = await self._all_deleted(call, options, selected)
        version = self._registry.list(kind, namespace, ListOptions(limit=1)).resource_version
        return await self._many(call, Listing(gone, version))

    async def _all_deleted(
        self, call: Call, options: DeleteOptions, selected: ListOptions
    ) -> list[Object]:
        """Delete the objects that are selected one by one, as upstream does, and return them.

        An object that somebody else has deleted meanwhile is passed over.
        """
        kind = call.kind
        deletion.check_options(kind, options, call.warn)
        pending = self._registry.listing(kind, call.place.namespace, selected)
        found = (await work.done(pending.page, large=pending.is_large)).items
        for number, obj in enumerate(found, start=1):
            meta = obj["metadata"]
            delete = partial(_deleted, kind, meta["name"], meta.get("namespace", ""), options)
            await self._written(call, delete, large=work.is_large(obj))
            if not number % TOGETHER:
                await asyncio.sleep(0)  # others are served between
        return found

    async def _delete_options(self, call: Call) -> DeleteOptions:
        raw = await call.body()
        header = call.request.headers.get("Content-Type", "")
        body = await bodies.read(raw, bodies.delete_options, header, raw) if raw else None
        return parameters.of_delete(call.query, body)

    # ---- both

    async def _written(
        self, call: Call, write: Callable[[ObjectVerbs, list[str]], Object], *, large: bool
    ) -> Object:
        return await work.written(self._registry, call.place, write, call.warnings, large=large)

    async def _one(self, call: Call, obj: Object, code: int = 200) -> Answer:
        moment = Moment.of(self._clock)
        make = partial(answers.of_object, call.kind, obj, call.form, moment, code=code)
        return await work.done(make, large=work.is_large(obj))

    async def _many(self, call: Call, listing: Listing) -> Answer:
        make = partial(answers.of_list, call.kind, listing, call.form, Moment.of(self._clock))
        return await work.done(make, large=work.is_large(listing.items))

    def _check_create(self, call: Call, *, is_new: bool) -> None:
        """Raise 403 where an update or an apply would create, and its sender may not do that."""
        place = call.place
        if is_new and not place.subresource:
            where = (place.kind.group, place.kind.plural, "", place.namespace, place.name)
            authorizer.check(self.roles, call.user, Action("create", *where))

    def _ahead_of(self, place: Place, body: Object) -> int:
        """The seconds by which the cluster was ahead when a client read what it now sends changed.

        That was before a jump where an editor was open meanwhile. The creation of an object, which
        nobody changes, tells by how much it was shown older.
        """
        old = self._found(place)
        created, shown = objects.created(old or {}), objects.created(body)
        if created and shown:
            before = int((created - shown).total_seconds())
            if before in (0, *(ahead for _, ahead in self._clock.journal)):
                return before
        return self._clock.ahead

    def _is_large(self, place: Place) -> bool:
        """Whether there is an object at a place that takes long to work on."""
        return work.is_large(self._found(place))

    def _exists(self, place: Place, uid: str = "") -> bool:
        """Whether there is an object at a place, with a uid whether it is this very one."""
        found = self._found(place)
        return found is not None and (not uid or objects.uid(found) == uid)

    def _found(self, place: Place) -> Object | None:
        """The object at a place; None where there is none."""
        try:
            return self._registry.get(place.kind, place.name, place.namespace)
        except StatusError:
            return None


def _deleted(
    kind: Kind, name: str, namespace: str, options: DeleteOptions, verbs: ObjectVerbs, _: list[str]
) -> Object:
    """Delete an object of a collection, unless somebody else has done so."""
    try:
        return verbs.delete(kind, name, namespace, options)
    except StatusError as error:
        if error.code != 404:
            raise
        return {}


def _methods_of_all(place: Place) -> tuple[str, ...]:
    """The methods that are served for all objects of the kind at a place."""
    verbs, placed = place.kind.verbs, bool(place.namespace) or not place.kind.namespaced
    found = {"GET": "list" in verbs}
    found["POST"] = placed  # a kind that is always empty says why not
    found["DELETE"] = placed and "deletecollection" in verbs
    return tuple(method for method, served in found.items() if served)


def _form(request: web.BaseRequest, place: Place, query: Query) -> Form:
    """The form in which the answer is wanted. Raises 406."""
    accept = request.headers.get("Accept", "")
    agent = request.headers.get("User-Agent", "")
    pretty = answers.is_pretty(query.flag("pretty"), agent)
    if place.subresource in ("log", *CONNECTIONS):
        return Form(pretty=pretty)  # a log is text whatever is asked for
    wanted = negotiate.of_objects(accept, tables=place.kind.stored)
    included = query.text("includeObject")
    if wanted.kind == negotiate.TABLE:
        tables.check_included(included)
    return Form(wanted, included, pretty)
