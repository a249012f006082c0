"""Children of the supervisor: containers, and what is executed in them, with their pipes.

With namespaces a container is a child itself, process 1 of its own; without, and for what is
executed in a container, a guard stands between. The supervisor calls it. It knows nothing of logs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
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


@dataclass
class Child:
    """A process of the supervisor's: a container's own, or the guard of a program.

    report: the pipe on which the child says how it fares. outputs: the pipes of the program's
    stdout and stderr. control: the pipe to the guard, None where there is no guard. code: the
    program's exit code once the guard has told it.
    """

    pid: int
    report: int
    outputs: tuple[int, int]
    control: int | None = None
    code: int | None = field(default=None, init=False)

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
        """Close the pipe to the guard, when the child has been waited for."""
        if self.control is not None:
            os.close(self.control)

    def exit_code(self, status: int) -> int:
        """The program's exit code, when waitpid has said `status` of the child."""
        if self.guarded:
            return _KILLED if self.code is None else self.code
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code


@dataclass(frozen=True)
class _Pipes:
    """The child's ends of its pipes."""

    report: int
    output: int
    errors: int


Become = Callable[[_Pipes], NoReturn]


class Children:
    """Forks the children of one supervisor. Every method raises OSError where it cannot fork.

    groups: the cgroups that hold containers to their limits; None where there are none.
    """

    def __init__(self, groups: Groups | None, *, with_namespaces: bool) -> None:
        self._groups = groups
        self._parent = os.pidfd_open(os.getpid()) if with_namespaces else None
        self._user, self._group = os.geteuid(), os.getegid()

    def container(self, launch: Launch) -> Child:
        """Start a container."""
        groups = self._groups
        if groups is None or not (launch.memory or launch.cpu):
            return self._container(launch, ())
        entrance = groups.make(launch.id, launch.memory, launch.cpu)
        try:
            return self._container(launch, [entrance])
        except OSError:
            groups.remove(launch.id)
            raise
        finally:
            os.close(entrance)

    def _container(self, launch: Launch, entrances: Collection[int]) -> Child:
        """Start a container. entrances: to the cgroup that it enters, if there is one."""
        parent = self._parent
        if parent is None:
            return _guarded(lambda pipes: _plain(launch, pipes, entrances), kept=entrances)

        def become(pipes: _Pipes) -> NoReturn:
            _enter(entrances)
            os.setsid()
            namespaces.enter(launch, parent, self._user, self._group)
            _execute(launch, pipes)

        return _forked(namespaces.fork, become)

    def executed(self, launch: Launch, container: Child | None) -> Child:
        """Run a program in a container. ProcessLookupError where the container is gone."""
        if container is None:
            raise ProcessLookupError("container is in CONTAINER_EXITED state")
        entrances = self._entrances(launch)
        try:
            return self._executed(launch, container, entrances)
        finally:
            for entrance in entrances:
                os.close(entrance)

    def _entrances(self, launch: Launch) -> list[int]:
        if self._groups is None or not (launch.memory or launch.cpu):
            return []
        return [self._groups.entrance(launch.id)]

    def _executed(self, launch: Launch, container: Child, entrances: Collection[int]) -> Child:
        if self._parent is None:
            return _guarded(lambda pipes: _plain(launch, pipes, entrances), kept=entrances)
        joined = namespaces.Joined(container.pid)

        def become(pipes: _Pipes) -> NoReturn:
            _enter(entrances)
            joined.finish()
            namespaces.restrict(launch)
            _execute(launch, pipes)

        try:
            # What the program leaves behind is the container's, and ends with the container.
            kept = [*joined.descriptors, *entrances]
            return _guarded(become, joined.begin, kept, owns_all=False)
        finally:
            joined.close()


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
    program.connect(pipes.output, pipes.errors)
    # Executing closes the report: its end without a message says that the program has begun.
    _close_all_but(pipes.report)
    program.become(path, launch.argv, launch.env)


def _guarded(
    become: Become,
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
        _close_all_but(pipes.report, pipes.output, pipes.errors, listening, *kept)
        prepare()

        def child(complain: int) -> NoReturn:
            _try(become, _Pipes(complain, pipes.output, pipes.errors))

        guard.run(child, listening, pipes.report, owns_all=owns_all)

    try:
        child = _forked(os.fork, guarding)
    except OSError:
        os.close(control)
        raise
    finally:
        os.close(listening)
    child.control = control
    return child


def _forked(fork: Callable[[], int], become: Become) -> Child:
    pipes = [os.pipe() for _ in range(3)]
    ours, theirs = [pipe[0] for pipe in pipes], [pipe[1] for pipe in pipes]
    try:
        pid = fork()
    except OSError:
        for descriptor in ours:
            os.close(descriptor)
        raise
    else:
        if pid == 0:
            _try(become, _Pipes(*theirs))
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    report, output, errors = ours
    return Child(pid, report, (output, errors))


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
