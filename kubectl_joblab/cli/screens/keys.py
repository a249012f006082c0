"""A key that is pressed while a screen is drawn, read without waiting for the end of a line."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

from kubectl_joblab.clock import Clock

_READ = 64  # bytes at once


class Keys:
    """For the time of a context, calls a function when a key is pressed on a terminal.

    key: the letter. press: called in a thread. Where the stream is no terminal of which keys can be
    read, as on Windows, nothing happens. What else is typed is dropped; Ctrl-C works as ever.
    """

    def __init__(self, stream: TextIO, key: str, press: Callable[[], object], clock: Clock) -> None:
        self._stream = stream
        self._key = key.encode()
        self._press = press
        self._clock = clock
        self._before: list[Any] = []  # how the terminal was set
        self._pipe: tuple[int, ...] = ()  # by which the thread is ended

    def __enter__(self) -> Keys:
        try:
            import termios  # no Windows has it
        except ImportError:
            return self
        with suppress(OSError, ValueError, termios.error):  # no terminal of this system's
            terminal = self._stream.fileno()
            before = termios.tcgetattr(terminal)
            at_once = list(before)
            at_once[3] &= ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(terminal, termios.TCSANOW, at_once)
            self._before = before
            self._pipe = os.pipe()
            self._clock.start(self._read, terminal, self._pipe[0])
        return self

    def __exit__(self, *_: object) -> None:
        if not self._before:
            return
        import termios

        os.close(self._pipe[1])  # which the thread sees, and closes the other end
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(self._stream.fileno(), termios.TCSANOW, self._before)

    def _read(self, terminal: int, ended: int) -> None:
        """What the thread does."""
        import select

        with suppress(OSError), os.fdopen(ended, "rb"):
            while ended not in (ready := select.select([terminal, ended], [], [])[0]):
                typed = os.read(terminal, _READ) if ready else b""
                if not typed:
                    return
                if self._key in typed.lower():
                    self._press()
