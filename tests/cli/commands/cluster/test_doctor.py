"""doctor: whether this user can run the labs on this cluster."""

from __future__ import annotations

import pytest

from tests.cli.commands.conftest import Compare
from tests.inprocess.cluster import Cluster


@pytest.mark.parametrize("form", ["", "json", "yaml"])
def test_all_is_well(done: Cluster, compare: Compare, form: str) -> None:
    line = f"doctor -o {form}" if form else "doctor"
    assert compare(done, f"doctor-{form}".rstrip("-"), line).code == 0


def test_in_korean_too(done: Cluster, compare: Compare) -> None:
    assert compare(done, "doctor-ko", "doctor --lang=ko").code == 0


def test_a_namespace_that_is_not_there(done: Cluster, compare: Compare) -> None:
    assert compare(done, "doctor-no-namespace", "doctor -n nowhere").code == 2
