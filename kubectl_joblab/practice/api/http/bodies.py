"""Request bodies of any media type as canonical objects, and patches as JSON data.

The HTTP handlers give it what they have read. Follows
k8s.io/apiserver/pkg/endpoints/handlers/negotiation and patch.go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kubectl_joblab.formats import gojson
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, negotiate
from kubectl_joblab.practice.api.codec import decode
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import work
from kubectl_joblab.practice.api.patch import dispatch

Result = TypeVar("Result")

YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
DELETE_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
_OBJECTS = (negotiate.JSON, YAML, PROTOBUF)
_PATCHES = (dispatch.JSON, dispatch.MERGE, dispatch.STRATEGIC, dispatch.APPLY)


async def read(raw: bytes, function: Callable[..., Result], *arguments: Any) -> Result:
    """What a function makes of a body; of a large one in a thread, so that others are served."""
    return await work.done(function, *arguments, large=_takes_long(raw))


def _takes_long(raw: bytes) -> bool:
    """Whether a body may take long to read: it is large, or YAML with aliases, which repeat it."""
    return len(raw) > work.SMALL_BYTES or b"*" in raw


def media_type(header: str) -> str:
    """The media type of a Content-Type header; JSON where there is none."""
    return header.partition(";")[0].strip().lower() or negotiate.JSON


def check_patch_type(content_type: str) -> None:
    """Raise 415 where a media type is not one of a patch."""
    if content_type not in _PATCHES:
        raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def decoded(type_name: str, header: str, raw: bytes, validation: str) -> tuple[Object, list[str]]:
    """The object of a body, and its strict errors where validation is Warn.

    type_name: the message that is expected. header: Content-Type. Raises 400 where the body is no
    such object, 415 for a media type that is not served.
    """
    form = _object_form(header)
    if form == PROTOBUF:
        from kubectl_joblab.practice.api.codec import (
            protobuf,  # large, and not every client sends protobuf
        )

        return protobuf.decode(type_name, raw), []
    return decode.decode(type_name, raw, validation=validation, yaml=form == YAML)


def delete_options(header: str, raw: bytes) -> Object:
    """The DeleteOptions of a body; raises as decoded does."""
    form = _object_form(header)
    if form == PROTOBUF:
        from kubectl_joblab.practice.api.codec import protobuf  # as above

        return protobuf.options(DELETE_OPTIONS, raw)
    return decode.options(DELETE_OPTIONS, raw, yaml=form == YAML)


def _object_form(header: str) -> str:
    found = media_type(header)
    if found not in _OBJECTS:
        known = ", ".join(_OBJECTS)
        message = "the body of the request was in an unknown format - accepted media types include"
        raise StatusError(415, "UnsupportedMediaType", f"{message}: {known}")
    return found


def patch_of(content_type: str, raw: bytes) -> object:
    """A patch as JSON data, not yet applied to anything; 400 where it cannot be parsed."""
    if content_type == dispatch.APPLY:
        from kubectl_joblab.formats import goyaml  # PyYAML is large, and few clients apply

        try:
            return goyaml.parse(raw)[0]
        except goyaml.YAMLError as error:
            raise errors.bad_request(f"error decoding YAML: {error}") from error
    try:
        found: object = gojson.parse(raw)
    except gojson.JSONError as error:
        raise errors.bad_request("invalid JSON patch") from error
    return found


def makes_much(content_type: str, patch: Any) -> bool:
    """Whether it may take long to apply a patch: it is large, or JSON that copies."""
    if content_type == dispatch.JSON and isinstance(patch, list):
        copies = (isinstance(one, dict) and one.get("op") == "copy" for one in patch)
        return work.is_large(patch) or any(copies)
    return work.is_large(patch)
