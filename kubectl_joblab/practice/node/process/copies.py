"""Copies of what a container prints, for those who are attached to it.

Nothing is left out: while somebody does not take what was printed, the container's pipe is not
read, and so the container waits, as with a real runtime. The API cuts off who takes nothing for
long.
"""

from __future__ import annotations

import os
import selectors
from collections.abc import Callable


class Copy:
    """A descriptor that gets a copy.

    loop: what waits until more can be written. taken: called when all was written that had to wait.
    """

    def __init__(
        self, loop: selectors.BaseSelector, descriptor: int, taken: Callable[[], None]
    ) -> None:
        os.set_blocking(descriptor, False)
        self._loop = loop
        self._descriptor = descriptor
        self._taken = taken
        self._left = b""
        self._ends = False
        self.is_open = True

    @property
    def waits(self) -> bool:
        """Whether something was printed that is not taken yet."""
        return bool(self._left)

    def write(self, data: bytes) -> None:
        """Copy this, now or as soon as it is taken."""
        if not self.is_open:
            return
        waited = self.waits
        self._left += data
        if not waited and not self._write():
            self._loop.register(self._descriptor, selectors.EVENT_WRITE, self._continue)

    def end(self) -> None:
        """Close the descriptor, once all is taken."""
        self._ends = True
        if not self.waits:
            self._close()

    def _write(self) -> bool:
        """Write what can be written; whether nothing is left."""
        try:
            while self._left:
                self._left = self._left[os.write(self._descriptor, self._left) :]
        except BlockingIOError:
            return False
        except OSError:  # who was attached has left
            self._left = b""
            self._ends = True
        return True

    def _continue(self) -> None:
        if not self._write():
            return
        self._loop.unregister(self._descriptor)
        if self._ends:
            self._close()
        self._taken()

    def _close(self) -> None:
        if self.is_open:
            self.is_open = False
            os.close(self._descriptor)


class Copies:
    """All copies of one stream. hold, resume: stop and go on to read it."""

    def __init__(
        self,
        loop: selectors.BaseSelector,
        hold: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._hold = hold
        self._resume = resume
        self._copies: list[Copy] = []
        self._held = False

    def add(self, descriptor: int) -> None:
        """Copy to this descriptor, too, from now on."""
        self._copies.append(Copy(self._loop, descriptor, self._go_on))

    def write(self, data: bytes) -> None:
        """Copy this to all; b"" is the end of the stream."""
        for copy in self._copies:
            if data:
                copy.write(data)
            else:
                copy.end()
        if data and not self._held and any(copy.waits for copy in self._copies):
            self._held = True
            self._hold()
        self._copies = [copy for copy in self._copies if copy.is_open]

    def _go_on(self) -> None:
        if self._held and not any(copy.waits for copy in self._copies):
            self._held = False
            self._resume()
