"""Runs tests in several processes at once: copies of the one that has collected them.

``pytest --workers=auto``, or a number. To collect all tests takes seconds, and to import what they
test does too, so it is done once and each worker is a fork. The files are handed out in their
order, one at a time, so that what the tests of a file share is made once. A worker sends the
reports of its tests, which are shown as those of any run. Where a system has no fork, the tests
run in one process.
"""

from __future__ import annotations

import atexit
import itertools
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import pytest

AUTO = "auto"
PATIENCE = 30  # seconds that a worker has to end what its tests have begun


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--workers",
        default="1",
        metavar="NUMBER",
        help="how many processes run the tests; 'auto': by the processors of this machine",
    )


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests in workers; what is returned leaves it to pytest."""
    config = session.config
    count = number(config.getoption("workers"))
    if count == 1 or config.option.collectonly or config.option.usepdb or session.testsfailed:
        return None
    files = [list(items) for _, items in itertools.groupby(session.items, lambda item: item.path)]
    with _started(session, min(count, len(files))) as workers:
        _Parent(session, files, workers).run()
    return True


def number(option: str) -> int:
    """How many workers are meant: some tests wait, so there are more than processors."""
    if not hasattr(os, "fork"):
        return 1
    cores = os.cpu_count() or 1
    try:
        return cores + (cores + 1) // 2 if option == AUTO else max(1, int(option))
    except ValueError:
        raise pytest.UsageError(f"--workers={option}: neither a number nor {AUTO!r}") from None


@dataclass
class _Worker:
    """A worker, as the parent sees it. given: tests without reports, with their indices."""

    process: BaseProcess
    connection: Connection
    given: dict[int, pytest.Item] = field(default_factory=dict)


class _Parent:
    """Hands files out to workers and tells pytest of the reports that come back."""

    def __init__(
        self, session: pytest.Session, files: list[list[pytest.Item]], workers: list[_Worker]
    ) -> None:
        self._session = session
        self._workers = {worker.connection: worker for worker in workers}
        starts = itertools.accumulate((len(items) for items in files), initial=0)
        self._files = iter([dict(enumerate(i, s)) for i, s in zip(files, starts, strict=False)])

    def run(self) -> None:
        """Go on until no worker is left; what pytest raises where a test ends the run."""
        while self._workers:
            for connection in wait(list(self._workers)):
                assert isinstance(connection, Connection)
                worker = self._workers[connection]
                try:
                    message = connection.recv()
                except (EOFError, ConnectionError):
                    del self._workers[connection]
                    self._lost(worker)
                    continue
                if message is None:
                    self._give(worker)
                else:
                    self._show(worker, *message)

    def _give(self, worker: _Worker) -> None:
        """Give a worker the next file, or say that there is none."""
        file = next(self._files, {})
        worker.given.update(file)
        worker.connection.send(list(file))

    def _show(self, worker: _Worker, index: int, reports: list[pytest.TestReport]) -> None:
        """What pytest would say of a test, had it run here."""
        item = worker.given.pop(index)
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in reports:
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        if self._session.shouldfail:
            raise self._session.Failed(self._session.shouldfail)
        if self._session.shouldstop:
            raise self._session.Interrupted(self._session.shouldstop)

    def _lost(self, worker: _Worker) -> None:
        """Have those tests fail that an ended worker has not run; as a rule there are none."""
        worker.process.join()
        said = f"a worker ended with {worker.process.exitcode} and has not run this to its end"
        for index, item in list(worker.given.items()):
            report = pytest.TestReport(
                item.nodeid, item.location, dict(item.keywords), "failed", said, "call"
            )
            self._show(worker, index, [report])


@contextmanager
def _started(session: pytest.Session, count: int) -> Iterator[list[_Worker]]:
    """Workers, which are interrupted if the run ends before them."""
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # made once, for all
    context = multiprocessing.get_context("fork")
    workers: list[_Worker] = []
    try:
        for _ in range(count):
            ours, theirs = multiprocessing.Pipe()
            others = [ours, *(worker.connection for worker in workers)]
            process = context.Process(target=_work, args=(session, theirs, others))
            process.start()
            theirs.close()
            workers.append(_Worker(process, ours))
        yield workers
    finally:
        for worker in workers:
            if worker.process.is_alive() and worker.process.pid is not None:
                os.kill(worker.process.pid, signal.SIGINT)
        for worker in workers:
            worker.process.join(PATIENCE)
            worker.process.kill()
            worker.process.join()
            worker.connection.close()


# ---- in a worker


def _work(session: pytest.Session, parent: Connection, others: Sequence[Connection]) -> None:
    """Run what the parent hands out. others: ends of pipes that are the parent's alone."""
    for other in others:
        other.close()  # so that the parent sees the end of each worker
    atexit._clear()  # what is to be done at the end of the parent
    plugins = session.config.pluginmanager
    plugins.unregister(name="terminalreporter")
    capture = plugins.getplugin("capturemanager")
    assert capture is not None
    capture.stop_global_capturing()  # into files that all workers would have in common
    capture.start_global_capturing()
    capture.suspend_global_capture()
    runner = plugins.getplugin("runner")
    assert runner is not None
    try:
        _run(session, parent)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with suppress(Exception):  # of fixtures that the interruption has left half made
            runner.pytest_sessionfinish(session)  # ends all that is shared
    capture.stop_global_capturing()
    atexit._run_exitfuncs()


def _run(session: pytest.Session, parent: Connection) -> None:
    """Run tests and send their reports until there are none left."""
    reports = _Reports()
    session.config.pluginmanager.register(reports)
    indices = _indices(parent)
    index = next(indices, None)
    while index is not None:
        after = next(indices, None)
        item = session.items[index]
        nextitem = None if after is None else session.items[after]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
        parent.send((index, reports.kept))
        reports.kept.clear()
        index = after


def _indices(parent: Connection) -> Iterator[int]:
    """The indices of the tests to run, file by file."""
    while True:
        parent.send(None)
        file = parent.recv()
        if not file:
            return
        yield from file


class _Reports:
    """Keeps the reports of a test."""

    def __init__(self) -> None:
        self.kept: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.kept.append(report)
