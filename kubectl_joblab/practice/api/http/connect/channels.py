"""The subprotocols that carry the streams of a program over one WebSocket. Pure.

Each message begins with the number of a channel. Follows k8s.io/streaming/pkg/httpstream/wsstream
and the two servers that use it: the API server's for v5 (k8s.io/apiserver/pkg/util/proxy) and the
kubelet's for all others (k8s.io/cri-streaming/pkg/streaming/remotecommand).
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NamedTuple

STDIN, STDOUT, STDERR, ERROR, RESIZE = range(5)
_END = 255  # in place of a channel: the channel that follows has ended
_LONGEST_SIZE = 256  # bytes of a message about the size of a window
_LARGEST_SIZE = 2**16
_ZERO = ord("0")

V5 = "v5.channel.k8s.io"


class Protocol(NamedTuple):
    """One subprotocol. is_text: messages are text, the data in them base64."""

    name: str
    is_text: bool = False

    @property
    def is_v5(self) -> bool:
        """Whether it tells the end of a stream, and has the API server's statuses."""
        return self.name == V5

    @property
    def has_status(self) -> bool:
        """Whether the end is told as a Status; else an error is told as a text."""
        return self.name.startswith("v")


_PROTOCOLS = [
    Protocol(""),
    Protocol("channel.k8s.io"),
    Protocol("base64.channel.k8s.io", is_text=True),
    Protocol("v4.channel.k8s.io"),
    Protocol("v4.base64.channel.k8s.io", is_text=True),
]


class Typed(NamedTuple):
    """Data for the program's stdin."""

    data: bytes


class InputEnded(NamedTuple):
    """There is nothing more to come for the program's stdin."""


class Resized(NamedTuple):
    """The window of the program's terminal has another size, in characters."""

    width: int
    height: int


class ProtocolError(Exception):
    """A message after which the connection cannot go on."""


Message = Typed | InputEnded | Resized | None


def negotiated(offered: str | None) -> Protocol | None:
    """The subprotocol to speak with who offers these, separated by commas; None for none.

    Who offers v5 gets it; of all others the first that is known is taken.
    """
    names = [one.strip() for one in (offered or "").split(",")]
    if V5 in names:
        return Protocol(V5)
    known = {one.name: one for one in _PROTOCOLS}
    return next((known[name] for name in names if name in known), None)


def received(protocol: Protocol, message: bytes | str) -> Message:
    """What a message says; None where it says nothing that matters. ProtocolError."""
    data = message.encode() if isinstance(message, str) else message
    if not data:
        return None
    if protocol.is_v5 and data[0] == _END:
        return _ended(data[1:])
    channel, data = data[0], data[1:]
    if protocol.is_text:
        channel -= _ZERO
        try:
            data = base64.b64decode(data, validate=True)
        except binascii.Error:
            return None
    if channel == STDIN:
        return Typed(data)
    return _resized(data) if channel == RESIZE else None


def _ended(channels: bytes) -> Message:
    if len(channels) != 1 or channels[0] > RESIZE:
        raise ProtocolError("the end of what is no channel")
    return InputEnded() if channels[0] == STDIN else None


def _resized(data: bytes) -> Message:
    """The size in a message; None where there is none that fits the two 16-bit numbers of Go."""
    try:
        found = json.loads(data) if len(data) <= _LONGEST_SIZE else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    sizes = {str(key).lower(): value for key, value in found.items()}
    width, height = sizes.get("width", 0), sizes.get("height", 0)
    if all(type(one) is int and 0 <= one < _LARGEST_SIZE for one in (width, height)):
        return Resized(width, height)
    return None


def message(protocol: Protocol, channel: int, data: bytes) -> bytes | str:
    """The message that carries data on a channel."""
    if protocol.is_text:
        return chr(_ZERO + channel) + base64.b64encode(data).decode()
    return bytes([channel]) + data


# ---- how it has ended


def success(protocol: Protocol) -> bytes:
    """What the error channel says where nothing has failed; b"" where it says nothing."""
    return _status(protocol, {"status": "Success"}) if protocol.has_status else b""


def exited(protocol: Protocol, code: int, command: list[str]) -> bytes:
    """What the error channel says of a program that has ended with another exit code than 0."""
    why = f"command terminated with exit code {code}"
    if not protocol.is_v5:
        why = f"error executing command [{' '.join(command)}], exit code {code}"
    text = f"command terminated with non-zero exit code: {why}"
    causes = [{"reason": "ExitCode", "message": str(code)}]
    return _failure(protocol, text, "NonZeroExitCode", {"details": {"causes": causes}})


def failed(protocol: Protocol, why: str) -> bytes:
    """What the error channel says of a program that could not be reached or run."""
    text = f"Internal error occurred: {why}"
    if not protocol.is_v5:
        return _failure(protocol, text, "InternalError", {"code": 500})
    # The API server makes an error of its own of the kubelet's.
    more = {"details": {"causes": [{"message": text}]}, "code": 500}
    return _failure(protocol, f"Internal error occurred: {text}", "InternalError", more)


def _failure(protocol: Protocol, text: str, reason: str, more: dict[str, Any]) -> bytes:
    if not protocol.has_status:
        return text.encode()
    return _status(protocol, {"status": "Failure", "message": text, "reason": reason, **more})


def _status(protocol: Protocol, status: dict[str, Any]) -> bytes:
    found = {"metadata": {}, **status} if protocol.is_v5 else status
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()
