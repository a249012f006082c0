"""What Jobs of the labs 18 to 21 can look like once their Pods have run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import indexes
from tests.labs import builders as b

LATE = 1000  # seconds after the creation
KILLED = 137  # the exit code of a Pod that was deleted while it ran
WELL, MET = ("Complete", "CompletionsReached"), ("Complete", "SuccessPolicy")
LIMIT, DEADLINE = ("Failed", "BackoffLimitExceeded"), ("Failed", "DeadlineExceeded")
SOME = ("Failed", "FailedIndexes")

States = Iterator[tuple[str, Snapshot]]
# index, or number of a worker -> the exit code of each of its tries
Codes = Mapping[int, Sequence[int]]


class _Maker(NamedTuple):
    """Makes snapshots of an exercise's finished Job. spec: the Job's."""

    exercise: Exercise
    spec: Mapping[str, Any]

    def ended(
        self,
        codes: Codes,
        condition: tuple[str, str] = WELL,
        *,
        status: Mapping[str, Any] | None = None,
        seconds: int = 8,
        apart: bool = False,
        changed: bool = False,
        **changes: Any,
    ) -> Snapshot:
        """The Job as it ended.

        status: what it has beside what follows from the codes. seconds: that a success takes.
        apart: each index starts when the one before it is done. changed: its spec was changed
        after its creation. changes: of the spec it was left with; None: left out.
        """
        spec = {key: one for key, one in {**self.spec, **changes}.items() if one is not None}
        tries = [code for of_one in codes.values() for code in of_one]
        done = [index for index, of_one in codes.items() if of_one[-1] == 0]
        deleted = tries.count(KILLED)
        found: dict[str, Any] = {"succeeded": len(done), "failed": sum(map(bool, tries))}
        if spec.get("completionMode") == "Indexed":
            found["completedIndexes"] = str(indexes.of(done))
        found |= status or {}
        kind, reason = condition
        conditions = [b.condition(kind, 40, reason)]
        job = b.job(self.exercise.job, spec=spec, status=found, conditions=conditions)
        job["metadata"]["generation"] = 2 if changed else 1
        if "completions" not in spec:
            del job["spec"]["completions"]
        events = [b.event("SuccessfulCreate", count=len(tries))]
        if deleted:
            events.append(b.event("SuccessfulDelete", count=deleted))
        pods = self._pods(codes, seconds, apart)
        return b.seen(job, *pods, now=LATE, events=events, name=self.exercise.job)

    def _pods(self, codes: Codes, seconds: int, apart: bool) -> Iterator[PodRecord]:
        for place, (index, of_one) in enumerate(codes.items()):
            for number, code in enumerate(of_one):
                start = 2 + 13 * number + (place * (seconds + 2) if apart else 0)
                end = start + (2 if code else seconds)
                name = f"{self.exercise.job}-{index}-{number}"
                made = b.container(b.ended(start, end, code))
                pod = b.pod(name, made, created=start - 1, index=index)
                attempt = b.attempt(start, end, code, log=[])
                yield b.record(pod, attempt, gone=code == KILLED)


def states(exercise: Exercise, spec: Mapping[str, Any]) -> States:
    """How an exercise of one of these labs can end; of another lab's there are no states.

    They stand in place of the ends that states.py has, as those of indexed.py do.
    """
    found = {
        "fail-index": _fail_index,
        "success-policy": _count if exercise.variant.name == "count" else _leader,
        "elastic": _down if exercise.variant.name == "down" else _up,
        "work-queue": _lost if exercise.variant.name == "lost" else _queue,
    }.get(exercise.lab.name)
    if found:
        yield from found(_Maker(exercise, {"backoffLimit": 6, **spec}))


def _all(number: int, code: int = 0) -> dict[int, Sequence[int]]:
    """So many indexes or workers with one try each."""
    return dict.fromkeys(range(number), (code,))


# ---- lab 18


def _fail_index(make: _Maker) -> States:
    make = make._replace(spec={**make.spec, "backoffLimit": 2147483647})
    codes: Codes = {0: (0,), 1: (42,), 2: (0,), 3: (3, 0)}
    cut: Codes = {0: (KILLED,), 1: (42,), 2: (KILLED,), 3: (3,)}
    one, none = {"failedIndexes": "1"}, {"failedIndexes": ""}
    fail_job = {"rules": [{"action": "FailJob"}]}
    exceeded = ("Failed", "MaxFailedIndexesExceeded")
    yield "index 1 given up at once", make.ended(codes, SOME, status=one)
    yield (
        "no rule, and three tries of index 1",
        make.ended({**codes, 1: (42,) * 3}, SOME, status=one, podFailurePolicy=None),
    )
    yield "a rule for another exit code", make.ended({**codes, 1: (5,) * 3}, SOME, status=one)
    yield "index 3 succeeded at once", make.ended({**codes, 3: (0,)}, SOME, status=one)
    yield (
        "index 3 given up, too",
        make.ended({**codes, 3: (3,)}, SOME, status={"failedIndexes": "1,3"}),
    )
    yield (
        "index 0 given up, too",
        make.ended({**codes, 0: (42,)}, SOME, status={"failedIndexes": "0,1"}),
    )
    yield (
        "ended by FailJob",
        make.ended(cut, ("Failed", "PodFailurePolicy"), status=none, podFailurePolicy=fail_job),
    )
    yield "no index failed", make.ended({**_all(4), 3: (3, 0)}, status=none)
    yield "ended by maxFailedIndexes", make.ended(cut, exceeded, status=one, maxFailedIndexes=0)
    yield "ended by backoffLimit", make.ended(cut, LIMIT, status=none, backoffLimit=1)
    yield "ended by the deadline", make.ended(cut, DEADLINE, status=none, activeDeadlineSeconds=2)
    yield (
        "no retries",
        make.ended({**codes, 3: (3,)}, SOME, status=one, backoffLimitPerIndex=0),
    )


# ---- lab 19

_UNCOUNTED = {"failed": 0}


def _leader(make: _Maker) -> States:
    ahead: Codes = {**_all(4, KILLED), 0: (0,)}
    lost: Codes = {**dict.fromkeys(range(1, 4), (3, KILLED)), 0: (0,)}
    yield "the leader is done", make.ended(ahead, MET, status=_UNCOUNTED)
    yield "the leader is done last", make.ended(_all(4), MET)
    yield "all others failed before", make.ended(lost, MET, status={"failed": 3})
    yield "no other ran", make.ended({0: (0,)}, MET, parallelism=1)
    yield "the leader failed", make.ended({**ahead, 0: (3,)}, LIMIT, backoffLimit=0)
    yield (
        "ended by the deadline",
        make.ended(_all(4, KILLED), DEADLINE, activeDeadlineSeconds=5),
    )
    yield "an index failed for good", make.ended({**_all(4), 0: (3,)}, SOME, backoffLimitPerIndex=0)
    yield "no policy", make.ended(_all(4), successPolicy=None)
    yield (
        "a policy for another index",
        make.ended(
            {**_all(4, KILLED), 1: (0,)},
            MET,
            status=_UNCOUNTED,
            successPolicy={"rules": [{"succeededIndexes": "1"}]},
        ),
    )


def _count(make: _Maker) -> States:
    two: Codes = {0: (KILLED,), 1: (0,), 2: (KILLED,), 3: (0,)}
    yield "two are done", make.ended(two, MET, status=_UNCOUNTED)
    yield "three are done", make.ended({**two, 0: (0,)}, MET, status=_UNCOUNTED)
    yield "an index failed before", make.ended({**two, 1: (3,), 3: (0,)}, LIMIT, backoffLimit=0)
    yield (
        "ended by the deadline",
        make.ended(_all(4, KILLED), DEADLINE, activeDeadlineSeconds=5),
    )
    yield "no policy", make.ended(_all(4), successPolicy=None)


# ---- lab 20


def _up(make: _Maker) -> States:
    five: dict[str, Any] = {"completions": 5, "parallelism": 5}
    yield "five at once", make.ended(_all(5), changed=True, **five)
    yield "nobody changed it", make.ended(_all(3))
    yield "five from the beginning", make.ended(_all(5), **five)
    yield "changed late", make.ended(_all(5), apart=True, changed=True, **five)
    yield (
        "index 4 at the second try",
        make.ended({**_all(5), 4: (3, 0)}, changed=True, seconds=15, **five),
    )
    yield "index 2 failed", make.ended({**_all(3), 2: (3,)}, LIMIT, backoffLimit=0)
    yield "not Indexed", make.ended(_all(3), completionMode="NonIndexed")


def _down(make: _Maker) -> States:
    two: dict[str, Any] = {"completions": 2, "parallelism": 2, "changed": True}
    kept = {"succeeded": 2, "failed": 0, "completedIndexes": "0,1"}
    yield "scaled down", make.ended({**_all(4), 2: (KILLED,)}, status=kept, **two)
    yield "nobody changed it", make.ended(_all(4))
    yield (
        "scaled down too soon",
        make.ended({**_all(4), 2: (KILLED,), 3: (KILLED,)}, status=kept, **two),
    )
    one = {**two, "completions": 1, "parallelism": 1}
    cut = make.ended({**_all(4), 1: (KILLED,), 2: (KILLED,)}, status={"succeeded": 0}, **one)
    yield "scaled down too far, not ended", cut._replace(job=_without_conditions(cut.job or {}))
    yield "scaled down when 2 was done", make.ended(_all(4), status=kept, **two)
    yield "two from the beginning", make.ended(_all(2), **{**two, "changed": False})
    yield "index 1 failed", make.ended({**_all(4), 1: (3,)}, LIMIT, backoffLimit=0)
    yield "not Indexed", make.ended(_all(4), completionMode="NonIndexed")


def _without_conditions(job: Object) -> Object:
    """The Job as it was before it ended."""
    return {**job, "status": {**job["status"], "conditions": []}}


# ---- lab 21


def _queue(make: _Maker) -> States:
    yield "the queue is empty", make.ended(_all(3))
    yield "three completions", make.ended(_all(3), completions=3)
    yield "five completions", make.ended(_all(5), completions=5)
    yield "one completion", make.ended(_all(1), completions=1)
    yield "two workers", make.ended(_all(2), parallelism=2)
    yield "no worker met another", make.ended(_all(3), seconds=1, apart=True)
    yield "a worker lost before the first success", make.ended({**_all(3), 2: (3, 0)}, seconds=15)
    yield "a worker lost after the first success", make.ended({**_all(3), 2: (3,)})
    yield "all workers failed", make.ended(_all(3, 3), LIMIT, backoffLimit=0)
    yield (
        "ended by the deadline",
        make.ended(_all(3, KILLED), DEADLINE, activeDeadlineSeconds=2),
    )


def _lost(make: _Maker) -> States:
    yield "one replaced, one let go", make.ended({**_all(3), 2: (KILLED, KILLED)})
    yield "none was lost", make.ended(_all(3))
    yield "one replaced, none let go", make.ended({**_all(3), 2: (KILLED, 0)})
    yield "one let go, none replaced", make.ended({**_all(3), 2: (KILLED,)})
    yield "two replaced", make.ended({**_all(3), 1: (KILLED, 0), 2: (KILLED, 0)})
    yield "all workers failed", make.ended({**_all(3, 3), 2: (KILLED, 3)}, LIMIT, backoffLimit=1)
    yield "three completions", make.ended({**_all(3), 2: (KILLED, KILLED, 0)}, completions=3)
