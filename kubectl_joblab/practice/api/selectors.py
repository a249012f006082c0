"""Label and field selectors: parsed once, then asked of each object.

The registry parses what clients send; controllers match a LabelSelector of an object. Follows
k8s.io/apimachinery/pkg/labels/selector.go and pkg/fields/selector.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.kinds import Kind

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Requirement:
    """One term. operator: In, NotIn, Exists, DoesNotExist, as in matchExpressions."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether the labels fulfil it; NotIn is also fulfilled by a missing label."""
        value = labels.get(self.key)
        if self.operator == "In":
            return value is not None and value in self.values
        if self.operator == "NotIn":
            return value is None or value not in self.values
        return (value is not None) == (self.operator == "Exists")


@dataclass(frozen=True)
class LabelSelector:
    """All of its requirements."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether the labels fulfil every requirement."""
        return all(requirement.matches(labels) for requirement in self.requirements)


def of(selector: Mapping[str, Any] | None) -> LabelSelector | None:
    """A metav1.LabelSelector; None selects nothing, an empty one everything."""
    if selector is None:
        return None
    equal = [
        Requirement(key, "In", (value,))
        for key, value in (selector.get("matchLabels") or {}).items()
    ]
    terms = [
        Requirement(term["key"], term["operator"], tuple(term.get("values") or ()))
        for term in selector.get("matchExpressions") or ()
    ]
    return LabelSelector((*equal, *terms))


_TERM = re.compile(
    r"\s*(?:"
    r"(?P<absent>!)\s*(?P<key1>[^\s,!=()]+)"
    r"|(?P<key2>[^\s,!=()]+)\s+(?P<set>in|notin)\s*\((?P<values>[^()]*)\)"
    r"|(?P<key3>[^\s,!=()]+)\s*(?P<equal>==|=|!=)\s*(?P<value>[^\s,!=()]*)"
    r"|(?P<key4>[^\s,!=()]+)"
    r")\s*(?:,|$)"
)


def parse_labels(text: str) -> LabelSelector:
    """What a client writes: a=b, a!=b, a in (b,c), a, !a."""
    found, position = [], 0
    while position < len(text):
        match = _TERM.match(text, position)
        if not match:
            raise errors.bad_request(f"unable to parse requirement: {text!r}")
        found.append(_requirement(match))
        position = match.end()
    return LabelSelector(tuple(found))


def _requirement(match: re.Match[str]) -> Requirement:
    if match["absent"]:
        return Requirement(match["key1"], "DoesNotExist")
    if match["set"]:
        values = tuple(value.strip() for value in match["values"].split(","))
        return Requirement(match["key2"], "In" if match["set"] == "in" else "NotIn", values)
    if match["equal"]:
        operator = "NotIn" if match["equal"] == "!=" else "In"
        return Requirement(match["key3"], operator, (match["value"],))
    return Requirement(match["key4"], "Exists")


@dataclass(frozen=True)
class FieldTerm:
    """One term of a field selector: a path, and the text that must, or must not, be there."""

    path: str
    value: str
    equal: bool

    def matches(self, obj: Object) -> bool:
        """Whether the object fulfils it; an unset field is an empty text."""
        return (field_text(obj, self.path) == self.value) == self.equal


def field_text(obj: Object, path: str) -> str:
    """A field as selectors see it."""
    value = objects.field(obj, path)
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse_fields(text: str, kind: Kind) -> tuple[FieldTerm, ...]:
    """What a client writes: a=b, a==b, a!=b."""
    known = {"metadata.name": "metadata.name", "metadata.namespace": "metadata.namespace"}
    known.update(kind.fields)
    found = []
    for part in filter(None, text.split(",")):
        match = re.fullmatch(r"(.*?)(!=|==|=)(.*)", part)
        if not match:
            raise errors.bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        label, operator, value = match.groups()
        if label not in known:
            raise errors.bad_request(f"field label not supported: {label}")
        found.append(FieldTerm(known[label], value, operator != "!="))
    return tuple(found)


def matcher(kind: Kind, labels: str, fields: str) -> Callable[[Object], bool] | None:
    """What both selectors ask of an object; None where they select everything."""
    if not labels and not fields:
        return None
    selector, terms = parse_labels(labels), parse_fields(fields, kind)

    def matches(obj: Object) -> bool:
        return selector.matches(objects.labels(obj)) and all(term.matches(obj) for term in terms)

    return matches
