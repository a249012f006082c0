"""The client: get, list, watch, create, patch, delete and logs of Kubernetes' resources.

Objects are the plain dicts that the API server sends. evidence, labs and cli talk to clusters
through Client alone. connection.py sends its requests. It knows nothing of labs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from kubectl_joblab import clock as clocks
from kubectl_joblab import objects
from kubectl_joblab.client import failures, shapes
from kubectl_joblab.client.connection import Connection, Stop
from kubectl_joblab.client.kubeconfig import Target
from kubectl_joblab.client.transport import Transport
from kubectl_joblab.clock import Clock
from kubectl_joblab.errors import ApiError, UnreachableError
from kubectl_joblab.objects import Object

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PAGE = 500  # objects in one response to a list, as kubectl's --chunk-size
FIELD_MANAGER = "kubectl-joblab"
RETRY_FIRST, RETRY_LAST = 0.25, 5.0  # seconds between two tries to open a watch: doubled each time
_DOUBLINGS = 10  # after which a wait has long been the longest
SHORTEST_WATCH = 1.0  # seconds; a watch that ends sooner, without an event, counts as broken
SETTLING = 15.0  # seconds in which a server that has just come back may refuse what it will allow


class Resource(NamedTuple):
    """One of the resources that are used here; each is a constant below.

    group: "" for the core group. plural: the name in paths, such as jobs. namespaced: whether its
    objects are in namespaces.
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of the collection, of the object `name`, or of its subresource.

        namespace: "" for the collection of all namespaces.
        """
        root = f"/apis/{self.group}" if self.group else "/api"
        parts = [root, self.version]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts += [self.plural, name, subresource]
        return "/".join(part for part in parts if part)

    @property
    def api_version(self) -> str:
        """The apiVersion of the resource's objects, such as batch/v1."""
        return f"{self.group}/{self.version}" if self.group else self.version


JOBS = Resource("batch", "v1", "jobs", "Job")
CRON_JOBS = Resource("batch", "v1", "cronjobs", "CronJob")
PODS = Resource("", "v1", "pods", "Pod")
EVENTS = Resource("", "v1", "events", "Event")
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
SECRETS = Resource("", "v1", "secrets", "Secret")
SERVICE_ACCOUNTS = Resource("", "v1", "serviceaccounts", "ServiceAccount")
NAMESPACES = Resource("", "v1", "namespaces", "Namespace", namespaced=False)
NODES = Resource("", "v1", "nodes", "Node", namespaced=False)
CLAIMS = Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim")
QUOTAS = Resource("", "v1", "resourcequotas", "ResourceQuota")
PRIORITY_CLASSES = Resource(
    "scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", namespaced=False
)
RUNTIME_CLASSES = Resource("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", namespaced=False)
ACCESS_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", False
)


class Listing(NamedTuple):
    """The items of a list, and the resourceVersion from which a watch goes on."""

    items: list[Object]
    resource_version: str


class WatchEvent(NamedTuple):
    """A change to an object, as a watch tells it.

    kind: ADDED, MODIFIED or DELETED; or LOST, ours, with an empty object: told once each time
    the connection breaks.
    """

    kind: str
    object: Object


class Client:
    """Reads and changes objects on one API server, from any thread.

    on_warning is called with the text of each Warning header, as kubectl prints it. clock: the
    time, and threads, for all who use this client. transport: how requests get there; None for
    the one that the target needs. All methods raise ApiError where the server refuses and
    UnreachableError where it does not answer.
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
    def connection(self) -> Connection:
        """What the requests are sent over, for a path that is no resource's."""
        return self._connection

    @property
    def server(self) -> str:
        """The URL of the API server."""
        return self._connection.server

    @property
    def host(self) -> str:
        """The API server's host and port, as kubectl's messages name the server."""
        return self._connection.host

    def now(self) -> datetime:
        """The time by the API server's clock, by which kubectl's ages are counted."""
        return self._connection.now()

    # ---- verbs

    def get(self, resource: Resource, name: str, namespace: str = "") -> Object:
        """The object of this name. Raises ApiError with code 404 where there is none."""
        found = self._connection.json("GET", resource.path(namespace, name))
        return failures.verify(found, shapes.OBJECTS[resource.kind])

    def find(self, resource: Resource, name: str, namespace: str = "") -> Object | None:
        """The object of this name, None where there is none. Raises ApiError otherwise."""
        try:
            return self.get(resource, name, namespace)
        except ApiError as error:
            if error.code != 404:
                raise
            return None

    def list(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        cached: bool = False,
    ) -> Listing:
        """All objects that the label and field selectors choose; namespace "" for every one.

        cached: take them from the API server's memory, which may be a moment old but spares it
        reading all objects from its database.
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
        """All objects that the selectors choose, page by page, for lists that may be long.

        namespace: "" for every one.
        """
        return self._pages(resource, namespace, _selectors(labels, fields))

    def names(
        self, resource: Resource, namespace: str = "", *, labels: str = "", cached: bool = False
    ) -> Iterator[str]:
        """The names of all objects that the selector chooses. cached: as for `list`.

        The server sends a row of a Table for each object and not the object itself; the first
        column of all kinds is the name.
        """
        more = {"resourceVersion": "0"} if cached else {}
        query = _selectors(labels, "") | {"includeObject": "None"} | more
        for page in self._responses(resource, namespace, query, TABLE):
            for row in failures.verify(page, shapes.TABLE).get("rows") or []:
                yield from map(str, (row.get("cells") or [])[:1])

    def _pages(
        self, resource: Resource, namespace: str, query: Mapping[str, str]
    ) -> Iterator[Listing]:
        for page in self._responses(resource, namespace, query, "application/json"):
            items: list[Object] = failures.verify(page, shapes.PAGE).get("items") or []
            for item in items:  # the items of a list carry neither: the list does
                failures.verify(item, shapes.OBJECTS[resource.kind])
                item.setdefault("apiVersion", resource.api_version)
                item.setdefault("kind", resource.kind)
            version = objects.metadata(page).get("resourceVersion")
            yield Listing(items, str(version or ""))

    def _responses(
        self, resource: Resource, namespace: str, query: Mapping[str, str], accept: str
    ) -> Iterator[Object]:
        """The responses to a list, of at most PAGE objects each, until nothing is left."""
        query = {**query, "limit": str(PAGE)}
        while True:
            page = self._connection.json("GET", resource.path(namespace), query, accept=accept)
            yield page
            more = objects.metadata(page).get("continue")
            if not more:
                return
            if not (page.get("items") or page.get("rows")) or more == query.get("continue"):
                raise failures.malformed("a list that never ends")
            query["continue"] = more

    def create(
        self, resource: Resource, body: Object, namespace: str = "", *, dry_run: bool = False
    ) -> Object:
        """The object as the server created it, defaults included. With dry_run it is not stored.

        Unknown and duplicate fields are refused, as kubectl asks for (--validate=strict).
        """
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        if dry_run:
            query["dryRun"] = "All"
        made = self._connection.json("POST", resource.path(namespace), query, body)
        return failures.verify(made, shapes.OBJECTS[resource.kind])

    def patch(self, resource: Resource, name: str, body: Object, namespace: str = "") -> Object:
        """The object after the JSON merge patch `body`."""
        query = {"fieldManager": FIELD_MANAGER}
        path = resource.path(namespace, name)
        content = "application/merge-patch+json"
        patched = self._connection.json("PATCH", path, query, body, content)
        return failures.verify(patched, shapes.OBJECTS[resource.kind])

    def delete(self, resource: Resource, name: str, namespace: str = "", *, uid: str = "") -> None:
        """Delete the object; what it owns is deleted in the background.

        uid: delete nothing but the object of this uid; raises ApiError with code 409 where the
        name now has another.
        """
        options: Object = {"propagationPolicy": "Background"}
        if uid:
            options["preconditions"] = {"uid": uid}
        self._connection.json("DELETE", resource.path(namespace, name), {}, options)

    def evict(self, pod: str, namespace: str, *, uid: str) -> None:
        """Evict the Pod of this uid. Raises ApiError, with code 429 where a budget forbids it."""
        body = eviction(pod) | {"deleteOptions": {"preconditions": {"uid": uid}}}
        path = f"{PODS.path(namespace, pod)}/eviction"
        self._connection.json("POST", path, {"fieldManager": FIELD_MANAGER}, body)

    def version(self) -> Object:
        """The response of /version: gitVersion, platform and more."""
        return failures.verify(self._connection.json("GET", "/version"), shapes.VERSION)

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
        """The lines of a container's log as they arrive, without their line ends.

        follow, previous, tail, timestamps and limit_bytes: as kubectl logs' flags; no more bytes
        are read than that, whatever the server sends. stop: ends the iteration from another
        thread, without an error.
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
                yield from lines if limit_bytes is None else _first_bytes(lines, limit_bytes)
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
        on_listed: Callable[[], None] = lambda: None,
    ) -> Iterator[WatchEvent]:
        """Every object that the selectors choose as ADDED, then every change to them, for ever.

        known: an object just read, from which the watch goes on instead of from a list. stop: ends
        the iteration from another thread. on_listed: called each time that all objects of a list
        have been told.

        A request that ends is followed by one from the last version seen. After 410 Gone the
        objects are listed again, and what differs is told as if it had been watched. A broken
        connection is told once, as LOST, and opened again after waits that grow. Raises ApiError
        for what waiting does not change, such as 403.
        """
        seen = {objects.uid(known): known} if known else {}
        version = objects.metadata(known or {}).get("resourceVersion", "")
        stop = stop or Stop(self.clock)
        outage = _Outage(stop, self.clock)
        while not stop.asked():
            begun = self.clock.monotonic()
            try:
                if not version:
                    listing = self.list(resource, namespace, labels=labels, fields=fields)
                    if not listing.resource_version:
                        raise failures.malformed("a list without a resourceVersion")
                    yield from _differences(seen, listing.items)
                    on_listed()
                    version = listing.resource_version
                query = _selectors(labels, fields) | {"resourceVersion": version}
                for event in self._watch_once(resource, namespace, query, outage, stop):
                    outage.end()
                    version = objects.metadata(event.object)["resourceVersion"]
                    if event.kind != "BOOKMARK":
                        _remember(seen, event)
                        yield event
                outage.pause(begun)
            except ApiError as error:
                if error.code == 410:
                    version = ""
                    outage.pause(begun)
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
        self,
        resource: Resource,
        namespace: str,
        query: Mapping[str, str],
        outage: _Outage,
        stop: Stop,
    ) -> Iterator[WatchEvent]:
        """The events of one request to watch; tells `outage` when it works."""
        import random  # not imported where nothing is watched

        query = {
            **query,
            "watch": "true",
            "allowWatchBookmarks": "true",
            # as client-go's reflectors: 5 to 10 minutes, so that clients do not come back at once
            "timeoutSeconds": str(random.randint(300, 600)),  # noqa: S311 -- no secret
        }
        opened = self.clock.monotonic()
        with self._connection.stream(resource.path(namespace), query, stop) as lines:
            line = ""
            try:
                for line in lines:
                    yield _watch_event(line, resource)
            finally:
                lasted = self.clock.monotonic() - opened >= SHORTEST_WATCH
                if lasted:
                    outage.end()  # the watch was open, though nothing happened
            if not line and not lasted:
                raise UnreachableError("watch closed before anything was sent", transient=True)


class _Outage:
    """The time in which a watch cannot be opened: when it began, how long the next wait is."""

    def __init__(self, stop: Stop, clock: Clock) -> None:
        self._stop = stop
        self._clock = clock
        self._short = 0
        self.end()

    def end(self) -> None:
        """The watch works: the next break is told again, and waited for shortly."""
        self._said = False
        self._down: float | None = None
        self._next = RETRY_FIRST

    def down(self) -> None:
        """The server did not answer at all."""
        self._down = self._clock.monotonic()

    def pause(self, begun: float) -> None:
        """Wait before a request that follows on one which has ended in order.

        begun: when that began. One that ends at once may do so now and then, as after 410; where
        it happens again and again, each wait is longer than the last.
        """
        self._short = self._short + 1 if self._clock.monotonic() - begun < SHORTEST_WATCH else 0
        if self._short > 1:
            self._stop.wait(min(RETRY_FIRST * 2 ** min(self._short - 2, _DOUBLINGS), RETRY_LAST))

    def passes(self, code: int) -> bool:
        """Whether a refusal with this status code may pass by itself.

        An API server that starts serves before its authorizer knows the rules, and so answers 401
        and 403 to who has rights.
        """
        settling = self._down is not None and self._clock.monotonic() - self._down < SETTLING
        return code == 429 or code >= 500 or (settling and code in (401, 403))

    def wait(self) -> Iterator[WatchEvent]:
        """Tell of the outage, if it has not been told, and wait until the next try."""
        if not self._said:
            self._said = True
            yield WatchEvent("LOST", {})
        self._stop.wait(self._next)
        self._next = min(self._next * 2, RETRY_LAST)


def eviction(pod: str) -> Object:
    """The Eviction of a Pod, to be posted to the Pod's subresource of that name."""
    return {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}


def _watch_event(line: str, resource: Resource) -> WatchEvent:
    """The event in a line of a watch. Raises ApiError for one of type ERROR."""
    event = failures.verify(failures.parsed(line), shapes.WATCH_EVENT)
    kind, found = event["type"], event["object"]
    if kind == "ERROR":
        failures.verify(found, shapes.STATUS)
        raise failures.api_error(found.get("code") or 500, found)
    failures.verify(found, shapes.BOOKMARK)
    if kind != "BOOKMARK":
        failures.verify(found, shapes.OBJECTS[resource.kind])
    return WatchEvent(kind, found)


def _first_bytes(lines: Iterator[str], limit: int) -> Iterator[str]:
    """The lines until so many bytes, line ends included, have been read."""
    for line in lines:
        text = line.encode()
        yield line if len(text) <= limit else text[:limit].decode("utf-8", "ignore")
        limit -= len(text) + 1
        if limit <= 0:
            return


def _selectors(labels: str, fields: str) -> dict[str, str]:
    query = {"labelSelector": labels, "fieldSelector": fields}
    return {key: value for key, value in query.items() if value}


def _remember(known: dict[str, Object], event: WatchEvent) -> None:
    if event.kind == "DELETED":
        known.pop(objects.uid(event.object), None)
    else:
        known[objects.uid(event.object)] = event.object


def _differences(known: dict[str, Object], items: list[Object]) -> Iterator[WatchEvent]:
    """The events a watch would have told between the known objects and these items.

    known: objects by uid; it is updated.
    """
    current = {objects.uid(item): item for item in items}
    for uid in [uid for uid in known if uid not in current]:
        yield WatchEvent("DELETED", known.pop(uid))
    for uid, item in current.items():
        before = known.get(uid)
        if before is None or _version(before) != _version(item):
            known[uid] = item
            yield WatchEvent("ADDED" if before is None else "MODIFIED", item)


def _version(obj: Object) -> tuple[object, object]:
    """What changes of an object whenever it is told anew.

    The creationTimestamp does where the clock of a practice cluster is moved.
    """
    metadata = objects.metadata(obj)
    return metadata.get("resourceVersion"), metadata.get("creationTimestamp")
