"""The signals that ask a process to end are taken as Ctrl-C is.

So a command that waits leaves the terminal as it was, keeps what it has seen, and says where it was
stopped. cli/entry.py uses this for the session of the process; tests have other sessions.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from kubectl_joblab.cli.session import Session

_NAMES = ("SIGTERM", "SIGHUP", "SIGQUIT")  # Windows has only the first


@contextmanager
def heeded(session: Session) -> Iterator[None]:
    """Raise KeyboardInterrupt at such a signal, whose number the session keeps.

    What the process was told to ignore, as nohup does, it ignores. The first signal is heeded: when
    a terminal goes, several come at once.
    """
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    heeded = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]

    def stop(number: int, _: FrameType | None) -> None:
        for one in heeded:
            signal.signal(one, signal.SIG_IGN)
        session.signal = number
        raise KeyboardInterrupt

    try:
        for one in heeded:
            signal.signal(one, stop)
        yield
    finally:
        for one in heeded:
            signal.signal(one, signal.SIG_DFL)
