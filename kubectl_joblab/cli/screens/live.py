"""How a Job is shown while it runs: a line a change when piped, redrawn on a terminal.

start, `check --wait` and watch show it so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kubectl_joblab import objects
from kubectl_joblab.cli.screens import summary
from kubectl_joblab.cli.session import Session
from kubectl_joblab.evidence.causes import held
from kubectl_joblab.evidence.recorder import Change, Recorder
from kubectl_joblab.evidence.snapshot import PodRecord
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.language import MARK, Sentence, phrase
from kubectl_joblab.printing import fold, screen, stream, tables, timeline

CELLS = 40  # of the progress bar
_PAUSE = 0.1  # seconds between two drawings, where only log lines come in
# succeeded, running, failed, to come
SUCCEEDED, RUNNING, FAILED, OPEN = "#", "=", "x", "."
_WARNINGS = 2  # that are shown while the Job runs
_OTHER_LINES = 9  # of the live screen, around the lanes, without a warning


class View:
    """A view that shows nothing, and the base of the others.

    A view is a context manager, so that a terminal is left as it was found.
    """

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, changes: Sequence[Change]) -> None:
        """Show changes. It is called with each change, and about once a second without any."""

    def judge(self, verdicts: Sequence[Verdict]) -> None:
        """Take the verdicts as they are now. It is called about once a second, or never."""

    def tell(self, pod: str, container: str, line: str) -> None:
        """Take a log line with its timestamp, as soon as it is written."""

    def done(self, command: str) -> None:
        """Take the kubectl line of what the lab has just done to the cluster."""

    def stage(self, heading: str) -> None:
        """Take the line with which a stage of the lab begins."""

    def note(self, text: Sentence) -> None:
        """Say what is waited for, where nothing else shows it."""

    def skipped(self, text: Sentence) -> None:
        """Take the line about a wait that was skipped."""


def is_drawn(session: Session) -> bool:
    """Whether the lines of a view can be redrawn here."""
    return not session.plain and screen.fits(session.stdout, session.environ)


def view(
    session: Session, recorder: Recorder, say: Callable[[str], None], checked: Sequence[str] = ()
) -> View:
    """The view that fits the terminal: redrawn lines, else lines that are appended by `say`.

    checked: the names of checks that the view will be told verdicts on.
    """
    if is_drawn(session):
        return LiveView(session, recorder)
    return StreamView(session, recorder, say, checked)


class StreamView(View):
    """A view that appends one line for each change and each verdict. say: prints a line.

    checked: as for `view`.
    """

    def __init__(
        self,
        session: Session,
        recorder: Recorder,
        say: Callable[[str], None],
        checked: Sequence[str] = (),
    ) -> None:
        self._session = session
        self._recorder = recorder
        self._say = say
        spec = objects.spec(recorder.job)
        indexes = spec.get("completions") if spec.get("completionMode") == "Indexed" else 0
        self._stream = stream.Stream(recorder.name, indexes or 0, checked)
        self._begun = False
        self._results: dict[str, Result] = {}  # by check, as last told

    def show(self, changes: Sequence[Change]) -> None:
        """Print a line for each change."""
        for change in changes:
            detail = self._session.text(change.detail)
            told = change.age, change.object, change.status, detail
            if self._session.plain:
                self._say(stream.labelled_change(*told))
                continue
            if not self._begun:
                self._say(self._stream.header())
                self._begun = True
            self._say(self._stream.change(*told))

    def done(self, command: str) -> None:
        """Print the line."""
        self._say(f"# {self._session.with_flags(command)}")

    def stage(self, heading: str) -> None:
        """Print the line."""
        self._say(heading)

    def note(self, text: Sentence) -> None:
        """Print the text, which is no result."""
        self._session.err(text)

    def skipped(self, text: Sentence) -> None:
        """Print the line."""
        self._say(self._session.text(text))

    def judge(self, verdicts: Sequence[Verdict]) -> None:
        """Print a line for each verdict that has been decided, or has changed since."""
        age = self._recorder.age(self._session.client.now())
        for verdict in verdicts:
            check, result = verdict.check.id, verdict.result
            if self._results.get(check, Result.PENDING) is not result:
                self._results[check] = result
                observed = verdict.measure.observed_text
                self.show([Change(age, verdict.name, result.value, observed)])


class LiveView(View):
    """A view that redraws the same lines: Job, bar, lanes, newest log line, what comes next.

    Where it is told verdicts, it shows them below the bar.
    """

    def __init__(self, session: Session, recorder: Recorder) -> None:
        self._session = session
        self._recorder = recorder
        reflows = screen.reflows(session.environ)
        self._screen = screen.Screen(session.stdout, reflows=reflows)
        self._newest = ""
        self._warnings: list[str] = []
        self._done: list[str] = []
        self._left: list[str] = []  # the lines that stay when the view is over
        self._skipped: list[str] = []  # the line about the last wait that was
        self._verdicts: Sequence[Verdict] = ()
        self._drawn_at = 0.0

    def __enter__(self) -> LiveView:
        self._screen.__enter__()
        self._session.warnings = self._warnings  # shown below the lanes, printed at the end
        return self

    def __exit__(self, *_: object) -> None:
        self._screen.__exit__()
        self._session.warnings = None
        self._session.out(*self._left)
        for warning in self._warnings:
            self._session.warn(warning)

    def done(self, command: str) -> None:
        """Show the line below the lanes; it stays when the view is over."""
        self.stage(f"# {self._session.with_flags(command)}")

    def stage(self, heading: str) -> None:
        """Show the line below the lanes, with what is done in the stage."""
        self._done.append(heading)
        self._left.append(heading)

    def skipped(self, text: Sentence) -> None:
        """Show the line below the lanes until the next; all of them stay when the view is over."""
        self._skipped = [self._session.text(text)]
        self._left += self._skipped

    def judge(self, verdicts: Sequence[Verdict]) -> None:
        """Keep the verdicts, for the next time that the lines are drawn."""
        self._verdicts = verdicts

    def tell(self, pod: str, container: str, line: str) -> None:
        """Keep the line as the newest."""
        self._newest = f"[pod/{pod}/{container}] {line.partition(' ')[2]}"

    def show(self, changes: Sequence[Change]) -> None:
        """Draw the lines as they are now; between two changes at most so often."""
        if changes or self._session.clock.monotonic() - self._drawn_at >= _PAUSE:
            self._screen.draw(self._lines())
            self._drawn_at = self._session.clock.monotonic()

    def _lines(self) -> list[str]:
        recorder, now = self._recorder, self._session.client.now()
        origin = objects.created(recorder.job) or now
        warning, judged = self._warning(), self._standing()
        below = [*self._done, *self._skipped, *warning]
        others = _OTHER_LINES + len(judged) + len(below)
        rows = max(self._screen.rows() - others, 1)
        lanes, text = summary.lanes(recorder.pods, recorder.history), self._session.text
        columns = self._screen.columns()
        legend, drawn = timeline.draw(lanes, origin, now, rows=rows, live=columns, text=text)
        return [
            *tables.jobs([recorder.job], now),
            "",
            text(progress(recorder)),
            *judged,
            legend,
            *drawn,
            *self._waits_for(now_age=recorder.age(now)),
            *below,
            text(self._footer()),
        ]

    def _footer(self) -> Sentence:
        """What Ctrl-C does."""
        recorder = self._recorder
        if any(held.held(recorder.job, recorder.pods)):
            return phrase("Ctrl-C stops watching; the Job stays held.")
        return phrase("Ctrl-C stops watching; the Job goes on.")

    def _standing(self) -> list[str]:
        """The checks by their results."""
        by_result = {
            result: [one.check.id for one in self._verdicts if one.result is result]
            for result in Result
        }
        parts = [f"{result.value}: {', '.join(ids)}" for result, ids in by_result.items() if ids]
        return (
            fold.fold("; ".join(parts), rest="  ", columns=self._screen.columns()) if parts else []
        )

    def _warning(self) -> list[str]:
        """The newest warnings, whole: what is the case, and what to do or to type."""
        newest = [f"Warning: {warning}" for warning in self._warnings[-_WARNINGS:]]
        # what is wider than the screen is cut, so a command is folded here as any other words
        newest = [warning.replace(MARK, "") for warning in newest]
        columns = self._screen.columns()
        return [line for one in newest for line in fold.fold(one, rest="  ", columns=columns)]

    def _waits_for(self, now_age: float) -> list[str]:
        """The newest log line, or until when the Job controller waits before the next try."""
        retry = self._recorder.next_try()
        left = self._recorder.age(retry) - now_age if retry is not None else 0
        if left > 0:
            wait = objects.human_duration(left)
            failed = len(_failed(self._recorder))
            return [
                self._session.text(phrase("{n} failed, next try in {wait}", n=failed, wait=wait))
            ]
        return [self._newest] if self._newest else []


def progress(recorder: Recorder) -> Sentence:
    """A bar of CELLS cells, and the numbers that the bar stands for."""
    status, spec = objects.status(recorder.job), objects.spec(recorder.job)
    succeeded = status.get("succeeded") or 0
    failed, seen = status.get("failed") or 0, _failed(recorder)
    ignored = len(seen) - failed
    if not _ignores(recorder):
        # the Job counts a failed index only with its next Pod, and none that it has deleted itself
        failed = max(failed, sum(not objects.is_deleted(one.pod) for one in seen))
    running = recorder.running  # the Job's active Pods may all be waiting
    total = spec.get("completions") or spec.get("parallelism") or 1
    said = phrase(
        "[{bar}] {succeeded}/{total} succeeded, {active} running, {failed} failed",
        bar=_bar(succeeded, running, failed, max(total, succeeded + running)),
        succeeded=succeeded,
        total=total,
        active=running,
        failed=failed,
    )
    if ignored > 0 and _ignores(recorder):
        return phrase("{said}, {n} not counted", said=said, n=ignored)
    return said


def _failed(recorder: Recorder) -> list[PodRecord]:
    """The Pods that have failed, whether the Job counts them or not."""
    return [one for one in recorder.pods if objects.status(one.pod).get("phase") == "Failed"]


def _ignores(recorder: Recorder) -> bool:
    """Whether a rule of the Job leaves failures out of its count."""
    rules = objects.field(recorder.job, "spec.podFailurePolicy.rules") or []
    return any(rule.get("action") == "Ignore" for rule in rules)


def _bar(succeeded: int, running: int, failed: int, total: int) -> str:
    """The cells of the bar: as much of it for each Pod as one success of `total` takes.

    What has failed takes a cell a Pod from what is still to come. What runs has not succeeded yet,
    so one cell at least is open until all have succeeded.
    """
    won = max(CELLS * succeeded // total, 1 if succeeded else 0)
    room = 0 if succeeded >= total else max(CELLS - won - 1, 0)
    at_work = max(CELLS * running // total, 1) if running else 0
    lost = min(failed, max(room - min(at_work, 1), 0))
    at_work = min(at_work, room - lost)
    cells = SUCCEEDED * won + RUNNING * at_work + FAILED * lost
    return cells.ljust(CELLS, OPEN)
