"""How start, watch and `check --wait` follow a Job: shown while it runs, and past its end.

Where a check asks for its deletion, a finished Job is followed on until it is deleted; that it is,
is said once. On a practice cluster a key has what the Job waits for skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from kubectl_joblab.cli.screens import jumps, live
from kubectl_joblab.cli.screens.keys import Keys
from kubectl_joblab.cli.screens.live import View
from kubectl_joblab.cli.session import Session
from kubectl_joblab.client import cluster_clock
from kubectl_joblab.client.cluster_clock import Skipping
from kubectl_joblab.evidence import schedules
from kubectl_joblab.evidence.follow import Follow
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, standings
from kubectl_joblab.language import phrase

_KEY = "s"  # that has waits skipped; page.py and `skips` tell of it


def has_key(session: Session) -> bool:
    """Whether a key has the live view skip waits: on a terminal, and on a practice cluster."""
    drawn = live.is_drawn(session) and session.stdin.isatty()
    return drawn and cluster_clock.is_of(session.client)


def skips(session: Session, view: View) -> Skips:
    """What has a key skip waits, where there is one, which is said."""
    key = has_key(session)
    if key:
        session.err(phrase("The key s skips waits."))
    return Skips(session, view, key=key)


class Skips:
    """For the time of a context, has a key skip what the Job waits for, and shows each jump.

    key: whether there is the key. at_once: whether waits are skipped from the beginning on.
    """

    def __init__(self, session: Session, view: View, *, key: bool, at_once: bool = False) -> None:
        self._session = session
        self._view = view
        self._key = key
        self._at_once = at_once
        self._skipping = Skipping(session.client)
        self._open = ExitStack()

    @property
    def have_begun(self) -> bool:
        """Whether waits are skipped by now."""
        return self._skipping.has_begun

    def __enter__(self) -> Skips:
        if self._at_once:
            self._skipping.begin()
        self._open.callback(self._skipping.end)
        if self._key:
            session = self._session
            keys = Keys(session.stdin, _KEY, self._skipping.begin, session.clock)
            self._open.enter_context(keys)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def show(self) -> None:
        """Show the jumps since this was asked last. Raises what the server has refused."""
        for jump in self._skipping.jumps():
            self._view.skipped(jumps.skipped(jump, self._session.namespace))


def follow(
    session: Session,
    exercise: Exercise,
    recorder: Recorder,
    say: Callable[[str], None] | None,
    *,
    judges: bool = False,
    by_hand: bool = False,
) -> tuple[View, Follow]:
    """What shows the Job, and what follows it.

    say: prints a line of the stream; None where nothing is shown. judges: whether what is shown is
    told verdicts, too. by_hand: whether its deletion is
    waited for where the learner has to do it, too.
    """
    asked = exercise.lab.checks_of(exercise.variant) if judges else ()
    checked = [f"{exercise.variant.job}/{check.id}" for check in asked]
    view = View() if say is None else live.view(session, recorder, say, checked)
    afterwards = _Afterwards(session, exercise, recorder, view, by_hand=by_hand)
    following = Follow(
        session.client,
        recorder,
        session.say_lost,
        on_line=view.tell,
        goes_on=afterwards.is_awaited,
        schedule=standings.wanted(exercise).schedule,
    )
    return view, following


class _Afterwards:
    """What is to come when a Job that is followed is finished, as far as a check asks for it.

    That is its deletion, or what its CronJob does. by_hand: whether the deletion is waited for
    where the learner has to do it, too.
    """

    def __init__(
        self,
        session: Session,
        exercise: Exercise,
        recorder: Recorder,
        view: View,
        *,
        by_hand: bool,
    ) -> None:
        self._session = session
        self._exercise = exercise
        self._recorder = recorder
        self._view = view
        self._by_hand = by_hand
        self._said = False

    def is_awaited(self) -> bool:
        """Whether the finished Job is worth following on."""
        seen = self._recorder.view(self._session.client.now())
        if not checks.awaits_more(self._exercise, seen) and not self._is_left(seen):
            return False
        if not self._said and not seen.gone:
            name = schedules.maker(self._recorder.job)
            self._view.note(
                phrase("Waiting for what cronjob.batch/{name} does.", name=name)
                if name
                else phrase("Waiting for job.batch/{name} to be deleted.", name=self._recorder.name)
            )
        self._said = True
        return True

    def _is_left(self, seen: Snapshot) -> bool:
        """Whether it is waited for that the learner deletes the Job."""
        verdicts = checks.judge(self._exercise, seen) if self._by_hand else []
        return checks.leaves_deletion(self._exercise, verdicts, seen)
