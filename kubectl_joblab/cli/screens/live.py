"""How start shows a Job while the Job runs: a line a change when piped, redrawn on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kubectl_joblab import objects
from kubectl_joblab.cli.screens import summary
from kubectl_joblab.cli.session import Session
from kubectl_joblab.evidence.recorder import Change, Recorder
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.printing import fold, screen, stream, tables, timeline

CELLS = 40  # of the progress bar
_PAUSE = 0.1  # seconds between two drawings, where only log lines come in
# succeeded, running, failed, to come
SUCCEEDED, RUNNING, FAILED, OPEN = "#", "=", "x", "."
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

    def tell(self, pod: str, container: str, line: str) -> None:
        """Take a log line with its timestamp, as soon as it is written."""

    def done(self, command: str) -> None:
        """Take the kubectl line of what the lab has just done to the cluster."""

    def note(self, text: Sentence) -> None:
        """Say what is waited for, where nothing else shows it."""


class StreamView(View):
    """A view that appends one line for each change. say: prints a line."""

    def __init__(self, session: Session, recorder: Recorder, say: Callable[[str], None]) -> None:
        self._session = session
        self._say = say
        self._stream = stream.Stream(recorder.name)
        self._begun = False

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

    def note(self, text: Sentence) -> None:
        """Print the text, which is no result."""
        self._session.err(text)


class LiveView(View):
    """A view that redraws the same lines: Job, bar, lanes, newest log line, what comes next."""

    def __init__(self, session: Session, recorder: Recorder) -> None:
        self._session = session
        self._recorder = recorder
        reflows = screen.reflows(session.environ)
        self._screen = screen.Screen(session.stdout, reflows=reflows)
        self._newest = ""
        self._warnings: list[str] = []
        self._done: list[str] = []
        self._drawn_at = 0.0

    def __enter__(self) -> LiveView:
        self._screen.__enter__()
        self._session.warnings = self._warnings  # shown below the lanes, printed at the end
        return self

    def __exit__(self, *_: object) -> None:
        self._screen.__exit__()
        self._session.warnings = None
        self._session.out(*self._done)
        for warning in self._warnings:
            self._session.warn(warning)

    def done(self, command: str) -> None:
        """Show the line below the lanes; it stays when the view is over."""
        self._done.append(f"# {self._session.with_flags(command)}")

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
        warning = self._warning()
        rows = max(self._screen.rows() - _OTHER_LINES - len(warning) - len(self._done), 1)
        lanes, text = summary.lanes(recorder.pods), self._session.text
        columns = self._screen.columns()
        legend, drawn = timeline.draw(lanes, origin, now, rows=rows, live=columns, text=text)
        return [
            *tables.jobs([recorder.job], now),
            "",
            text(progress(recorder)),
            legend,
            *drawn,
            *self._waits_for(now_age=recorder.age(now)),
            *self._done,
            *warning,
            text(phrase("Ctrl-C stops watching; the Job goes on.")),
        ]

    def _warning(self) -> list[str]:
        """The newest warning, whole: it may end with a command to type."""
        newest = [f"Warning: {warning}" for warning in self._warnings[-1:]]
        columns = self._screen.columns()
        return [line for one in newest for line in fold.fold(one, rest="  ", columns=columns)]

    def _waits_for(self, now_age: float) -> list[str]:
        """The newest log line, or until when the Job controller waits before the next try."""
        retry = self._recorder.next_try()
        if retry is not None and self._recorder.age(retry) - now_age > 0:
            failed = objects.status(self._recorder.job).get("failed") or 0
            at = objects.human_duration(self._recorder.age(retry))
            return [self._session.text(phrase("{n} failed, next try at {age}", n=failed, age=at))]
        return [self._newest] if self._newest else []


def progress(recorder: Recorder) -> Sentence:
    """A bar of CELLS cells, and the numbers that the bar stands for."""
    status, spec = objects.status(recorder.job), objects.spec(recorder.job)
    succeeded = status.get("succeeded") or 0
    failed = status.get("failed") or 0
    active = status.get("active") or 0
    total = spec.get("completions") or spec.get("parallelism") or 1
    return phrase(
        "[{bar}] {succeeded}/{total} succeeded, {active} running, {failed} failed",
        bar=_bar(succeeded, active, failed, max(total, succeeded + active)),
        succeeded=succeeded,
        total=total,
        active=active,
        failed=failed,
    )


def _bar(succeeded: int, active: int, failed: int, total: int) -> str:
    """The cells of the bar. Failed Pods take room only from what is still to come: a retry."""
    ends = [CELLS * count // max(total, 1) for count in (succeeded, succeeded + active)]
    open_cells = CELLS - ends[1]
    crosses = min(failed, open_cells)
    return (
        SUCCEEDED * ends[0]
        + RUNNING * (ends[1] - ends[0])
        + FAILED * crosses
        + OPEN * (open_cells - crosses)
    )
