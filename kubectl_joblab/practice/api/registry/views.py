"""One stored object under two kinds: Events, which events.k8s.io shows with names of its own.

Verbs that are about the second kind write by its rules and in its form; what is stored, and what
they return, has the form of the first. HTTP shows it in the form that was asked for. Follows
pkg/apis/events/v1/conversion.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.kind import Kind


def shown(kind: Kind, obj: Object) -> Object:
    """A stored object as one of a kind."""
    if kind.view_of is None:
        return obj
    names = {stored: own for own, stored in kind.renamed.items()}
    return _as(kind, {names.get(key, key): value for key, value in obj.items()})


def kept(kind: Kind, obj: Object) -> Object:
    """An object of a kind as it is stored."""
    if kind.view_of is None:
        return obj
    return _as(kind.view_of, {kind.renamed.get(key, key): value for key, value in obj.items()})


def _as(kind: Kind, obj: Object) -> Object:
    return canonical(kind.type, {**obj, "apiVersion": kind.api_version, "kind": kind.kind})
