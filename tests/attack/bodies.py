"""Bodies, patches and queries that are made to keep an API server busy, each within its limits.

A table's value is a function, so that nothing large is made before it is sent; it is given a scale,
because what takes an API server milliseconds takes a test seconds. Each body is at most
as large as an API server reads, and small in the ways in which nothing else refuses it: one name,
one namespace. Names say what is enormous.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.types import Field, Message

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

LIMIT = 3 * 1024 * 1024  # bytes of a body that is read
STORED = 1_400_000  # bytes of an object that etcd still takes, with room for what a server adds


class Body(NamedTuple):
    """A body to send. kind: the kind of the object that it is, or means to be."""

    media: str
    raw: bytes
    kind: str = "ConfigMap"


# turns a number of the full size into that of a smaller body
Scale = Callable[[int], int]
Table = Mapping[str, Callable[[Scale], Body]]


def scaled(factor: float) -> Scale:
    """The scale of bodies that are so many times as large as an API server takes them."""
    return lambda number: int(number * factor)


def config_map(**fields: Any) -> dict[str, Any]:
    """A ConfigMap called hostile."""
    metadata = {"name": "hostile", **fields.pop("metadata", {})}
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, **fields}


def pod(**spec: Any) -> dict[str, Any]:
    """A Pod called hostile, with one container where the spec has no others."""
    whole = {"restartPolicy": "Never", "containers": [container("main")], **spec}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "hostile"}, "spec": whole}


def container(name: str, **fields: Any) -> dict[str, Any]:
    """A container of a Pod."""
    return {"name": name, "image": "busybox", **fields}


def job(**spec: Any) -> dict[str, Any]:
    """A Job called hostile, whose Pods have this spec."""
    metadata = {"name": "hostile"}
    template = {"spec": pod(**spec)["spec"]}
    spec_of_job = {"suspend": True, "template": template}
    return {"kind": "Job", "apiVersion": "batch/v1", "metadata": metadata, "spec": spec_of_job}


def in_json(value: Any, kind: str = "ConfigMap") -> Body:
    """A value as a body in JSON."""
    return Body(JSON, json.dumps(value, separators=(",", ":")).encode(), kind)


def many(number: int) -> dict[str, str]:
    """So many entries of a map of texts."""
    return {f"k{one}": "v" for one in range(number)}


def _manager(number: int) -> dict[str, Any]:
    """A manager of fields, who has written at a time that no other one has."""
    time = f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    head = {"manager": f"m{number}", "operation": "Update", "apiVersion": "v1", "time": time}
    return {**head, "fieldsType": "FieldsV1", "fieldsV1": {}}


_HEAD = b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"hostile"},'


def _yaml(text: str) -> Body:
    return Body(YAML, text.encode())


# ---- what is no object, or is one that is refused

UNREADABLE: Table = {
    "an array of numbers": lambda n: Body(JSON, _HEAD + b'"x":[' + b"1," * n(1_500_000) + b"1]}"),
    "an array that is broken at its end": lambda n: Body(
        JSON, _HEAD + b'"x":[' + b"1," * n(1_500_000) + b"x]}"
    ),
    "a text of escapes that does not end": lambda n: Body(JSON, b'"' + b"\\u0061" * n(500_000)),
    "a text of surrogates": lambda n: Body(JSON, b'"' + b"\\ud800" * n(500_000) + b'"'),
    "a text of backslashes": lambda n: Body(JSON, b'"' + b"\\\\" * n(1_500_000)),
    "a text of bad UTF-8": lambda n: Body(JSON, b'"' + b"\xff" * n(3_000_000) + b'"'),
    "blanks": lambda n: Body(JSON, b" " * n(LIMIT)),
    "commas": lambda n: Body(JSON, b"[" + b"," * n(3_000_000)),
    "values within values": lambda n: Body(JSON, b"[" * n(3_000_000)),
    "objects within objects": lambda n: Body(JSON, b'{"a":' * n(600_000)),
    "values within values, and closed": lambda n: Body(JSON, b"[" * n(9_000) + b"]" * n(9_000)),
    "a number of many digits": lambda n: Body(JSON, b'{"kind":' + b"9" * n(3_000_000) + b"}"),
    "fractions of many digits": lambda n: Body(
        JSON, _HEAD + b'"x":[' + b"1.5e9," * n(500_000) + b"1]}"
    ),
    "a field that stands many times": lambda n: Body(
        JSON, _HEAD + b",".join([b'"data":{}'] * n(300_000)) + b"}"
    ),
    "unknown fields": lambda n: in_json(config_map(**many(n(150_000)))),
    "a list in YAML": lambda n: _yaml("- a\n" * n(750_000)),
    "a mapping in YAML": lambda n: _yaml("".join(f"k{one}: v\n" for one in range(n(200_000)))),
    "a flow of YAML": lambda n: _yaml("[" + "a," * n(1_500_000) + "]"),
    "a flow of YAML that does not end": lambda n: _yaml("[" + "a," * n(1_500_000)),
    "lists within lists of YAML": lambda n: _yaml("[" * n(3_000_000)),
    "dashes of YAML": lambda n: _yaml("- " * n(1_500_000)),
    "question marks of YAML": lambda n: _yaml("? " * n(1_500_000)),
    "mappings within mappings of YAML": lambda n: _yaml("{a: " * n(750_000)),
    "indents of YAML": lambda n: _yaml("".join(f"{' ' * one}a:\n" for one in range(n(2_400)))),
    "aliases of YAML": lambda n: _yaml("x: &a [1, 2, 3]\ny: [" + "*a," * n(900_000) + "]\n"),
    "aliases of aliases of YAML": lambda _: _yaml(
        "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 9)}]\n" for one in range(1, 40))
    ),
    "anchors of YAML": lambda n: _yaml("".join(f"- &a{one} x\n" for one in range(n(200_000)))),
    "merges of YAML": lambda n: _yaml(
        "a: &a {"
        + ", ".join(f"k{one}: v" for one in range(n(1_000)))
        + "}\nb:\n"
        + "".join("- {<<: *a}\n" for _ in range(n(3_000)))
    ),
    "tags of YAML": lambda n: _yaml("- !!str a\n" * n(270_000)),
    "comments of YAML": lambda n: _yaml("#\n" * n(1_500_000) + "kind: ["),
    "blanks in YAML": lambda n: _yaml(" " * n(LIMIT)),
    "new lines in a text of YAML": lambda n: _yaml('"' + "\n" * n(3_000_000)),
    "a text of YAML that does not end": lambda n: _yaml('"' + "a" * n(3_000_000)),
    "escapes of YAML": lambda n: _yaml('"' + "\\x41" * n(700_000) + '"'),
    "documents of YAML": lambda n: _yaml("---\n" * n(750_000)),
    "a tab behind what is long in YAML": lambda n: _yaml("a: " + "b " * n(1_400_000) + "\n\tc"),
    "bytes that are no protobuf": lambda n: Body(
        PROTOBUF, b"k8s\0" + b"\x0a\xff\xff\x7f" * n(700_000)
    ),
    "empty messages of protobuf": lambda n: Body(PROTOBUF, b"k8s\0" + b"\x0a\x00" * n(1_500_000)),
}

# ---- what is an object, and is taken, at least as a dry run

TAKEN: Table = {
    "a text of many letters": lambda n: in_json(config_map(data={"a": "x" * n(STORED)})),
    "a text that is escaped where it is kept": lambda n: Body(
        JSON,
        json.dumps(config_map(data={"a": "\u20ac" * n(450_000)}), ensure_ascii=False).encode(),
    ),
    "many entries": lambda n: in_json(config_map(data=many(n(90_000)))),
    "many entries in YAML": lambda n: _yaml(
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: hostile}\ndata:\n"
        + "".join(f"  k{one}: v\n" for one in range(n(90_000)))
    ),
    "many annotations": lambda n: in_json(
        config_map(metadata={"annotations": {f"k{one}": "" for one in range(n(30_000))}})
    ),
    "many labels": lambda n: in_json(config_map(metadata={"labels": many(n(70_000))})),
    "many finalizers": lambda n: in_json(
        config_map(metadata={"finalizers": [f"a.b/k{one}" for one in range(n(70_000))]})
    ),
    "many owners": lambda n: in_json(
        config_map(
            metadata={
                "ownerReferences": [
                    {"apiVersion": "v1", "kind": "Pod", "name": f"p{one}", "uid": f"{one}"}
                    for one in range(n(18_000))
                ]
            }
        )
    ),
    "many times": lambda n: in_json(
        config_map(metadata={"managedFields": [_manager(one) for one in range(n(9_000))]})
    ),
    "many arguments": lambda n: in_json(
        pod(containers=[container("main", args=[""] * n(400_000))]), "Pod"
    ),
    "many containers": lambda n: in_json(
        pod(containers=[container(f"c{one}") for one in range(n(30_000))]), "Pod"
    ),
    "many variables": lambda n: in_json(
        pod(
            containers=[
                container(
                    "main", env=[{"name": f"K{one}", "value": ""} for one in range(n(40_000))]
                )
            ]
        ),
        "Pod",
    ),
    "many volumes": lambda n: in_json(
        pod(volumes=[{"name": f"v{one}", "emptyDir": {}} for one in range(n(30_000))]), "Pod"
    ),
    "many tolerations": lambda n: in_json(
        pod(tolerations=[{"key": f"k{one}", "operator": "Exists"} for one in range(n(35_000))]),
        "Pod",
    ),
    "many node selectors": lambda n: in_json(pod(nodeSelector=many(n(90_000))), "Pod"),
    "many gates": lambda n: in_json(
        pod(schedulingGates=[{"name": f"g{one}"} for one in range(n(70_000))]), "Pod"
    ),
    "a Job with many variables": lambda n: in_json(
        job(
            containers=[
                container(
                    "main", env=[{"name": f"K{one}", "value": ""} for one in range(n(40_000))]
                )
            ]
        ),
        "Job",
    ),
    "many things that are wrong": lambda n: in_json(
        pod(containers=[container("", args=[]) for _ in range(n(40_000))]), "Pod"
    ),
    "the same name many times": lambda n: in_json(
        pod(volumes=[{"name": "v", "emptyDir": {}} for _ in range(n(40_000))]), "Pod"
    ),
    "many mounts of one path": lambda n: in_json(
        pod(
            volumes=[{"name": "v", "emptyDir": {}}],
            containers=[
                container("main", volumeMounts=[{"name": "v", "mountPath": "/a"}] * n(30_000))
            ],
        ),
        "Pod",
    ),
    "many ports": lambda n: in_json(
        pod(containers=[container("main", ports=[{"containerPort": 1}] * n(70_000))]), "Pod"
    ),
}

# ---- what changes an object that is there; it is called hostile, and is a ConfigMap


def _operations(*operations: Mapping[str, Any]) -> Body:
    return Body(JSON_PATCH, json.dumps(operations, separators=(",", ":")).encode())


def _doubled(times: int) -> Body:
    """A patch that puts what is already there into itself, again and again."""
    start = {"op": "add", "path": "/data", "value": {"a": "x", "b": "x"}}
    copies = [{"op": "copy", "from": "/data", "path": f"/data/{one}"} for one in range(times)]
    return _operations(start, *copies)


PATCHES: Table = {
    "copies of what was copied": lambda _: _doubled(24),
    "copies of many empty lists": lambda n: _operations(
        {"op": "add", "path": "/x", "value": [[]] * n(900)},
        *({"op": "copy", "from": "/x", "path": f"/y{one}"} for one in range(400)),
    ),
    "many tests": lambda n: _operations(
        *[{"op": "test", "path": "/metadata/name", "value": "hostile"}] * n(9_000)
    ),
    "many additions at the beginning of a list": lambda n: _operations(
        {"op": "add", "path": "/metadata/finalizers", "value": []},
        *[{"op": "add", "path": "/metadata/finalizers/0", "value": "a.b/c"}] * n(9_000),
    ),
    "many operations": lambda n: _operations(
        *[{"op": "add", "path": "/data/a", "value": "b"}] * n(70_000)
    ),
    "a path of many parts": lambda n: _operations(
        {"op": "add", "path": "/data" + "/a" * n(1_400_000), "value": "b"}
    ),
    "a merge of many entries": lambda n: Body(
        MERGE_PATCH, json.dumps({"data": many(n(90_000))}).encode()
    ),
    "a merge of unknown fields": lambda n: Body(MERGE_PATCH, json.dumps(many(n(150_000))).encode()),
    "a merge of fields that stand twice": lambda n: Body(
        MERGE_PATCH, b"{" + b",".join([b'"data":{}'] * n(290_000)) + b"}"
    ),
    "a strategic merge of many entries": lambda n: Body(
        STRATEGIC_PATCH, json.dumps({"data": many(n(90_000))}).encode()
    ),
    "a strategic merge of many finalizers": lambda n: Body(
        STRATEGIC_PATCH,
        json.dumps(
            {"metadata": {"finalizers": [f"a.b/k{one}" for one in range(n(70_000))]}}
        ).encode(),
    ),
    "a strategic merge of many owners": lambda n: Body(
        STRATEGIC_PATCH,
        json.dumps(
            {
                "metadata": {
                    "ownerReferences": [
                        {"apiVersion": "v1", "kind": "Pod", "name": f"p{one}", "uid": f"{one}"}
                        for one in range(n(15_000))
                    ]
                }
            }
        ).encode(),
    ),
    "a strategic order of many owners": lambda n: Body(
        STRATEGIC_PATCH,
        json.dumps(
            {
                "metadata": {
                    "$setElementOrder/ownerReferences": [{"uid": f"{x}"} for x in range(n(60_000))]
                }
            }
        ).encode(),
    ),
    "an application of many entries": lambda n: Body(
        APPLY_PATCH, json.dumps(config_map(data=many(n(90_000)))).encode()
    ),
    "an application of aliases": lambda n: Body(
        APPLY_PATCH,
        b"kind: ConfigMap\napiVersion: v1\nmetadata: {name: hostile}\nz: &a [1, 2, 3]\n"
        b"w: [" + b"*a," * n(9_000) + b"]\n",
    ),
    "an application of many finalizers": lambda n: Body(
        APPLY_PATCH,
        json.dumps(
            config_map(metadata={"finalizers": [f"a.b/k{one}" for one in range(n(70_000))]})
        ).encode(),
    ),
}

# ---- what a query says

QUERIES: Mapping[str, str] = {
    "blanks": "labelSelector=" + "%20" * 20_000,
    "blanks behind a key": "labelSelector=a" + "%09" * 20_000 + "b",
    "equal signs": "labelSelector=" + "=" * 60_000,
    "exclamation marks": "labelSelector=" + "!" * 60_000,
    "parentheses": "labelSelector=a%20in%20" + "(" * 60_000,
    "values of a set": "labelSelector=a%20in%20(" + "a," * 30_000 + "a)",
    "requirements": "labelSelector=" + ",".join(["!x"] * 20_000),
    "words": "labelSelector=" + "a%20" * 15_000,
    "a long key": "labelSelector=" + "a" * 60_000,
    "slashes": "labelSelector=" + "a/" * 30_000,
    "dots": "labelSelector=" + "a." * 30_000 + "/b",
    "backslashes": "fieldSelector=metadata.name=" + "%5C" * 20_000,
    "an odd backslash": "fieldSelector=metadata.name=" + "%5C" * 19_999,
    "commas in a field selector": "fieldSelector=" + "," * 60_000,
    "letters in a field selector": "fieldSelector=" + "a" * 60_000,
    "exclamation marks in a field selector": "fieldSelector=" + "!" * 60_000,
    "terms of a field selector": "fieldSelector=" + "metadata.name!=a," * 3_500,
    "a manager's name that cannot be shown": "fieldManager=" + "%01" * 20_000,
    "a continue token": "limit=1&continue=" + "A" * 60_000,
    "a continue token of slashes": "limit=1&continue=" + "Ly8v" * 15_000,
    "broken escapes": "labelSelector=" + "%2" * 30_000,
    "pairs": "&".join(["a=b"] * 15_000),
    "pairs of a name": "&".join(["dryRun=x"] * 7_000),
    "ampersands": "&" * 60_000,
    "semicolons": ";" * 60_000,
    "digits": "limit=" + "9" * 60_000,
    "digits of a version": "resourceVersion=" + "9" * 60_000,
    "zeros of a version": "resourceVersion=" + "0" * 60_000,
}


# ---- a list or a map of a kind, wherever it can have one


def everywhere(kind: str, api_version: str, number: int) -> Iterator[tuple[str, Body]]:
    """For each list and map of a kind a body in which it has so many entries; with their names.

    Each is there twice: with entries that are alike, and with entries that all differ.
    """
    message = types.find(api_version, kind)
    assert message is not None
    for path, declared in _plural(message, (), ()):
        for what, text in (("alike", "a"), ("different", "a{}")):
            entries: Any = [_entry(declared, text.format(one)) for one in range(number)]
            if declared.map:
                entries = {f"k{one}": entry for one, entry in enumerate(entries)}
            found: dict[str, Any] = {"pod": pod, "job": job}.get(kind.lower(), config_map)()
            found |= {"kind": kind, "apiVersion": api_version}
            _put(found, path, entries)
            yield f"{what}: {'.'.join(path)}", in_json(found, kind)


def _plural(
    message: Message, path: tuple[str, ...], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Field]]:
    """The lists and maps of a message and all below it, but for messages that hold themselves."""
    for name, declared in message.fields.items():
        if name in ("status", "managedFields") or declared.type in above:
            continue
        if declared.repeated or declared.map:
            yield (*path, name), declared
        if declared.is_message:
            step = (*path, f"{name}[]" if declared.repeated else name)
            inner = types.message(declared.type)
            yield from _plural(inner, step, (*above, declared.type))


def _entry(declared: Field, text: str) -> Any:
    """An entry of a list or map, with this text in each of its own texts."""
    if not declared.is_message:
        return {"string": text, "int32": 1, "int64": 1}.get(declared.type, "1")
    fields = types.message(declared.type).fields.values()
    plain = [one for one in fields if one.type == "string" and not one.repeated and not one.map]
    return {one.json: text for one in plain}


def _put(found: dict[str, Any], path: tuple[str, ...], entries: Any) -> None:
    """Put entries into an object, where a path leads to; "a[]" leads into the first of a list."""
    where = found
    for step in path[:-1]:
        if step.endswith("[]"):
            listed = where.setdefault(step[:-2], [])
            if not listed:
                listed.append({})
            where = listed[0]
        else:
            where = where.setdefault(step, {})
    where[path[-1]] = entries
