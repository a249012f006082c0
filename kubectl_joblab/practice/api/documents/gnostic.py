"""The OpenAPI v2 document in protobuf, the one form in which kubectl reads it.

generate writes it. The messages are those of github.com/google/gnostic-models/openapiv2, with their
numbers; only those that our document uses are declared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from kubectl_joblab.objects import Object

# message -> field -> number and type; * after the type: repeated
_MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "AdditionalPropertiesItem": {"schema": (1, "Schema")},
    "Any": {"yaml": (2, "string")},
    "BodyParameter": {
        "name": (2, "string"),
        "in": (3, "string"),
        "required": (4, "bool"),
        "schema": (5, "Schema"),
    },
    "Definitions": {"additional_properties": (1, "NamedSchema*")},
    "Document": {
        "swagger": (1, "string"),
        "info": (2, "Info"),
        "paths": (8, "Paths"),
        "definitions": (9, "Definitions"),
    },
    "Info": {"title": (1, "string"), "version": (2, "string")},
    "ItemsItem": {"schema": (1, "Schema*")},
    "NamedAny": {"name": (1, "string"), "value": (2, "Any")},
    "NamedPathItem": {"name": (1, "string"), "value": (2, "PathItem")},
    "NamedResponseValue": {"name": (1, "string"), "value": (2, "ResponseValue")},
    "NamedSchema": {"name": (1, "string"), "value": (2, "Schema")},
    "NonBodyParameter": {
        "query_parameter_sub_schema": (3, "QueryParameterSubSchema"),
        "path_parameter_sub_schema": (4, "PathParameterSubSchema"),
    },
    "Operation": {
        "produces": (6, "string*"),
        "consumes": (7, "string*"),
        "parameters": (8, "ParametersItem*"),
        "responses": (9, "Responses"),
        "schemes": (10, "string*"),
        "vendor_extension": (13, "NamedAny*"),
    },
    "Parameter": {
        "body_parameter": (1, "BodyParameter"),
        "non_body_parameter": (2, "NonBodyParameter"),
    },
    "ParametersItem": {"parameter": (1, "Parameter")},
    "PathItem": {
        "get": (2, "Operation"),
        "put": (3, "Operation"),
        "post": (4, "Operation"),
        "delete": (5, "Operation"),
        "patch": (8, "Operation"),
        "parameters": (9, "ParametersItem*"),
    },
    "PathParameterSubSchema": {
        "required": (1, "bool"),
        "in": (2, "string"),
        "name": (4, "string"),
        "type": (5, "string"),
        "unique_items": (19, "bool"),
    },
    "Paths": {"path": (2, "NamedPathItem*")},
    "Properties": {"additional_properties": (1, "NamedSchema*")},
    "QueryParameterSubSchema": {
        "required": (1, "bool"),
        "in": (2, "string"),
        "name": (4, "string"),
        "type": (6, "string"),
        "unique_items": (20, "bool"),
    },
    "Response": {"description": (1, "string"), "schema": (2, "SchemaItem")},
    "ResponseValue": {"response": (1, "Response")},
    "Responses": {"response_code": (1, "NamedResponseValue*")},
    "Schema": {
        "_ref": (1, "string"),
        "format": (2, "string"),
        "description": (4, "string"),
        "required": (19, "string*"),
        "enum": (20, "Any*"),
        "additional_properties": (21, "AdditionalPropertiesItem"),
        "type": (22, "TypeItem"),
        "items": (23, "ItemsItem"),
        "properties": (25, "Properties"),
        "vendor_extension": (31, "NamedAny*"),
    },
    "SchemaItem": {"schema": (1, "Schema")},
    "TypeItem": {"value": (1, "string*")},
}
_PACKAGE = "openapi.v2"
_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {"bool": _Field.TYPE_BOOL, "string": _Field.TYPE_STRING}


def message_class() -> Any:
    """The class of the message that is a whole document."""
    file = descriptor_pb2.FileDescriptorProto(name="openapi.v2", package=_PACKAGE)
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for key, (number, kind) in fields.items():
            field = message.field.add(name=key, number=number, label=_Field.LABEL_OPTIONAL)
            if kind.endswith("*"):
                field.label = _Field.LABEL_REPEATED
            bare = kind.removesuffix("*")
            if bare in _SCALARS:
                field.type = _SCALARS[bare]
            else:
                field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{bare}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Document"))


def encoded(document: Object) -> bytes:
    """The bytes of a document that swagger made."""
    paths = {path: _path(item) for path, item in document["paths"].items()}
    message = message_class()(
        swagger=document["swagger"],
        info=document["info"],
        paths={"path": _named(paths)},
        definitions=_schemas(document["definitions"]),
    )
    found: bytes = message.SerializeToString()
    return found


def _schema(schema: Object) -> Object:
    found: Object = dict(_same(schema, "format", "description", "required"))
    if "$ref" in schema:
        found["_ref"] = schema["$ref"]
    if "type" in schema:
        found["type"] = {"value": [schema["type"]]}
    if "enum" in schema:
        found["enum"] = [_any(one) for one in schema["enum"]]
    if "items" in schema:
        found["items"] = {"schema": [_schema(schema["items"])]}
    if "additionalProperties" in schema:
        found["additional_properties"] = {"schema": _schema(schema["additionalProperties"])}
    if "properties" in schema:
        found["properties"] = _schemas(schema["properties"])
    return found | _extensions(schema)


def _schemas(schemas: Mapping[str, Object]) -> Object:
    return {"additional_properties": _named({k: _schema(one) for k, one in schemas.items()})}


def _path(item: Object) -> Object:
    found: Object = {key: _operation(one) for key, one in item.items() if key != "parameters"}
    return found | {"parameters": _parameters(item.get("parameters", ()))}


def _operation(operation: Object) -> Object:
    found: Object = dict(_same(operation, "consumes", "produces", "schemes"))
    answers = {
        code: {
            "response": {
                "description": answer["description"],
                "schema": {"schema": _schema(answer["schema"])},
            }
        }
        for code, answer in operation["responses"].items()
    }
    found["responses"] = {"response_code": _named(answers)}
    return found | {"parameters": _parameters(operation["parameters"])} | _extensions(operation)


def _parameters(parameters: Iterable[Object]) -> list[Object]:
    return [{"parameter": _parameter(one)} for one in parameters]


def _parameter(parameter: Object) -> Object:
    found: Object = dict(_same(parameter, "in", "name", "required"))
    if "schema" in parameter:
        return {"body_parameter": found | {"schema": _schema(parameter["schema"])}}
    found |= {"type": parameter["type"], "unique_items": parameter["uniqueItems"]}
    return {"non_body_parameter": {f"{parameter['in']}_parameter_sub_schema": found}}


def _same(value: Object, *keys: str) -> Iterator[tuple[str, Any]]:
    return ((key, value[key]) for key in keys if key in value)


def _extensions(value: Object) -> Object:
    found = {key: _any(one) for key, one in value.items() if key.startswith("x-")}
    return {"vendor_extension": _named(found)}


def _named(values: Mapping[str, Any]) -> list[Object]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _any(value: Any) -> Object:
    return {"yaml": json.dumps(value)}  # JSON is YAML
