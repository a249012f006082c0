"""The server that tests of HTTP share where they need no more than the namespace default."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.practice.api.served import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the namespace default."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        yield server
