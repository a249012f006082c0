"""Whether a finished Job is followed on, until it is deleted; that it is, is said once."""

from __future__ import annotations

from kubectl_joblab.cli.screens.live import View
from kubectl_joblab.cli.session import Session
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks
from kubectl_joblab.language import phrase


class Deletion:
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
        by_hand: bool = False,
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
