"""What several pages need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e import cluster as clusters
from tests.e2e import place as places
from tests.e2e.place import Place


@pytest.fixture
def drainable(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place whose node nobody else uses, where practice clusters are tested."""
    if not clusters.is_practice():
        yield place
        return
    folder = tmp_path_factory.mktemp("drained")
    with clusters.practice(folder) as found:
        yield places.make(found, folder / "places", "joblab-drained", {})
