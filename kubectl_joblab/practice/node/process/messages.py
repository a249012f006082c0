"""The messages between the server, the supervisor of containers and the supervisor's children.

The server and the supervisor talk over a socket, and each child has a pipe to the supervisor; a
message is a line of JSON everywhere. Both ends import this module, the supervisor before anything
large is loaded, so it imports nothing large. It knows nothing of sockets and Pods.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

ALL_CAPABILITIES = (1 << 64) - 1
TERMINAL = "xterm"  # the TERM of a program that has a terminal


class MessageError(Exception):
    """A line is no message, or none that its reader expects."""


@dataclass(frozen=True)
class Root:
    """The file system of a container, which is built in this order.

    folders: pairs of a path in the container and its mode. links: pairs of a path in the container
    and where the symbolic link leads. binds: a path of the machine, the path in the container where
    it is mounted, and whether the container may write there. hidden: folders of the machine that no
    bind may show; shown: what in them may be bound all the same.
    """

    folders: tuple[tuple[str, int], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    binds: tuple[tuple[str, str, bool], ...] = ()
    hidden: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Launch:
    """All that the supervisor has to know of a container to start it.

    argv: the program, looked up in PATH, and its arguments. folder: the working directory. user and
    group: the numbers that the container sees. log: the file that its output is appended to. base:
    an empty folder of the machine to mount the root on. capabilities: a bit for each one that the
    container keeps, by the numbers of linux/capability.h. read_only: whether its root is. memory
    and cpu: its limits, in bytes and in thousandths of a CPU, 0 for none. stdin: whether its stdin
    can be written to, else it has none. tty: whether all three of its streams are a terminal.
    target: the id of the container whose processes it sees and is among, "" for its own alone; its
    user is that container's then. sandbox: whether it is no container, but the first of the
    processes that a Pod's containers share.
    """

    id: str
    argv: tuple[str, ...]
    env: dict[str, str]
    folder: str
    hostname: str
    user: int
    group: int
    log: str
    base: str
    root: Root = field(default_factory=Root)
    capabilities: int = ALL_CAPABILITIES
    no_new_privileges: bool = False
    read_only: bool = False
    memory: int = 0
    cpu: int = 0
    stdin: bool = False
    tty: bool = False
    target: str = ""
    sandbox: bool = False


def executed(container: str, number: object) -> str:
    """What a program is called that is executed in a container."""
    return f"{container}/{number}"


# ---- from the server to the supervisor


@dataclass(frozen=True)
class Start:
    """Start a container. Started and Exited are the answers, or Failed.

    Where it has a stdin, the end to read from has been sent before as a descriptor.
    """

    launch: Launch


@dataclass(frozen=True)
class Execute:
    """Run one more program in a container that runs. The answers are those to Start.

    id: what the program is called from now on. container: the id of the container. launch: the
    container's own, but for argv and its streams, which are the program's. streamed: whether
    somebody else than the supervisor reads what the program prints; its stdin, stdout and stderr
    have been sent before as descriptors, unless it has a terminal.
    """

    id: str
    container: str
    launch: Launch
    streamed: bool = False


@dataclass(frozen=True)
class Signal:
    """Send a container, or a program executed in one, a signal; one that has ended gets none."""

    id: str
    number: int


@dataclass(frozen=True)
class Attach:
    """Copy what a container prints from now on to two descriptors, which have been sent before.

    They are closed at its end, at once where it has ended. Attached is the answer: what is printed
    after it is copied.
    """

    id: str
    container: str


Order = Start | Execute | Signal | Attach

# ---- from the supervisor to the server


@dataclass(frozen=True)
class Ready:
    """The supervisor takes orders. why_no_namespaces: "" where containers have namespaces."""

    why_no_namespaces: str


@dataclass(frozen=True)
class Started:
    """A program runs. pid: the number of its process on this machine.

    Where it has a terminal, the other end of that has been sent before as a descriptor.
    """

    id: str
    pid: int


@dataclass(frozen=True)
class Attached:
    """From now on what the container prints is copied, as the order of this id has asked for."""

    id: str


@dataclass(frozen=True)
class Failed:
    """A program could not be started; the message is a container runtime's. Nothing follows."""

    id: str
    message: str


@dataclass(frozen=True)
class Exited:
    """A program has ended. code: 128 more than the signal where one ended it.

    output: how the output of an executed program begins; a container's is in its log. oom_killed:
    whether it was killed for the memory that it used.
    """

    id: str
    code: int
    output: str
    oom_killed: bool = False


Event = Ready | Started | Attached | Failed | Exited

# ---- from a child to the supervisor, which knows whose pipe it reads


@dataclass(frozen=True)
class ChildStarted:
    """The guard's program runs, as the process of this number."""

    pid: int


@dataclass(frozen=True)
class ChildFailed:
    """The child could not become its program."""

    message: str


@dataclass(frozen=True)
class ChildExited:
    """The guard's program has ended, with this code as a shell tells it."""

    code: int


Report = ChildStarted | ChildFailed | ChildExited

# ---- as lines

_KIND = "type"
Message = TypeVar("Message")


def encode(message: Order | Event | Report) -> bytes:
    """The line that stands for a message, with its end."""
    body = {_KIND: type(message).__name__, **vars(message)}
    return json.dumps(body, default=vars).encode() + b"\n"


class Reader(Generic[Message]):
    """Puts messages together from the pieces that a socket or a pipe gives.

    kinds: the messages that are expected: Order, Event or Report.
    """

    def __init__(self, kinds: Any) -> None:
        self._kinds: dict[str, type[Message]] = {kind.__name__: kind for kind in get_args(kinds)}
        self._rest = b""

    def read(self, data: bytes) -> Iterator[Message]:
        """The messages that this piece completes. MessageError at the first line that is none.

        Each is read when it is asked for, so that what was said before such a line counts.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        return map(self._decoded, lines)

    def _decoded(self, line: bytes) -> Message:
        try:
            body = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise MessageError(f"no JSON: {line!r}") from error
        name = body.pop(_KIND, None) if isinstance(body, dict) else None
        if not isinstance(name, str) or name not in self._kinds:
            expected = ", ".join(self._kinds)
            raise MessageError(f"a message that is none of {expected}: {line!r}")
        found: Message = _typed(self._kinds[name], body, name)
        return found


def _typed(kind: Any, value: Any, where: str) -> Any:
    """The value of this annotation that JSON gives back as `value`.

    where: what a MessageError calls it.
    """
    if type(value) is kind:  # not isinstance: True is no number here
        return value
    origin, arguments, hints = _parts(kind)
    if hints is not None and isinstance(value, dict) and value.keys() == hints.keys():
        fields = {key: _typed(hints[key], value[key], f"{where}.{key}") for key in hints}
        return kind(**fields)
    if origin is dict and isinstance(value, dict):
        return {key: _typed(arguments[1], one, f"{where}.{key}") for key, one in value.items()}
    if origin is tuple and isinstance(value, list):
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        if len(kinds) == len(value):
            return tuple(map(_typed, kinds, value, [where] * len(value)))
    raise MessageError(f"{where} cannot be {value!r}")


@functools.cache
def _parts(kind: Any) -> tuple[Any, tuple[Any, ...], Mapping[str, Any] | None]:
    """Of an annotation: its origin, its arguments, and its fields where it is a dataclass."""
    hints = get_type_hints(kind) if is_dataclass(kind) else None
    return get_origin(kind), get_args(kind), hints
