"""A server with Jobs, Pods and events to list, for commands whose requests have no fixed order.

tests/evidence and tests/cli use it. Of selectors it knows those that joblab sends.
"""

from __future__ import annotations

import re

from kubectl_joblab.objects import Object
from tests.api_server import Answer, Request, Server, Step


class Cluster(Server):
    """A server that lists its `jobs` and `pods` by the selectors of joblab's lists.

    logs: by the names of Pods. refused: the plural names of resources that nobody may list.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self.jobs: list[Object] = []
        self.pods: list[Object] = []
        self.logs: dict[str, str] = {}
        self.refused: set[str] = set()

    def next_step(self, request: Request) -> Step:
        """Answer by the target of the request, whatever was requested before."""
        self.requests.append(request)
        if request.path in self.refused:
            return Answer({"kind": "Status", "reason": "Forbidden", "message": "no"}, 403)
        if log := re.fullmatch(r".*/pods/(.*)/log", request.path):
            return Answer(self.logs[log[1]])
        if "limit" not in request.query:
            return self._one(request)
        kind = request.path.rpartition("/")[2]
        items = {"jobs": self.jobs, "pods": self.pods}.get(kind, [])
        if space := re.search(r"/namespaces/([^/]+)/", request.path):
            items = [item for item in items if item["metadata"]["namespace"] == space[1]]
        found = [item for item in items if chosen(item, request.query)]
        start = int(request.query.get("continue", 0))
        end = start + int(request.query["limit"])
        more = {"continue": str(end)} if end < len(found) else {}
        return Answer({"items": found[start:end], "metadata": {"resourceVersion": "9", **more}})

    def _one(self, request: Request) -> Answer:
        """The object that a path names, or that there is none."""
        found = re.fullmatch(r".*/namespaces/([^/]+)/(\w+)/([^/]+)", request.path)
        namespace, kind, name = found.groups() if found else ("", "", "")
        for item in {"jobs": self.jobs, "pods": self.pods}.get(kind, []):
            if (item["metadata"]["namespace"], item["metadata"]["name"]) == (namespace, name):
                return Answer(item)
        return Answer({"kind": "Status", "reason": "NotFound", "message": "no"}, 404)


def chosen(item: Object, query: dict[str, str]) -> bool:
    """Whether the selectors in the query of a list choose this object."""
    labels = item["metadata"].get("labels", {})
    if name := query.get("fieldSelector", "").removeprefix("metadata.name="):
        return bool(item["metadata"]["name"] == name)
    if several := re.fullmatch(r"(\S+) in \((.*)\)", query.get("labelSelector", "")):
        return labels.get(several[1]) in several[2].split(",")
    key, equals, value = query.get("labelSelector", "").partition("=")
    if not equals:
        return not key or key in labels
    return bool(labels.get(key) == value)
