"""Field selectors: terms that compare a few fields of a kind with texts.

selectors.matcher uses them beside label selectors. Follows
k8s.io/apimachinery/pkg/fields/selector.go; Kind.fields says which fields a kind has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.kind import Kind

_EVERYWHERE = ("metadata.name", "metadata.namespace")
# fields that are no texts: the zero that stands for each where it is not set
_ZEROS = {"status.succeeded": "0", "spec.hostNetwork": "false", "spec.unschedulable": "false"}


@dataclass(frozen=True)
class Term:
    """One term: the path of a field, and the text that it must, or must not, have."""

    path: str
    value: str
    equal: bool

    def matches(self, obj: Object) -> bool:
        return (text_of(obj, self.path) == self.value) == self.equal


def text_of(obj: Object, path: str) -> str:
    """A field as selectors see it; a field that is not set is the zero of its type."""
    value = objects.field(obj, path)
    if value is None:
        return _ZEROS.get(path, "")
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse(text: str, kind: Kind) -> tuple[Term, ...]:
    """The terms of a selector as a client writes it: ``a=b,a==b,a!=b``; 400 where it is wrong."""
    found = []
    for part in sorted(filter(None, _parts(text))):
        match = re.match(r"(.*?)(!=|==|=)(.*)", part, re.DOTALL)
        if not match:
            raise errors.bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        name, operator, value = match.groups()
        found.append((name, _unescaped(value), operator != "!="))
    return tuple(Term(_path(name, kind), value, equal) for name, value, equal in found)


def name(terms: Sequence[Term]) -> str:
    """A name that every object has which fulfils all terms; "" where they do not say one."""
    return next((one.value for one in terms if one.equal and one.path == "metadata.name"), "")


def compiled(terms: Sequence[Term]) -> Callable[[Object], bool]:
    """Whether an object fulfils all terms, in a time that does not depend on how many there are."""
    wanted: dict[str, set[str]] = {}
    unwanted: dict[str, set[str]] = {}
    for term in terms:
        (wanted if term.equal else unwanted).setdefault(term.path, set()).add(term.value)

    def matches(obj: Object) -> bool:
        return all({text_of(obj, path)} == values for path, values in wanted.items()) and not any(
            text_of(obj, path) in values for path, values in unwanted.items()
        )

    return matches


def _parts(text: str) -> list[str]:
    """The terms of a selector; a comma behind a backslash does not end one."""
    return re.findall(r"(?:[^,\\]|\\.|\\$)+", text, re.DOTALL)


def _unescaped(value: str) -> str:
    for match in re.finditer(r"\\(.?)|([,=])", value, re.DOTALL):
        escaped, bare = match.groups()
        if bare:
            raise errors.bad_request(
                f"invalid field selector: unescaped character in value: {ord(bare)}"
            )
        if escaped not in ("\\", ",", "=") or not escaped:
            raise errors.bad_request(
                f"invalid field selector: invalid escape sequence: \\{escaped}"
            )
    return re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)


def _path(name: str, kind: Kind) -> str:
    if name in _EVERYWHERE:
        return name
    if name in kind.fields:
        return kind.fields[name]
    if not kind.fields:  # a kind without a conversion function of its own
        only = ", ".join(f'"{one}"' for one in _EVERYWHERE)
        raise errors.bad_request(f'"{name}" is not a known field selector: only {only}')
    if kind.group and kind.view_of is None:
        raise errors.bad_request(f'field label "{name}" not supported for {kind.kind}')
    raise errors.bad_request(f"field label not supported: {name}")
