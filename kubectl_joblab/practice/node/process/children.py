"""Children of the supervisor: containers, and what is executed in them, with their pipes.

With namespaces a container is a child itself, process 1 of its own; without, and for what is
executed in a container, a guard stands between. The supervisor calls it. It knows nothing of logs.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import socket
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import NoReturn

from kubectl_joblab.practice.node.process import (
    cgroup,
    guard,
    linux,
    messages,
    namespaces,
    program,
)
from kubectl_joblab.practice.node.process.cgroup import Groups
from kubectl_joblab.practice.node.process.messages import ChildFailed, Launch

_KILLED = 128 + signal.SIGKILL
_MOST_FILES = 1 << 20
_EXITED = "container is in CONTAINER_EXITED state"
_STREAMS = {"output": "stdout", "errors": "stderr"}


@dataclass(frozen=True)
class Streams:
    """The descriptors that a child is to have as its streams; for None the supervisor makes them.

    source: its stdin.
    """

    source: int | None = None
    output: int | None = None
    errors: int | None = None

    @property
    def given(self) -> list[int]:
        """Those that there are."""
        found = (self.source, self.output, self.errors)
        return [descriptor for descriptor in found if descriptor is not None]

    def close(self) -> None:
        """Close them, when the child has them."""
        for descriptor in self.given:
            os.close(descriptor)


@dataclass
class Child:
    """A process of the supervisor's: a container's own, or the guard of a program.

    report: the pipe on which the child says how it fares. outputs: the pipes that the supervisor
    reads what the program prints from, by the name of the stream. console: the socket on which the
    child sends its terminal, None where it has none. control: the pipe to the guard, None where
    there is no guard. code: the program's exit code once the guard has told it. program: the number
    of the program's process on this machine, once it runs.
    """

    pid: int
    report: int
    outputs: dict[str, int]
    console: socket.socket | None = None
    control: int | None = None
    code: int | None = field(default=None, init=False)
    program: int | None = field(default=None, init=False)

    @property
    def guarded(self) -> bool:
        """Whether the child is a guard."""
        return self.control is not None

    def signal(self, number: int) -> None:
        """Send the program a signal; SIGKILL ends everything that the program has started, too."""
        with contextlib.suppress(ProcessLookupError, BrokenPipeError):
            if self.control is None:
                os.kill(self.pid, number)
            else:
                os.write(self.control, guard.KILL if number == signal.SIGKILL else bytes([number]))

    def kill(self) -> None:
        """End the program, and everything that it has started."""
        self.signal(signal.SIGKILL)

    def close(self) -> None:
        """Close what leads to the child, when it has been waited for."""
        if self.control is not None:
            os.close(self.control)
        if self.console is not None:
            self.console.close()

    def exit_code(self, status: int) -> int:
        """The program's exit code, when waitpid has said `status` of the child."""
        if self.guarded:
            return _KILLED if self.code is None else self.code
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code


@dataclass(frozen=True)
class _Pipes:
    """The child's ends of its pipes. console: of the socket that is to get its terminal."""

    report: int
    output: int | None
    errors: int | None
    source: int | None = None
    console: int | None = None

    @property
    def given(self) -> list[int]:
        """All that are open but the report."""
        found = (self.source, self.output, self.errors, self.console)
        return [descriptor for descriptor in found if descriptor is not None]


Become = Callable[[_Pipes], NoReturn]


class Children:
    """Forks the children of one supervisor. Every method raises OSError where it cannot fork.

    groups: the cgroups that hold containers to their limits; None where there are none.
    """

    def __init__(self, groups: Groups | None, *, with_namespaces: bool) -> None:
        self._groups = groups
        self._parent = os.pidfd_open(os.getpid()) if with_namespaces else None
        self._user, self._group = os.geteuid(), os.getegid()

    def container(self, launch: Launch, target: Child | None, streams: Streams) -> Child:
        """Start a container. target: the one whose processes it is to see, where it says so."""
        start = functools.partial(self._beside, target) if launch.target else self._container
        groups = self._groups
        if groups is None or not (launch.memory or launch.cpu):
            return start(launch, streams, ())
        entrance = groups.make(launch.id, launch.memory, launch.cpu)
        try:
            return start(launch, streams, [entrance])
        except OSError:
            groups.remove(launch.id)
            raise
        finally:
            os.close(entrance)

    def _container(self, launch: Launch, streams: Streams, entrances: Collection[int]) -> Child:
        """Start a container. entrances: to the cgroup that it enters, if there is one."""
        parent = self._parent
        if parent is None:
            plain = functools.partial(_plain, launch, entrances=entrances)
            return _guarded(plain, launch, streams, kept=entrances)

        def become(pipes: _Pipes) -> NoReturn:
            _enter(entrances)
            os.setsid()
            namespaces.enter(launch, parent, self._user, self._group)
            _execute(launch, pipes)

        return _forked(namespaces.fork, become, launch, streams)

    def _beside(
        self, target: Child | None, launch: Launch, streams: Streams, entrances: Collection[int]
    ) -> Child:
        """Start a container among the processes of another, with files of its own.

        What it leaves behind ends with the other one, whose first process adopts it.
        """
        joined = namespaces.Joined(_program(target))

        def become(pipes: _Pipes) -> NoReturn:
            _enter(entrances)
            namespaces.enter_beside(launch)
            _execute(launch, pipes)

        try:
            kept = [*joined.descriptors, *entrances]
            return _guarded(become, launch, streams, joined.begin, kept)
        finally:
            joined.close()

    def executed(self, launch: Launch, container: Child | None, streams: Streams) -> Child:
        """Run a program in a container. ProcessLookupError where the container is gone."""
        if container is None:
            raise ProcessLookupError(_EXITED)
        entrances = self._entrances(launch)
        try:
            return self._executed(launch, container, streams, entrances)
        finally:
            for entrance in entrances:
                os.close(entrance)

    def _entrances(self, launch: Launch) -> list[int]:
        if self._groups is None or not (launch.memory or launch.cpu):
            return []
        return [self._groups.entrance(launch.id)]

    def _executed(
        self, launch: Launch, container: Child, streams: Streams, entrances: Collection[int]
    ) -> Child:
        if self._parent is None:
            plain = functools.partial(_plain, launch, entrances=entrances)
            return _guarded(plain, launch, streams, kept=entrances)
        joined = namespaces.Joined(_program(container))

        def become(pipes: _Pipes) -> NoReturn:
            _enter(entrances)
            joined.finish()
            namespaces.restrict(launch)
            _execute(launch, pipes)

        try:
            # What the program leaves behind is the container's, and ends with the container.
            kept = [*joined.descriptors, *entrances]
            return _guarded(become, launch, streams, joined.begin, kept, owns_all=False)
        finally:
            joined.close()


def _program(container: Child | None) -> int:
    """The process of a container's own program. ProcessLookupError where there is none."""
    if container is None or container.program is None:
        raise ProcessLookupError(_EXITED)
    return container.program


def _enter(entrances: Collection[int]) -> None:
    for entrance in entrances:
        cgroup.enter(entrance)


def _plain(launch: Launch, pipes: _Pipes, entrances: Collection[int]) -> NoReturn:
    _enter(entrances)
    if sys.platform == "linux":
        # A program with more rights than the guard's could not be killed by the guard.
        linux.forbid_new_privileges()
    _execute(launch, pipes)


def _execute(launch: Launch, pipes: _Pipes) -> NoReturn:
    program.enter_folder(launch.folder)
    path = program.find(launch.argv[0], launch.env.get("PATH", program.DEFAULT_PATH))
    _connect(pipes)
    # Executing closes the report: its end without a message says that the program has begun.
    _close_all_but(pipes.report)
    program.become(path, launch.argv, launch.env)


def _connect(pipes: _Pipes) -> None:
    if pipes.console is not None:
        own = program.open_terminal(pipes.console)
        program.connect(own, own, own)
    else:
        assert pipes.output is not None
        assert pipes.errors is not None
        program.connect(pipes.source, pipes.output, pipes.errors)


def _guarded(
    become: Become,
    launch: Launch,
    streams: Streams,
    prepare: Callable[[], None] = lambda: None,
    kept: Collection[int] = (),
    *,
    owns_all: bool = True,
) -> Child:
    """Fork a guard, whose child becomes the program.

    prepare: what the guard does first. kept: descriptors that its child needs. owns_all: whether
    what the program leaves behind dies with it.
    """
    listening, control = os.pipe()

    def guarding(pipes: _Pipes) -> NoReturn:
        # Above all the pipes of other children: those must end when the supervisor ends.
        _close_all_but(pipes.report, *pipes.given, listening, *kept)
        prepare()

        def child(complain: int) -> NoReturn:
            _try(become, replace(pipes, report=complain))

        guard.run(child, listening, pipes.report, pipes.given, owns_all=owns_all)

    try:
        child = _forked(os.fork, guarding, launch, streams)
    except OSError:
        os.close(control)
        raise
    finally:
        os.close(listening)
    child.control = control
    return child


def _forked(fork: Callable[[], int], become: Become, launch: Launch, streams: Streams) -> Child:
    ours: dict[str, int] = {}
    theirs: dict[str, int] = {}
    ends = socket.socketpair() if launch.tty else ()
    needed = {"output": streams.output, "errors": streams.errors}
    missing = [] if launch.tty else [name for name, given in needed.items() if given is None]
    for name in ("report", *missing):
        ours[name], theirs[name] = os.pipe()
    try:
        pid = fork()
    except OSError:
        for descriptor in ours.values():
            os.close(descriptor)
        for end in ends:
            end.close()
        raise
    else:
        if pid == 0:
            console = ends[1].fileno() if ends else None
            output = theirs.get("output", streams.output)
            errors = theirs.get("errors", streams.errors)
            _try(become, _Pipes(theirs["report"], output, errors, streams.source, console))
    finally:
        for descriptor in theirs.values():
            os.close(descriptor)
    if ends:
        ends[1].close()
    outputs = {_STREAMS[name]: ours[name] for name in missing}
    return Child(pid, ours["report"], outputs, ends[0] if ends else None)


def _try(become: Become, pipes: _Pipes) -> NoReturn:
    """In a child: never return, and report what goes wrong before the program takes over."""
    try:
        become(pipes)
    except BaseException as error:
        os.write(pipes.report, messages.encode(ChildFailed(str(error))))
    finally:
        os._exit(1)


def _close_all_but(*kept: int) -> None:
    start = 3  # stdin, stdout and stderr stay open
    for descriptor in sorted(kept):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, _MOST_FILES)
