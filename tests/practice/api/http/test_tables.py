"""Tables against what a real API server and kubectl made of the same objects at the same moment."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import tables
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.printing import tabwriter, text

HERE = Path(__file__).parents[1]
GOLDEN: dict[str, dict[str, Any]] = json.loads(
    (HERE / "golden" / "tables.json").read_text(encoding="utf-8")
)
PRINTED = HERE.parent.parent / "printing" / "golden"
BY_PLURAL = {kind.plural: kind for kind in kinds.KINDS if kind.view_of is None}
ROWS = [
    pytest.param(plural, name, id=f"{plural}/{name}")
    for plural, found in GOLDEN.items()
    for name in found
    if name != "columns"
]
NOW = datetime(2026, 11, 25, 4, 0, tzinfo=timezone.utc)
SPACE: Object = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "labs", "creationTimestamp": "2026-11-25T03:58:00Z"},
    "status": {"phase": "Active"},
}


def of_one(obj: Object, now: datetime = NOW, **how: Any) -> Object:
    kind = next(kind for kind in kinds.KINDS if kind.kind == obj["kind"])
    return tables.table(kind, [obj], now, list_metadata={"resourceVersion": "7"}, **how)


def shown(cell: object) -> str:
    """As kubectl does: what comes after a line break is only hinted at."""
    first, *rest = str(cell).splitlines() or [""]
    return f"{first}..." if rest else first


@pytest.mark.parametrize(("plural", "name"), ROWS)
def test_a_row_is_a_real_servers(plural: str, name: str) -> None:
    expected = dict(GOLDEN[plural][name])
    now = datetime.fromisoformat(expected.pop("now"))

    (row,) = of_one(expected["object"], now, include_object="Object")["rows"]

    assert row == expected


@pytest.mark.parametrize("plural", GOLDEN)
def test_columns_are_a_real_servers_but_for_their_descriptions(plural: str) -> None:
    found = tables.table(BY_PLURAL[plural], [], NOW, list_metadata={})

    assert all(column.pop("description") for column in found["columnDefinitions"])
    assert found == {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {},
        "columnDefinitions": GOLDEN[plural]["columns"],
        "rows": [],
    }


def test_every_kind_that_is_stored_has_golden_columns() -> None:
    assert set(GOLDEN) == {kind.plural for kind in kinds.KINDS if kind.stored}


def test_every_kind_of_which_there_are_objects_has_golden_rows() -> None:
    assert {kind.plural for kind in kinds.FILLED} <= {row.values[0] for row in ROWS}


@pytest.mark.parametrize("name", ["jobs-wide", "pods-wide"])
def test_kubectl_prints_the_same_of_our_table(name: str) -> None:
    found = json.loads((PRINTED / f"{name}.json").read_text(encoding="utf-8"))
    kind = BY_PLURAL[name.removesuffix("-wide")]
    now = objects.time(found["now"])
    assert now is not None

    table = tables.table(kind, found["items"], now, list_metadata={})

    headers = [column["name"].upper() for column in table["columnDefinitions"]]
    rows = [headers, *([shown(cell) for cell in row["cells"]] for row in table["rows"])]
    lines = text.render(("\t".join(row) for row in rows), tabwriter.TABLE)
    expected = (PRINTED / f"{name}.txt").read_text(encoding="utf-8")
    assert [line.rstrip() for line in lines] == [line.rstrip() for line in expected.splitlines()]


def test_a_row_comes_with_the_metadata_of_its_object() -> None:
    assert of_one(SPACE)["rows"] == [
        {
            "cells": ["labs", "Active", "2m"],
            "object": {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": SPACE["metadata"],
            },
        }
    ]


def test_a_row_comes_with_no_object_where_none_is_wanted() -> None:
    (row,) = of_one(SPACE, include_object="None")["rows"]

    assert row == {"cells": ["labs", "Active", "2m"], "object": None}


def test_later_tables_of_a_watch_describe_no_columns() -> None:
    table = of_one(SPACE, headers=False)

    assert table["columnDefinitions"] is None
    assert table["metadata"] == {"resourceVersion": "7"}
    assert len(table["rows"]) == 1


def test_an_old_table_says_so_throughout() -> None:
    table = of_one(SPACE, api_version="meta.k8s.io/v1beta1")

    assert table["apiVersion"] == "meta.k8s.io/v1beta1"
    assert table["rows"][0]["object"]["apiVersion"] == "meta.k8s.io/v1beta1"


@pytest.mark.parametrize("kind", kinds.FILLED, ids=lambda kind: kind.plural)
def test_a_bookmark_is_a_row_that_keeps_its_annotation(kind: Kind) -> None:
    annotations = {"k8s.io/initial-events-end": "true"}
    bookmark = {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"resourceVersion": "9", "annotations": annotations},
    }

    (row,) = of_one(bookmark, include_object="None")["rows"]

    assert len(row["cells"]) == len(GOLDEN[kind.plural]["columns"])
    assert row["object"]["metadata"]["annotations"] == annotations


@pytest.mark.parametrize("value", ["", "Metadata", "Object", "None"])
def test_what_may_be_included(value: str) -> None:
    tables.check_included(value)


def test_what_may_not_be_included() -> None:
    with pytest.raises(StatusError) as refused:
        tables.check_included("Foo")

    assert refused.value.code == 400
    assert refused.value.message == (
        'Unable to convert to Table as requested: includeObject: Invalid value: "Foo": '
        "must be 'Metadata', 'Object', 'None', or empty"
    )


def test_a_list_of_metadata_has_no_specs() -> None:
    found = tables.partial_list([SPACE], list_metadata={"resourceVersion": "7"})

    assert found == {
        "kind": "PartialObjectMetadataList",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": "7"},
        "items": [tables.partial(SPACE)],
    }
    assert set(tables.partial(SPACE)) == {"kind", "apiVersion", "metadata"}
