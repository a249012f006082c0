"""Every message and field of the API types, as upstream's Go structs declare them.

Decoding, protobuf, OpenAPI and patches read this table; it knows no values. types.json is made from
Kubernetes' source by tools/kubernetes_types.py; it is read when it is first needed, and a message
is built when it is first named.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

# types that read and write themselves -> the Go type
SPECIAL = {
    "FieldsV1": "v1.FieldsV1",
    "IntOrString": "intstr.IntOrString",
    "MicroTime": "v1.MicroTime",
    "Quantity": "resource.Quantity",
    "Time": "v1.Time",
    "bytes": "[]uint8",
    "strings": "v1.ExtraValue",  # a list of texts, as a value of a map
}
_SHAPE = re.compile(r"(\*?)(\[\]|map\[string\]|)([\w.-]+)")


@dataclass(frozen=True)
class Field:
    """A field of a Go struct. Where a fact is absent, it is "", (), None or False.

    type: string, int32, int64, bool, a key of SPECIAL, or the name of a message; of a list or map,
    what one value is. go_type: the whole as Go's reflect prints it. number: protobuf's, 0 where it
    is not sent. omit: omitempty, omitzero, or "" where JSON always shows it. inline: embedded, so
    its fields stand beside the struct's own in JSON, but not in protobuf. default: OpenAPI's.
    """

    json: str
    go: str
    number: int
    type: str
    go_type: str
    pointer: bool = False
    repeated: bool = False
    map: bool = False
    omit: str = ""
    inline: bool = False
    required: bool = False
    enum: tuple[str, ...] = ()
    default: Any = None
    merge_key: str = ""
    patch_strategy: str = ""
    list_type: str = ""
    list_map_keys: tuple[str, ...] = ()
    map_type: str = ""
    discriminator: bool = False
    feature_gates: tuple[str, ...] = ()

    @property
    def is_message(self) -> bool:
        """Whether the values of the field are messages of this table."""
        return "." in self.type


@dataclass(frozen=True)
class Message:
    """A Go struct.

    own: its fields as declared, an inline one by its Go name. fields: by JSON name, those of inline
    fields included. api_version: what stands in apiVersion, where it is a kind. map_type: atomic,
    where server-side apply replaces it whole.
    """

    name: str
    own: Mapping[str, Field]
    fields: Mapping[str, Field]
    api_version: str = ""
    map_type: str = ""
    union: bool = False

    @property
    def go_name(self) -> str:
        """The name of the struct: JobSpec of io.k8s.api.batch.v1.JobSpec."""
        return self.name.rpartition(".")[2]

    @property
    def go_type(self) -> str:
        """The type as Go's reflect prints it: v1.JobSpec."""
        return ".".join(self.name.split(".")[-2:])


def version() -> str:
    """The version of Kubernetes that the table describes, such as 1.37.2."""
    return str(_table()["kubernetes"])


def names() -> list[str]:
    """The names of all messages."""
    return list(_table()["messages"])


@functools.cache
def message(name: str) -> Message:
    """The message of this name, such as io.k8s.api.batch.v1.Job."""
    declared = _table()["messages"][name]
    own = {key: _field(key, facts) for key, facts in declared["fields"].items()}
    fields: dict[str, Field] = {}
    for key, one in own.items():
        fields.update(message(one.type).fields if one.inline else {key: one})
    return Message(
        name,
        own,
        fields,
        api_version=declared.get("apiVersion", ""),
        map_type=declared.get("mapType", ""),
        union=declared.get("union", False),
    )


def find(api_version: str, kind: str) -> Message | None:
    """The message of a kind; None where the table does not have it."""
    name = _kinds().get((api_version, kind))
    return message(name) if name else None


@functools.cache
def _kinds() -> Mapping[tuple[str, str], str]:
    declared = _table()["messages"].items()
    return {
        (facts["apiVersion"], name.rpartition(".")[2]): name
        for name, facts in declared
        if "apiVersion" in facts
    }


@functools.cache
def _table() -> Any:
    text = resources.files(__package__).joinpath("types.json").read_text(encoding="utf-8")
    return json.loads(text)


def _field(key: str, facts: dict[str, Any]) -> Field:
    shape = _SHAPE.fullmatch(facts["type"])
    assert shape, facts["type"]
    pointer, container, inner = shape.groups()
    go_type = pointer + container + SPECIAL.get(inner, ".".join(inner.split(".")[-2:]))
    return Field(
        json=key,
        go=facts["go"],
        number=facts.get("number", 0),
        type=inner,
        go_type=facts.get("goType", go_type),
        pointer=bool(pointer),
        repeated=container == "[]",
        map=container == "map[string]",
        omit=facts.get("omit", ""),
        inline=facts.get("inline", False),
        required=facts.get("required", False),
        enum=tuple(facts.get("enum", ())),
        default=facts.get("default"),
        merge_key=facts.get("patchMergeKey", ""),
        patch_strategy=facts.get("patchStrategy", ""),
        list_type=facts.get("listType", ""),
        list_map_keys=tuple(facts.get("listMapKeys", ())),
        map_type=facts.get("mapType", ""),
        discriminator=facts.get("discriminator", False),
        feature_gates=tuple(facts.get("featureGates", ())),
    )
