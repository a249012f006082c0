"""Request bodies in JSON or YAML as canonical objects, or refused in the API server's words.

The HTTP handlers call it. It knows the table of types and not which kinds are served. Follows
runtime/serializer/json of k8s.io/apimachinery.
"""

from __future__ import annotations

from typing import Any

from kubectl_joblab.formats import gojson
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.codec import gvk, typed
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.codec.fieldpath import MismatchError, kind_of
from kubectl_joblab.practice.api.codec.gvk import GroupVersionKind, RefusedError

__all__ = ["canonical", "decode", "options"]

_HEAD = (  # the struct that upstream reads apiVersion and kind into
    r'struct { APIVersion string "json:\"apiVersion,omitempty\""; '
    r'Kind string "json:\"kind,omitempty\"" }'
)


def decode(
    type_name: str, raw: bytes, *, validation: str = "Strict", yaml: bool = False
) -> tuple[Object, list[str]]:
    """The object of a body, and the strict errors in it where validation is Warn.

    type_name: the message that is expected. validation: Strict, Warn or Ignore; a strict error is a
    field that is unknown or stands twice. Raises StatusError 400 where the body is no object of
    this type.
    """
    expected = gvk.of(type_name)
    found: GroupVersionKind | None = None
    try:
        value, doubts = _parsed(raw, yaml=yaml)
        found = _named(value).or_default(expected)
        obj, minded = _read(found, type_name, value, raw)
        if validation == "Strict" and (doubts or minded):
            raise RefusedError(_strict(doubts, minded))
    except (RefusedError, MismatchError) as error:
        raise gvk.refusal(error, type_name, raw, found) from None
    obj = canonical(type_name, obj | {"apiVersion": expected.api_version, "kind": expected.kind})
    return obj, doubts + minded if validation == "Warn" else []


def options(type_name: str, raw: bytes, *, yaml: bool = False) -> Object:
    """The options of a body, such as DeleteOptions, which are never decoded strictly.

    Raises StatusError 400. Its message is the bare error: upstream does not say of options, as it
    does of objects, which kind could not be handled.
    """
    try:
        value, _ = _parsed(raw, yaml=yaml)
        gvk.check_options(_named(value).or_default(gvk.of(type_name)), type_name)
        obj, _ = typed.read(type_name, value)
    except (RefusedError, MismatchError) as error:
        raise errors.bad_request(str(error)) from None
    return canonical(type_name, obj)


def _parsed(raw: bytes, *, yaml: bool) -> tuple[Any, list[str]]:
    """The value of a body, and the strict errors of YAML, such as a key that stands twice."""
    if yaml:
        from kubectl_joblab.formats import goyaml  # PyYAML is large and kubectl sends JSON

        try:
            return goyaml.parse(raw)
        except goyaml.YAMLError as error:
            raise RefusedError(str(error)) from None
    try:
        return gojson.parse(raw), []
    except gojson.JSONError as error:
        raise _unclear(str(error)) from None


def _named(value: Any) -> GroupVersionKind:
    """The kind that a body says it is; upstream reads both fields in any case of letters."""
    if value is None:
        return GroupVersionKind("", "", "")
    if not isinstance(value, dict):
        text = f"json: cannot unmarshal {kind_of(value)} into Go value of type {_HEAD}"
        raise _unclear(text)
    head = {"apiVersion": "", "kind": ""}
    known = {key.casefold(): key for key in head}
    for key, one in gojson.pairs(value):
        name = known.get(key.casefold())
        if name is None or one is None:
            continue
        if not isinstance(one, str):
            field = f"Go struct field .{name} of type string"
            raise _unclear(f"json: cannot unmarshal {kind_of(one)} into {field}")
        head[name] = one
    return gvk.named(head["apiVersion"], head["kind"])


def _unclear(text: str) -> RefusedError:
    return RefusedError(f"couldn't get version/kind; json parse error: {text}")


def _read(
    found: GroupVersionKind, type_name: str, value: Any, raw: bytes
) -> tuple[Object, list[str]]:
    if not found.version:
        body = raw.decode("utf-8", "replace")
        raise RefusedError(f"Object 'apiVersion' is missing in '{body}'")
    message = gvk.message_of(found)
    obj, minded = typed.read(message.name, value)
    gvk.check_same(message, type_name)
    return obj, minded


def _strict(doubts: list[str], minded: list[str]) -> str:
    yaml = ["yaml: unmarshal errors:" + "".join(f"\n  {doubt}" for doubt in doubts)]
    return f"strict decoding error: {', '.join((yaml if doubts else []) + minded)}"
