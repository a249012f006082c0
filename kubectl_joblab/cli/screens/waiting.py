"""How start, watch and `check --wait` follow a Job: shown while it runs, and past its end.

Where a check asks for its deletion, a finished Job is followed on until it is deleted; that it is,
is said once.
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab.cli.screens import live
from kubectl_joblab.cli.screens.live import View
from kubectl_joblab.cli.session import Session
from kubectl_joblab.evidence.follow import Follow
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks
from kubectl_joblab.language import phrase


def follow(
    session: Session,
    exercise: Exercise,
    recorder: Recorder,
    say: Callable[[str], None] | None,
    *,
    by_hand: bool = False,
) -> tuple[View, Follow]:
    """What shows the Job, and what follows it.

    say: prints a line of the stream; None where nothing is shown. by_hand: whether its deletion is
    waited for where the learner has to do it, too.
    """
    view = View() if say is None else live.view(session, recorder, say)
    deletion = _Deletion(session, exercise, recorder, view, by_hand=by_hand)
    following = Follow(
        session.client,
        recorder,
        session.say_lost,
        on_line=view.tell,
        goes_on=deletion.is_awaited,
    )
    return view, following


class _Deletion:
    """The deletion of a Job that is followed, as far as a check of the exercise asks for it.

    by_hand: whether it is waited for where the learner has to do it, too.
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
        if not checks.awaits_deletion(self._exercise, seen) and not self._is_left(seen):
            return False
        if not self._said and not seen.gone:
            self._view.note(
                phrase("Waiting for job.batch/{name} to be deleted.", name=self._recorder.name)
            )
        self._said = True
        return True

    def _is_left(self, seen: Snapshot) -> bool:
        """Whether it is waited for that the learner deletes the Job."""
        verdicts = checks.judge(self._exercise, seen) if self._by_hand else []
        return checks.leaves_deletion(self._exercise, verdicts, seen)
