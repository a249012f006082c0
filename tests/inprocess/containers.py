"""What the labs' containers do, as a table that a runtime reads: when they print what, and end.

No command of a manifest is run. cluster.py uses this table, unless a test gives it another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kubectl_joblab.practice.node.process.messages import Launch
from tests.practice.node.fake import FakeRuntime, Program

# Job -> what the container of each of its Pods does, try by try; the last Pod and the last try
# stand for all that follow. A log line is given with the second in which it is printed, and may
# name {pod}.
Table = Mapping[str, Sequence[Sequence[Program]]]


def _works(seconds: float) -> Program:
    return Program(runs=seconds, log=((0, "start on {pod}"), (seconds - 0.01, "done")))


def _fails(*lines: str) -> Program:
    return Program(runs=1, exits=3, log=tuple((0, line) for line in lines))


def _tokens(*tokens: str) -> list[Program]:
    return [_fails(f"token {token}") for token in tokens]


def _indexes(*programs: Program) -> list[list[Program]]:
    """What the container of each index does, from 0 on; a try after it does the same."""
    return [[one] for one in programs]


def _prints(index: int, seconds: float) -> Program:
    return Program(runs=seconds, log=((0, f"index {index} on host {{pod}}"),))


def _adds_up(total: int) -> Program:
    return Program(runs=2, log=((0, f"lines=10 sum={total}"),))


TABLE: Table = {
    "basics": [[Program(runs=3, log=((0, "Hello from a Job"),))]],
    "sleep": [[Program(runs=10)]],
    "echo": [[Program(runs=0.2, log=((0, "2 + 3 = 5"),))]],
    "yaml": [[Program(runs=0.2, log=((0, "made from YAML"),))]],
    "retry": [[one] for one in _tokens("3f2a9c01", "77d0be4e", "c15e60aa")],
    "retry-onfailure": [_tokens("01b9e3f4", "9a4cd852", "e60712bb")],
    "retry-recover": [
        [
            _fails("first try, failing", "token 5d21c07e"),
            Program(runs=5, log=((0, "tried before, succeeding"), (0, "token b8f6413a"))),
        ]
    ],
    "completions": [[_works(3)]],
    "parallelism": [[_works(5)]],
    "indexed": _indexes(_prints(0, 10), _prints(1, 6), _prints(2, 2)),
    "shards": _indexes(*map(_adds_up, (385, 198, 296, 280))),
    "shards-short": _indexes(*map(_adds_up, (385, 198, 296))),
    "per-index": _indexes(_works(8), _fails("index 1"), _works(8), _fails("index 3")),
    "per-index-both": _indexes(_works(8), _fails("index 1"), _works(8), _fails("index 3")),
    "max-failed": _indexes(_works(61), _fails("index 1"), _fails("index 2")),
}


class TableRuntime(FakeRuntime):
    """A runtime whose containers do what a table says of their Job."""

    def __init__(self, table: Table) -> None:
        super().__init__({})
        self._table = table
        self._pods: dict[str, list[str]] = {}

    def program(self, launch: Launch) -> Program:
        """What a container does, by its Job, its Pod's place among the Job's Pods, and its try.

        The Job's name is what stands before the last dash of the Pod's.
        """
        job, number = launch.hostname.rpartition("-")[0], int(Path(launch.log).stem)
        pods = self._pods.setdefault(job, [])
        if launch.hostname not in pods:
            pods.append(launch.hostname)
        tries = self._table[job]
        of_pod = tries[min(pods.index(launch.hostname), len(tries) - 1)]
        return of_pod[min(number, len(of_pod) - 1)]
