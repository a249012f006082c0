"""What Jobs of the labs 14 to 17 can look like once their Pods have run, index by index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.practice.controllers.job import indexes
from tests.labs import builders as b

LATE = 1000  # seconds after the creation
WELL = ("Complete", "CompletionsReached")
KILLED = 137  # the exit code of a Pod that was deleted while it ran

States = Iterator[tuple[str, Snapshot]]
# index -> the exit code of each of its tries
Codes = Mapping[int, Sequence[int]]
Log = Callable[[int], list[str]]


class _Maker(NamedTuple):
    """Makes snapshots of an exercise's finished Job. spec: the Job's. log: what an index prints."""

    exercise: Exercise
    spec: Mapping[str, Any]
    log: Log

    def ended(
        self,
        codes: Codes,
        condition: tuple[str, str] = WELL,
        *,
        failed: str | None = None,
        log: Log | None = None,
        **changes: Any,
    ) -> Snapshot:
        """The Job as it ended. failed: its failedIndexes. changes: of its spec; None: left out."""
        spec = {key: one for key, one in {**self.spec, **changes}.items() if one is not None}
        tries = [code for of_index in codes.values() for code in of_index]
        done = [index for index, of_index in codes.items() if of_index[-1] == 0]
        status: dict[str, Any] = {"succeeded": len(done), "failed": sum(map(bool, tries))}
        if spec["completionMode"] == "Indexed":
            status["completedIndexes"] = str(indexes.of(done))
        if failed is not None:
            status["failedIndexes"] = failed
        kind, reason = condition
        job = b.job(
            self.exercise.job, spec=spec, status=status, conditions=[b.condition(kind, 40, reason)]
        )
        pods = self._pods(codes, log or self.log)
        return b.seen(job, *pods, now=LATE, name=self.exercise.job)

    def _pods(self, codes: Codes, log: Log) -> Iterator[PodRecord]:
        for index, of_index in codes.items():
            for number, code in enumerate(of_index):
                start = 2 + 13 * number
                end = start + (2 if code else 8)
                name = f"{self.exercise.job}-{index}-{number}"
                pod = b.pod(name, b.container(b.ended(start, end, code)), created=start - 1)
                attempt = b.attempt(start, end, code, log=log(index))
                yield b.record(pod, attempt, gone=code == KILLED)


def states(exercise: Exercise, spec: Mapping[str, Any]) -> States:
    """How an exercise of one of these labs can end; of another lab's there are no states.

    They stand in place of the ends that states.py has: a Job whose indexes are listed must have a
    list that fits its Pods.
    """
    found = {
        "indexed": _indexed,
        "shards": _short if exercise.variant.name == "short" else _shards,
        "per-index": _both if exercise.variant.name == "both" else _per_index,
        "max-failed": _max_failed,
    }.get(exercise.lab.name)
    if found:
        yield from found(exercise, {"backoffLimit": 6, **spec})


def _all(number: int, code: int = 0) -> dict[int, Sequence[int]]:
    """So many indexes with one try each."""
    return dict.fromkeys(range(number), (code,))


def _failed(reason: str) -> tuple[str, str]:
    return "Failed", reason


# ---- lab 14


def _indexed(exercise: Exercise, spec: Mapping[str, Any]) -> States:
    make = _Maker(exercise, spec, lambda index: [f"index {index} on host indexed-{index}"])
    limit = _failed("BackoffLimitExceeded")
    one = {**_all(3), 1: (3,)}
    yield "each index succeeded", make.ended(_all(3))
    yield "index 1 succeeded at the second try", make.ended({**_all(3), 1: (3, 0)})
    yield "numbers from 1", make.ended(_all(3), log=lambda index: [f"index {index + 1}"])
    yield "no numbers", make.ended(_all(3), log=lambda _: [])
    yield "two indexes", make.ended(_all(2), completions=2)
    yield "index 1 failed", make.ended(one, limit, backoffLimit=0)
    yield (
        "index 0 cut off by the deadline",
        make.ended({**_all(3), 0: (KILLED,)}, _failed("DeadlineExceeded"), activeDeadlineSeconds=5),
    )
    yield "content with index 2", make.ended({2: (0,)}, ("Complete", "SuccessPolicy"))
    yield "not Indexed", make.ended(_all(3), completionMode="NonIndexed")


# ---- lab 15

_SUMS = (385, 198, 296, 280)  # of the four shards


def _shard(index: int) -> list[str]:
    return [f"lines=10 sum={_SUMS[index]}"]


def _says(lines: int, total: int) -> Log:
    return lambda _: [f"lines={lines} sum={total}"]


def _shards(exercise: Exercise, spec: Mapping[str, Any]) -> States:
    make = _Maker(exercise, spec, _shard)
    limit = _failed("BackoffLimitExceeded")
    yield "each line read once", make.ended(_all(4))
    yield "each Pod read all", make.ended(_all(4), log=_says(40, sum(_SUMS)))
    yield "each Pod read nothing", make.ended(_all(4), log=_says(0, 0))
    yield "the same lines four times, a high sum", make.ended(_all(4), log=_says(10, 385))
    yield "the same lines four times, a low sum", make.ended(_all(4), log=_says(10, 198))
    yield "three indexes", make.ended(_all(3), completions=3)
    yield "index 3 failed", make.ended({**_all(4), 3: (3,)}, limit, backoffLimit=0)
    yield (
        "cut off by the deadline",
        make.ended(_all(4, KILLED), _failed("DeadlineExceeded"), activeDeadlineSeconds=1),
    )
    yield "not Indexed", make.ended(_all(4), completionMode="NonIndexed", log=_says(0, 0))


def _short(exercise: Exercise, spec: Mapping[str, Any]) -> States:
    make = _Maker(exercise, spec, _shard)
    limit = _failed("BackoffLimitExceeded")
    yield "three of four shards read", make.ended(_all(3))
    yield "cut into three", make.ended(_all(3), log=_says(14, 386))
    yield "two indexes", make.ended(_all(2), completions=2)
    yield "index 2 failed", make.ended({**_all(3), 2: (3,)}, limit, backoffLimit=0)
    yield "not Indexed", make.ended(_all(3), completionMode="NonIndexed", log=_says(0, 0))


# ---- lab 16

_ODD: Codes = {0: (0,), 1: (3, 3), 2: (0,), 3: (3, 3)}
_CUT: Codes = {0: (KILLED,), 1: (3,), 2: (KILLED,), 3: (3,)}


def _index(index: int) -> list[str]:
    return [f"index {index}"]


def _per_index(exercise: Exercise, spec: Mapping[str, Any]) -> States:
    make = _Maker(exercise, {**spec, "backoffLimit": 2147483647}, _index)
    some = _failed("FailedIndexes")
    even: Codes = {0: (3, 3), 1: (0,), 2: (3, 3), 3: (0,)}
    once: Codes = {0: (0,), 1: (3,), 2: (0,), 3: (3,)}
    three: Codes = {0: (0,), 1: (3, 3), 2: (0,)}
    yield "the odd indexes failed", make.ended(_ODD, some, failed="1,3")
    yield "the even indexes failed", make.ended(even, some, failed="0,2")
    yield "no index failed", make.ended(_all(4), failed="")
    yield "no index was tried again", make.ended(once, some, failed="1,3")
    yield "three indexes", make.ended(three, some, failed="1", completions=3)
    exceeded = _failed("MaxFailedIndexesExceeded")
    cut: Codes = {0: (KILLED,), 1: (3, 3), 2: (KILLED,), 3: (3, 3)}
    yield "ended by maxFailedIndexes", make.ended(_ODD, exceeded, failed="1,3", maxFailedIndexes=1)
    yield "cut off by maxFailedIndexes", make.ended(cut, exceeded, failed="1,3", maxFailedIndexes=1)
    yield (
        "ended by backoffLimit",
        make.ended(_CUT, _failed("BackoffLimitExceeded"), failed="", backoffLimit=1),
    )
    yield (
        "ended by the deadline",
        make.ended(_CUT, _failed("DeadlineExceeded"), failed="", activeDeadlineSeconds=3),
    )
    yield (
        "backoffLimitPerIndex left out",
        make.ended(
            _CUT, _failed("BackoffLimitExceeded"), backoffLimit=1, backoffLimitPerIndex=None
        ),
    )


def _both(exercise: Exercise, spec: Mapping[str, Any]) -> States:
    make = _Maker(exercise, spec, _index)
    limit = _failed("BackoffLimitExceeded")
    quick: Codes = {0: (0,), 1: (3,), 2: (0,), 3: (3,)}
    some = _failed("FailedIndexes")
    yield "all ended by the second failure", make.ended(_CUT, limit, failed="")
    yield "the even indexes were done before", make.ended(quick, limit, failed="")
    yield "no index failed", make.ended(_all(4), failed="")
    yield (
        "ended by the deadline",
        make.ended(_CUT, _failed("DeadlineExceeded"), failed="", activeDeadlineSeconds=3),
    )
    yield "backoffLimit left out", make.ended(_ODD, some, failed="1,3", backoffLimit=2147483647)
    yield "backoffLimitPerIndex left out", make.ended(_CUT, limit, backoffLimitPerIndex=None)


# ---- lab 17


def _max_failed(exercise: Exercise, spec: Mapping[str, Any]) -> States:
    make = _Maker(exercise, {**spec, "backoffLimit": 2147483647}, _index)
    exceeded, some = _failed("MaxFailedIndexesExceeded"), _failed("FailedIndexes")
    cut: Codes = {0: (KILLED,), 1: (3,), 2: (3,)}
    rest: Codes = {**_all(6, 3), 0: (0,)}
    yield "ended by the second failed index", make.ended(cut, exceeded, failed="1,2")
    yield "index 0 was done before", make.ended({**cut, 0: (0,)}, exceeded, failed="1,2")
    yield "index 0 failed too", make.ended(_all(2, 3), exceeded, failed="0,1")
    yield "four at once", make.ended({**cut, 3: (3,)}, exceeded, failed="1-3", parallelism=4)
    yield "one index failed", make.ended({**_all(6), 1: (3,)}, some, failed="1")
    yield "no index failed", make.ended(_all(6), failed="")
    yield (
        "ended by backoffLimit",
        make.ended(cut, _failed("BackoffLimitExceeded"), failed="1", backoffLimit=1),
    )
    yield (
        "ended by the deadline",
        make.ended(
            {0: (KILLED,), 1: (3,)},
            _failed("DeadlineExceeded"),
            failed="1",
            activeDeadlineSeconds=2,
        ),
    )
    yield "maxFailedIndexes left out", make.ended(rest, some, failed="1-5", maxFailedIndexes=None)
