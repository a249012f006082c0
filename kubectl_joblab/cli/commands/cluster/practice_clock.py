"""practice clock: what waits for the practice cluster's clock, and how to move the clock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kubectl_joblab import objects, spelling
from kubectl_joblab.cli.screens import jumps
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.client.cluster_clock import ClusterClock, Done, Jump, State, Waiting
from kubectl_joblab.client.kubeconfig import ConnectionFlags
from kubectl_joblab.errors import (
    ConfigError,
    ExitCode,
    JoblabError,
    StoppedError,
    UsageError,
)
from kubectl_joblab.language import Sentence, phrase, plural
from kubectl_joblab.practice import kubectl_context
from kubectl_joblab.printing import dump

WAITS = ("IN", "NAMESPACE", "OBJECT", "WHAT", "WHY")
STATE = ("TIME", "AHEAD", "AUTO", "RUNNING")
_STOPPING = "stopping"  # why a move ends where the server does
_DAY = 24 * 60 * 60.0
# the connection flags that do not say which cluster is meant, or with what rights
_KEPT = ("kubeconfig", "namespace", "request_timeout")
_JOBS = ("job", "jobs", "job.batch", "jobs.batch")
_COUNTED = ("pods", "tries")
# those that the Job controller sets
_CONDITIONS = ("Complete", "Failed", "FailureTarget", "SuccessCriteriaMet", "Suspended")
_SEE = "kubectl joblab practice clock"


@declare.command(
    "clock",
    short_help="Show its time and what waits; move its clock",
    help="Show the practice cluster's time and what waits for it, or move its clock.\n"
    "advance moves it by a time, until to a condition of a Job or to so many of its\n"
    "Pods or tries, auto on from now on to what waits, whenever no container runs.\n"
    "The clock jumps from wait to wait, so all happens as if it had been waited for.\n"
    "Containers run in real time, and are waited for. Time never goes back.\n"
    "Exit status of until: 0 it is so, 1 it is not.",
    examples=[
        ("See what the cluster waits for", "kubectl joblab practice clock"),
        ("Take a Job to its end", "kubectl joblab practice clock until job/retry=Failed"),
        ("Take a Job to its third Pod", "kubectl joblab practice clock until job/retry=pods=3"),
        ("Let an hour pass", "kubectl joblab practice clock advance 1h"),
    ],
)
@declare.argument(
    "moves", metavar="[advance DURATION | until job/NAME=WHAT | auto on|off]", many=True
)
@declare.option(
    "--at-most", takes="duration", default=None, help="How much time until skips; else 24h."
)
@declare.option("--while-running", is_flag=True, help="Do not wait for containers that run.")
@declare.output("json")
def clock(
    session: Session,
    /,
    moves: Sequence[str],
    at_most: float | None,
    while_running: bool,
    output: str,
) -> int:
    """Show the clock, or move it; the exit code says whether what was asked for is so."""
    wish = _wish(moves, at_most, while_running=while_running)
    found, state = _clock(session)
    if not wish:
        _show(session, state, output)
        return ExitCode.OK
    if "auto" in wish:
        _show(session, found.auto(on=wish["auto"]), output)
        return ExitCode.OK
    if "until" in wish:
        wish["until"]["namespace"] = session.namespace
    return _move(session, found, wish, output)


# ---- what is asked for


def _wish(moves: Sequence[str], at_most: float | None, *, while_running: bool) -> dict[str, Any]:
    """What to ask of the clock; nothing where it is only to be shown. Raises UsageError."""
    wish: dict[str, Any] = {}
    match list(moves):
        case []:
            pass
        case ["advance", duration]:
            wish = {"advance": _seconds(duration)}
        case ["until", goal]:
            most = max(math.ceil(_DAY if at_most is None else at_most), 1)
            wish = {"until": _goal(goal), "atMost": most}
        case ["auto", "on" | "off" as word]:
            wish = {"auto": word == "on"}
        case others:
            raise _unknown(
                phrase(
                    'error: "{words}" is no move: advance DURATION, until job/NAME=WHAT,'
                    " auto on or auto off",
                    words=" ".join(others),
                )
            )
    if at_most is not None and "until" not in wish:
        raise _unknown(phrase("error: {flag} goes with {words}", flag="--at-most", words="until"))
    if while_running:
        if not {"advance", "until"} & set(wish):
            words = "advance, until"
            raise _unknown(
                phrase("error: {flag} goes with {words}", flag="--while-running", words=words)
            )
        wish["whileRunning"] = True
    return wish


def _seconds(text: str) -> int:
    """The whole seconds of a duration, at least one."""
    from kubectl_joblab.cli.syntax import values

    seconds = values.seconds(text)
    if seconds is None or seconds <= 0:
        raise _unfit(text, phrase("a duration such as 30s, 2m or 1h"))
    return math.ceil(seconds)


def _goal(text: str) -> dict[str, Any]:
    """What is waited for, as the clock takes it: job/NAME=CONDITION, or =pods=3 or =tries=3."""
    named, _, what = text.partition("=")
    kind, _, name = named.partition("/")
    word, equals, number = what.partition("=")
    if kind not in _JOBS or not name or not word:
        form = phrase("job/NAME=WHAT, where WHAT is a condition, or pods=3 or tries=3")
        raise _unfit(text, form)
    goal: dict[str, Any] = {"kind": "Job", "name": name}
    if not equals and word not in _COUNTED:
        return {**goal, "condition": _condition(word)}
    if word not in _COUNTED or not number.isdecimal() or not int(number):
        raise _unfit(what, phrase("pods=N or tries=N, with N from 1"))
    return {**goal, word: int(number)}


def _condition(word: str) -> str:
    """The condition of this name. Raises UsageError: the clock would run on for one mistyped."""
    names = {name.lower(): name for name in _CONDITIONS}
    if found := names.get(word.lower()):
        return found
    said = phrase(
        'error: "{word}" is no condition of a Job; it has {names}',
        word=word,
        names=", ".join(_CONDITIONS),
    )
    near = spelling.nearest(word.lower(), names)
    raise _unknown(
        phrase("{said}; did you mean {close}?", said=said, close=names[near]) if near else said
    )


def _unfit(value: str, what: Sentence) -> UsageError:
    return _unknown(phrase('error: "{value}" must be {what}', value=value, what=what))


def _unknown(message: Sentence) -> UsageError:
    return UsageError(message, see=_SEE)


# ---- the clock


def _clock(session: Session) -> tuple[ClusterClock, State]:
    """The practice cluster's clock, whatever cluster else was meant, and how it is now."""
    for name in {*ConnectionFlags._fields}.difference(_KEPT):
        session.flags.pop(name, None)
    given = str(session.flags.get("kubeconfig") or "")
    if not kubectl_context.is_current(kubectl_context.file(session.environ, given)):
        session.flags["context"] = kubectl_context.NAME
    try:
        _ = session.target
    except ConfigError as error:
        raise JoblabError(
            phrase("error: the kubeconfig has no practice cluster"),
            next="kubectl joblab practice up",
        ) from error
    found = ClusterClock(session.client)
    return found, found.require()


def _show(session: Session, state: State, output: str) -> None:
    if output:
        session.out(dump.dump(state.body, output))
        return
    running = ", ".join(f"{one.pod}/{one.container}" for one in state.running)
    auto = "on" if state.auto else "off"
    row = [_time(state), objects.human_duration(state.ahead), auto, running or "<none>"]
    session.out(*session.table(STATE, [row]))
    waits = [
        [
            objects.human_duration(one.seconds),
            one.wait.namespace,
            jumps.called(one.wait),
            session.text(jumps.what(one.wait)),
            session.text(jumps.why(one.wait)),
        ]
        for one in state.timers
    ]
    if waits:
        session.out("", *session.table(WAITS, waits))
        session.next(f"{_SEE} advance {max(state.timers[0].seconds, 1)}s")
    else:
        session.out(phrase("Nothing waits for it."))


def _time(state: State) -> str:
    return state.time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _move(session: Session, found: ClusterClock, wish: dict[str, Any], output: str) -> int:
    """Move the clock, and tell each jump; the exit code."""
    skipped = 0
    try:
        for told in found.move(wish):
            if isinstance(told, Jump):
                skipped += told.seconds
            if isinstance(told, Done):
                return _end(session, wish, told, skipped, output)
            if not output:
                session.out(*_lines(session, told))
    except KeyboardInterrupt as error:
        time = objects.human_duration(skipped)
        raise StoppedError(phrase("\nStopped; {time} was skipped.", time=time)) from error
    raise _stopped()


def _stopped() -> JoblabError:
    return JoblabError(
        phrase("error: the practice cluster has stopped"), next="kubectl joblab practice up"
    )


def _lines(session: Session, told: Jump | Waiting) -> list[Sentence]:
    if isinstance(told, Jump):
        return [jumps.skipped(told, session.namespace)]
    return [jumps.runs(one, session.namespace) for one in told.running]


def _end(session: Session, wish: dict[str, Any], done: Done, skipped: int, output: str) -> int:
    goal = wish.get("until")
    if done.why == _STOPPING:
        raise _stopped()
    if goal and not done.reached:
        raise JoblabError(
            phrase(
                "error: job.batch/{name} has not reached {goal}: {why}",
                name=goal["name"],
                goal=_called(goal),
                why=_why(done.why, wish),
            ),
            next=f"kubectl describe job {goal['name']}",
        )
    if output:
        session.out(dump.dump(done.state.body, output))
        return ExitCode.OK
    if goal:
        session.out(
            phrase(
                "job.batch/{name} has reached {goal}; {time} skipped",
                name=goal["name"],
                goal=_called(goal),
                time=objects.human_duration(skipped),
            )
        )
        session.next(f"kubectl describe job {goal['name']}")
        return ExitCode.OK
    session.out(
        phrase(
            "It is {time}, {ahead} ahead of this machine.",
            time=_time(done.state),
            ahead=objects.human_duration(done.state.ahead),
        )
    )
    session.next(_SEE)
    return ExitCode.OK


def _called(goal: dict[str, Any]) -> Sentence:
    """What was waited for, as one says it."""
    if "pods" in goal:
        return plural(goal["pods"], "{n} Pod", "{n} Pods")
    if "tries" in goal:
        return plural(goal["tries"], "{n} try", "{n} tries")
    return str(goal["condition"])


def _why(why: str, wish: dict[str, Any]) -> Sentence:
    known = {
        "at-most": phrase(
            "{time} was not enough; --at-most allows more",
            time=objects.human_duration(wish["atMost"]),
        ),
        "nothing waits": phrase("nothing waits that could make it so"),
        "gone": phrase("the Job was deleted"),
        "finished": phrase("the Job is finished"),
    }
    return known.get(why, why)
