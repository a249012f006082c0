"""The messages between server, supervisor and children, as lines."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.node.process import messages
from kubectl_joblab.practice.node.process.messages import (
    Event,
    Launch,
    MessageError,
    Order,
    Reader,
    Report,
    Root,
    Signal,
    Start,
)

GROUPS = (Order, Event, Report)
LAUNCH = Launch("one", ("true",), {"A": "b"}, "/", "host", 0, 0, "/log", "/base")


@pytest.mark.parametrize("group", GROUPS, ids=["orders", "events", "reports"])
@given(data=st.data())
def test_messages_come_back_as_they_were_however_the_bytes_are_cut(
    group: Any, data: st.DataObject
) -> None:
    kind = st.sampled_from(get_args(group)).flatmap(lambda one: st.from_type(one))
    sent = data.draw(st.lists(kind, max_size=4))
    line = b"".join(map(messages.encode, sent))
    cut = data.draw(st.integers(0, len(line)))
    reader: Reader[Any] = Reader(group)
    assert [*reader.read(line[:cut]), *reader.read(line[cut:])] == sent


@given(
    given=st.sampled_from([name for group in GROUPS for name in get_args(group)]), data=st.data()
)
def test_a_message_is_one_line_of_text_that_any_end_can_read(
    given: Any, data: st.DataObject
) -> None:
    line = messages.encode(data.draw(st.from_type(given)))
    assert line.isascii()
    assert line.find(b"\n") == len(line) - 1


def _changed(**fields: Any) -> bytes:
    body = json.loads(messages.encode(Start(LAUNCH)))
    body["launch"].update(fields)
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"hello", "no JSON: b'hello'"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "none of Start, Execute, Signal, Attach: b'\\[\\]'"),
        (b"{}", "none of Start, Execute, Signal"),
        (b'{"type": []}', "none of Start, Execute, Signal"),
        (b'{"type": "Stop", "id": "one"}', "none of Start, Execute, Signal"),
        (b'{"type": "Ready", "why_no_namespaces": ""}', "none of Start, Execute, Signal"),
        (b'{"type": "Signal", "id": "one"}', "Signal cannot be {'id': 'one'}"),
        (b'{"type": "Signal", "id": "one", "number": 9, "x": 1}', "Signal cannot be"),
        (b'{"type": "Signal", "id": "one", "number": "9"}', "Signal.number cannot be '9'"),
        (b'{"type": "Signal", "id": "one", "number": true}', "Signal.number cannot be True"),
        (b'{"type": "Signal", "id": null, "number": 9}', "Signal.id cannot be None"),
        (_changed(argv="true"), "Start.launch.argv cannot be 'true'"),
        (_changed(argv=["sleep", 1]), "Start.launch.argv cannot be 1"),
        (_changed(env=["A"]), "Start.launch.env cannot be \\['A'\\]"),
        (_changed(env={"A": 1}), "Start.launch.env.A cannot be 1"),
        (_changed(root=None), "Start.launch.root cannot be None"),
        (
            _changed(root={**vars(Root()), "folders": [["/tmp"]]}),
            "Start.launch.root.folders cannot be \\['/tmp'\\]",
        ),
    ],
    ids=[
        "no JSON",
        "no text",
        "too deep",
        "a list",
        "no type",
        "a type that is no text",
        "an unknown type",
        "a message for the other end",
        "a field too few",
        "a field too many",
        "a text for a number",
        "a boolean for a number",
        "null for a text",
        "a text for a list",
        "a number in a list of texts",
        "a list for a mapping",
        "a number in a mapping to texts",
        "null for an object",
        "a pair that is none",
    ],
)
def test_what_is_no_message_is_refused_with_what_is_wrong(line: bytes, why: str) -> None:
    with pytest.raises(MessageError, match=why):
        list(Reader[Order](Order).read(line + b"\n"))


def test_a_line_without_an_end_waits_for_the_rest() -> None:
    reader = Reader[Order](Order)
    line = messages.encode(Signal("one", 9))
    assert list(reader.read(line[:-1])) == []
    assert list(reader.read(line[-1:])) == [Signal("one", 9)]


def test_what_was_said_before_a_line_that_is_no_message_counts() -> None:
    messages_read = Reader[Order](Order).read(messages.encode(Signal("one", 9)) + b"hello\n")
    assert next(messages_read) == Signal("one", 9)
    with pytest.raises(MessageError):
        next(messages_read)
