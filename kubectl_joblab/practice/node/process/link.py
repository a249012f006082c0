"""What the server and the supervisor talk over: a socket for messages, another for descriptors.

A descriptor is sent before the message that speaks of it, so that it is there when the message is
read. It knows nothing of the messages.
"""

from __future__ import annotations

import os
import socket
from typing import NamedTuple

_NOTE = b"."  # a descriptor does not travel alone


class Link(NamedTuple):
    """One end of what the two talk over. words: the socket for messages. files: the other."""

    words: socket.socket
    files: socket.socket

    def close(self) -> None:
        """Close this end."""
        for one in self:
            one.close()


def pair() -> tuple[Link, Link]:
    """Both ends of a new link."""
    words, files = socket.socketpair(), socket.socketpair()
    return Link(words[0], files[0]), Link(words[1], files[1])


def send(sender: socket.socket, *descriptors: int) -> None:
    """Send descriptors to the process at the other end of a socket. OSError where it is gone."""
    socket.send_fds(sender, [_NOTE], descriptors)


def receive(receiver: socket.socket, count: int) -> list[int]:
    """So many descriptors that have been sent over a socket. OSError where there are none."""
    note, found, _, _ = socket.recv_fds(receiver, len(_NOTE), count)
    if not note or len(found) != count:
        for descriptor in found:
            os.close(descriptor)
        raise OSError("descriptors were expected, and have not come")
    for descriptor in found:
        os.set_inheritable(descriptor, False)
    return list(found)
