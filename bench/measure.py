"""Measures what a command costs: wall time, processor time, peak memory.

Each command is started by a small process of its own, because a process' peak of memory counts
what it used before it became the command.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Command = Sequence[str]
STARTER = """
import os, sys, time
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
began = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, used = os.wait4(pid, 0)
wall = time.perf_counter() - began
code = os.waitstatus_to_exitcode(status)
print("[%f, %f, %d, %d]" % (wall, used.ru_utime + used.ru_stime, used.ru_maxrss, code))
"""


class Cost(NamedTuple):
    """What a run of a command cost: seconds of wall time and of processors, peak memory.

    The memory is in KiB on Linux.
    """

    wall: float
    cpu: float
    memory: float


def once(command: Command, environ: Mapping[str, str]) -> Cost:
    """Run a command and return what it cost; its output is not read.

    The exit codes 2 and 3 are verdicts of `check`; any other but 0 is an error.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", STARTER, *command],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    wall, cpu, memory, code = json.loads(done.stdout)
    if code not in (0, 2, 3):
        raise RuntimeError(f"{' '.join(command)}: exit {code}\n{done.stderr}")
    return Cost(wall, cpu, memory)


def in_turn(
    subjects: Sequence[Sequence[Command]], runs: int, environ: Mapping[str, str]
) -> list[Cost]:
    """The median cost of each subject, which is some commands that run one after the other.

    The subjects take turns, so that all meet the same machine; the first round does not count.
    """
    costs: list[list[Cost]] = [[] for _ in subjects]
    for number in range(runs + 1):
        for found, commands in zip(costs, subjects, strict=True):
            parts = [once(command, environ) for command in commands]
            if number:
                found.append(_sum(parts))
    return [_median(found) for found in costs]


def told(what: str, ratio: float, most: str) -> None:
    """Print the line of a ratio and of what it may be at most."""
    print(f"{what}: {ratio:.2f} (at most {most})", flush=True)


def _sum(parts: Sequence[Cost]) -> Cost:
    walls, cpus, peaks = zip(*parts, strict=True)
    return Cost(sum(walls), sum(cpus), max(peaks))


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
