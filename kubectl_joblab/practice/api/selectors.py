"""Label selectors, as clients write them and as objects carry them.

The registry parses what a client sends and matches objects; controllers match by the selector of a
Job. Follows k8s.io/apimachinery/pkg/labels/selector.go, with its texts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, field, fieldselectors, names
from kubectl_joblab.practice.api.go import strconv
from kubectl_joblab.practice.api.kind import Kind

Labels = Mapping[str, str]

# every character is part of one token, so that a text is read once, however it is made up
_TOKEN = re.compile(r"(?P<blank>\s+)|==|!=|[=!(),<>]|[^\s=!(),<>]+")
_SPECIAL = (")", ",", "!", "==", "=", ">", "<", "!=", "(")
_BINARY = {"in": "In", "notin": "NotIn", "=": "In", "==": "In", "!=": "NotIn", ">": "Gt", "<": "Lt"}


@dataclass(frozen=True)
class Requirement:
    """One requirement. operator: one of matchExpressions, or Gt or Lt."""

    key: str
    operator: str
    values: Collection[str] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether labels fulfil the requirement; a label that is missing fulfils NotIn too."""
        value = labels.get(self.key)
        if self.operator == "In":
            return value is not None and value in self.values
        if self.operator == "NotIn":
            return value is None or value not in self.values
        if self.operator in ("Gt", "Lt"):
            return value is not None and _compares(self.operator, value, *self.values)
        return (value is not None) == (self.operator == "Exists")


def _compares(operator: str, value: str, bound: str) -> bool:
    try:
        left, right = strconv.parse_int(value), strconv.parse_int(bound)
    except strconv.NumError:
        return False
    return left > right if operator == "Gt" else left < right


@dataclass(frozen=True)
class LabelSelector:
    """A selector, which is all of its requirements."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether labels fulfil every requirement."""
        return all(requirement.matches(labels) for requirement in self.requirements)

    def label(self) -> tuple[str, str] | None:
        """A label with a value that everything has that is selected; None where there is none."""
        single = (one for one in self.requirements if one.operator == "In" and len(one.values) == 1)
        return next(((one.key, next(iter(one.values))) for one in single), None)

    def compiled(self) -> Callable[[Labels], bool]:
        """`matches` for many objects, in a time that depends on their labels alone.

        What clients send may have thousands of requirements; most of them are about labels that an
        object does not have.
        """
        of_key: dict[str, list[Requirement]] = {}
        for one in dict.fromkeys(self.requirements):
            of_key.setdefault(one.key, []).append(one)
        needed = {one.key for one in self.requirements if not one.matches({})}
        rules = {key: _merged(key, found) for key, found in of_key.items()}

        def matches(labels: Labels) -> bool:
            if len(needed) > len(labels) or not needed <= labels.keys():
                return False
            return all(one.matches(labels) for key in labels if key in rules for one in rules[key])

        return matches


def _merged(key: str, found: list[Requirement]) -> list[Requirement]:
    """The requirements on one label, with those that say the same of it as a single one."""
    by_operator: dict[str, list[Collection[str]]] = {}
    for one in found:
        by_operator.setdefault(one.operator, []).append(one.values)
    merge: dict[str, Callable[[list[Collection[str]]], Collection[str]]] = {
        "In": lambda all_: frozenset(all_[0]).intersection(*all_[1:]),
        "NotIn": lambda all_: frozenset().union(*all_),
        "Gt": lambda all_: max(all_, key=_bound),
        "Lt": lambda all_: min(all_, key=_bound),
    }
    return [
        Requirement(key, operator, merge.get(operator, _first)(values))
        for operator, values in by_operator.items()
    ]


def _first(found: list[Collection[str]]) -> Collection[str]:
    return found[0]


def _bound(values: Collection[str]) -> int:
    """The number of Gt or Lt, which the parser has found to be one."""
    return int(*values)


NOTHING = LabelSelector((Requirement("", "In"),))


def of(selector: Mapping[str, Any] | None) -> LabelSelector:
    """A metav1.LabelSelector: None selects nothing, an empty one everything."""
    if selector is None:
        return NOTHING
    equal = [
        Requirement(key, "In", (value,))
        for key, value in (selector.get("matchLabels") or {}).items()
    ]
    terms = [
        Requirement(term["key"], term["operator"], tuple(term.get("values") or ()))
        for term in selector.get("matchExpressions") or ()
    ]
    return LabelSelector((*equal, *terms))


def parse(text: str) -> LabelSelector:
    """A selector as clients write it: ``a=b,a!=b,a in (b,c),a notin (b),a,!a``; 400 if wrong."""
    try:
        return LabelSelector(tuple(_Parser(text).requirements()))
    except ValueError as exc:
        raise errors.bad_request(str(exc)) from exc


@dataclass(frozen=True)
class Matcher:
    """Whether an object matches a label and a field selector.

    Of many objects a name and labels can be had without the rest. name: the only one that matches,
    "" where others do. label: one that an object must have, with its value; None where it need
    none. labels: whether labels match, None where all do. fields: whether the object does
    otherwise, None where every object does.
    """

    name: str
    label: tuple[str, str] | None
    labels: Callable[[Labels], bool] | None
    fields: Callable[[Object], bool] | None

    def __call__(self, obj: Object) -> bool:
        return (self.labels is None or self.labels(objects.labels(obj))) and (
            self.fields is None or self.fields(obj)
        )


@functools.lru_cache(maxsize=128)
def matcher(kind: Kind, labels: str, fields: str) -> Matcher | None:
    """The Matcher of a label and a field selector; None where every object matches.

    It is kept for the next request, and so that a long one can be read in another thread first.
    """
    if not labels and not fields:
        return None
    selector = parse(labels)
    by_labels = selector.compiled() if labels else None
    terms = fieldselectors.parse(fields, kind)
    by_fields = fieldselectors.compiled(terms) if terms else None
    return Matcher(fieldselectors.name(terms), selector.label(), by_labels, by_fields)


def _tokens(text: str) -> list[str]:
    """The words and operators of a selector; "" stands at the end."""
    return [match[0] for match in _TOKEN.finditer(text) if not match["blank"]] + [""]


def _is_word(read: str) -> bool:
    return read != "" and read not in _SPECIAL


class _Parser:
    """Recursive descent, a method for each rule of the grammar; ValueError where it fails."""

    def __init__(self, text: str) -> None:
        self._left = _tokens(text)[::-1]

    @property
    def _ahead(self) -> str:
        return self._left[-1]

    def _next(self) -> str:
        return self._left.pop() if len(self._left) > 1 else ""

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while self._ahead:
            if not (_is_word(self._ahead) or self._ahead == "!"):
                expected = "!, identifier, or 'end of string'"
                raise ValueError(f"found '{self._ahead}', expected: {expected}")
            try:
                found.append(self._requirement())
            except ValueError as exc:
                raise ValueError(f"unable to parse requirement: {exc}") from exc
            if not (read := self._next()):
                break
            if read != ",":
                raise ValueError(f"found '{read}', expected: ',' or 'end of string'")
            if not (_is_word(self._ahead) or self._ahead == "!"):
                raise ValueError(f"found '{self._ahead}', expected: identifier after ','")
        return found

    def _requirement(self) -> Requirement:
        absent = self._ahead == "!" and bool(self._next())
        key = self._next()
        if not _is_word(key):
            raise ValueError(f"found '{key}', expected: identifier")
        _check("<nil>", key, names.is_qualified_name(key))
        if absent:
            return Requirement(key, "DoesNotExist")
        if self._ahead in ("", ","):
            return Requirement(key, "Exists")
        read = self._next()
        if read not in _BINARY:
            raise ValueError(f"found '{read}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._values() if read in ("in", "notin") else {self._value()}
        return _checked(Requirement(key, _BINARY[read], tuple(sorted(values))))

    def _value(self) -> str:
        if self._ahead in ("", ","):
            return ""
        read = self._next()
        if not _is_word(read):
            raise ValueError(f"found '{read}', expected: identifier")
        return read

    def _values(self) -> set[str]:
        if (read := self._next()) != "(":
            raise ValueError(f"found '{read}' expected: '('")
        if self._ahead == ")":
            self._next()
            return {""}
        if not (_is_word(self._ahead) or self._ahead == ","):
            raise ValueError(f"found '{self._ahead}', expected: ',', ')' or identifier")
        return self._listed()

    def _listed(self) -> set[str]:
        found: set[str] = set()
        while True:
            read = self._next()
            if _is_word(read):
                found.add(read)
                if self._ahead not in (",", ")"):
                    raise ValueError(f"found '{self._ahead}', expected: ',' or ')'")
                if self._ahead == ")":
                    break
            elif read == ",":
                if not found or self._ahead in (",", ")"):
                    found.add("")
                if self._ahead == ")":
                    break
            else:
                raise ValueError(f"found '{read}', expected: ',', or identifier")
        self._next()
        return found


def _checked(requirement: Requirement) -> Requirement:
    for index, value in enumerate(requirement.values):
        if requirement.operator in ("Gt", "Lt") and not strconv.is_int(value):
            detail = "for 'Gt', 'Lt' operators, the value must be an integer"
            _check(f"values[{index}]", value, [detail])
        _check(f"values[{index}][{requirement.key}]", value, names.is_valid_label_value(value))
    return requirement


def _check(path: str, value: str, details: list[str]) -> None:
    if details:
        raise ValueError(str(field.invalid(path, value, "; ".join(details))))
