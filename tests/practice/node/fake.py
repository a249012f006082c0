"""A runtime for tests of the node: the simulated one, and what tests want to see of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kubectl_joblab.practice.node import crilog
from kubectl_joblab.practice.node.process.messages import Launch
from kubectl_joblab.practice.node.process.runtime import Executed
from kubectl_joblab.practice.simulation import containers
from kubectl_joblab.practice.simulation.containers import Container, SimulatedRuntime
from tests.practice.virtual import VirtualClock

FILLED = 3 << 20


@dataclass(frozen=True)
class Program(containers.Program):
    """What a container does.

    message: its last words. log: its lines, each with the second in which it is printed; {pod} in
    one is the name of the Pod. fills: the file that it writes 3 MiB to at once.
    """

    log: Sequence[tuple[float, str]] = ()
    message: str = ""
    fills: str = ""
    # a command that is executed in it -> seconds it takes, exit code, output
    executes: Mapping[str, tuple[float, int, str]] = field(default_factory=dict)


class FakeProcess(Container):
    """A container of the fake runtime. signals: those that it was sent."""

    def __init__(self, program: Program, written: int = 0) -> None:
        super().__init__(program)
        self._written = written
        self._executes = program.executes
        self.signals: list[int] = []

    def written(self) -> int:
        """The bytes that it has written outside of volumes."""
        return self._written

    def signal(self, number: int) -> None:
        """Note the signal, and take it."""
        self.signals.append(int(number))
        super().signal(number)

    async def execute(self, argv: list[str], timeout: float | None = None) -> Executed:
        """Run a program in it, as the test says."""
        seconds, code, output = self._executes[" ".join(argv)]
        if timeout is not None and seconds > timeout:
            await asyncio.sleep(timeout)
            return Executed(None, "")
        await asyncio.wait([self.exited], timeout=seconds)
        return Executed(code, output)


class FakeRuntime(SimulatedRuntime):
    """Starts what a test says. programs: by the container's name, called with each start's number.

    launches: everything that was to be started. sandboxes: process 1 of each Pod whose containers
    share their processes.
    """

    def __init__(self, programs: Mapping[str, Callable[[int], Program]]) -> None:
        self._programs = programs
        self._starts: dict[str, int] = {}
        self.launches: list[Launch] = []
        self.processes: list[FakeProcess] = []
        self.sandboxes: list[tuple[Launch, Container]] = []

    def program(self, launch: Launch) -> Program:
        """What a container does that is started."""
        self.launches.append(launch)
        return self.next_program(launch)

    def sandbox(self, launch: Launch) -> Container:
        """Process 1 of a Pod."""
        self.sandboxes.append((launch, super().sandbox(launch)))
        return self.sandboxes[-1][1]

    def next_program(self, launch: Launch) -> Program:
        """What a container does at this start of its name."""
        name = Path(launch.log).parent.name
        number = self._starts.get(name, 0)
        self._starts[name] = number + 1
        return self._programs[name](number)

    def container(self, launch: Launch, program: containers.Program) -> FakeProcess:
        """The container that a start makes, which prints its lines."""
        assert isinstance(program, Program)
        Path(launch.log).with_suffix(".message").write_text(program.message)
        process = FakeProcess(program, _filled(launch, program.fills))
        self.processes.append(process)
        for second, line in program.log:
            asyncio.get_running_loop().call_later(second, _print, process, launch, line)
        return process


def _filled(launch: Launch, path: str) -> int:
    """Write 3 MiB to a volume of the container; the bytes that were written elsewhere."""
    for source, target, _ in launch.root.binds:
        if path and target == os.path.dirname(path):
            Path(source, os.path.basename(path)).write_bytes(bytes(FILLED))
            return 0
    return FILLED if path else 0


def _print(process: FakeProcess, launch: Launch, line: str) -> None:
    """Add a line to the log of a container that still runs."""
    if process.exited.done():
        return
    now = VirtualClock(asyncio.get_running_loop()).now().timestamp()
    time = crilog.written_time(round(now * 1_000_000) * 1000)
    with Path(launch.log).open("a", encoding="utf-8") as log:
        log.write(f"{time} stdout F {line.format(pod=launch.hostname)}\n")
