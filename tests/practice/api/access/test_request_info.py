"""What a request does, by its method and path."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from kubectl_joblab.practice.api.access import request_info
from kubectl_joblab.practice.api.access.policy_rules import Action
from kubectl_joblab.practice.api.errors import StatusError

NS = "/namespaces/n"
CASES: dict[str, Action] = {
    "GET /": Action("get", path="/", is_resource=False),
    "GET /api": Action("get", path="/api", is_resource=False),
    "GET /api/v1": Action("get", path="/api/v1", is_resource=False),
    "GET /apis/batch/v1": Action("get", path="/apis/batch/v1", is_resource=False),
    "POST /version/": Action("post", path="/version/", is_resource=False),
    "GET /api/v1/pods": Action("list", "", "pods"),
    "HEAD /api/v1/pods/": Action("list", "", "pods"),
    f"GET /api/v1{NS}/pods": Action("list", "", "pods", namespace="n"),
    f"GET /api/v1{NS}/pods/p": Action("get", "", "pods", namespace="n", name="p"),
    f"GET /api/v1{NS}/pods/p/log": Action("get", "", "pods", "log", "n", "p"),
    f"GET /api/v1{NS}/pods/p/proxy/a/b": Action("get", "", "pods", "proxy", "n", "p"),
    f"POST /apis/batch/v1{NS}/jobs": Action("create", "batch", "jobs", namespace="n"),
    f"PUT /apis/batch/v1{NS}/jobs/j": Action("update", "batch", "jobs", namespace="n", name="j"),
    f"PATCH /apis/batch/v1{NS}/jobs/j/status": Action("patch", "batch", "jobs", "status", "n", "j"),
    f"DELETE /api/v1{NS}/pods/p": Action("delete", "", "pods", namespace="n", name="p"),
    f"DELETE /api/v1{NS}/pods": Action("deletecollection", "", "pods", namespace="n"),
    "GET /api/v1/namespaces": Action("list", "", "namespaces"),
    "GET /api/v1/namespaces/n": Action("get", "", "namespaces", namespace="n", name="n"),
    "PUT /api/v1/namespaces/n/finalize": Action("update", "", "namespaces", "finalize", "n", "n"),
    "GET /api/v1/pods?watch=true": Action("watch", "", "pods"),
    "GET /api/v1/pods?watch": Action("list", "", "pods"),
    "GET /api/v1/pods?watch=false": Action("list", "", "pods"),
    "GET /api/v1/pods?fieldSelector=metadata.name=x": Action("list", "", "pods", name="x"),
    "GET /api/v1/pods?fieldSelector=spec.nodeName=n,metadata.name==x&watch=1": Action(
        "watch", "", "pods", name="x"
    ),
    "GET /api/v1/pods?fieldSelector=metadata.name!=x": Action("list", "", "pods"),
    "GET /api/v1/watch/pods": Action("watch", "", "pods"),
    f"GET /api/v1/watch{NS}/pods/p": Action("watch", "", "pods", namespace="n", name="p"),
    "OPTIONS /api/v1/pods": Action("", "", "pods"),
}


@pytest.mark.parametrize("line", CASES)
def test_a_request_does(line: str) -> None:
    assert _action(line) == CASES[line]


def _action(line: str) -> Action:
    method, _, target = line.partition(" ")
    path, _, query = target.partition("?")
    values = dict(parse_qsl(query, keep_blank_values=True))
    return request_info.of_request(method, path, lambda name: values.get(name, ""))


def test_a_watch_of_nothing_is_refused() -> None:
    with pytest.raises(StatusError) as refused:
        _action("GET /api/v1/watch")
    assert refused.value.code == 400
