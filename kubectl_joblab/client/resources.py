"""The thin client: get, list, watch, create, patch, delete and logs of plain dicts as served.

labs and cli talk to clusters through it alone. How requests get there is connection.py's. It
knows nothing of labs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from kubectl_joblab import clock as clocks
from kubectl_joblab import objects
from kubectl_joblab.client import failures
from kubectl_joblab.client.connection import Connection, Stop
from kubectl_joblab.client.kubeconfig import Target
from kubectl_joblab.client.transport import Transport
from kubectl_joblab.clock import Clock
from kubectl_joblab.errors import ApiError, UnreachableError
from kubectl_joblab.objects import Object

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PAGE = 500  # objects asked for at once, as kubectl's --chunk-size
FIELD_MANAGER = "kubectl-joblab"
RETRY_FIRST, RETRY_LAST = 0.25, 5.0  # seconds between two tries of a broken watch
SHORTEST_WATCH = 1.0  # seconds; one that ends sooner, without an event, counts as broken
SETTLING = 15.0  # seconds in which a server that has just come back may refuse what it allows


class Resource(NamedTuple):
    """One of the resources the labs use. `namespaced` says where its path begins."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of the collection, of an object, or of its subresource."""
        root = f"/apis/{self.group}" if self.group else "/api"
        parts = [root, self.version]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts += [self.plural, name, subresource]
        return "/".join(part for part in parts if part)

    @property
    def api_version(self) -> str:
        """What stands in apiVersion."""
        return f"{self.group}/{self.version}" if self.group else self.version


JOBS = Resource("batch", "v1", "jobs", "Job")
PODS = Resource("", "v1", "pods", "Pod")
EVENTS = Resource("", "v1", "events", "Event")
NAMESPACES = Resource("", "v1", "namespaces", "Namespace", namespaced=False)
QUOTAS = Resource("", "v1", "resourcequotas", "ResourceQuota")
ACCESS_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", False
)


class Listing(NamedTuple):
    """The items of a list, and the resourceVersion a watch goes on from."""

    items: list[Object]
    resource_version: str


class WatchEvent(NamedTuple):
    """kind: ADDED, MODIFIED, DELETED; or LOST, once for each time the connection breaks."""

    kind: str
    object: Object


class Client:
    """Requests to one API server, from any thread.

    on_warning is called with the text of each Warning header, as kubectl prints it. clock: the
    time, and threads, for all who use this client. transport: how requests get there; None for
    what the target needs.
    """

    def __init__(
        self,
        target: Target,
        on_warning: Callable[[str], None],
        *,
        clock: Clock = clocks.SYSTEM,
        transport: Transport | None = None,
    ) -> None:
        self.target = target
        self.clock = clock
        self._connection = Connection(target, on_warning, clock, transport)

    @property
    def server(self) -> str:
        """The URL of the API server."""
        return self._connection.server

    @property
    def host(self) -> str:
        """Its host and port, as kubectl's messages name it."""
        return self._connection.host

    def now(self) -> datetime:
        """The API server's clock, by which kubectl's ages are counted."""
        return self._connection.now()

    # ---- verbs

    def get(self, resource: Resource, name: str, namespace: str = "") -> Object:
        """The object. Raises ApiError with code 404 where there is none."""
        return self._connection.json("GET", resource.path(namespace, name))

    def list(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        cached: bool = False,
    ) -> Listing:
        """All objects the selectors choose.

        cached: as the API server has them in memory, which may be a moment old but spares it to
        read all there are.
        """
        items: list[Object] = []
        version = ""
        more = {"resourceVersion": "0"} if cached else {}
        query = _selectors(labels, fields) | more
        for page in self._pages(resource, namespace, query):
            items += page.items
            version = page.resource_version
        return Listing(items, version)

    def pages(
        self, resource: Resource, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Iterator[Listing]:
        """The same, page by page, for lists that are long. "" is every namespace."""
        return self._pages(resource, namespace, _selectors(labels, fields))

    def names(self, resource: Resource, namespace: str = "", *, labels: str = "") -> Iterator[str]:
        """The names of all objects the selector chooses, from the API server's memory.

        It sends a table's row for each, not the object; the first column is the name.
        """
        query = _selectors(labels, "") | {"resourceVersion": "0", "includeObject": "None"}
        for page in self._responses(resource, namespace, query, TABLE):
            yield from (str(row["cells"][0]) for row in page.get("rows") or [])

    def _pages(
        self, resource: Resource, namespace: str, query: Mapping[str, str]
    ) -> Iterator[Listing]:
        for page in self._responses(resource, namespace, query, "application/json"):
            items: list[Object] = page.get("items") or []
            for item in items:  # those of a typed list carry neither
                item.setdefault("apiVersion", resource.api_version)
                item.setdefault("kind", resource.kind)
            version = objects.metadata(page).get("resourceVersion")
            yield Listing(items, str(version or ""))

    def _responses(
        self, resource: Resource, namespace: str, query: Mapping[str, str], accept: str
    ) -> Iterator[Object]:
        query = {**query, "limit": str(PAGE)}
        while True:
            page = self._connection.json("GET", resource.path(namespace), query, accept=accept)
            yield page
            metadata = objects.metadata(page)
            if not metadata.get("continue"):
                return
            query["continue"] = metadata["continue"]

    def create(
        self, resource: Resource, body: Object, namespace: str = "", *, dry_run: bool = False
    ) -> Object:
        """The object as the server made it. With dry_run nothing is stored."""
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        if dry_run:
            query["dryRun"] = "All"
        return self._connection.json("POST", resource.path(namespace), query, body)

    def patch(self, resource: Resource, name: str, body: Object, namespace: str = "") -> Object:
        """The object after a JSON merge patch."""
        query = {"fieldManager": FIELD_MANAGER}
        path = resource.path(namespace, name)
        return self._connection.json("PATCH", path, query, body, "application/merge-patch+json")

    def delete(self, resource: Resource, name: str, namespace: str = "", *, uid: str = "") -> None:
        """Delete the object, and what it owns in the background; only if it has this uid."""
        options: Object = {"propagationPolicy": "Background"}
        if uid:
            options["preconditions"] = {"uid": uid}
        self._connection.json("DELETE", resource.path(namespace, name), {}, options)

    def version(self) -> Object:
        """What /version says."""
        return self._connection.json("GET", "/version")

    def logs(
        self,
        pod: str,
        namespace: str,
        container: str,
        *,
        follow: bool = False,
        previous: bool = False,
        tail: int | None = None,
        timestamps: bool = False,
        limit_bytes: int | None = None,
        stop: Stop | None = None,
    ) -> Iterator[str]:
        """The lines of a container's log, as they come, without their line ends.

        stop: ends it from another thread.
        """
        stop = stop or Stop(self.clock)
        query = {"container": container}
        for key, flag in (("follow", follow), ("previous", previous), ("timestamps", timestamps)):
            if flag:
                query[key] = "true"
        if tail is not None:
            query["tailLines"] = str(tail)
        if limit_bytes is not None:
            query["limitBytes"] = str(limit_bytes)
        try:
            with self._connection.stream(PODS.path(namespace, pod, "log"), query, stop) as lines:
                yield from lines
        except UnreachableError:
            if not stop.asked():
                raise

    def watch(
        self,
        resource: Resource,
        namespace: str,
        *,
        labels: str = "",
        fields: str = "",
        known: Object | None = None,
        stop: Stop | None = None,
    ) -> Iterator[WatchEvent]:
        """Every object the selectors choose, then every change to them, for ever.

        known: an object just read, to go on from instead of a list. stop: ends it from another
        thread.
        A watch that ends goes on from the last version seen. After 410 Gone it lists again, and
        what differs is told as if it had been watched. A broken connection is said once (LOST)
        and tried again, after waits that grow.
        """
        seen = {objects.uid(known): known} if known else {}
        version = objects.metadata(known or {}).get("resourceVersion", "")
        stop = stop or Stop(self.clock)
        outage = _Outage(stop, self.clock)
        while not stop.asked():
            try:
                if not version:
                    listing = self.list(resource, namespace, labels=labels, fields=fields)
                    outage.end()
                    yield from _differences(seen, listing.items)
                    version = listing.resource_version
                query = _selectors(labels, fields) | {"resourceVersion": version}
                for event in self._watch_once(resource.path(namespace), query, outage, stop):
                    outage.end()
                    version = objects.metadata(event.object)["resourceVersion"]
                    if event.kind != "BOOKMARK":
                        _remember(seen, event)
                        yield event
            except ApiError as error:
                if error.code == 410:
                    version = ""
                    continue
                if not outage.passes(error.code):
                    raise
                yield from outage.wait()
            except UnreachableError as error:
                if stop.asked():
                    return
                if not error.transient:
                    raise
                outage.down()
                yield from outage.wait()

    def _watch_once(
        self, path: str, query: Mapping[str, str], outage: _Outage, stop: Stop
    ) -> Iterator[WatchEvent]:
        import random  # only for watches

        query = {
            **query,
            "watch": "true",
            "allowWatchBookmarks": "true",
            # client-go's reflectors: 5 to 10 minutes, so that not all clients come back at once
            "timeoutSeconds": str(random.randint(300, 600)),  # noqa: S311 -- no secret
        }
        opened = self.clock.monotonic()
        with self._connection.stream(path, query, stop) as lines:
            line = ""
            try:
                for line in lines:
                    event = failures.parsed(line)
                    if event.get("type") == "ERROR":
                        raise failures.api_error(
                            int(event["object"].get("code") or 500), event["object"]
                        )
                    yield WatchEvent(event["type"], event["object"])
            finally:
                lasted = self.clock.monotonic() - opened >= SHORTEST_WATCH
                if lasted:
                    outage.end()  # it was open, though nothing happened
            if not line and not lasted:
                raise UnreachableError("watch closed before anything was sent", transient=True)


class _Outage:
    """The time in which a watch cannot be had: when it began, how long to wait for the next try."""

    def __init__(self, stop: Stop, clock: Clock) -> None:
        self._stop = stop
        self._clock = clock
        self.end()

    def end(self) -> None:
        self._said = False
        self._down: float | None = None
        self._next = RETRY_FIRST

    def down(self) -> None:
        """The server did not answer at all."""
        self._down = self._clock.monotonic()

    def passes(self, code: int) -> bool:
        """Whether an answer of this code may change by itself.

        An API server that starts answers before its authorizer knows its rules: 401, 403.
        """
        settling = self._down is not None and self._clock.monotonic() - self._down < SETTLING
        return code == 429 or code >= 500 or (settling and code in (401, 403))

    def wait(self) -> Iterator[WatchEvent]:
        """Say it, the first time, and wait for the next try."""
        if not self._said:
            self._said = True
            yield WatchEvent("LOST", {})
        self._stop.wait(self._next)
        self._next = min(self._next * 2, RETRY_LAST)


def _selectors(labels: str, fields: str) -> dict[str, str]:
    query = {"labelSelector": labels, "fieldSelector": fields}
    return {key: value for key, value in query.items() if value}


def _remember(known: dict[str, Object], event: WatchEvent) -> None:
    if event.kind == "DELETED":
        known.pop(objects.uid(event.object), None)
    else:
        known[objects.uid(event.object)] = event.object


def _differences(known: dict[str, Object], items: list[Object]) -> Iterator[WatchEvent]:
    """What a watch would have told between what was known and this list; `known` is updated."""
    current = {objects.uid(item): item for item in items}
    for uid in [uid for uid in known if uid not in current]:
        yield WatchEvent("DELETED", known.pop(uid))
    for uid, item in current.items():
        before = known.get(uid)
        version = objects.metadata(item).get("resourceVersion")
        if before is None or objects.metadata(before).get("resourceVersion") != version:
            known[uid] = item
            yield WatchEvent("ADDED" if before is None else "MODIFIED", item)
