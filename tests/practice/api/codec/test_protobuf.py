"""Protobuf bodies: those that kubectl really sends, any others, and broken ones.

bodies/NAME.pb is what kubectl 1.37 sent, and 1.32 byte for byte the same; NAME.json is the same
object as kubectl prints it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.codec import canonical, decode, descriptors, protobuf
from kubectl_joblab.practice.api.errors import StatusError
from tests.practice.api import generated

BODIES = Path(__file__).parents[1] / "bodies"
JOB = "io.k8s.api.batch.v1.Job"
NAMESPACE = "io.k8s.api.core.v1.Namespace"
CREATE_JOB = (BODIES / "create-job.pb").read_bytes()


def body(raw: bytes, api_version: bytes = b"batch/v1", kind: bytes = b"Job") -> bytes:
    """An envelope around this, as bytes on the wire."""
    named = _field(1, api_version) + _field(2, kind)
    return b"k8s\0" + _field(1, named) + _field(2, raw)


def _field(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | 2, len(value)]) + value


def said(raw: bytes, name: str = JOB) -> str:
    """What the API answers to a body that it refuses."""
    with pytest.raises(StatusError) as refused:
        protobuf.decode(name, raw)
    assert (refused.value.code, refused.value.reason) == (400, "BadRequest")
    return refused.value.message


@pytest.mark.parametrize("name", sorted(path.stem for path in BODIES.glob("*.pb")))
def test_what_kubectl_sends_is_the_object_that_it_prints(name: str) -> None:
    printed = (BODIES / f"{name}.json").read_bytes()
    head = json.loads(printed)
    message = types.find(head["apiVersion"], head["kind"])
    assert message
    expected, _ = decode.decode(message.name, printed)
    assert protobuf.decode(message.name, (BODIES / f"{name}.pb").read_bytes()) == expected


def test_a_pointers_zero_stays_and_another_zero_does_not() -> None:
    job = protobuf.decode(JOB, (BODIES / "create-job-from.pb").read_bytes())
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["suspend"] is False
    assert "activeDeadlineSeconds" not in job["spec"]
    assert job["status"] == {}  # active, succeeded and failed are sent as nothing


@pytest.mark.parametrize(
    ("name", "obj"),
    [
        ("io.k8s.api.core.v1.EventSeries", {"lastObservedTime": "2020-01-01T00:00:00.120034Z"}),
        ("io.k8s.api.batch.v1.JobStatus", {"startTime": "1970-01-01T00:00:00Z"}),
        ("io.k8s.api.core.v1.HTTPGetAction", {"port": "http"}),
        ("io.k8s.api.core.v1.HTTPGetAction", {"port": 80}),
        ("io.k8s.api.core.v1.Volume", {"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}),
        ("io.k8s.api.core.v1.PodSecurityContext", {"supplementalGroups": [0, -1]}),
        ("io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry", {"fieldsV1": {"f:a": {}}}),
    ],
)
def test_types_with_a_form_of_their_own(name: str, obj: dict[str, Any]) -> None:
    message = descriptors.message_class(name)()
    generated.fill(message, name, obj)
    assert protobuf.read(name, message.SerializeToString()) == obj


def test_without_a_kind_it_is_what_was_expected() -> None:
    assert protobuf.decode(NAMESPACE, body(b"", b"", b"")) == {
        "kind": "Namespace",
        "apiVersion": "v1",
        "metadata": {},
        "spec": {},
        "status": {},
    }


FRAME = 'Job in version "v1" cannot be handled as a Job: '
UNRECOGNIZED = "the object provided is unrecognized (must be of type Job): "
NO_PROTOBUF = "provided data does not appear to be a protobuf message, expected prefix"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(b"", f"{UNRECOGNIZED}empty data (<empty>)", id="nothing"),
        pytest.param(
            b"k8s", f"{UNRECOGNIZED}{NO_PROTOBUF} [107 56 115 0] (6b3873)", id="half a prefix"
        ),
        pytest.param(
            b'{"kind":"Job"}',
            f'{UNRECOGNIZED}{NO_PROTOBUF} [107 56 115 0] ({{"kind":"Job"}})',
            id="JSON",
        ),
        pytest.param(b"k8s\0", f"{UNRECOGNIZED}empty body (6b387300)", id="a prefix alone"),
        pytest.param(
            b"k8s\0\xff\xff\xff\xff",
            f"{UNRECOGNIZED}unexpected EOF (6b387300ffffffff)",
            id="a number that does not end",
        ),
        pytest.param(
            CREATE_JOB[:40],
            f"{UNRECOGNIZED}unexpected EOF ({CREATE_JOB[:30].hex()} ...)",
            id="an envelope cut off",
        ),
        pytest.param(body(b"\x0a\x05a"), f"{FRAME}unexpected EOF", id="an object cut off"),
        pytest.param(
            body(b"", b"batch/v1", b"Foo"),
            'Foo in version "v1" cannot be handled as a Job: no kind "Foo" is registered for '
            'version "batch/v1" in scheme "pkg/runtime/scheme.go:111"',
            id="a kind that does not exist",
        ),
        pytest.param(
            body(b"", b"batch/v2"),
            'Job in version "v2" cannot be handled as a Job: no kind "Job" is registered for '
            'version "batch/v2" in scheme "pkg/runtime/scheme.go:111"',
            id="a version that does not exist",
        ),
        pytest.param(
            body(b"", b"v1", b"Pod"),
            'Pod in version "v1" cannot be handled as a Job: '
            "converting (v1.Pod) to (batch.Job): unknown conversion",
            id="another kind",
        ),
    ],
)
def test_a_bad_body_is_refused_in_the_api_servers_words(raw: bytes, message: str) -> None:
    assert said(raw) == message


def test_a_bad_quantity_is_refused_in_the_words_of_json() -> None:
    limits = _field(1, _field(1, b"cpu") + _field(2, _field(1, b"x")))
    template = _field(6, _field(2, _field(2, _field(1, b"a") + _field(8, limits))))
    assert said(body(_field(2, template))) == (
        f"{FRAME}quantities must match the regular expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    )


def test_a_malformed_api_version_counts_as_none() -> None:
    assert protobuf.decode(JOB, body(b"", b"a/b/c"))["apiVersion"] == "batch/v1"


def test_bad_utf8_becomes_replacement_characters() -> None:
    job = protobuf.decode(JOB, body(_field(1, _field(1, b"a\xff\xfe"))))
    assert job["metadata"]["name"] == "a\ufffd\ufffd"


@generated.PROPERTY
@given(st.data())
def test_an_object_comes_back_from_protobuf_as_it_is_in_json(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(generated.KINDS))
    message = types.message(name)
    obj: dict[str, Any] = data.draw(generated.objects(name))
    named = {"apiVersion": message.api_version, "kind": message.go_name}
    expected = canonical.canonical(name, obj | named)
    assert protobuf.decode(name, generated.encode(name, expected)) == expected


@generated.PROPERTY
@given(st.binary(), st.sampled_from([b"", b"k8s\0", CREATE_JOB[:23]]))
def test_arbitrary_bytes_are_an_object_or_refused(raw: bytes, before: bytes) -> None:
    assert answer(before + raw) in (200, 400)


@generated.PROPERTY
@given(st.data())
def test_damaged_bodies_are_an_object_or_refused(data: st.DataObject) -> None:
    raw = bytearray((BODIES / "create-job-from.pb").read_bytes())
    for place in data.draw(st.lists(st.integers(4, len(raw) - 1), min_size=1, max_size=4)):
        raw[place] = data.draw(st.integers(0, 255))
    assert answer(bytes(raw)) in (200, 400)


def answer(raw: bytes) -> int:
    """The code of the answer; anything but a StatusError passes through."""
    try:
        protobuf.decode(JOB, raw)
    except StatusError as refused:
        return refused.code
    return 200


DELETE_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
GROUPS = ("v1", "batch/v1", "apps/v1beta1", "scheduling.k8s.io/v1", "meta.k8s.io/v1", "foo/v9", "")


@pytest.mark.parametrize("version", GROUPS)
def test_options_may_be_of_any_group_and_version(version: str) -> None:
    given = {"gracePeriodSeconds": 0, "propagationPolicy": "Background", "dryRun": ["All"]}
    message = descriptors.message_class(DELETE_OPTIONS)()
    generated.fill(message, DELETE_OPTIONS, given)
    raw = body(message.SerializeToString(), version.encode(), b"DeleteOptions")
    assert protobuf.options(DELETE_OPTIONS, raw) == given
    empty = body(b"", version.encode(), b"DeleteOptions")
    assert protobuf.options(DELETE_OPTIONS, empty) == {}


OTHERS = {
    "CreateOptions": "converting (v1.CreateOptions) to (v1.DeleteOptions): unknown conversion",
    "ListOptions": "converting (v1.ListOptions) to (v1.DeleteOptions): unknown conversion",
    "Pod": 'no kind "Pod" is registered for version "batch/v1" in scheme '
    '"pkg/runtime/scheme.go:111"',
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_not_the_options_of_the_verb_is_refused_in_either_form(kind: str) -> None:
    in_json = json.dumps({"kind": kind, "apiVersion": "batch/v1"}).encode()
    in_protobuf = body(b"", kind=kind.encode())
    for read, sent in ((protobuf.options, in_protobuf), (decode.options, in_json)):
        with pytest.raises(StatusError) as refused:
            read(DELETE_OPTIONS, sent)
        assert (refused.value.code, refused.value.message) == (400, OTHERS[kind])
