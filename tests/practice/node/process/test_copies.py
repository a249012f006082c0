"""Copies of what a container prints: in order, whole, and held back where nobody takes them."""

from __future__ import annotations

import os
import selectors
from collections.abc import Iterator

import pytest

from kubectl_joblab.practice.node.process.copies import Copies

LARGE = bytes(300_000)


class _Stream:
    def __init__(self) -> None:
        self.loop = selectors.DefaultSelector()
        self.held = 0
        self.copies = Copies(self.loop, lambda: self._hold(1), lambda: self._hold(-1))
        self._ends: list[int] = []

    def _hold(self, change: int) -> None:
        self.held += change
        assert self.held in (0, 1)

    def attach(self) -> int:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self.copies.add(writing)
        self._ends.append(reading)
        return reading

    def turn(self) -> None:
        """Do what can be done."""
        for key, _ in self.loop.select(0):
            key.data()

    def taken(self, reading: int) -> bytes:
        """All that one of those who are attached gets until nothing more comes."""
        found = b""
        while True:
            self.turn()
            try:
                data = os.read(reading, 65536)
            except BlockingIOError:
                return found
            found += data
            if not data:
                return found

    def leave(self, reading: int) -> None:
        self._ends.remove(reading)
        os.close(reading)

    def close(self) -> None:
        for reading in list(self._ends):
            self.leave(reading)
        self.copies.write(b"")
        self.turn()
        assert not self.loop.get_map()
        self.loop.close()


@pytest.fixture
def stream() -> Iterator[_Stream]:
    found = _Stream()
    yield found
    found.close()


def test_each_gets_what_is_printed_from_its_coming_on(stream: _Stream) -> None:
    first = stream.attach()
    stream.copies.write(b"one")
    second = stream.attach()
    stream.copies.write(b"two")
    stream.copies.write(b"")
    assert stream.taken(first) == b"onetwo"
    assert stream.taken(second) == b"two"


def test_who_takes_nothing_holds_the_stream_until_it_does(stream: _Stream) -> None:
    first, second = stream.attach(), stream.attach()
    stream.copies.write(LARGE)
    assert stream.held == 1
    assert stream.taken(first) == LARGE
    assert stream.held == 1
    assert stream.taken(second) == LARGE
    assert stream.held == 0


def test_what_waits_at_the_end_is_still_copied(stream: _Stream) -> None:
    reading = stream.attach()
    stream.copies.write(LARGE)
    stream.copies.write(b"")
    assert stream.taken(reading) == LARGE
    assert os.read(reading, 1) == b""


def test_who_leaves_lets_the_stream_go_on(stream: _Stream) -> None:
    reading = stream.attach()
    stream.copies.write(LARGE)
    assert stream.held == 1
    stream.leave(reading)
    stream.turn()
    assert stream.held == 0
    stream.copies.write(b"more")
