"""A runtime for tests of the node: containers that live in virtual time, as a test says."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kubectl_joblab.practice.node import crilog
from kubectl_joblab.practice.node.process.messages import Launch
from kubectl_joblab.practice.node.process.runtime import Executed, StartError
from tests.practice.virtual import VirtualClock

FILLED = 3 << 20


@dataclass(frozen=True)
class Program:
    """What a container does. exits: its code after `runs` seconds.

    ends: seconds after SIGTERM when it ends with code `stopped`; None: it has no handler for the
    signal. oom: whether its end is for the memory that it used. fails: why it cannot be started.
    message: its last words. log: its lines, each with the second in which it is printed; {pod} in
    one is the name of the Pod. fills: the file that it writes 3 MiB to at once.
    """

    runs: float = float("inf")
    exits: int = 0
    ends: float | None = None
    stopped: int = 0
    oom: bool = False
    fails: str = ""
    log: Sequence[tuple[float, str]] = ()
    message: str = ""
    fills: str = ""
    # a command that is executed in it -> seconds it takes, exit code, output
    executes: Mapping[str, tuple[float, int, str]] = field(default_factory=dict)


class FakeProcess:
    """A container of the fake runtime."""

    def __init__(self, program: Program, written: int = 0) -> None:
        self._written = written
        self._loop = asyncio.get_running_loop()
        self._program = program
        self._exited: asyncio.Future[int] = self._loop.create_future()
        self.signals: list[int] = []
        if program.runs != float("inf"):
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
        """The bytes that it has written outside of volumes."""
        return self._written

    def _end(self, seconds: float, code: int) -> None:
        def done() -> None:
            if not self._exited.done():
                self._exited.set_result(code)

        self._loop.call_later(seconds, done)

    def signal(self, number: int) -> None:
        """As process 1 of a namespace takes it: what it does not handle, it does not get."""
        self.signals.append(int(number))
        if number == signal.SIGKILL:
            self._end(0, 128 + number)
        elif number == signal.SIGTERM and self._program.ends is not None:
            self._end(self._program.ends, self._program.stopped)

    async def execute(self, argv: list[str], timeout: float | None = None) -> Executed:
        """Run a program in it, as the test says."""
        seconds, code, output = self._program.executes[" ".join(argv)]
        if timeout is not None and seconds > timeout:
            await asyncio.sleep(timeout)
            return Executed(None, "")
        await asyncio.wait([self._exited], timeout=seconds)
        return Executed(code, output)


class FakeRuntime:
    """Starts what a test says. programs: by the container's name, called with each start's number.

    launches: everything that was to be started.
    """

    why_no_namespaces = ""

    def __init__(self, programs: Mapping[str, Callable[[int], Program]]) -> None:
        self._programs = programs
        self._starts: dict[str, int] = {}
        self.launches: list[Launch] = []
        self.processes: list[FakeProcess] = []

    async def start(self, launch: Launch) -> FakeProcess:
        """Start a container, in a tenth of a second."""
        await asyncio.sleep(0.1)
        program = self.program(launch)
        self.launches.append(launch)
        if program.fails:
            raise StartError(program.fails)
        Path(launch.log).touch()
        Path(launch.log).with_suffix(".message").write_text(program.message)
        process = FakeProcess(program, _filled(launch, program.fills))
        self.processes.append(process)
        for second, line in program.log:
            asyncio.get_running_loop().call_later(second, _print, process, launch, line)
        return process

    def program(self, launch: Launch) -> Program:
        """What a container does that is started."""
        name = Path(launch.log).parent.name
        number = self._starts.get(name, 0)
        self._starts[name] = number + 1
        return self._programs[name](number)


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
