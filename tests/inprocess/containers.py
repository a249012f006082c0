"""What the labs' containers do, as a table that a runtime reads: when they print what, and end.

No command of a manifest is run. cluster.py uses this table, unless a test gives it another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kubectl_joblab.practice.node.process.messages import Launch
from tests.practice.node.fake import FakeRuntime, Program

# Job -> what the container of each of its Pods does, try by try; the last Pod and the last try
# stand for all that follow. A Pod of several containers has a row for each: JOB/CONTAINER. A log
# line is given with the second in which it is printed, and may name {pod}.
# stand for all that follow. The Pods of one index, which have one hostname, are tries as well. A
# log line is given with the second in which it is printed, and may name {pod}.
Table = Mapping[str, Sequence[Sequence[Program]]]


def _works(seconds: float) -> Program:
    return Program(runs=seconds, log=((0, "start on {pod}"), (seconds - 0.01, "done")))


def _fails(*lines: str) -> Program:
    return Program(runs=1, exits=3, log=tuple((0, line) for line in lines))


def _says(line: str, exits: int) -> Program:
    return Program(runs=0.2, exits=exits, log=((0, line),))


def _tokens(*tokens: str) -> list[Program]:
    return [_fails(f"token {token}") for token in tokens]


def _indexes(*programs: Program) -> list[list[Program]]:
    """What the container of each index does, from 0 on; a try after it does the same."""
    return [[one] for one in programs]


def _prints(index: int, seconds: float) -> Program:
    return Program(runs=seconds, log=((0, f"index {index} on host {{pod}}"),))


def _adds_up(total: int) -> Program:
    return Program(runs=2, log=((0, f"lines=10 sum={total}"),))


_STOPS = Program(ends=20, stopped=143, log=((0, "working"),))

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
    "deadline": [[Program(runs=12, exits=1, log=((0, "working"),))]],
    "deadline-pod": [[Program(log=((0, "working"),))]],
    "ttl": [[Program(runs=3, log=((2.99, "the result is 42"),))]],
    "ttl-failed": [[Program(runs=3, exits=1, log=((2.99, "no such table: orders"),))]],
    "exit-codes/found": [[_says("root:x:0:0:root:/root:/bin/sh", 0)]],
    "exit-codes/not-found": [[Program(runs=0.2, exits=1)]],
    "exit-codes/trouble": [[_says("grep: /no/such/file: No such file or directory", 2)]],
    "exit-codes-shell/not-executable": [[_says("sh: /etc/passwd: Permission denied", 126)]],
    "exit-codes-shell/not-found": [[_says("sh: pyhton: not found", 127)]],
    "exit-codes-signal/killed": [[_says("Killed", 137)]],
    "exit-codes-signal/terminated": [[_says("Terminated", 143)]],
    "exit-codes-start": [[Program(fails='exec: "pyhton": executable file not found in $PATH')]],
    "attempts": [
        [_says(f"this is a try, token {token}", 1)]
        for token in ("4be0c1d7", "d2398f6a", "70a5e61c")
    ],
    "attempts-onfailure": [
        [
            Program(runs=5, exits=exits, log=((0, f"this is try {number}"),))
            for number, exits in ((1, 1), (2, 1), (3, 0))
        ]
    ],
    "fail-job": [[Program(runs=1, exits=42, log=((0, "bad input, no other try will help"),))]],
    "ignore": [
        [Program(runs=1, exits=exits, log=((0, f"the service is {state}"),))]
        for exits, state in ((75, "down"), (75, "down"), (0, "up"))
    ],
    "ignore-evicted": [
        [Program(ends=0, stopped=143, log=((0, "working"),))],
        [Program(runs=8, log=((0, "working"),))],
    ],
    "replacement": [[_STOPS], [Program(runs=10)]],
    "replacement-early": [[_STOPS], [Program(runs=10)]],
    "suspend": [[Program(runs=10)]],
    "cronjob-by-hand": [[_says("report written", 0)]],
    "cronjob-minute": [[_says("report written", 0)]],  # Jobs that the schedule makes
    "fail-index": [
        [_works(5)],
        [Program(runs=1, exits=42)],
        [_works(5)],
        [_fails("the network is down"), _works(5)],
    ],
    "success-policy": _indexes(_works(8), _works(60)),
    "success-policy-count": _indexes(_works(60), _works(8), _works(60), _works(8)),
    "elastic": [[_works(30)]],
    "elastic-down": _indexes(_works(30), _works(30), _works(30), _works(0.2)),
    "work-queue": _indexes(_works(6), _works(10), _works(14)),
    "work-queue-lost": [[_works(30)]],
}


class TableRuntime(FakeRuntime):
    """A runtime whose containers do what a table says of their Job."""

    def __init__(self, table: Table) -> None:
        super().__init__({})
        self._table = table
        self._pods: dict[str, list[str]] = {}
        self._tries: dict[str, list[Path]] = {}

    def next_program(self, launch: Launch) -> Program:
        """What a container does, by its Job, its Pod's place among the Job's Pods, and its try.

        The Job's name is what stands before the last dash of the Pod's. Where the Job has no row of
        its own, the container has one, or the CronJob that has made it, which is before a number.
        """
        job, log = launch.hostname.rpartition("-")[0], Path(launch.log)
        cron_job, _, minute = job.rpartition("-")
        if minute.isdecimal() and job not in self._table and cron_job in self._table:
            job = cron_job
        pods = self._pods.setdefault(job, [])
        if launch.hostname not in pods:
            pods.append(launch.hostname)
        container = log.parent.name
        tries = self._table[job if job in self._table else f"{job}/{container}"]
        logs = self._tries.setdefault(f"{launch.hostname}/{container}", [])
        if log not in logs:
            logs.append(log)
        number = logs.index(log)
        of_pod = tries[min(pods.index(launch.hostname), len(tries) - 1)]
        return of_pod[min(number, len(of_pod) - 1)]
