"""A client that reads what bring_about.py has recorded, for a user who may not read all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from kubectl_joblab import clock, objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.resources import Client, Listing, Resource
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import diagnosis
from kubectl_joblab.evidence.diagnosis import Diagnosis
from kubectl_joblab.evidence.gather import Gatherer
from kubectl_joblab.objects import Object
from tests.causes.worlds import World

LOGS = "pods/log"


class Reader(Client):
    """Reads a world. denied: the plural name of what may not be read. asked: what was asked for."""

    def __init__(self, world: World, denied: str = "") -> None:
        self._world = world
        self._denied = denied
        self.asked: set[str] = set()
        self.clock = clock.SYSTEM

    @property
    def gatherer(self) -> Gatherer:
        """What reads by this client, and knows no records."""
        return Gatherer(self, lambda _: None)

    def diagnose(self) -> Diagnosis:
        """What is said of the Job or the CronJob that the world is about."""
        kind, _, name = self._world.data["target"].partition("/")
        look = diagnosis.job if kind == "job" else diagnosis.cron_job
        return look(self.gatherer, self._place, name)

    @property
    def _place(self) -> str:
        return str(self._world.data["namespace"])

    def now(self) -> datetime:
        return objects.time(self._world.data["now"]) or objects.FIRST

    def version(self) -> Object:
        return {"gitVersion": "v1.37.2"}

    def get(self, resource: Resource, name: str, namespace: str = "") -> Object:
        assert namespace in ("", self._place)
        for one in self._items(resource, "get"):
            if objects.name(one) == name:
                return one
        raise ApiError(404, {"reason": "NotFound", "message": f'"{name}" not found'}, "not found")

    def list(self, resource: Resource, namespace: str = "", **query: Any) -> Listing:
        assert namespace == self._place
        labels, keys = _pairs(query.get("labels", "")), _keys(query.get("labels", ""))
        fields = _pairs(query.get("fields", ""))
        found = [
            one
            for one in self._items(resource, "list")
            if labels.items() <= objects.labels(one).items()
            and keys <= objects.labels(one).keys()
            and all(str(objects.field(one, path)) == value for path, value in fields.items())
        ]
        return Listing(found, "")

    def pages(self, resource: Resource, namespace: str = "", **query: Any) -> Iterator[Listing]:
        yield self.list(resource, namespace, **query)

    def logs(
        self, pod: str, namespace: str, container: str, *, previous: bool = False, **_: Any
    ) -> Iterator[str]:
        assert namespace == self._place
        self._ask(LOGS, "get")
        yield from self._world.data["logs"].get(
            f"{pod}/{container}{'/previous' if previous else ''}", []
        )

    def _items(self, resource: Resource, verb: str) -> Sequence[Object]:
        self._ask(resource.plural, verb)
        key = "claims" if resource is resources.CLAIMS else resource.plural
        found: Sequence[Object] = self._world.data.get(key, [])
        return found

    def _ask(self, what: str, verb: str) -> None:
        self.asked.add(what)
        if what == self._denied:
            said = (
                f'{what} is forbidden: User "ana" cannot {verb} resource "{what}" in API group ""'
                f' in the namespace "{self._place}"'
            )
            raise ApiError(403, {"reason": "Forbidden", "message": said}, said)


def _pairs(selector: str) -> dict[str, str]:
    return dict(one.split("=", 1) for one in selector.split(",") if "=" in one)


def _keys(selector: str) -> set[str]:
    return {one for one in selector.split(",") if one and "=" not in one}
