"""Captures golden files from a real cluster: what its API server answers.

    KUBECONFIG=FILE python -m tests.practice.api.capture [discovery|openapi|openapi_v2|tables...]

Objects are created with dryRun, but for one Pod in a namespace of its own, which is deleted at the
end. Upstream's descriptions are left out, because the practice cluster may have its own.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

from kubectl_joblab.practice.api import negotiate
from kubectl_joblab.practice.api.documents import paths, schemas
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from tools import kubernetes_types

HERE = Path(__file__).parent
NAMESPACE = "joblab-capture"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
SERVED = {kind.plural: kind for kind in kinds.KINDS if kind.view_of is None}
PATCH = "application/merge-patch+json"

Get = Callable[..., Any]


def main(names: list[str]) -> None:
    """Capture these golden files, all where none is named."""
    with proxy() as get:
        for name in names or GOLDENS:
            path = HERE / "golden" / f"{name}.json"
            path.write_text(written(GOLDENS[name](get)), encoding="utf-8")


@contextlib.contextmanager
def proxy() -> Iterator[Get]:
    """A function that sends requests to the API server, through `kubectl proxy`."""
    with address() as found:
        yield lambda path, accept="application/json", **how: ask(found, path, accept, **how)


@contextlib.contextmanager
def address() -> Iterator[str]:
    """Host and port at which `kubectl proxy` passes requests on to the API server."""
    command = ["kubectl", "proxy", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = process.stdout.readline().split()[-1]
        try:
            yield found
        finally:
            process.terminate()


def ask(
    address: str,
    path: str,
    accept: str,
    *,
    method: str = "GET",
    body: Any = None,
    content_type: str = "application/json",
) -> Any:
    """The JSON in the response to a request."""
    request = urllib.request.Request(
        f"http://{address}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Accept": accept, "Content-Type": content_type},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        sys.exit(f"{method} {path}: {refused.read().decode()}")


def written(found: dict[str, dict[str, Any]]) -> str:
    """JSON with a line for each entry of each part."""
    parts = []
    for part, entries in found.items():
        lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in entries.items())
        parts.append(f"{json.dumps(part)}: {{\n{lines}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


# ---- discovery


def discovery(get: Get) -> dict[str, dict[str, Any]]:
    """The documents of discovery, of which only our kinds and subresources are kept."""
    aggregated = {path: get(path, negotiate.AGGREGATED.content_type) for path in ("/api", "/apis")}
    places = ["/api", "/apis", "/apis/batch"]
    places += dict.fromkeys(f"/{paths.place(kind)}" for kind in kinds.KINDS)
    legacy = {path: get(path) for path in places}
    for document in [*aggregated.values(), *legacy.values()]:
        ours(document)
    return {"aggregated": aggregated, "legacy": legacy}


def ours(document: Any) -> None:
    """Remove from a document of discovery what the practice cluster does not serve."""
    if isinstance(document, list):
        document[:] = [entry for entry in document if served(entry)]
        for entry in document:
            ours(entry)
    elif isinstance(document, dict):
        for value in document.values():
            ours(value)
        keep_own(document)
        if document.get("subresources") == []:
            del document["subresources"]


def keep_own(entry: Any) -> None:
    """Remove from a resource the verbs and subresources that the practice cluster's has not."""
    kind = SERVED.get(entry.get("resource", entry.get("name", "")))
    if kind is None or "verbs" not in entry:
        return
    entry["verbs"] = [verb for verb in entry["verbs"] if verb in kind.verbs]
    if "subresources" in entry:
        parts = entry["subresources"]
        entry["subresources"] = [one for one in parts if one["subresource"] in kind.subresources]


def served(entry: Any) -> bool:
    """Whether this entry of a list is, or is in, a group, resource or subresource of ours."""
    if not isinstance(entry, dict):
        return True
    if "subresource" in entry:
        return any(entry["subresource"] in kind.subresources for kind in kinds.KINDS)
    if "resource" in entry:
        return entry["resource"] in SERVED
    if "singularName" in entry:
        plural, _, subresource = entry["name"].partition("/")
        kind = SERVED.get(plural)
        return kind is not None and (not subresource or subresource in kind.subresources)
    if "freshness" in entry or "groupVersion" in entry or "clientCIDR" in entry:
        return True
    name = entry.get("name", (entry.get("metadata") or {}).get("name", ""))
    return any(kind.group == name for kind in kinds.KINDS)


# ---- OpenAPI


def openapi(get: Get) -> dict[str, dict[str, Any]]:
    """Schemas that our kinds lead to, and the operations on these, without descriptions."""
    served: dict[str, Any] = {"schemas": {}, "paths": {}}
    for part in dict.fromkeys(map(paths.place, kinds.KINDS)):
        document = get(f"/openapi/v3/{part}")
        served["schemas"] |= document["components"]["schemas"]
        served["paths"] |= document["paths"]
    roots = {kind.type for kind in kinds.KINDS} | {schemas.STATUS, schemas.LIST_META}
    listed = {schemas.list_name(kind) for kind in kinds.KINDS if kind.stored}
    names = sorted({*schemas.reachable(roots), *listed})
    found = {name: unsaid(served["schemas"][name]) for name in names}
    for name, _, key in (omitted.rpartition(".") for omitted in kubernetes_types.OMITTED):
        found[name]["properties"].pop(key, None)
        if not found[name]["properties"]:
            del found[name]["properties"]
    for path in [path for path, item in served["paths"].items() if not of_ours(path, item)]:
        del served["paths"][path]
    operated = {p: operations(i) for p, i in served["paths"].items()}
    return {"schemas": found, "paths": {path: item for path, item in operated.items() if item}}


def unsaid(value: Any) -> Any:
    """The value without descriptions."""
    if isinstance(value, dict):
        return {
            key: unsaid(inner)
            for key, inner in value.items()
            if key != "description" or isinstance(inner, dict)
        }
    return [unsaid(inner) for inner in value] if isinstance(value, list) else value


def of_ours(path: str, item: dict[str, Any]) -> bool:
    """Whether this is a path of a kind and a subresource of ours."""
    if "/watch/" in path or path.endswith("/"):
        return False
    words = path.replace("/namespaces/{namespace}", "").split("/")
    place_of = 3 if path.startswith("/api/") else 4
    plural, *rest = words[place_of:]
    subresource = rest[1] if len(rest) > 1 else ""
    kind = SERVED.get(plural)
    return kind is not None and (not subresource or subresource in kind.subresources)


def operations(item: dict[str, Any]) -> dict[str, Any]:
    """The action, kind and parameters of each operation, by method; the path's are included."""
    shared = [parameter["name"] for parameter in item.get("parameters", [])]
    return {
        method: {
            "action": operation["x-kubernetes-action"],
            "kind": operation["x-kubernetes-group-version-kind"],
            "parameters": sorted([*shared, *(p["name"] for p in operation.get("parameters", []))]),
        }
        for method, operation in item.items()
        if method != "parameters" and is_verb_of_ours(operation)
    }


def is_verb_of_ours(operation: dict[str, Any]) -> bool:
    """Whether our kind has the verb of an operation."""
    named = operation["x-kubernetes-group-version-kind"]
    verb = {"post": "create", "put": "update"}.get(
        operation["x-kubernetes-action"], operation["x-kubernetes-action"]
    )
    kind = next((one for one in kinds.KINDS if one.kind == named["kind"]), None)
    return kind is None or not kind.stored or verb in kind.verbs


# ---- OpenAPI v2

IN_V2 = ("io.k8s.api.batch.v1.", "io.k8s.apimachinery.", "io.k8s.api.core.v1.Container")
PATHS_IN_V2 = ("/apis/batch/v1/namespaces/{namespace}/jobs", "/api/v1/nodes/{name}")


def openapi_v2(get: Get) -> dict[str, dict[str, Any]]:
    """Some of the definitions that our kinds lead to, and the parameters of some operations."""
    document = get("/openapi/v2")
    named = {kind.type for kind in kinds.KINDS} | {schemas.STATUS, schemas.LIST_META}
    listed = {schemas.list_name(kind) for kind in kinds.KINDS if kind.stored}
    names = [n for n in sorted({*schemas.reachable(named), *listed}) if n.startswith(IN_V2)]
    operated = {
        path: {
            method: {
                "consumes": operation["consumes"],
                "parameters": [
                    unsaid(resolved(one, document)) for one in operation.get("parameters", ())
                ],
            }
            for method, operation in document["paths"][path].items()
            if method in ("get", "post", "delete")
        }
        for path in PATHS_IN_V2
    }
    found = {name: unsaid(document["definitions"][name]) for name in names}
    return {"definitions": found, "operations": operated}


def resolved(parameter: dict[str, Any], document: dict[str, Any]) -> Any:
    """A parameter, where the document has it once for all operations."""
    name = parameter.get("$ref", "").rpartition("/")[2]
    return document["parameters"][name] if name else parameter


# ---- Tables


def tables(get: Get) -> dict[str, dict[str, Any]]:
    """For each kind its columns, and the rows of the objects in objects.yaml, each with its now."""
    cases = yaml.safe_load((HERE / "objects.yaml").read_text(encoding="utf-8"))
    namespace = {"metadata": {"name": NAMESPACE}}
    get("/api/v1/namespaces", method="POST", body=namespace)
    try:
        found = {plural: table(get, SERVED[plural], case) for plural, case in cases.items()}
    finally:
        get(f"/api/v1/namespaces/{NAMESPACE}", method="DELETE")
    empty = [kind for kind in kinds.EMPTY if kind.plural not in cases]
    return found | {kind.plural: empty_table(get, kind) for kind in empty}


def empty_table(get: Get, kind: Kind) -> dict[str, Any]:
    """The columns of a kind of which the practice cluster has no objects."""
    columns = get(f"/{paths.place(kind)}/{kind.plural}", TABLE)["columnDefinitions"]
    for column in columns:
        del column["description"]
    return {"columns": columns}


def table(get: Get, kind: Kind, cases: list[dict[str, Any]]) -> dict[str, Any]:
    """One kind's columns and rows."""
    rows = [row(get, kind, dated(case)) for case in cases]
    for column in rows[0]["columns"]:
        del column["description"]
    columns = rows[0]["columns"]
    return {"columns": columns} | {
        case["metadata"]["name"]: {"now": found["now"], **found["row"]}
        for case, found in zip(cases, rows, strict=True)
    }


def row(get: Get, kind: Kind, case: dict[str, Any]) -> dict[str, Any]:
    """The row of an object that is tried; asked for until no second has passed meanwhile."""
    path = f"/{paths.place(kind)}" + (f"/namespaces/{NAMESPACE}" if kind.namespaced else "")
    how: dict[str, Any] = {"method": "POST", "body": case}
    path += f"/{kind.plural}"
    if kind.plural == "pods":  # a status can only be tried on a Pod that is there
        status = case.pop("status")
        get(path, **how)
        how = {"method": "PATCH", "body": {"status": status}, "content_type": PATCH}
        path += f"/{case['metadata']['name']}/status"
    while True:
        before = datetime.now(timezone.utc)
        found = get(f"{path}?dryRun=All&includeObject=Object", TABLE, **how)
        if before.second == datetime.now(timezone.utc).second:
            break
        time.sleep(0.1)
    (answered,) = found["rows"]
    answered["object"]["metadata"].pop("managedFields", None)
    return {"columns": found["columnDefinitions"], "now": before.isoformat(), "row": answered}


def dated(value: Any, key: str = "") -> Any:
    """The value with each `-20s` as the time it was 20 seconds ago."""
    if isinstance(value, dict):
        return {name: dated(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [dated(inner) for inner in value]
    if isinstance(value, str) and (ago := re.fullmatch(r"-(\d+)s", value)):
        when = datetime.now(timezone.utc) - timedelta(seconds=int(ago[1]))
        micro = key in ("eventTime", "lastObservedTime")
        return when.strftime("%Y-%m-%dT%H:%M:%S" + (".%fZ" if micro else "Z"))
    return value


GOLDENS: dict[str, Callable[[Get], dict[str, dict[str, Any]]]] = {
    "discovery": discovery,
    "openapi": openapi,
    "openapi_v2": openapi_v2,
    "tables": tables,
}


if __name__ == "__main__":
    main(sys.argv[1:])
