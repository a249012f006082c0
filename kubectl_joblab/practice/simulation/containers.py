"""Containers that live in virtual time: nothing is run, each does what a Program says.

The kubelet starts them through a Runtime as it starts processes. play.py has one that asks a story;
tests have one that asks a table.
"""

from __future__ import annotations

import asyncio
import math
import signal
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from kubectl_joblab.practice.api.streaming import Session
from kubectl_joblab.practice.node.process.messages import Launch
from kubectl_joblab.practice.node.process.runtime import KILLED, Executed, StartError

STARTING = 0.1  # seconds that a start takes


@dataclass(frozen=True)
class Program:
    """What a container does. exits: its code after `runs` seconds.

    ends: seconds after SIGTERM when it ends with code `stopped`; None: it has no handler for the
    signal.
    oom: whether the exit is for the memory that it used. fails: why it cannot be started.
    """

    runs: float = math.inf
    exits: int = 0
    ends: float | None = None
    stopped: int = 0
    oom: bool = False
    fails: str = ""


class Container:
    """A container that was started."""

    def __init__(self, program: Program) -> None:
        self._loop = asyncio.get_running_loop()
        self._program = program
        self._exited: asyncio.Future[int] = self._loop.create_future()
        if program.runs != math.inf:
            self._end(program.runs, program.exits)

    @property
    def exited(self) -> asyncio.Future[int]:
        """Its exit code."""
        return self._exited

    @property
    def oom_killed(self) -> bool:
        """Whether it was killed for the memory that it used."""
        return self._program.oom

    def written(self) -> int:
        """The bytes that it has written outside of volumes: none."""
        return 0

    def _end(self, seconds: float, code: int) -> None:
        def done() -> None:
            if not self._exited.done():
                self._exited.set_result(code)

        self._loop.call_later(seconds, done)

    def signal(self, number: int) -> None:
        """As process 1 of a namespace takes it: what it does not handle, it does not get."""
        if number == signal.SIGKILL:
            self._end(0, KILLED)
        elif number == signal.SIGTERM and self._program.ends is not None:
            self._end(self._program.ends, self._program.stopped)

    async def execute(
        self,
        argv: list[str],  # noqa: ARG002 -- names of the protocol
        timeout: float | None = None,  # noqa: ARG002
    ) -> Executed:
        """Tell that a program which is executed in the container succeeds at once."""
        return Executed(0, "")

    async def stream(
        self,
        argv: list[str],  # noqa: ARG002 -- names of the protocol
        *,
        tty: bool,  # noqa: ARG002
    ) -> Session:
        """Refuse to hold the streams of a program: there is none."""
        raise StartError("the container is simulated")

    async def attach(self, *, once: bool) -> Session:  # noqa: ARG002 -- a name of the protocol
        """Refuse to hold the container's streams: there are none."""
        raise StartError("the container is simulated")


class SimulatedRuntime(ABC):
    """Starts containers that do what `program` says."""

    why_no_namespaces = ""

    async def start(self, launch: Launch) -> Container:
        """Start a container, in STARTING seconds."""
        if launch.sandbox:
            return self.sandbox(launch)
        await asyncio.sleep(STARTING)
        program = self.program(launch)
        if program.fails:
            raise StartError(program.fails)
        Path(launch.log).touch()
        return self.container(launch, program)

    def sandbox(self, launch: Launch) -> Container:  # noqa: ARG002 -- for others
        """Process 1 of a Pod whose containers share their processes: no story tells of it."""
        return Container(Program())

    def container(self, launch: Launch, program: Program) -> Container:  # noqa: ARG002 -- for others
        """The container that a start makes."""
        return Container(program)

    @abstractmethod
    def program(self, launch: Launch) -> Program:
        """What a container does that is started."""
