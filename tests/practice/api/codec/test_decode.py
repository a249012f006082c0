"""Request bodies: which are refused in which words, what becomes of those that are not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.codec import decode
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api import generated, refusals
from tests.practice.api.refusals import Refusal

JOB = "io.k8s.api.batch.v1.Job"
CONFIG_MAP = "io.k8s.api.core.v1.ConfigMap"
SECRET = "io.k8s.api.core.v1.Secret"
DELETE_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
TYPES = {kind.kind: kind.type for kind in kinds.KINDS if kind.view_of is None}


def said(raw: bytes, name: str = JOB, *, validation: str = "Strict", yaml: bool = False) -> str:
    """What the API answers to a body that it refuses."""
    with pytest.raises(StatusError) as refused:
        decode.decode(name, raw, validation=validation, yaml=yaml)
    assert (refused.value.code, refused.value.reason) == (400, "BadRequest")
    return refused.value.message


def job(spec: str) -> bytes:
    """The body of a Job with this spec."""
    return b'{"spec":{%s}}' % spec.encode()


def spec_of(spec: str, *, validation: str = "Strict") -> Object:
    """The spec of a Job as it is read, without what is always there."""
    found, _ = decode.decode(JOB, job(spec), validation=validation)
    return {key: value for key, value in found["spec"].items() if key != "template"}


@pytest.mark.parametrize("refusal", refusals.read(), ids=lambda refusal: refusal.case)
def test_a_bad_body_is_refused_in_the_api_servers_words(refusal: Refusal) -> None:
    assert said(refusal.body, TYPES[refusal.kind]) == refusal.message


# ---- what is accepted


def test_a_body_without_kind_and_version_is_what_was_expected() -> None:
    assert decode.decode(CONFIG_MAP, b"{}") == (
        {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {}},
        [],
    )


@pytest.mark.parametrize("body", [b"null", b'{"apiVersion":"/"}', b' {"kind":""} '])
def test_so_is_one_that_says_nothing(body: bytes) -> None:
    assert decode.decode(CONFIG_MAP, body)[0]["kind"] == "ConfigMap"


def test_a_group_without_its_version_is_enough() -> None:
    found, _ = decode.decode(JOB, b'{"apiVersion":"batch/","kind":"Job"}')
    assert found["apiVersion"] == "batch/v1"


def test_null_means_not_set() -> None:
    assert spec_of('"parallelism":null,"selector":null,"template":null,"managedBy":null') == {}


@pytest.mark.parametrize(
    ("spec", "read"),
    [
        pytest.param('"parallelism":0', {"parallelism": 0}, id="a pointer's zero stays"),
        pytest.param('"parallelism":-0', {"parallelism": 0}, id="minus zero is zero"),
        pytest.param('"suspend":false', {"suspend": False}, id="a pointer's false stays"),
        pytest.param('"managedBy":""', {"managedBy": ""}, id="a pointer's empty text stays"),
        pytest.param('"selector":{}', {"selector": {}}, id="an empty message stays"),
        pytest.param(
            '"selector":{"matchLabels":{}}', {"selector": {}}, id="an empty map does not stay"
        ),
        pytest.param(
            '"selector":{"matchLabels":{"b":"1","a":null}}',
            {"selector": {"matchLabels": {"a": "", "b": "1"}}},
            id="null in a map is an empty text",
        ),
        pytest.param(
            '"managedBy":"\\ud83d\\ude00 \\ud83d \\\\ud83d"',
            {"managedBy": "😀 \ufffd \\ud83d"},
            id="half a pair of surrogates is replaced",
        ),
        pytest.param(
            '"activeDeadlineSeconds":9223372036854775807',
            {"activeDeadlineSeconds": 9223372036854775807},
            id="the largest int64",
        ),
    ],
)
def test_values_are_read_as_go_reads_them(spec: str, read: Object) -> None:
    assert spec_of(spec) == read


def test_bad_utf8_is_replaced_byte_by_byte() -> None:
    found, _ = decode.decode(CONFIG_MAP, b'{"metadata":{"name":"a\xff\xe2\x82("}}')
    assert found["metadata"]["name"] == "a\ufffd\ufffd\ufffd("


def test_null_in_a_list_is_an_empty_message() -> None:
    found, _ = decode.decode(JOB, b'{"spec":{"template":{"spec":{"containers":[null]}}}}')
    containers = found["spec"]["template"]["spec"]["containers"]
    assert containers == [{"name": "", "resources": {}}]


def test_bytes_may_be_an_array_of_numbers_or_be_broken_into_lines() -> None:
    found, _ = decode.decode(SECRET, b'{"data":{"a":[104,105,null],"b":"aG\\nk=","c":null}}')
    assert found["data"] == {"a": "aGkA", "b": "aGk=", "c": ""}


def test_an_hour_may_have_one_digit() -> None:
    body = b'{"metadata":{"creationTimestamp":"2020-01-01T5:00:00+01:30"}}'
    found, _ = decode.decode(CONFIG_MAP, body)
    assert found["metadata"]["creationTimestamp"] == "2020-01-01T03:30:00Z"


# ---- strict, warning, ignoring


ODD = '"nope":1,"parallelism":1,"parallelism":2,"é\\"\\n":3'


def test_warnings_say_what_strict_decoding_minds() -> None:
    _, warnings = decode.decode(JOB, job(ODD), validation="Warn")
    assert warnings == [
        'unknown field "spec.nope"',
        'duplicate field "spec.parallelism"',
        'unknown field "spec.é\\"\\n"',
    ]


def test_at_most_a_hundred_are_said() -> None:
    body = job(",".join(f'"n{number}":1' for number in range(101)))
    _, warnings = decode.decode(JOB, body, validation="Warn")
    assert len(warnings) == 100


def test_ignored_is_ignored() -> None:
    assert decode.decode(JOB, job(ODD), validation="Ignore")[1] == []


@pytest.mark.parametrize("validation", ["Warn", "Ignore"])
def test_a_wrong_type_is_refused_all_the_same(validation: str) -> None:
    assert said(job('"parallelism":"x"'), validation=validation).endswith("of type int32")


@pytest.mark.parametrize(
    ("spec", "read"),
    [
        pytest.param(
            '"parallelism":1,"parallelism":2', {"parallelism": 2}, id="the last value counts"
        ),
        pytest.param(
            '"selector":{"matchLabels":{"a":"b"}},"selector":{"matchLabels":{"c":"d"}}',
            {"selector": {"matchLabels": {"a": "b", "c": "d"}}},
            id="messages and maps are merged",
        ),
        pytest.param('"selector":{"matchLabels":{}},"selector":null', {}, id="null clears"),
    ],
)
def test_a_field_that_stands_twice(spec: str, read: Object) -> None:
    assert spec_of(spec, validation="Warn") == read


# ---- too deep, too much


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000, id="arrays that do not end"),
        pytest.param(b'{"a":' * 100_000, id="objects that do not end"),
        pytest.param(b'{"x":' + b"[" * 20_000 + b"]" * 20_000 + b"}", id="a deep value"),
    ],
)
def test_what_is_too_deep_is_refused(body: bytes) -> None:
    assert "exceeded max depth" in said(body)


def test_an_enormous_number_is_no_int() -> None:
    assert "cannot unmarshal number 1111" in said(job('"parallelism":' + "1" * 10_000))


# ---- YAML


FRAME = 'Job in version "v1" cannot be handled as a Job: '
UNRECOGNIZED = "the object provided is unrecognized (must be of type Job): "


@pytest.mark.parametrize(
    ("spec", "read"),
    [
        ("parallelism: 1.0", {"parallelism": 1}),
        ("parallelism: 1e1", {"parallelism": 10}),
        ("parallelism: 010", {"parallelism": 8}),
        ("parallelism: 0x10", {"parallelism": 16}),
        ("parallelism: 0o10", {"parallelism": 8}),
        ("parallelism: 0b11", {"parallelism": 3}),
        ("parallelism: 1_0", {"parallelism": 10}),
        ('parallelism: !!int "1"', {"parallelism": 1}),
        ("suspend: yes", {"suspend": True}),
        ("suspend: Off", {"suspend": False}),
        ("suspend: n", {"suspend": False}),
        ("managedBy: 2020-01-01", {"managedBy": "2020-01-01"}),
        ("managedBy: 1:30", {"managedBy": "1:30"}),
        ("managedBy: !!binary YQ==", {"managedBy": "a"}),
        ("managedBy: ~", {}),
        ("managedBy: |\n    a\n    b", {"managedBy": "a\nb\n"}),
        ("selector: {matchLabels: {1: a}}", {"selector": {"matchLabels": {"1": "a"}}}),
        ("selector: {matchLabels: {yes: a}}", {"selector": {"matchLabels": {"true": "a"}}}),
        (
            "selector:\n    matchLabels: {<<: {a: b, c: d}, a: e}",
            {"selector": {"matchLabels": {"a": "e", "c": "d"}}},
        ),
        ("template: {}\n---\nspec: {suspend: true}", {}),
    ],
)
def test_yaml_is_read_as_go_reads_it(spec: str, read: Object) -> None:
    body = f"apiVersion: batch/v1\nkind: Job\nspec:\n  {spec}\n".encode()
    found, _ = decode.decode(JOB, body, yaml=True)
    assert {key: value for key, value in found["spec"].items() if key != "template"} == read


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("spec: {parallelism: 1.5}", f"{FRAME}json: cannot unmarshal number 1.5 into Go struct "
         "field JobSpec.spec.parallelism of type int32"),
        ("spec: {parallelism: !!str 1}", f"{FRAME}json: cannot unmarshal string into Go struct "
         "field JobSpec.spec.parallelism of type int32"),
        ("spec: {zz: 1, aa: 1}", f'{FRAME}strict decoding error: unknown field "spec.aa", '
         'unknown field "spec.zz"'),
        ("spec:\n  zz: 1\n  suspend: true\n  suspend: true\n", f"{FRAME}strict decoding error: "
         'yaml: unmarshal errors:\n  line 4: key "suspend" already set in map, '
         'unknown field "spec.zz"'),
        ("a: b: c\n", f"{UNRECOGNIZED}yaml: mapping values are not allowed in this context "
         "(613a20623a20630a)"),
        ("a:\n\t- b\n", f"{UNRECOGNIZED}yaml: line 2: found character that cannot start any token "
         "(613a0a092d20620a)"),
        ("a: [1\n", f"{UNRECOGNIZED}yaml: line 1: did not find expected ',' or ']' "
         "(613a205b310a)"),
        ('a: "b\n', f"{UNRECOGNIZED}yaml: line 2: found unexpected end of stream (613a2022620a)"),
        ("a: \x00\n", f"{UNRECOGNIZED}yaml: control characters are not allowed (613a20000a)"),
        ("a: .inf\n", f"{UNRECOGNIZED}json: unsupported value: +Inf (613a202e696e660a)"),
    ],
)  # fmt: skip
def test_bad_yaml_is_refused_in_the_api_servers_words(body: str, message: str) -> None:
    assert said(body.encode(), yaml=True) == message


def test_aliases_do_not_multiply_without_end() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for name, before in zip("bcdefg", "abcdef", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    assert "yaml: document contains excessive aliasing" in said(
        "\n".join(lines).encode(), yaml=True
    )
    assert "contains itself" in said(b"a: &a [*a]", yaml=True)


# ---- options


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "couldn't get version/kind; json parse error: unexpected end of JSON input"),
        ('{"gracePeriodSeconds":"1"}', "json: cannot unmarshal string into Go struct field "
         "DeleteOptions.gracePeriodSeconds of type int64"),
        ('{"preconditions":{"uid":1}}', "json: cannot unmarshal number into Go struct field "
         "Preconditions.preconditions.uid of type types.UID"),
        ('{"kind":"Pod","apiVersion":"v1"}', 'no kind "Pod" is registered for version "v1" '
         'in scheme "pkg/runtime/scheme.go:111"'),
    ],
)  # fmt: skip
def test_bad_options_are_refused_without_a_frame(body: str, message: str) -> None:
    with pytest.raises(StatusError) as refused:
        decode.options(DELETE_OPTIONS, body.encode())
    assert (refused.value.code, refused.value.message) == (400, message)


def test_options_are_never_strict_and_of_any_version() -> None:
    body = b'{"kind":"DeleteOptions","apiVersion":"batch/v1","nope":1,"gracePeriodSeconds":0}'
    assert decode.options(DELETE_OPTIONS, body) == {
        "kind": "DeleteOptions",
        "apiVersion": "batch/v1",
        "gracePeriodSeconds": 0,
    }


# ---- anything


@generated.PROPERTY
@given(st.data())
def test_what_is_read_is_a_fixed_point(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(generated.KINDS))
    obj = data.draw(generated.objects(name, nulls=True))
    found, _ = decode.decode(name, json.dumps(obj).encode())
    assert decode.canonical(name, found) == found
    again, _ = decode.decode(name, json.dumps(found).encode())
    assert list(again) == list(found)
    assert again == found


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)


@generated.PROPERTY
@given(st.sampled_from(generated.KINDS), st.data(), st.booleans())
def test_a_value_of_any_type_anywhere_is_read_or_refused(
    name: str, data: st.DataObject, yaml: bool
) -> None:
    obj: dict[str, Any] = data.draw(generated.objects(name))
    fields = types.message(name).fields
    obj[data.draw(st.sampled_from(sorted(fields)))] = data.draw(anything)
    assert answer(json.dumps(obj).encode(), name, yaml) in (200, 400)


@generated.PROPERTY
@given(st.binary(), st.sampled_from([b"", b'{"spec":{"parallelism":', b"a: "]), st.booleans())
def test_arbitrary_bytes_are_read_or_refused(raw: bytes, before: bytes, yaml: bool) -> None:
    assert answer(before + raw, JOB, yaml) in (200, 400)


def answer(raw: bytes, name: str, yaml: bool) -> int:
    """The code of the answer; anything but a StatusError passes through."""
    try:
        decode.decode(name, raw, yaml=yaml)
    except StatusError as refused:
        return refused.code
    return 200
