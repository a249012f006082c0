"""The rules of metadata that no request to a real server can break, or only in a race."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.validation.metadata import (
    validate_object_meta,
    validate_object_meta_update,
)

META = {"name": "a", "namespace": "default", "uid": "u", "resourceVersion": "1", "generation": 2}
DELETED = {**META, "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a.io/b"]}


@pytest.mark.parametrize(
    ("meta", "namespaced", "errors"),
    [
        pytest.param({"name": "a", "namespace": "n"}, True, [], id="a name in a namespace"),
        pytest.param(
            {"name": "a"}, True, ["metadata.namespace: Required value"], id="no namespace"
        ),
        pytest.param(
            {"name": "a", "namespace": "n"},
            False,
            ["metadata.namespace: Forbidden: not allowed on this type"],
            id="a namespace where none can be",
        ),
        pytest.param(
            {"name": "a", "annotations": {"a": "x" * 262144}},
            False,
            ["metadata.annotations: Too long: may not be more than 262144 bytes"],
            id="annotations without end",
        ),
        pytest.param(
            {"name": "a", "generation": -1},
            False,
            ["metadata.generation: Invalid value: -1: must be greater than or equal to 0"],
            id="less than no change",
        ),
        pytest.param(
            {"name": "a", "annotations": {"UPPER/Case": ""}}, False, [], id="case is no matter"
        ),
    ],
)
def test_new_metadata(meta: dict[str, Any], namespaced: bool, errors: list[str]) -> None:
    found = validate_object_meta(meta, namespaced=namespaced, name_rule=names.is_dns1123_subdomain)
    assert [str(error) for error in found] == errors


@pytest.mark.parametrize(
    ("change", "old", "errors"),
    [
        pytest.param({}, META, [], id="nothing"),
        pytest.param(
            {"resourceVersion": ""},
            META,
            ['metadata.resourceVersion: Invalid value: "": must be specified for an update'],
            id="a version of nothing",
        ),
        pytest.param(
            {"generation": 1},
            META,
            ["metadata.generation: Invalid value: 1: must not be decremented"],
            id="a generation back",
        ),
        pytest.param(
            {"uid": "v", "deletionGracePeriodSeconds": 3},
            META,
            [
                'metadata.uid: Invalid value: "v": field is immutable',
                "metadata.deletionGracePeriodSeconds: Invalid value: 3: field is immutable",
            ],
            id="what is the server's",
        ),
        pytest.param(
            {"finalizers": ["c.io/d", "b.io/c", "a.io/b"]},
            DELETED,
            [
                "metadata.finalizers: Forbidden: no new finalizers can be added if the object is "
                'being deleted, found new finalizers []string{"b.io/c", "c.io/d"}'
            ],
            id="a finalizer too late",
        ),
        pytest.param({"finalizers": []}, DELETED, [], id="a finalizer less"),
    ],
)
def test_a_change_of_metadata(
    change: dict[str, Any], old: dict[str, Any], errors: list[str]
) -> None:
    found = validate_object_meta_update({**old, **change}, old)
    assert [str(error) for error in found] == errors
