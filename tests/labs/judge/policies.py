"""What Jobs of the labs 11 to 13 and 22 can look like once something has been done to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot, Transition
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.objects import Object
from tests.labs import builders as b

LATE = 1000  # seconds after the creation
KILLED, STOPPED = 137, 143  # exit codes of Pods that were deleted while they ran
WELL, RULE = ("Complete", "CompletionsReached"), ("Failed", "PodFailurePolicy")
LIMIT, DEADLINE = ("Failed", "BackoffLimitExceeded"), ("Failed", "DeadlineExceeded")

States = Iterator[tuple[str, Snapshot]]


class _Run(NamedTuple):
    """A Pod of a Job: created and ended at these seconds, with this exit code.

    deleted: when it was asked to end, None where nobody asked it. end: None while it runs.
    """

    created: float
    end: float | None
    code: int = 0
    deleted: float | None = None


class _Maker(NamedTuple):
    """Makes snapshots of an exercise's Job. spec: the Job's."""

    exercise: Exercise
    spec: Mapping[str, Any]

    def seen(
        self,
        runs: Sequence[_Run],
        condition: tuple[str, str] | None = WELL,
        *,
        events: Mapping[str, int] | None = None,
        suspended: Sequence[tuple[float, bool]] = (),
        **changes: Any,
    ) -> Snapshot:
        """The Job, long after its creation.

        condition: what ended it, None where it goes on. events: how many of which there were,
        beside SuccessfulCreate. suspended: when it began to be so, or ended. changes: of its spec;
        None: left out.
        """
        spec = {key: one for key, one in {**self.spec, **changes}.items() if one is not None}
        codes = [run.code for run in runs if run.end is not None]
        conditions = [b.condition(*self._suspended(*suspended[-1]))] if suspended else []
        if condition:
            conditions.append(b.condition(condition[0], 60, condition[1]))
        status = {"succeeded": codes.count(0), "failed": sum(map(bool, codes))}
        job = b.job(self.exercise.job, spec=spec, status=status, conditions=conditions)
        job["metadata"]["generation"] = max(len(suspended), 1)  # the first time it was created so
        told = [b.event("SuccessfulCreate", count=len(runs))] if runs else []
        told += [_event(reason, count, suspended) for reason, count in (events or {}).items()]
        pods = (self._pod(number, run) for number, run in enumerate(runs))
        found = b.seen(job, *pods, now=LATE, events=told, name=self.exercise.job)
        history = (
            Transition(kind, status, reason, b.at(when))
            for kind, when, reason, status in (self._suspended(*one) for one in suspended)
        )
        return found._replace(history=tuple(history))

    def _suspended(self, when: float, on: bool) -> tuple[str, float, str, str]:
        return ("Suspended", when, f"Job{'Suspended' if on else 'Resumed'}", str(on))

    def _pod(self, number: int, run: _Run) -> PodRecord:
        start = run.created + 1
        state = b.running(start) if run.end is None else b.ended(start, run.end, run.code)
        name = f"{self.exercise.job}-{number}"
        policy = str(self.spec["template"]["spec"]["restartPolicy"])
        made = b.container(state)
        pod = b.pod(name, made, created=run.created, deleted=run.deleted, restart_policy=policy)
        code = None if run.end is None else run.code
        attempt = b.attempt(start, run.end, code, log=[])
        return b.record(pod, attempt, gone=run.deleted is not None and run.end is not None)


def _event(reason: str, count: int, suspended: Sequence[tuple[float, bool]]) -> Object:
    """The event of what was so many times; that of a suspension with its first time and last."""
    times = [when for when, on in suspended if reason == ("Suspended" if on else "Resumed")] or [0]
    event = b.event(reason, count=count, seconds=times[-1])
    return {**event, "firstTimestamp": b.stamp(times[0])}


def states(exercise: Exercise, spec: Mapping[str, Any]) -> States:
    """How an exercise of one of these labs can come out; of another lab's there are no states.

    They stand in place of the ends that states.py has, as those of indexed.py do.
    """
    found = {
        "fail-job": _policy if exercise.round else _wasteful,
        "ignore": _ignore,
        "replacement": _terminating if exercise.variant.name == "terminating" else _failed,
        "suspend": _suspend,
    }.get(exercise.lab.name)
    if found:
        yield from found(_Maker(exercise, spec))


def _tries(*codes: int) -> list[_Run]:
    """Tries of a second each, one after the other, after 10s, 20s and so on."""
    found: list[_Run] = []
    now, wait = 0.0, 10
    for code in codes:
        found.append(_Run(now, now + 2, code))
        now, wait = now + 2 + wait, wait * 2
    return found


def _at_once(*codes: int) -> list[_Run]:
    return [_Run(0, 2, code) for code in codes]


def _rules(action: str, *values: int) -> dict[str, Any]:
    """A podFailurePolicy of one rule."""
    codes = {"operator": "In", "values": list(values)}
    return {"podFailurePolicy": {"rules": [{"action": action, "onExitCodes": codes}]}}


# ---- lab 11


def _wasteful(make: _Maker) -> States:
    other = {"spec": {**make.spec["template"]["spec"], "restartPolicy": "OnFailure"}}
    yield "retried in vain", make.seen(_tries(42, 42, 42), LIMIT)
    yield "ended by the deadline", make.seen(_tries(42), DEADLINE, activeDeadlineSeconds=5)
    yield "ended by a rule", make.seen(_tries(42), RULE, **_rules("FailJob", 42))
    yield "another exit code", make.seen(_tries(1, 1, 1), LIMIT)
    yield "succeeded at last", make.seen(_tries(42, 42, 0))
    yield "no retries", make.seen(_tries(42), LIMIT, backoffLimit=0)
    yield "still at it", make.seen(_tries(*[42] * 4), None, backoffLimit=6)
    yield "two at once", make.seen(_at_once(*[42] * 4), LIMIT, parallelism=2, completions=2)
    yield "the other restartPolicy", make.seen(_tries(42), LIMIT, template=other)


def _policy(make: _Maker) -> States:
    yield "ended by the rule", make.seen(_tries(42), RULE)
    yield "no retries", make.seen(_tries(42), RULE, backoffLimit=0)
    yield "another exit code", make.seen(_tries(1), RULE, **_rules("FailJob", 1))
    yield "no rule", make.seen(_tries(42, 42, 42), LIMIT, podFailurePolicy=None)
    yield "a rule that counts", make.seen(_tries(42, 42, 42), LIMIT, **_rules("Count", 42))
    yield "another code's rule", make.seen(_tries(42, 42, 42), LIMIT, **_rules("FailJob", 1))
    yield "two at once", make.seen(_at_once(42, 42), RULE, parallelism=2, completions=2)
    yield "succeeded", make.seen(_tries(0))
    yield "ended by the deadline", make.seen(_tries(1), DEADLINE, activeDeadlineSeconds=5)


# ---- lab 12


def _ignore(make: _Maker) -> States:
    yield "up after two failures", make.seen(_tries(75, 75, 0))
    yield "up from the beginning", make.seen(_tries(0))
    yield "never up", make.seen(_tries(75, 75, 75), None)
    yield "more retries", make.seen(_tries(75, 0), podFailurePolicy=None, backoffLimit=6)
    yield "another exit code", make.seen(_tries(1), LIMIT)
    yield "no rule", make.seen(_tries(75), LIMIT, podFailurePolicy=None)
    yield "a rule that counts", make.seen(_tries(75), LIMIT, **_rules("Count", 75))
    yield "a rule that ends the Job", make.seen(_tries(75), RULE, **_rules("FailJob", 75))
    yield "two at once", make.seen(_at_once(75, 75, 0, 0), parallelism=2, completions=2)
    yield "ended by the deadline", make.seen(_tries(75, 75), DEADLINE, activeDeadlineSeconds=20)


# ---- lab 13

_DELETED = _Run(0, 22, STOPPED, deleted=2)


def _failed(make: _Maker) -> States:
    yield "replaced at its end", make.seen([_DELETED, _Run(32, 43)])
    yield (
        "replaced before its end",
        make.seen([_DELETED, _Run(12, 23)], podReplacementPolicy="TerminatingOrFailed"),
    )
    yield from _not_replaced(make)
    yield "deleted twice", make.seen([_DELETED, _Run(32, 54, STOPPED, 34)], LIMIT, backoffLimit=1)
    both: dict[str, Any] = {"parallelism": 2, "completions": 2}
    yield "one of two failed", make.seen([_Run(0, 12, 3), _Run(0, 12), _Run(22, 33)], **both)


def _terminating(make: _Maker) -> States:
    yield "replaced before its end", make.seen([_DELETED, _Run(12, 23)])
    yield "replaced at its end", make.seen([_DELETED, _Run(32, 43)], podReplacementPolicy="Failed")
    yield "replaced after a quick end", make.seen([_Run(0, 3, STOPPED, 2), _Run(12, 23)])
    yield from _not_replaced(make)
    yield "deleted twice", make.seen([_DELETED, _Run(12, 34, STOPPED, 14)], LIMIT, backoffLimit=1)


def _not_replaced(make: _Maker) -> States:
    yield "nobody deleted it", make.seen([_Run(0, 11)])
    yield "nobody deletes it", make.seen([_Run(0, None)], None)
    yield "deleted, and succeeded", make.seen([_Run(0, 7, 0, deleted=2)])
    yield "no retries", make.seen([_DELETED], LIMIT, backoffLimit=0)
    yield "failed by itself", make.seen([_Run(0, 12, 3), _Run(22, 33)])
    yield "failed by itself each time", make.seen(_tries(3, 3), LIMIT, backoffLimit=1)


# ---- lab 22

_HELD = (0, True)
_TWICE = (_HELD, (5, False), (7, True), (27, False))


def _told(suspended: int, resumed: int, deleted: int = 0) -> dict[str, int]:
    found = {"Suspended": suspended, "Resumed": resumed, "SuccessfulDelete": deleted}
    return {reason: count for reason, count in found.items() if count}


def _suspend(make: _Maker) -> States:
    cut, again = _Run(5, 8, KILLED, deleted=7), _Run(27, 38)
    go: dict[str, Any] = {"suspend": False}
    wait: dict[str, Any] = {"suspend": True}
    yield (
        "suspended twice",
        make.seen([cut, again], events=_told(2, 2, 1), suspended=_TWICE, **go),
    )
    yield "never suspended", make.seen([_Run(0, 11)], **go)
    yield "still held", make.seen([], None, events=_told(1, 0), suspended=[_HELD], **wait)
    yield (
        "suspended once",
        make.seen([_Run(5, 16)], events=_told(1, 1), suspended=_TWICE[:2], **go),
    )
    yield (
        "suspended again, and left so",
        make.seen([cut], None, events=_told(2, 1, 1), suspended=_TWICE[:3], **wait),
    )
    yield (
        "resumed too soon",
        make.seen(
            [cut, _Run(9, 20)],
            events=_told(2, 2, 1),
            suspended=[*_TWICE[:3], (9, False)],
            **go,
        ),
    )
    yield (
        "no Pod to delete",
        make.seen([], None, events=_told(2, 2), suspended=_TWICE, parallelism=0, **go),
    )
    slow = [cut, _Run(27, 48, KILLED, deleted=47)]
    yield (
        "ended by the deadline",
        make.seen(slow, DEADLINE, events=_told(2, 2, 2), suspended=_TWICE, **go),
    )
    yield (
        "ended by the deadline at once",
        make.seen(slow[1:], DEADLINE, events=_told(1, 1, 1), suspended=_TWICE[:2], **go),
    )
    yield (
        "failed by itself",
        make.seen([cut, _Run(27, 29, 1)], LIMIT, events=_told(2, 2, 1), suspended=_TWICE, **go),
    )
    yield (
        "another deadline",
        make.seen(
            [cut, again],
            events=_told(2, 2, 1),
            suspended=_TWICE,
            activeDeadlineSeconds=None,
            **go,
        ),
    )
