"""The kind that a request body says it is, and the refusal of one that was not expected.

decode and protobuf use it. It knows the table of types and not which kinds are served. Follows
k8s.io/apimachinery/pkg/runtime (schema/group_version.go, error.go, serializer/json/json.go) and
transformDecodeError in k8s.io/apiserver/pkg/endpoints/handlers/rest.go.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kubectl_joblab.formats import gojson
from kubectl_joblab.practice.api import errors, types

_SCHEME = "pkg/runtime/scheme.go:111"  # what upstream calls its own table of types
# AddToGroupVersion in k8s.io/apimachinery/pkg/apis/meta/v1/register.go
_OPTIONS = tuple(
    f"{verb}Options" for verb in ("Create", "Delete", "Get", "List", "Patch", "Update")
)
_SUMMARY = 30  # bytes of a body that a refusal shows


class RefusedError(ValueError):
    """A body is not of the kind that was expected; the text is upstream's."""


@dataclass(frozen=True)
class GroupVersionKind:
    """A kind as a body names it; "" for what it does not say."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def or_default(self, default: GroupVersionKind) -> GroupVersionKind:
        """This kind with what it does not say taken from another (gvkWithDefaults upstream)."""
        found = replace(self, kind=self.kind or default.kind)
        if not found.version and found.group in ("", default.group):
            return replace(found, group=default.group, version=default.version)
        return found


def of(type_name: str) -> GroupVersionKind:
    """The kind that a message of the table of types is."""
    message = types.message(type_name)
    return named(message.api_version, message.go_name)


def named(api_version: str, kind: str) -> GroupVersionKind:
    """The kind that apiVersion and kind name; RefusedError where it is no apiVersion."""
    if api_version in ("", "/"):
        return GroupVersionKind("", "", kind)
    *group, version = api_version.split("/")
    if len(group) > 1:
        raise RefusedError(f"unexpected GroupVersion string: {api_version}")
    return GroupVersionKind("".join(group), version, kind)


def message_of(found: GroupVersionKind) -> types.Message:
    """The message of a kind in the table of types; RefusedError where the table has none."""
    message = types.find(found.api_version, found.kind)
    if message is None:
        raise unregistered(found)
    return message


def unregistered(found: GroupVersionKind) -> RefusedError:
    """The error for a kind that the table of types does not have."""
    kind, version = gojson.quote(found.kind), gojson.quote(found.api_version)
    return RefusedError(f'no kind {kind} is registered for version {version} in scheme "{_SCHEME}"')


def check_options(found: GroupVersionKind, type_name: str) -> None:
    """Raise RefusedError where a body is not of the options that were expected.

    They may be of any group and version: upstream registers options in all.
    """
    expected = of(type_name).kind
    if found.kind == expected:
        return
    if found.kind in _OPTIONS:
        raise RefusedError(f"converting (v1.{found.kind}) to (v1.{expected}): unknown conversion")
    raise unregistered(found)


def check_same(message: types.Message, type_name: str) -> None:
    """Raise RefusedError where a body is of another kind than was expected."""
    if message.name != type_name:
        expected = types.message(type_name)
        internal = f"{expected.name.split('.')[-3]}.{expected.go_name}"
        raise RefusedError(f"converting ({message.go_type}) to ({internal}): unknown conversion")


def refusal(
    error: Exception, type_name: str, raw: bytes, found: GroupVersionKind | None
) -> errors.StatusError:
    """The StatusError 400 for a body that cannot be read.

    found: the kind that the body says it is, None where that cannot be read either.
    """
    kind = types.message(type_name).go_name
    if found is not None and found.kind:
        version = gojson.quote(found.version)
        return errors.bad_request(
            f"{found.kind} in version {version} cannot be handled as a {kind}: {error}"
        )
    return errors.bad_request(
        f"the object provided is unrecognized (must be of type {kind}): {error} ({_summary(raw)})"
    )


def _summary(raw: bytes) -> str:
    if not raw:
        return "<empty>"
    start = raw[:_SUMMARY]
    shown = start.decode("utf-8", "replace") if raw.startswith(b"{") else start.hex()
    return shown + (" ..." if len(raw) > _SUMMARY else "")
