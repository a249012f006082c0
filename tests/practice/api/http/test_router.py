"""Requests and their answers: what is found where, what is refused and with which words.

Codes and messages are those of a Kubernetes 1.37.2 API server, asked the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api.served import Reply, Served

NAMESPACE = "/api/v1/namespaces/default"
MAPS = f"{NAMESPACE}/configmaps"
PODS = f"{NAMESPACE}/pods"
JOBS = "/apis/batch/v1/namespaces/default/jobs"
NO_RESOURCE = "the server could not find the requested resource"
NO_METHOD = "the server does not allow this method on the requested resource"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


def config_map(name: str, **more: Any) -> dict[str, Any]:
    """A ConfigMap as a client sends it."""
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name}, **more}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the namespaces default and other, and a ConfigMap nobody changes."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        for name in ("default", "other"):
            server.make_namespace(name)
        server.make(kinds.CONFIG_MAPS, config_map("kept", data={"a": "b"}), "default")
        yield server


# ---- places

MISSING = {
    "/api/v1/nope": NO_RESOURCE,
    "/api/v2": NO_RESOURCE,
    "/api/v2/pods": NO_RESOURCE,
    "/apis/batch/v9": NO_RESOURCE,
    "/apis/batch/v9/jobs": NO_RESOURCE,
    "/apis/batch/v1/jobs/x": NO_RESOURCE,
    "/api/v1/pods/x": NO_RESOURCE,
    "/api/v1/namespaces/default/nodes": NO_RESOURCE,
    f"{JOBS}/nope": 'jobs.batch "nope" not found',
    f"{JOBS}/nope/status": 'jobs.batch "nope" not found',
    f"{JOBS}/nope/zzz": NO_RESOURCE,
    f"{JOBS}/nope/status/x": NO_RESOURCE,
    f"{PODS}/nope/log": 'pods "nope" not found',
    f"{PODS}/a%2Fb": NO_RESOURCE,
    f"{PODS}/x/y/z": NO_RESOURCE,
    "/api//v1/namespaces": NO_RESOURCE,
    "/api/v1//namespaces": NO_RESOURCE,
    "/api/v1/../v1/namespaces": NO_RESOURCE,
    "/api/v1/namespaces/default/../../pods": NO_RESOURCE,
    "/api/v1/namespaces/%00": 'namespaces "\x00" not found',
    "/api/v1/namespaces/a%ffb": 'namespaces "a\ufffdb" not found',
    "/api/v1/namespaces/" + "x" * 5000: 'namespaces "' + "x" * 5000 + '" not found',
}
PAGES: tuple[str, ...] = (
    "/nope",
    "/openapi",
    "/openapi/v2/x",
    "/swagger.json",
    "/API/v1",
    "//api/v1/namespaces",
)
PAGES += ("/apis/nope", "/apis/nope/v1", "/apis/nope/v1/foos", "/healthz/nope", "/metrics")


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    reply = served.get(path)
    assert (reply.code, reply.message) == (404, MISSING[path])
    assert reply.json["reason"] == "NotFound"


@pytest.mark.parametrize("path", PAGES)
def test_a_path_of_no_api_is_a_page_not_found(served: Served, path: str) -> None:
    reply = served.get(path)
    assert (reply.code, reply.body) == (404, b"404 page not found\n")
    assert reply.all("Content-Type") == ["text/plain; charset=utf-8"]


NAMES = {
    f"{PODS}/..": "Name parameter invalid: \"..\": may not be '..'",
    f"{PODS}/.": "Name parameter invalid: \".\": may not be '.'",
    f"{PODS}/a%25b": "Name parameter invalid: \"a%b\": may not contain '%'",
    f"{PODS}/a%zz": 'invalid URL escape "%zz"',
    f"{PODS}/a%": 'invalid URL escape "%"',
}


@pytest.mark.parametrize("path", NAMES)
def test_a_name_that_no_path_may_have_is_refused(served: Served, path: str) -> None:
    reply = served.get(path)
    assert (reply.code, reply.message) == (400, NAMES[path])


METHODS = [
    ("DELETE", "/api/v1/namespaces"),
    ("DELETE", "/api/v1/configmaps"),
    ("POST", "/api/v1/configmaps"),
    ("PUT", MAPS),
    ("PATCH", MAPS),
    ("OPTIONS", MAPS),
    ("HEAD", MAPS),
    ("POST", f"{MAPS}/kept"),
    ("POST", f"{PODS}/x/log"),
    ("PUT", f"{PODS}/x/binding"),
    ("DELETE", f"{PODS}/x/status"),
    ("GET", "/api/v1/namespaces/default/finalize"),
    ("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
    ("POST", "/version"),
]


@pytest.mark.parametrize(("method", "path"), METHODS)
def test_a_method_that_a_place_does_not_have_is_refused(
    served: Served, method: str, path: str
) -> None:
    reply = served.request(method, path)
    assert reply.code == 405
    assert method == "HEAD" or reply.message == NO_METHOD


def test_a_list_of_a_namespace_that_is_not_there_is_empty(served: Served) -> None:
    reply = served.get("/api/v1/namespaces/nope/pods")
    assert (reply.code, reply.json["kind"], reply.json["items"]) == (200, "PodList", [])


# ---- documents


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/livez", "/livez/ping", "/readyz/"])
def test_whoever_is_answered_is_told_that_all_is_well(served: Served, path: str) -> None:
    reply = served.request("GET", path)
    assert (reply.code, reply.body) == (200, b"ok")


def test_readyz_says_more_when_asked(served: Served) -> None:
    assert served.get("/readyz?verbose").body == b"[+]ping ok\nreadyz check passed\n"


DOCUMENTS = {
    "/version": ("minor", "37"),
    "/api": ("kind", "APIVersions"),
    "/api/": ("kind", "APIVersions"),
    "/api/v1": ("kind", "APIResourceList"),
    "/apis": ("kind", "APIGroupList"),
    "/apis/batch": ("kind", "APIGroup"),
    "/apis/batch/v1": ("groupVersion", "batch/v1"),
}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_the_api_says_what_it_is(served: Served, path: str) -> None:
    key, value = DOCUMENTS[path]
    reply = served.get(path)
    assert (reply.code, reply.json[key]) == (200, value)
    assert reply.all("Content-Type") == ["application/json"]


def test_the_root_lists_paths_that_are_all_served(served: Served) -> None:
    paths = served.get("/").json["paths"]
    assert {"/api/v1", "/apis/batch/v1", "/version"} <= set(paths)
    assert {served.get(path).code for path in paths} == {200}


AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@pytest.mark.parametrize("path", ["/api", "/apis"])
def test_all_of_discovery_comes_at_once_and_only_when_it_is_new(served: Served, path: str) -> None:
    accept = {"Accept": f"{AGGREGATED},application/json"}
    reply = served.request("GET", path, headers=accept)
    assert reply.json["kind"] == "APIGroupDiscoveryList"
    assert reply.all("Content-Type") == [AGGREGATED]
    (etag,) = reply.all("ETag")
    again = served.request("GET", path, headers={**accept, "If-None-Match": etag})
    assert (again.code, again.body) == (304, b"")


# ---- creating

BODIES: dict[str, tuple[bytes, str, int, str]] = {
    "half an object": (
        b"{",
        "application/json",
        400,
        "the object provided is unrecognized (must be of type ConfigMap): couldn't get "
        "version/kind; json parse error: unexpected end of JSON input ({)",
    ),
    "nothing": (
        b"",
        "application/json",
        400,
        "the object provided is unrecognized (must be of type ConfigMap): couldn't get "
        "version/kind; json parse error: unexpected end of JSON input (<empty>)",
    ),
    "another kind": (
        b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"}}',
        "application/json",
        400,
        'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to '
        "(core.ConfigMap): unknown conversion",
    ),
    "no name": (
        b"{}",
        "application/json; charset=utf-16",
        422,
        'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ),
    "another namespace": (
        b'{"metadata":{"name":"x","namespace":"other"}}',
        "application/json",
        400,
        "the namespace of the provided object does not match the namespace sent on the request",
    ),
    "XML": (
        b"<a/>",
        "application/xml",
        415,
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json, application/yaml, application/vnd.kubernetes.protobuf",
    ),
    "no protobuf": (
        b"zzzzzzzzzzz",
        "application/vnd.kubernetes.protobuf",
        400,
        "the object provided is unrecognized (must be of type ConfigMap): provided data does not "
        "appear to be a protobuf message, expected prefix [107 56 115 0] (7a7a7a7a7a7a7a7a7a7a7a)",
    ),
    "broken protobuf": (
        b"k8s\x00\x0a\x10\xff\xff\xff",
        "application/vnd.kubernetes.protobuf",
        400,
        "the object provided is unrecognized (must be of type ConfigMap): unexpected EOF "
        "(6b3873000a10ffffff)",
    ),
    "far too deep": (
        b'{"data":' + b"[" * 200_000,
        "application/json",
        400,
        "the object provided is unrecognized (must be of type ConfigMap): couldn't get "
        "version/kind; json parse error: invalid character '[' exceeded max depth "
        '({"data":[[[[[[[[[[[[[[[[[[[[[[ ...)',
    ),
}


@pytest.mark.parametrize(("body", "kind", "code", "message"), BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_object_is_refused(
    served: Served, body: bytes, kind: str, code: int, message: str
) -> None:
    reply = served.request("POST", MAPS, body, {"Content-Type": kind})
    assert (reply.code, reply.message) == (code, message)


def test_an_object_is_created(served: Served) -> None:
    reply = served.request("POST", MAPS, config_map("made", data={"k": "v"}))
    assert reply.code == 201
    made = reply.json
    assert (made["kind"], made["apiVersion"], made["data"]) == ("ConfigMap", "v1", {"k": "v"})
    assert made["metadata"]["namespace"] == "default"
    again = served.request("POST", MAPS, config_map("made"))
    assert (again.code, again.message) == (409, 'configmaps "made" already exists')


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b'{"metadata":{"name":"typeless"}}', None, id="JSON where nothing is said"),
        pytest.param(b"metadata: {name: yaml}", "application/yaml", id="YAML"),
        pytest.param(b'{"metadata":{"name":"utf"},"data":{"a":"\xff"}}', None, id="bad UTF-8"),
    ],
)
def test_a_body_may_come_in_several_forms(served: Served, body: bytes, kind: str | None) -> None:
    reply = served.request("POST", MAPS, body, {"Content-Type": kind} if kind else {})
    assert (reply.code, reply.json["kind"]) == (201, "ConfigMap")


def test_a_dry_run_creates_nothing(served: Served) -> None:
    reply = served.request("POST", f"{MAPS}?dryRun=All", config_map("dry"))
    assert (reply.code, reply.json["metadata"]["name"]) == (201, "dry")
    assert served.get(f"{MAPS}/dry").code == 404


OPTIONS = {
    "fieldValidation=Zzz": 'fieldValidation: Unsupported value: "Zzz": supported values: "", '
    '"Ignore", "Strict", "Warn"',
    "dryRun=zzz": 'dryRun: Unsupported value: ["zzz"]: supported values: "All"',
    "fieldManager=%01": 'fieldManager: Invalid value: "\\x01": invalid character U+0001 '
    "(at position 0)",
    "fieldManager=" + "m" * 129: "fieldManager: Too long: may not be more than 128 bytes",
}


@pytest.mark.parametrize("query", OPTIONS)
def test_options_that_are_none_are_refused(served: Served, query: str) -> None:
    reply = served.request("POST", f"{MAPS}?{query}", config_map("x"))
    assert reply.code == 422
    assert reply.message == f'CreateOptions.meta.k8s.io "" is invalid: {OPTIONS[query]}'


ODD = b'{"metadata":{"name":"odd","a\\"b":1},"zz":1,"data":{"a":"b","a":"c"}}'


def test_what_is_odd_about_a_body_is_warned_of(served: Served) -> None:
    reply = served.request("POST", f"{MAPS}?dryRun=All", ODD)
    assert reply.code == 201
    assert reply.all("Warning") == [
        '299 - "unknown field \\"metadata.a\\\\\\"b\\""',
        '299 - "unknown field \\"zz\\""',
        '299 - "duplicate field \\"data.a\\""',
    ]


def test_what_is_odd_about_a_body_is_refused_where_that_is_wished(served: Served) -> None:
    reply = served.request("POST", f"{MAPS}?fieldValidation=Strict", ODD)
    assert reply.code == 400
    assert reply.message == (
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: '
        'unknown field "metadata.a\\"b", unknown field "zz", duplicate field "data.a"'
    )
    assert served.request("POST", f"{MAPS}?fieldValidation=Ignore&dryRun=All", ODD).code == 201


# ---- reading


def test_an_object_is_given_in_the_form_asked_for(served: Served) -> None:
    path = f"{MAPS}/kept"
    plain, table, partial = (served.get(path, form).json for form in ("*/*", TABLE, PARTIAL))
    assert plain["data"] == {"a": "b"}
    assert (table["kind"], table["rows"][0]["cells"][:2]) == ("Table", ["kept", 1])
    assert table["metadata"] == {"resourceVersion": plain["metadata"]["resourceVersion"]}
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    assert (partial["kind"], "data" in partial) == ("PartialObjectMetadata", False)
    assert served.get(f"{path}?includeObject=None", TABLE).json["rows"][0]["object"] is None


def test_a_list_is_given_in_the_form_asked_for(served: Served) -> None:
    path = f"{MAPS}?fieldSelector=metadata.name%3Dkept"
    plain, table, partial = (served.get(path, form).json for form in ("", TABLE, PARTIAL_LIST))
    assert (plain["kind"], [item["data"] for item in plain["items"]]) == (
        "ConfigMapList",
        [{"a": "b"}],
    )
    assert "kind" not in plain["items"][0]
    assert [row["cells"][0] for row in table["rows"]] == ["kept"]
    assert partial["items"][0]["kind"] == "PartialObjectMetadata"


REFUSED_FORMS = {
    "XML": (f"{MAPS}/kept", "application/xml", 406, "406: Not Acceptable"),
    "an unknown form": (
        f"{MAPS}/kept",
        "application/json;as=Zzz;v=v1;g=meta.k8s.io",
        406,
        "only the following media types are accepted",
    ),
    "the metadata of one where there is a list": (
        MAPS,
        PARTIAL,
        406,
        "you requested PartialObjectMetadata, but the requested object is a list "
        "(*core.ConfigMapList)",
    ),
    "rows with something else": (
        f"{MAPS}/kept?includeObject=Zzz",
        TABLE,
        400,
        "Unable to convert to Table as requested: includeObject: Invalid value",
    ),
    "rows of something else in a watch": (
        f"{MAPS}?watch=1&includeObject=Zzz",
        TABLE,
        400,
        "Unable to convert to Table as requested: includeObject: Invalid value",
    ),
}


@pytest.mark.parametrize(
    ("path", "accept", "code", "message"), REFUSED_FORMS.values(), ids=REFUSED_FORMS
)
def test_a_form_that_cannot_be_had_is_refused(
    served: Served, path: str, accept: str, code: int, message: str
) -> None:
    reply = served.get(path, accept)
    assert reply.code == code
    assert reply.message.startswith(message)


def test_people_get_json_with_lines(served: Served) -> None:
    plain = served.get(f"{MAPS}/kept").body
    assert plain.count(b"\n") == 1
    pretty = served.request("GET", f"{MAPS}/kept", headers={"User-Agent": "curl/8.0"}).body
    assert pretty.startswith(b'{\n  "kind"')
    assert served.get(f"{MAPS}/kept?pretty=1").body == pretty


def test_a_list_comes_in_pages(served: Served) -> None:
    for index in range(3):
        served.make(kinds.SECRETS, {"metadata": {"name": f"s{index}"}}, "default")
    path, names = f"{NAMESPACE}/secrets", []
    token = ""
    while True:
        page = served.get(f"{path}?limit=2&continue={token}").json
        names += [item["metadata"]["name"] for item in page["items"]]
        token = page["metadata"].get("continue", "")
        if not token:
            break
        assert page["metadata"]["remainingItemCount"] == 1
    assert names == ["s0", "s1", "s2"]


LISTS: dict[str, tuple[int, str]] = {
    "limit=x": (400, 'strconv.ParseInt: parsing "x": invalid syntax'),
    "limit=": (400, 'strconv.ParseInt: parsing "": invalid syntax'),
    "limit=99999999999999999999": (
        400,
        'strconv.ParseInt: parsing "99999999999999999999": value out of range',
    ),
    "watch=1&timeoutSeconds=x": (400, 'strconv.ParseInt: parsing "x": invalid syntax'),
    "labelSelector=%3D%3D": (400, "found '==', expected: !, identifier, or 'end of string'"),
    "fieldSelector=foo%3Dbar": (400, "field label not supported: foo"),
    "resourceVersion=abc": (
        400,
        'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: '
        'parsing "abc": invalid syntax',
    ),
    "watch=1&resourceVersion=abc": (
        500,
        'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    ),
    "resourceVersionMatch=Exact": (
        422,
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless "
        "resourceVersion is provided",
    ),
    "resourceVersionMatch=Foo&resourceVersion=1": (
        422,
        'resourceVersionMatch: Unsupported value: "Foo": supported values: "Exact", '
        '"NotOlderThan", ""',
    ),
    "resourceVersionMatch=Exact&resourceVersion=0": (
        422,
        'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for '
        'resourceVersion "0"',
    ),
    "sendInitialEvents=true": (
        422,
        "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list",
    ),
    "watch=1&sendInitialEvents=true": (
        422,
        "resourceVersionMatch: Forbidden: sendInitialEvents requires setting "
        "resourceVersionMatch to NotOlderThan",
    ),
    "watch=1&resourceVersionMatch=NotOlderThan": (
        422,
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless "
        "sendInitialEvents is provided",
    ),
    "watch=1&sendInitialEvents=true&resourceVersionMatch=Exact": (
        422,
        "[resourceVersionMatch: Forbidden: sendInitialEvents requires setting "
        "resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: "
        '"Exact": supported values: "NotOlderThan"]',
    ),
    "watch=1&continue=x": (
        422,
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is "
        "provided",
    ),
}


@pytest.mark.parametrize("query", LISTS)
def test_a_list_that_makes_no_sense_is_refused(served: Served, query: str) -> None:
    code, why = LISTS[query]
    reply = served.get(f"{PODS}?{query}")
    prefix = 'ListOptions.meta.k8s.io "" is invalid: ' if code == 422 else ""
    assert (reply.code, reply.message) == (code, prefix + why)


@pytest.mark.parametrize("query", ["limit=-1", "%zz", "pretty=1", "a=b;c=d", "watch=false&x=%"])
def test_what_a_query_says_beside_it_is_passed_over(served: Served, query: str) -> None:
    assert served.get(f"{PODS}?{query}").json["kind"] == "PodList"


# ---- changing


def put(served: Served, name: str, body: object, query: str = "") -> Reply:
    """Replace a ConfigMap."""
    return served.request("PUT", f"{MAPS}/{name}{query}", body)


def test_an_object_is_replaced(served: Served) -> None:
    made = served.make(kinds.CONFIG_MAPS, config_map("replaced"), "default")
    version = made["metadata"]["resourceVersion"]
    reply = put(served, "replaced", config_map("replaced", data={"new": "1"}))
    assert (reply.code, reply.json["data"]) == (200, {"new": "1"})
    stale = config_map("replaced")
    stale["metadata"]["resourceVersion"] = version
    conflict = put(served, "replaced", stale)
    assert (conflict.code, conflict.json["reason"]) == (409, "Conflict")


UPDATES = {
    "another name": (
        "kept",
        config_map("b"),
        400,
        "the name of the object (b) does not match the name on the URL (kept)",
    ),
    "no name": (
        "kept",
        {"metadata": {}},
        400,
        "the name of the object (kept based on URL) was undeterminable: name must be provided",
    ),
    "another namespace": (
        "kept",
        {"metadata": {"name": "kept", "namespace": "z"}},
        400,
        "the namespace of the provided object does not match the namespace sent on the request",
    ),
    "no such object": ("nope", config_map("nope"), 404, 'configmaps "nope" not found'),
}


@pytest.mark.parametrize(("name", "body", "code", "message"), UPDATES.values(), ids=UPDATES)
def test_an_update_of_something_else_is_refused(
    served: Served, name: str, body: object, code: int, message: str
) -> None:
    reply = put(served, name, body)
    assert (reply.code, reply.message) == (code, message)


def patched(served: Served, name: str, form: str, body: bytes, query: str = "") -> Reply:
    """Patch a ConfigMap."""
    kind = {"Content-Type": f"application/{form}"}
    return served.request("PATCH", f"{MAPS}/{name}{query}", body, kind)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("merge-patch+json", b'{"data":{"b":"2"}}'),
        ("merge-patch+json; charset=utf-8", b'{"data":{"b":"2"}}'),
        ("strategic-merge-patch+json", b'{"data":{"b":"2"}}'),
        ("json-patch+json", b'[{"op":"add","path":"/data/b","value":"2"}]'),
    ],
)
def test_an_object_is_patched_in_each_way(served: Served, form: str, body: bytes) -> None:
    served.make(kinds.CONFIG_MAPS, config_map("patched", data={"a": "1"}), "default")
    reply = patched(served, "patched", form, body)
    assert (reply.code, reply.json["data"]) == (200, {"a": "1", "b": "2"})
    assert served.request("DELETE", f"{MAPS}/patched").code == 200


def test_an_object_is_applied_by_the_server(served: Served) -> None:
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {a: b}\n"
    query = "?fieldManager=me"
    codes = [
        patched(served, "applied", "apply-patch+yaml", body, query).code for _ in ("first", "again")
    ]
    assert codes == [201, 200]
    assert served.get(f"{MAPS}/applied").json["data"] == {"a": "b"}


PATCHES = {
    "no kind of patch": ("json", b"{}", "", 415, "415: Unsupported Media Type"),
    "half a patch": ("merge-patch+json", b"{", "", 400, "invalid JSON patch"),
    "no patch": ("merge-patch+json", b"", "", 400, "invalid JSON patch"),
    "a list that merges": (
        "merge-patch+json",
        b"[]",
        "",
        400,
        "error decoding patch: json: cannot unmarshal array into Go value of type "
        "map[string]interface {}",
    ),
    "an object of operations": (
        "json-patch+json",
        b"{}",
        "",
        400,
        "error decoding patch: json: cannot unmarshal object into Go value of type "
        "[]handlers.jsonPatchOp",
    ),
    "force without apply": (
        "merge-patch+json",
        b"{}",
        "?force=true",
        422,
        'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for '
        "non-apply patch",
    ),
    "apply by nobody": (
        "apply-patch+yaml",
        b"{}",
        "",
        422,
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for '
        "apply patch",
    ),
    "apply of no YAML": (
        "apply-patch+yaml",
        b"a: [",
        "?fieldManager=x",
        400,
        "error decoding YAML",
    ),
}


@pytest.mark.parametrize(("form", "body", "query", "code", "why"), PATCHES.values(), ids=PATCHES)
def test_what_is_no_patch_is_refused(
    served: Served, form: str, body: bytes, query: str, code: int, why: str
) -> None:
    reply = patched(served, "kept", form, body, query)
    assert reply.code == code
    assert reply.message.startswith(why)


def test_an_unknown_field_of_a_patch_is_warned_of(served: Served) -> None:
    reply = patched(served, "kept", "merge-patch+json", b'{"zz":1}', "?dryRun=All")
    assert (reply.code, reply.all("Warning")) == (200, ['299 - "unknown field \\"zz\\""'])


# ---- deleting


def test_what_is_gone_is_answered_with_a_status(served: Served) -> None:
    made = served.make(kinds.CONFIG_MAPS, config_map("gone"), "default")
    reply = served.request("DELETE", f"{MAPS}/gone")
    assert (reply.code, reply.json) == (
        200,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": {"name": "gone", "kind": "configmaps", "uid": made["metadata"]["uid"]},
        },
    )
    assert served.request("DELETE", f"{MAPS}/gone").code == 404


def test_what_waits_for_a_finalizer_is_answered_with_the_object(served: Served) -> None:
    body = config_map("held")
    body["metadata"]["finalizers"] = ["example.com/hold"]
    served.make(kinds.CONFIG_MAPS, body, "default")
    reply = served.request("DELETE", f"{MAPS}/held")
    assert (reply.code, reply.json["kind"]) == (200, "ConfigMap")
    assert "deletionTimestamp" in reply.json["metadata"]
    freed = patched(served, "held", "merge-patch+json", b'{"metadata":{"finalizers":null}}')
    assert freed.code == 200
    assert served.get(f"{MAPS}/held").code == 404


def test_a_service_account_is_answered_with_even_when_it_is_gone(served: Served) -> None:
    served.make(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "sa"}}, "default")
    reply = served.request("DELETE", f"{NAMESPACE}/serviceaccounts/sa")
    assert (reply.code, reply.json["kind"]) == (200, "ServiceAccount")


DELETES: dict[str, tuple[object, str, int, str]] = {
    "an unknown policy in the query": (
        None,
        "?propagationPolicy=Zzz",
        422,
        'propagationPolicy: Unsupported value: "Zzz": supported values: "Foreground", '
        '"Background", "Orphan", "nil"',
    ),
    "an unknown policy in the body": (
        {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Zz"},
        "",
        422,
        'propagationPolicy: Unsupported value: "Zz": supported values: "Foreground", '
        '"Background", "Orphan", "nil"',
    ),
    "two policies": (
        None,
        "?propagationPolicy=Orphan&orphanDependents=true",
        422,
        'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation '
        "cannot be both set",
    ),
    "a dry run of another kind": (
        None,
        "?dryRun=x",
        422,
        'dryRun: Unsupported value: ["x"]: supported values: "All"',
    ),
    "a grace period that is no number": (
        None,
        "?gracePeriodSeconds=x",
        400,
        'strconv.ParseInt: parsing "x": invalid syntax',
    ),
    "another kind of body": (
        {"kind": "Job", "apiVersion": "batch/v1"},
        "",
        400,
        'no kind "Job" is registered for version "batch/v1" in scheme "pkg/runtime/scheme.go:111"',
    ),
    "half a body": (
        b"{",
        "",
        400,
        "couldn't get version/kind; json parse error: unexpected end of JSON input",
    ),
    "another uid": (
        {"preconditions": {"uid": "nope"}},
        "",
        409,
        "the UID in the precondition (nope) does not match the UID in record",
    ),
}


@pytest.mark.parametrize(("body", "query", "code", "why"), DELETES.values(), ids=DELETES)
def test_a_delete_that_makes_no_sense_is_refused(
    served: Served, body: object, query: str, code: int, why: str
) -> None:
    reply = served.request("DELETE", f"{MAPS}/kept{query}", body)
    assert reply.code == code
    prefix = 'DeleteOptions.meta.k8s.io "" is invalid: ' if code == 422 else ""
    assert prefix + why in reply.message
    assert served.get(f"{MAPS}/kept").code == 200


def test_a_dry_run_deletes_nothing(served: Served) -> None:
    for body, query in (({"dryRun": ["All"], "zz": 1}, ""), (None, "?dryRun=All")):
        reply = served.request("DELETE", f"{MAPS}/kept{query}", body)
        assert (reply.code, reply.json["status"]) == (200, "Success")
    assert served.get(f"{MAPS}/kept").code == 200


def test_a_collection_is_deleted_by_its_labels(served: Served) -> None:
    for name, label in (("c1", "yes"), ("c2", "no"), ("c3", "yes")):
        body = {"metadata": {"name": name, "labels": {"delete": label}}}
        served.make(kinds.CONFIG_MAPS, body, "other")
    path = "/api/v1/namespaces/other/configmaps"
    reply = served.request("DELETE", f"{path}?labelSelector=delete%3Dyes")
    assert reply.json["kind"] == "ConfigMapList"
    assert [item["metadata"]["name"] for item in reply.json["items"]] == ["c1", "c3"]
    left = [item["metadata"]["name"] for item in served.get(path).json["items"]]
    assert left == ["c2"]


# ---- openapi


def test_a_document_of_openapi_is_found_by_its_place(served: Served, tmp_path: Path) -> None:
    index = served.get("/openapi/v3")
    assert index.code == 200
    location = index.json["paths"]["apis/batch/v1"]["serverRelativeURL"]
    reply = served.get(location)
    assert reply.json["openapi"] == "3.0.0"
    (etag,) = reply.all("ETag")
    assert etag.strip('"') in location
    assert served.request("GET", location, headers={"If-None-Match": etag}).code == 304
    assert served.get("/openapi/v3/apis/batch/v9").code == 404


PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
SWAGGER = {
    "nothing said": ("", "application/json"),
    "anything": ("*/*", "application/json"),
    "JSON": ("application/json", "application/json"),
    "what kubectl says": (
        "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
        PROTOBUF,
    ),
    "protobuf by its newer name": (PROTOBUF, PROTOBUF),
    "protobuf rather than JSON": (f"application/json;q=0.5,{PROTOBUF}", PROTOBUF),
}


@pytest.mark.parametrize(("accept", "content_type"), SWAGGER.values(), ids=SWAGGER.keys())
def test_the_document_of_v2_has_two_forms(served: Served, accept: str, content_type: str) -> None:
    reply = served.request("GET", "/openapi/v2", headers={"Accept": accept} if accept else {})
    assert (reply.code, reply.all("Content-Type")) == (200, [content_type])
    (etag,) = reply.all("ETag")
    known = {"Accept": accept, "If-None-Match": etag}
    assert served.request("GET", "/openapi/v2", headers=known).code == 304


def test_the_document_of_v2_has_no_other_form(served: Served) -> None:
    reply = served.request("GET", "/openapi/v2", headers={"Accept": "application/yaml"})
    assert (reply.code, reply.body) == (406, b"")
