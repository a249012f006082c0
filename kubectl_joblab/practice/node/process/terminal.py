"""The terminal of a program: made where the program is, and held where somebody reads and types.

A child of the supervisor makes it in its own namespaces, so that the container knows it by a name
in /dev/pts, and sends its other end over a socket, as runc does with its console socket. Whoever
has that end reads what is printed, writes what is typed and says how large the window is.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import termios

from kubectl_joblab.practice.node.process import link


def open_on(console: int) -> int:
    """Make a terminal that controls this session, and send its other end over a socket.

    console: the descriptor of that socket. The process has to lead its session.
    """
    other, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    with socket.socket(fileno=os.dup(console)) as sender:
        link.send(sender, other)
    return terminal


def resize(terminal: int, width: int, height: int) -> None:
    """Set the size of a terminal's window, in characters; its foreground programs hear of it."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
