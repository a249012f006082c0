"""The OpenAPI v2 document, made of the v3 documents.

generate writes it. kubectl asks for it where a file holds a `kind: List`, whose items it validates
itself. Follows k8s.io/kube-openapi/pkg/builder for how v2 says what v3 says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kubectl_joblab.objects import Object

_V3, _V2 = "#/components/schemas/", "#/definitions/"
# a default is only of v3: PruneDefaults in k8s.io/kube-openapi/pkg/handler
_CONVERTED = ("additionalProperties", "allOf", "default", "items", "oneOf", "properties", "$ref")
_METHODS = ("get", "put", "post", "delete", "patch")


def document(info: Object, of_v3: Iterable[Object]) -> Object:
    """One v2 document of the v3 documents of all groups and versions."""
    paths: Object = {}
    definitions: Object = {}
    for one in of_v3:
        paths |= {path: _path(item) for path, item in one["paths"].items()}
        named = one["components"]["schemas"]
        definitions |= {name: definition(schema) for name, schema in named.items()}
    return {
        "swagger": "2.0",
        "info": info,
        "paths": dict(sorted(paths.items())),
        "definitions": dict(sorted(definitions.items())),
    }


def definition(schema: Object) -> Object:
    """A v3 schema as v2 writes it."""
    found = {key: value for key, value in schema.items() if key not in _CONVERTED}
    for one in schema.get("allOf", ()):  # v2 lets a reference have siblings
        found |= definition(one)
    if "$ref" in schema:
        found["$ref"] = schema["$ref"].replace(_V3, _V2)
    if "oneOf" in schema:  # v2 has no unions: the most general of them
        found["type"] = "string"
    for key in ("additionalProperties", "items"):
        if key in schema:
            found[key] = definition(schema[key])
    if "properties" in schema:
        found["properties"] = {key: definition(one) for key, one in schema["properties"].items()}
    return found


def _path(item: Object) -> Object:
    found: Object = {method: _operation(item[method]) for method in _METHODS if method in item}
    if "parameters" in item:
        found["parameters"] = [_parameter(one) for one in item["parameters"]]
    return found


def _operation(operation: Object) -> Object:
    found = {key: value for key, value in operation.items() if key.startswith("x-")}
    parameters = [_parameter(one) for one in operation["parameters"]]
    consumed = operation.get("requestBody", {}).get("content", {})
    if consumed:
        parameters = [_body(operation["requestBody"]), *parameters]
    answered = operation["responses"]["200"]
    (produced,) = answered["content"].items()
    return found | {
        "consumes": list(consumed) or ["*/*"],
        "parameters": parameters,
        "produces": [produced[0]],
        "responses": {"200": _response(answered["description"], produced[1]["schema"])},
        "schemes": ["https"],
    }


def _body(request: Object) -> Object:
    content = next(iter(request["content"].values()))  # every media type has the same
    required = {"required": True} if request.get("required") else {}
    return {"in": "body", "name": "body", "schema": definition(content["schema"])} | required


def _response(description: str, schema: Any) -> Object:
    return {"description": description, "schema": definition(schema)}


def _parameter(parameter: Object) -> Object:
    found = {key: value for key, value in parameter.items() if key != "schema"}
    return found | {"type": parameter["schema"]["type"], "uniqueItems": True}
