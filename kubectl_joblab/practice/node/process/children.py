"""Children of the supervisor: containers, and what is executed in them, with their pipes.

With namespaces a container is a child itself, process 1 of its own; without, and for what is
executed in one, a guard stands between. The supervisor calls it. It knows nothing of logs.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, NoReturn

from kubectl_joblab.practice.node.process import guard, linux, namespaces, program

Order = dict[str, Any]
_KILLED = 128 + signal.SIGKILL
_MOST_FILES = 1 << 20


@dataclass
class Child:
    """A process. report: where it or its guard tells; control: where a guard listens."""

    pid: int
    report: int
    outputs: tuple[int, int]
    control: int | None = None
    code: int | None = field(default=None, init=False)  # as a guard has told

    @property
    def guarded(self) -> bool:
        """Whether it is a guard."""
        return self.control is not None

    def signal(self, number: int) -> None:
        """Send the program a signal; SIGKILL is for all that it has started, too."""
        with contextlib.suppress(ProcessLookupError, BrokenPipeError):
            if self.control is None:
                os.kill(self.pid, number)
            else:
                os.write(self.control, guard.KILL if number == signal.SIGKILL else bytes([number]))

    def kill(self) -> None:
        """End it."""
        self.signal(signal.SIGKILL)

    def close(self) -> None:
        """It is gone."""
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
    """The child's ends."""

    report: int
    output: int
    errors: int


Become = Callable[[_Pipes], NoReturn]


class Children:
    """Makes them."""

    def __init__(self, *, with_namespaces: bool) -> None:
        self._parent = os.pidfd_open(os.getpid()) if with_namespaces else None
        self._user, self._group = os.geteuid(), os.getegid()

    def container(self, order: Order) -> Child:
        """A container."""
        parent = self._parent
        if parent is None:
            return _guarded(lambda pipes: _plain(order, pipes))

        def become(pipes: _Pipes) -> NoReturn:
            os.setsid()
            namespaces.enter(order, parent, self._user, self._group)
            _execute(order, pipes)

        return _forked(namespaces.fork, become)

    def executed(self, order: Order, container: Child | None) -> Child:
        """A program in a container that runs."""
        if container is None:
            raise ProcessLookupError("container is in CONTAINER_EXITED state")
        if self._parent is None:
            return _guarded(lambda pipes: _plain(order, pipes))
        joined = namespaces.Joined(container.pid)

        def become(pipes: _Pipes) -> NoReturn:
            joined.finish()
            namespaces.restrict(order)
            _execute(order, pipes)

        try:
            # What it leaves behind is its container's, and ends with that.
            return _guarded(become, joined.begin, joined.descriptors, owns_all=False)
        finally:
            joined.close()


def _plain(order: Order, pipes: _Pipes) -> NoReturn:
    if sys.platform == "linux":
        linux.forbid_new_privileges()  # else what it starts may be beyond the guard's reach
    _execute(order, pipes)


def _execute(order: Order, pipes: _Pipes) -> NoReturn:
    program.enter_folder(order["folder"])
    path = program.find(order["argv"][0], order["env"].get("PATH", program.DEFAULT_PATH))
    program.connect(pipes.output, pipes.errors)
    _close_all_but(pipes.report)  # which executing closes: and so tells that it has begun
    program.become(path, order["argv"], order["env"])


def _guarded(
    become: Become,
    prepare: Callable[[], None] = lambda: None,
    kept: Collection[int] = (),
    *,
    owns_all: bool = True,
) -> Child:
    listening, control = os.pipe()

    def guarding(pipes: _Pipes) -> NoReturn:
        # The other pipes of the supervisor, above all: they must end when it ends.
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
    """In a child: never return, and report what goes wrong before it is the program."""
    try:
        become(pipes)
    except BaseException as error:
        os.write(pipes.report, json.dumps({"error": str(error)}).encode() + b"\n")
    finally:
        os._exit(1)


def _close_all_but(*kept: int) -> None:
    start = 3
    for descriptor in sorted(kept):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, _MOST_FILES)
