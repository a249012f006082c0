"""Connections to a container, as the API and the node speak of them: exec and attach.

The API's handlers ask the node for a Session, and carry its streams over a WebSocket. Neither knows
how the other does its part.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from kubectl_joblab.objects import Object

STDOUT, STDERR = "stdout", "stderr"


class NodeError(Exception):
    """What a kubelet answers instead of a connection: the API server hands it on as it is."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class StreamError(Exception):
    """Why a connection that was made has failed; the text is the kubelet's."""


class Ended(Exception):  # noqa: N818 -- it is no failure of the connection
    """A program has ended with another exit code than 0. command: it, with its arguments."""

    def __init__(self, code: int, command: list[str]) -> None:
        super().__init__(f"exit code {code}")
        self.code = code
        self.command = command


@dataclass(frozen=True)
class StreamOptions:
    """PodExecOptions and PodAttachOptions. command: empty for attach."""

    container: str = ""
    command: tuple[str, ...] = ()
    stdin: bool = False
    stdout: bool = False
    stderr: bool = False
    tty: bool = False


class Session(Protocol):
    """A program whose streams somebody holds."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Which of STDOUT and STDERR there are; a terminal has no stderr of its own."""

    async def read(self, stream: str) -> bytes:
        """What the program has printed next; b"" at the end of the stream."""

    async def write(self, data: bytes) -> None:
        """Have the program read this from its stdin. BrokenPipeError where it reads no more."""

    def end_input(self) -> None:
        """Let the program's stdin end, unless it is a terminal, which only a key can end."""

    def resize(self, width: int, height: int) -> None:
        """Say how large the window of the program's terminal is, where it has one."""

    async def wait(self) -> None:
        """Wait for the end; raises Ended where an executed program has failed."""

    def close(self) -> None:
        """Hold the streams no more."""


# makes the connection; raises StreamError
Begin = Callable[[], Awaitable[Session]]


class Streaming(Protocol):
    """What the node offers. Both raise NodeError where there is no such container that runs."""

    def execute(self, pod: Object, container: str, options: StreamOptions) -> Begin:
        """Run a program in a container."""

    def attach(self, pod: Object, container: str, options: StreamOptions) -> Begin:
        """Hold the streams of a container's own program."""
