"""The form of answer that an Accept header asks for: object, Table, metadata, discovery.

HTTP asks before it answers. Only JSON is spoken; a client that prefers protobuf and takes JSON too
gets JSON. Follows k8s.io/apiserver/pkg/endpoints/handlers/negotiation, with its texts, and the
check of go-restful's routes that comes before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kubectl_joblab.practice.api.errors import StatusError

JSON = "application/json"
TABLE = "Table"
PARTIAL = "PartialObjectMetadata"
PARTIAL_LIST = "PartialObjectMetadataList"
DISCOVERY = "APIGroupDiscoveryList"

OPENAPI_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_OPENAPI = {
    "json": JSON,
    "com.github.proto-openapi.spec.v2@v1.0+protobuf": OPENAPI_PROTOBUF,
    "com.github.proto-openapi.spec.v2.v1.0+protobuf": OPENAPI_PROTOBUF,
}
_JSON_CLAUSES = (("application", "json"), ("application", "*"), ("*", "*"))


@dataclass(frozen=True)
class Representation:
    """A form of answer. kind: TABLE, PARTIAL, PARTIAL_LIST, DISCOVERY, "" for the object itself."""

    kind: str = ""
    group: str = ""
    version: str = ""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}"

    @property
    def content_type(self) -> str:
        """The Content-Type of the answer; only that of discovery repeats what was asked for."""
        if self.kind == DISCOVERY:
            return f"{JSON};g={self.group};v={self.version};as={self.kind}"
        return JSON


PLAIN = Representation()
AGGREGATED = Representation(DISCOVERY, "apidiscovery.k8s.io", "v2")


@dataclass(frozen=True)
class _Clause:
    type: str
    subtype: str
    quality: float = 1.0
    parameters: dict[str, str] = field(default_factory=dict)


def of_objects(accept: str, *, tables: bool = True) -> Representation:
    """The form for an object or a list. tables: whether the kind can be shown as a Table."""

    def allows(wanted: Representation) -> bool:
        if wanted == PLAIN:
            return True
        if wanted.group != "meta.k8s.io" or wanted.version not in ("v1", "v1beta1"):
            return False
        return wanted.kind in (PARTIAL, PARTIAL_LIST) or (wanted.kind == TABLE and tables)

    return _negotiated(accept, allows)


def of_discovery(accept: str) -> Representation:
    """The form for /api and /apis: AGGREGATED, or PLAIN for the legacy documents."""
    try:
        return _negotiated(accept, lambda wanted: wanted == AGGREGATED)
    except StatusError:
        return of_documents(accept)


def of_documents(accept: str) -> Representation:
    """The form for a legacy discovery document: it has one."""
    return _negotiated(accept, lambda wanted: wanted == PLAIN)


def of_openapi(accept: str) -> str:
    """The Content-Type of the OpenAPI v2 document; "" where the client takes none of its forms.

    Follows k8s.io/kube-openapi/pkg/handler, which still knows the older name of the second form.
    """
    for clause in _clauses(accept or "*/*"):
        for subtype, answer in _OPENAPI.items():
            if clause.type in ("application", "*") and clause.subtype in (subtype, "*"):
                return answer
    return ""


def check_json(accept: str) -> None:
    """Raise 406 where a client takes no JSON at all; parameters in the header do not matter."""
    types = {part.partition(";")[0].strip(" ") for part in accept.split(",")}
    if accept and not types & {"*/*", JSON}:
        message = f"406: Not Acceptable\n\nAvailable representations: {JSON}"
        raise StatusError(406, "NotAcceptable", message, {})


def not_acceptable(message: str) -> StatusError:
    """The 406 of an object that does not have the form that was asked for."""
    return StatusError(406, "NotAcceptable", message)


def _negotiated(accept: str, allows: Callable[[Representation], bool]) -> Representation:
    """The first clause, from the best on, that JSON meets and the endpoint allows; or 406."""
    check_json(accept)
    for clause in _clauses(accept or "*/*"):
        wanted = _wanted(clause.parameters)
        meets = (clause.type, clause.subtype) in _JSON_CLAUSES
        if meets and allows(wanted) and clause.parameters.get("stream", "watch") == "watch":
            return wanted
    raise not_acceptable(f"only the following media types are accepted: {JSON}")


def _wanted(parameters: dict[str, str]) -> Representation:
    return Representation(
        parameters.get("as", ""), parameters.get("g", ""), parameters.get("v", "")
    )


def _clauses(accept: str) -> list[_Clause]:
    """The clauses of a header, best first, as ParseAccept in munnerz/goautoneg reads them."""
    read = [_clause(part) for part in accept.split(",")]
    clauses = [clause for clause in read if clause]
    return sorted(
        clauses, key=lambda clause: (-clause.quality, clause.type == "*", clause.subtype == "*")
    )


def _clause(text: str) -> _Clause | None:
    name, *rest = text.split(";")
    kind, slash, subtype = (part.strip(" ") for part in name.partition("/"))
    if not slash and kind == "*":
        subtype = "*"
    if not subtype or "/" in subtype:
        return None
    pairs = (part.partition("=") for part in rest)
    parameters = {key.strip(" "): value.strip(" ") for key, _, value in pairs if value}
    return _Clause(kind, subtype, _quality(parameters.pop("q", "1")), parameters)


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
