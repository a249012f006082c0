"""Numbers, quantities and times at their extremes, wherever a client can send one.

Codes and messages are those of a Kubernetes 1.37.2 API server, asked the same; where upstream
counts with numbers of a thousand million digits, what it accepts is accepted here at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api.served import Served

NAMESPACE = "/api/v1/namespaces/default"
PODS = f"{NAMESPACE}/pods"
JOBS = "/apis/batch/v1/namespaces/default/jobs"
DIGITS = "9" * 5000
RANGE = "value out of range"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the namespace default and a Pod kept in it."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        server.make(kinds.PODS, pod("kept"), "default")
        yield server


def pod(name: str, amounts: Object | None = None, limits: Object | None = None) -> Object:
    resources = {"requests": amounts or {}, "limits": limits or {}}
    container = {"name": "main", "image": "busybox", "resources": resources}
    spec = {"restartPolicy": "Never", "containers": [container], "nodeName": "node1"}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name}, "spec": spec}


@pytest.mark.parametrize(
    ("written", "served_as"),
    [
        ("1e30", "1e30"),
        ("1e1000", "10e999"),
        ("1e50000", "100e49998"),
        ("1e999999999", "1e999999999"),
        ("1E2147483646", "1E2147483646"),
        ("1e-999999999", "1e-3"),
        ("99999999999999999999999999", "99999999999999999999999999"),
    ],
)
@pytest.mark.parametrize("name", ["cpu", "memory", "example.com/gpu", "hugepages-2Mi"])
def test_a_quantity_of_any_size_is_taken(
    served: Served, name: str, written: str, served_as: str
) -> None:
    if name in ("example.com/gpu", "hugepages-2Mi") and "e-" in written:
        pytest.skip("a fraction of it is refused")
    limits = {name: written, "cpu": "1"} if "-" in name or "/" in name else {}
    reply = served.request("POST", f"{PODS}?dryRun=All", pod("p", {name: written}, limits))
    if name == "hugepages-2Mi" and written.startswith("9"):
        assert reply.code in (201, 422)
        return
    assert reply.code == 201, reply.message
    container = reply.json["spec"]["containers"][0]
    assert container["resources"]["requests"][name] == served_as


@pytest.mark.parametrize("written", ["-1e1000", "-1e999999999", "-1e-999999999"])
def test_a_quantity_below_nothing_is_refused_whatever_its_size(
    served: Served, written: str
) -> None:
    reply = served.request("POST", PODS, pod("p", {"cpu": written}))
    assert reply.code == 422
    assert "must be greater than or equal to 0" in reply.message


def test_requests_are_compared_with_limits_whatever_their_size(served: Served) -> None:
    reply = served.request("POST", PODS, pod("p", {"cpu": "1e999999999"}, {"cpu": "1e999999996"}))
    assert (reply.code, reply.message.rpartition("requests: ")[2]) == (
        422,
        'Invalid value: "1e999999999": must be less than or equal to cpu limit of 1e999999996',
    )


def test_what_all_containers_ask_for_is_added_up_whatever_its_size(served: Served) -> None:
    body = pod("p", {"cpu": "1e999999999", "memory": "1e999999999"})
    body["spec"]["containers"].append({**body["spec"]["containers"][0], "name": "other"})
    body["spec"]["resources"] = {"requests": {"cpu": "1", "memory": "1"}}
    reply = served.request("POST", PODS, body)
    assert reply.code == 422
    assert "must be greater than or equal to aggregate container requests" in reply.message


QUERIES = {
    f"{PODS}?resourceVersion={DIGITS}": (
        400,
        f'invalid resource version: resourceVersion: Invalid value: "{DIGITS}": '
        f'strconv.ParseUint: parsing "{DIGITS}": {RANGE}',
    ),
    f"{PODS}?resourceVersion=18446744073709551616": (
        400,
        'invalid resource version: resourceVersion: Invalid value: "18446744073709551616": '
        f'strconv.ParseUint: parsing "18446744073709551616": {RANGE}',
    ),
    f"{PODS}?watch=1&resourceVersion={DIGITS}": (
        500,
        f'resourceVersion: Invalid value: "{DIGITS}": '
        f'strconv.ParseUint: parsing "{DIGITS}": {RANGE}',
    ),
    f"{PODS}?limit={DIGITS}": (400, f'strconv.ParseInt: parsing "{DIGITS}": {RANGE}'),
    f"{PODS}?limit=9223372036854775808": (
        400,
        f'strconv.ParseInt: parsing "9223372036854775808": {RANGE}',
    ),
    f"{PODS}?timeoutSeconds={DIGITS}": (400, f'strconv.ParseInt: parsing "{DIGITS}": {RANGE}'),
    f"{PODS}/kept/log?sinceSeconds={DIGITS}": (
        400,
        f'strconv.ParseInt: parsing "{DIGITS}": {RANGE}',
    ),
    f"{PODS}?labelSelector=a%3E99999999999999999999": (
        400,
        'unable to parse requirement: values[0]: Invalid value: "99999999999999999999": '
        "for 'Gt', 'Lt' operators, the value must be an integer",
    ),
}


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path[:70])
def test_a_number_that_no_option_can_hold_is_refused(served: Served, path: str) -> None:
    reply = served.get(path)
    assert (reply.code, reply.message) == QUERIES[path]


def test_a_resource_version_that_no_update_can_have_is_refused(served: Served) -> None:
    whole = served.get(f"{PODS}/kept").json
    whole["metadata"]["resourceVersion"] = DIGITS
    reply = served.request("PUT", f"{PODS}/kept", whole)
    assert reply.code == 500
    assert reply.message == f'strconv.ParseUint: parsing "{DIGITS}": {RANGE}'


def test_an_index_that_no_list_has_ends_a_patch(served: Served) -> None:
    patch = [{"op": "remove", "path": f"/spec/containers/{DIGITS}"}]
    headers = {"Content-Type": "application/json-patch+json"}
    assert served.request("PATCH", f"{PODS}/kept", patch, headers).code == 422


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" * 4500, "1e308", "1.5"])
@pytest.mark.parametrize("media", ["merge-patch", "strategic-merge-patch"])
def test_a_number_that_no_field_can_hold_is_refused(
    served: Served, media: str, number: str
) -> None:
    body = f'{{"spec":{{"activeDeadlineSeconds":{number}}}}}'.encode()
    reply = served.request(
        "PATCH", f"{PODS}/kept", body, {"Content-Type": f"application/{media}+json"}
    )
    assert reply.code in (400, 422)
    assert served.is_healthy()


@pytest.mark.parametrize("field", ["completedIndexes", "failedIndexes"])
def test_an_index_that_no_job_has_is_refused(served: Served, field: str) -> None:
    template = {"spec": pod("j")["spec"]}
    del template["spec"]["nodeName"]
    spec = {"completionMode": "Indexed", "completions": 3, "parallelism": 1, "template": template}
    body = {"kind": "Job", "apiVersion": "batch/v1", "metadata": {"name": field.lower()}}
    assert served.request("POST", JOBS, {**body, "spec": spec}).code == 201
    change = {"status": {field: DIGITS}}
    headers = {"Content-Type": "application/merge-patch+json"}
    reply = served.request("PATCH", f"{JOBS}/{field.lower()}/status", change, headers)
    assert reply.code == 422, reply.message


def test_a_deletion_cost_of_any_length_is_refused(served: Served) -> None:
    body = pod("p")
    key = "controller.kubernetes.io/pod-deletion-cost"
    for cost, code in ((DIGITS, 422), ("2147483648", 422), ("-2147483648", 201)):
        body["metadata"]["annotations"] = {key: cost}
        assert served.request("POST", f"{PODS}?dryRun=All", body).code == code
