"""Tells why a Job does not succeed while the Job is followed: each cause once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.cli.session import Session
from kubectl_joblab.errors import ApiError, UnreachableError
from kubectl_joblab.evidence.causes import dependencies, kinds, table
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, standings
from kubectl_joblab.language import Command, Sentence, phrase

# ids of what holds a Job until the command is typed that the cause has
_RELEASED_BY_HAND = ("suspended", "no-parallelism", "scheduling-gated")


class Warnings:
    """Warns of the causes that a recorder sees, without failures that the exercise asks for.

    exercise: None where the Job is no lab's. stops: whether following ends with a cause that does
    not go away by itself. ends: whether following has an end also where the Job is never released.
    `held` is whether the Job was held when the causes were asked for last.
    """

    def __init__(
        self,
        session: Session,
        exercise: Exercise | None,
        recorder: Recorder,
        *,
        stops: bool = True,
        ends: bool = False,
    ) -> None:
        self._session = session
        self._exercise = exercise
        self._recorder = recorder
        self._stops = stops
        self._holders = kinds.RELEASED if ends else kinds.HELD
        self._told: dict[tuple[str, object], Cause] = {}
        self._left_out: tuple[list[Cause], Snapshot] | None = None
        self.held = False

    def tell(self) -> Cause | None:
        """Warn of what was not told yet; of several tries with one exit code, of the first.

        A cause that following ends with is returned instead, unless it holds the Job on purpose:
        someone may release that meanwhile.
        """
        now = self._session.client.now()
        all_of = self._recorder.causes(now)
        untold = (one.kind for one in all_of if _key(one) not in self._told)
        if not dependencies.TELLING.isdisjoint(untold) and self._has_arrived(now):
            all_of = self._recorder.causes(now)
        self.held = any(self._holds(cause) for cause in all_of)
        found = [one for one in all_of if _key(one) not in self._told]
        if not found:
            self._renew(all_of)
            return None
        # the failures that a lab asks for are found each second, and to judge takes longest of all
        evidence = found, self._recorder.view(objects.FIRST)
        if evidence == self._left_out:
            return None
        self._left_out = evidence
        if any(cause.kind in kinds.RAN for cause in found):
            found = [one for one in self._explained(all_of, now) if _key(one) not in self._told]
        for cause in self._unasked(found, now):
            held = self._holds(cause)
            if cause.fatal and not held and self._stops:
                return cause
            self.warn(cause)
            # it goes on failing for minutes, or for ever
            if cause.kind in kinds.RAN and self._session.warnings is not None:
                self._session.warn(cause.fix)  # there is room for it beside what is drawn
            if cause.kind in ("notStarted", *kinds.MAY_LAST) or (cause.fatal and not held):
                self._session.warn(cause.fix)
        return None

    def _has_arrived(self, now: datetime) -> bool:
        """Whether something is there by now that is told as missing; the recorder hears of it."""
        before = self._recorder.view(now)
        if not table.missing(before):
            return False
        with suppress(ApiError, UnreachableError):  # without it, it is said to be missing
            seen = self._session.gatherer.with_arrived(before)
            self._recorder.on_arrived(seen)
            return seen != before
        return False

    def _unasked(self, found: list[Cause], now: datetime) -> list[Cause]:
        """The causes without failures that the exercise asks for."""
        if self._exercise is None:
            return found
        verdicts = checks.judge(self._exercise, self._recorder.view(now))
        return standings.unasked(self._exercise, verdicts, found)

    def _renew(self, found: Sequence[Cause]) -> None:
        """Have the warnings that a live screen shows count the tries that have failed since."""
        shown = self._session.warnings
        for cause in found:
            before = self._told.get(_key(cause))
            if shown is None or before is None or before.tries == cause.tries:
                continue
            old, new = (self._session.text.marked(one.line) for one in (before, cause))
            if old in shown:
                shown[shown.index(old)] = new
                self._told[_key(cause)] = cause

    def _explained(self, found: list[Cause], now: datetime) -> list[Cause]:
        """The causes that were found, with the end of a log that is not followed.

        It is an init container's.
        """
        last_line = None
        with suppress(UnreachableError):  # the watches tell of that
            last_line = self._session.gatherer.last_line(self._recorder.view(now))
        return found if last_line is None else self._recorder.causes(now, last_line)

    def warn(self, cause: Cause) -> None:
        """Warn of a cause, which counts as told then."""
        self._told[_key(cause)] = cause
        held = self._holds(cause)
        self._session.warn(self._released(cause) if held else cause.line)

    def _holds(self, cause: Cause) -> bool:
        """Whether a cause keeps the whole Job, and is waited for."""
        return cause.fatal and cause.kind in self._holders

    def _released(self, cause: Cause) -> Sentence:
        """The warning of what holds the Job: that its release is waited for, and how it comes."""
        line, command = cause.line, Command(cause.run)
        if cause.kind == "managedBy":
            return phrase(
                "{cause}. Waiting for that controller; where there is none: {command}",
                cause=line,
                command=command,
            )
        if cause.id in _RELEASED_BY_HAND:
            return phrase(
                "{cause}. Waiting for its release, from another terminal: {command}",
                cause=line,
                command=command,
            )
        return phrase(
            "{cause}. Waiting until that changes; to see more: {command}",
            cause=line,
            command=command,
        )


def _key(cause: Cause) -> tuple[str, object]:
    return cause.kind, cause.object if cause.code is None else cause.code
