"""What holds for all tests: on a machine that may be busy, and without work that proves nothing."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from kubectl_joblab.__main__ import GARBAGE

gc.set_threshold(GARBAGE)  # as the program has it: to collect the tests makes millions of objects
# a slow machine is no failure
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """How many workers `-n auto` means: some tests wait, and each worker takes seconds to begin."""
    cores = os.cpu_count() or 1
    return cores + (cores + 1) // 2


def pytest_collection_finish() -> None:
    """Keep all tests and modules out of each search for garbage, of which there are thousands."""
    gc.freeze()
