"""The paths of an OpenAPI document: which requests there are, with their parameters and answers.

generate asks for them. kubectl looks here for the kind of a resource, and for whether the server
validates fields itself. Follows k8s.io/apiserver/pkg/endpoints/installer.go.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.documents import discovery, schemas
from kubectl_joblab.practice.api.kind import Kind

DELETE_OPTIONS = f"{schemas.META}.DeleteOptions"

# verb -> method and x-kubernetes-action
_OPERATIONS = {
    "create": ("post", "post"),
    "delete": ("delete", "delete"),
    "deletecollection": ("delete", "deletecollection"),
    "get": ("get", "get"),
    "list": ("get", "list"),
    "patch": ("patch", "patch"),
    "update": ("put", "put"),
}
_OF_COLLECTION = ("list", "create", "deletecollection")
_OF_ONE = ("get", "update", "delete", "patch")

_SELECTING = {
    "continue": "string",
    "fieldSelector": "string",
    "labelSelector": "string",
    "limit": "integer",
    "resourceVersion": "string",
    "resourceVersionMatch": "string",
    "sendInitialEvents": "boolean",
    "timeoutSeconds": "integer",
}
_DELETING = {
    "dryRun": "string",
    "gracePeriodSeconds": "integer",
    "orphanDependents": "boolean",
    "propagationPolicy": "string",
}
_WRITING = {"dryRun": "string", "fieldManager": "string", "fieldValidation": "string"}
_LOG = {
    "container": "string",
    "follow": "boolean",
    "limitBytes": "integer",
    "previous": "boolean",
    "sinceSeconds": "integer",
    "tailLines": "integer",
    "timestamps": "boolean",
}
# verb -> query parameters and their types
_PARAMETERS: dict[str, dict[str, str]] = {
    "create": _WRITING,
    "delete": _DELETING,
    "deletecollection": _SELECTING | _DELETING,
    "get": {},
    "list": _SELECTING | {"allowWatchBookmarks": "boolean", "watch": "boolean"},
    "patch": _WRITING | {"force": "boolean"},
    "update": _WRITING,
}
_PATCHES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)


def paths(kinds: Iterable[Kind]) -> Object:
    """The paths of kinds, each with an operation for each method."""
    return {path: item for kind in kinds for path, item in _paths(kind)}


def place(kind: Kind) -> str:
    """The path of the group and version of a kind: apis/batch/v1."""
    return f"apis/{kind.api_version}" if kind.group else f"api/{kind.version}"


def _paths(kind: Kind) -> Iterator[tuple[str, Object]]:
    root = f"/{place(kind)}"
    collection = f"{root}/{kind.plural}"
    if kind.namespaced:
        if kind.stored:
            yield collection, _item(kind, "list", path=collection)
        collection = f"{root}/namespaces/{{namespace}}/{kind.plural}"
    named = f"{collection}/{{name}}"
    for path, verbs in ((collection, _OF_COLLECTION), (named, _OF_ONE)):
        if found := [verb for verb in verbs if verb in kind.verbs]:
            yield path, _item(kind, *found, path=path)
    for name in kind.subresources:
        path = f"{named}/{name}"
        yield path, _subresource(kind, name, path)


def _subresource(kind: Kind, name: str, path: str) -> Object:
    found = discovery.SUBRESOURCES[name]
    if found.kind:
        kind = _kind_of(kind, found)
    item = _item(kind, *found.verbs, path=path)
    if name == "log":
        content = {"text/plain": {"schema": {"type": "string"}}}
        item["get"]["parameters"] = [_query(*one) for one in _LOG.items()]
        item["get"]["responses"] = {"200": {"description": "OK", "content": content}}
    return item


def _kind_of(kind: Kind, part: discovery.Subresource) -> Kind:
    """The kind of a subresource that has one of its own, as if objects of it were served."""
    if part.group:
        package = f"io.k8s.api.{part.group.partition('.')[0]}.{part.version}"
        kind = dataclasses.replace(kind, group=part.group, version=part.version)
    else:
        package = kind.type.rpartition(".")[0]
    return dataclasses.replace(kind, kind=part.kind, type=f"{package}.{part.kind}")


def _item(kind: Kind, *verbs: str, path: str) -> Object:
    item: Object = {}
    for verb in verbs:
        method, action = _OPERATIONS[verb]
        item[method] = _operation(kind, action, verb)
    return item | _placed(path)


def _placed(path: str) -> Object:
    """The parameters that are part of a path, such as {namespace}."""
    names = [name for name in ("name", "namespace") if f"{{{name}}}" in path]
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
    ]
    return {"parameters": found} if found else {}


def _operation(kind: Kind, action: str, verb: str) -> Object:
    content = {"application/json": {"schema": schemas.reference(_answer(kind, verb))}}
    operation: Object = {
        "parameters": [_query(*one) for one in _PARAMETERS[verb].items()],
        "responses": {"200": {"description": "OK", "content": content}},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": schemas.kind_of(kind),
    }
    if body := _body(kind, verb):
        optional = verb in ("delete", "deletecollection")
        operation["requestBody"] = {"content": body} | ({} if optional else {"required": True})
    return operation


def _query(name: str, kind: str) -> Object:
    return {"name": name, "in": "query", "schema": {"type": kind}}


def _answer(kind: Kind, verb: str) -> str:
    if verb == "list":
        return schemas.list_name(kind)
    return schemas.STATUS if verb in ("delete", "deletecollection") else kind.type


def _body(kind: Kind, verb: str) -> Object:
    """The request body of a verb, by media type."""
    if verb in ("create", "update"):
        return {"*/*": {"schema": schemas.reference(kind.type)}}
    if verb in ("delete", "deletecollection"):
        return {"*/*": {"schema": schemas.reference(DELETE_OPTIONS)}}
    if verb == "patch":
        return {media_type: {"schema": {"type": "object"}} for media_type in _PATCHES}
    return {}
