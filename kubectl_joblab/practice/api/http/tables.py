"""Objects in the other forms that clients ask for: rows of a Table, or metadata alone.

HTTP answers in the form that negotiate has found. Follows
k8s.io/apiserver/pkg/endpoints/handlers/response.go and pkg/printers/tablegenerator.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, field, negotiate
from kubectl_joblab.practice.api.http import columns, empty_columns
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import views
from kubectl_joblab.practice.api.storage import watching

COLUMNS = columns.COLUMNS | empty_columns.COLUMNS
V1 = negotiate.Representation(negotiate.TABLE, "meta.k8s.io", "v1")

_DONE = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


def table(
    kind: Kind,
    items: Sequence[Object],
    now: datetime,
    *,
    list_metadata: Object,
    include_object: str = "Metadata",
    headers: bool = True,
    api_version: str = V1.api_version,
) -> Object:
    """Objects as a Table with a row for each.

    list_metadata: that of the list, or the resourceVersion of the one object. headers: whether
    columns are described; in a watch only those of the first Table are.
    """
    described = COLUMNS[kind.kind]
    return {
        "kind": negotiate.TABLE,
        "apiVersion": api_version,
        "metadata": list_metadata,
        "columnDefinitions": [column.definition for column in described] if headers else None,
        "rows": [
            {
                "cells": _cells(described, views.kept(kind, item), now),
                **_conditions(kind, item),
                "object": _included(item, include_object, api_version),
            }
            for item in items
        ],
    }


def _cells(described: Sequence[columns.Column], item: Object, now: datetime) -> list[object]:
    return [column.cell(item, now) for column in described]


def check_included(include_object: str) -> None:
    """Raise 400 where includeObject is none of Metadata, Object, None and ""."""
    if include_object not in ("", "Metadata", "Object", "None"):
        wrong = field.invalid(
            "includeObject", include_object, "must be 'Metadata', 'Object', 'None', or empty"
        )
        raise errors.bad_request(f"Unable to convert to Table as requested: {wrong}")


def partial(obj: Object, *, api_version: str = V1.api_version) -> Object:
    """The metadata of an object alone."""
    return {
        "kind": negotiate.PARTIAL,
        "apiVersion": api_version,
        "metadata": objects.metadata(obj),
    }


def partial_list(
    items: Sequence[Object], *, list_metadata: Object, api_version: str = V1.api_version
) -> Object:
    """The metadata of each object of a list."""
    return {
        "kind": negotiate.PARTIAL_LIST,
        "apiVersion": api_version,
        "metadata": list_metadata,
        "items": [partial(item, api_version=api_version) for item in items],
    }


def _conditions(kind: Kind, item: Object) -> Object:
    """The condition that marks the row of a Pod as done, for clients that fade such rows."""
    phase = objects.status(item).get("phase")
    if kind.kind != "Pod" or phase not in _DONE:
        return {}
    done = {"type": "Completed", "status": "True", "reason": phase, "message": _DONE[phase]}
    return {"conditions": [done]}


def _included(item: Object, include_object: str, api_version: str) -> Object | None:
    """The object that comes with a row.

    A bookmark keeps the annotation that is the reason to send it, even where no object is wanted.
    """
    if include_object == "Object":
        return item
    if include_object == "None" and objects.annotation(item, watching.INITIAL_EVENTS_END) != "true":
        return None
    return partial(item, api_version=api_version)
