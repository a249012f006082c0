"""The subprotocols, message by message: as a real API server and a real kubelet speak them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.api.http.connect import channels
from kubectl_joblab.practice.api.http.connect.channels import (
    V5,
    InputEnded,
    Message,
    Protocol,
    ProtocolError,
    Resized,
    Typed,
)

V4, OLD, TEXT = "v4.channel.k8s.io", "channel.k8s.io", "v4.base64.channel.k8s.io"
NAMES = ["", OLD, "base64.channel.k8s.io", V4, TEXT, V5]

NEGOTIATED = {
    None: "",
    V5: V5,
    V4: V4,
    "base64.channel.k8s.io": "base64.channel.k8s.io",
    f"nosuch, {V4},{V5}": V5,
    f"nosuch,{TEXT},{V4}": TEXT,
    "nosuch.k8s.io": None,
    "SPDY/3.1+portforward.k8s.io": None,
}


@pytest.mark.parametrize("offered", NEGOTIATED)
def test_v5_is_taken_where_it_is_offered_and_else_the_first_that_is_known(
    offered: str | None,
) -> None:
    found = channels.negotiated(offered)
    assert (found.name if found else None) == NEGOTIATED[offered]


RECEIVED: list[tuple[str, bytes | str, Message]] = [
    (V5, b"\0hello", Typed(b"hello")),
    (V5, "\0hello", Typed(b"hello")),
    (V5, b"\0", Typed(b"")),
    (V5, b"", None),
    (V5, b"\xff\0", InputEnded()),
    (V5, b"\xff\1", None),
    (V4, b"\xff\0", None),
    (V5, b"\1out", None),
    (V5, b"\3error", None),
    (V5, b"\x09x", None),
    (TEXT, "0aGVsbG8=", Typed(b"hello")),
    (TEXT, "0a!!!", None),
    (TEXT, "\x00aGVsbG8=", None),
    (V5, b'\4{"Width":80,"Height":24}', Resized(80, 24)),
    (V5, b'\4{"width":80,"height":24}', Resized(80, 24)),
    (V5, b'\4{"Width":80}', Resized(80, 0)),
    (V5, b'\4{"Width":65536,"Height":24}', None),
    (V5, b'\4{"Width":-1,"Height":24}', None),
    (V5, b'\4{"Width":true,"Height":24}', None),
    (V5, b'\4{"Width":8e1,"Height":24}', None),
    (V5, b"\4[80,24]", None),
    (V5, b"\4garbage", None),
    (V5, b"\4" + b"[" * 10_000, None),
]


@pytest.mark.parametrize(("name", "message", "said"), RECEIVED)
def test_a_message_of_a_client_is_understood_or_passed_over(
    name: str, message: bytes | str, said: Message
) -> None:
    assert channels.received(Protocol(name, is_text="base64" in name), message) == said


@pytest.mark.parametrize("message", [b"\xff", b"\xff\0\0", b"\xff\x05", b"\xff\xff"])
def test_the_end_of_what_is_no_channel_ends_the_connection(message: bytes) -> None:
    with pytest.raises(ProtocolError):
        channels.received(Protocol(V5), message)


@given(st.sampled_from(NAMES), st.binary(max_size=40))
def test_whatever_a_client_sends_nothing_else_is_raised(name: str, message: bytes) -> None:
    protocol = channels.negotiated(name or None)
    assert protocol is not None
    try:
        channels.received(protocol, message)
    except ProtocolError:
        assert protocol.is_v5
        assert message[0] == 255


@given(st.sampled_from(NAMES), st.binary())
def test_what_one_side_sends_the_other_reads(name: str, data: bytes) -> None:
    protocol = channels.negotiated(name or None)
    assert protocol is not None
    sent = channels.message(protocol, channels.STDIN, data)
    assert channels.received(protocol, sent) == Typed(data)


EXECUTING = 'error executing command in container: exec: "nope": not found'
ENDINGS = {
    "success": (
        (V5, '{"metadata":{},"status":"Success"}'),
        (V4, '{"status":"Success"}'),
        (OLD, ""),
    ),
    "exit": (
        (
            V5,
            '{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit '
            'code: command terminated with exit code 3","reason":"NonZeroExitCode","details":'
            '{"causes":[{"reason":"ExitCode","message":"3"}]}}',
        ),
        (
            V4,
            '{"status":"Failure","message":"command terminated with non-zero exit code: error '
            'executing command [sh -c exit 3], exit code 3","reason":"NonZeroExitCode","details":'
            '{"causes":[{"reason":"ExitCode","message":"3"}]}}',
        ),
        (
            OLD,
            "command terminated with non-zero exit code: error executing command [sh -c exit 3], "
            "exit code 3",
        ),
    ),
    "failure": (
        (
            V5,
            '{"metadata":{},"status":"Failure","message":"Internal error occurred: Internal error '
            f'occurred: {json.dumps(EXECUTING)[1:-1]}","reason":"InternalError","details":'
            '{"causes":[{"message":"Internal error occurred: '
            f'{json.dumps(EXECUTING)[1:-1]}"}}]}},"code":500}}',
        ),
        (
            V4,
            '{"status":"Failure","message":"Internal error occurred: '
            f'{json.dumps(EXECUTING)[1:-1]}","reason":"InternalError","code":500}}',
        ),
        (OLD, f"Internal error occurred: {EXECUTING}"),
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_error_channel_tells_the_end_as_a_real_cluster_does(ending: str) -> None:
    for name, told in ENDINGS[ending]:
        protocol = Protocol(name)
        found = {
            "success": lambda to=protocol: channels.success(to),
            "exit": lambda to=protocol: channels.exited(to, 3, ["sh", "-c", "exit 3"]),
            "failure": lambda to=protocol: channels.failed(to, EXECUTING),
        }[ending]()
        assert found.decode() == told
