"""Values read as the fields of a message: what patches have made, which never was a body."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.formats import gojson
from kubectl_joblab.practice.api.codec import typed
from kubectl_joblab.practice.api.codec.fieldpath import MismatchError

JOB_SPEC = "io.k8s.api.batch.v1.JobSpec"
STRUCT = "json: cannot unmarshal {} into Go struct field JobSpec.{} of type {}"


def test_nulls_and_zero_values_stay_and_unknown_fields_are_told() -> None:
    value: dict[str, Any] = {
        "suspend": False,
        "selector": None,
        "template": {},
        "nope": 1,
        "managedBy": "",
    }
    assert typed.read(JOB_SPEC, value) == (
        {"suspend": False, "selector": None, "template": {}, "managedBy": ""},
        ['unknown field "nope"'],
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"parallelism": "2"}, STRUCT.format("string", "parallelism", "int32")),
        ({"parallelism": 1.5}, STRUCT.format("number 1.5", "parallelism", "int32")),
        ({"parallelism": 2**31}, STRUCT.format("number 2147483648", "parallelism", "int32")),
        ({"parallelism": True}, STRUCT.format("bool", "parallelism", "int32")),
        ({"suspend": 1, "parallelism": ""}, STRUCT.format("number", "suspend", "bool")),
        ([], "json: cannot unmarshal array into Go value of type v1.JobSpec"),
    ],
)
def test_the_first_wrong_type_counts(value: Any, message: str) -> None:
    with pytest.raises(MismatchError) as refused:
        typed.read(JOB_SPEC, value)
    assert str(refused.value) == message


def test_a_key_that_stood_twice_in_a_patch_is_told_where_it_stands() -> None:
    value = gojson.parse(b'{"selector":{"matchLabels":{"a":"b","a":"c"}}}')
    found, minded = typed.read(JOB_SPEC, value)
    assert found == {"selector": {"matchLabels": {"a": "c"}}}
    assert minded == ['duplicate field "selector.matchLabels.a"']


def test_null_is_an_empty_message() -> None:
    assert typed.read(JOB_SPEC, None) == ({}, [])
