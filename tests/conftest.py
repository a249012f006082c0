"""What holds for all tests: how Hypothesis searches, on a machine that may be busy."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# a slow machine is no failure
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """How many workers `-n auto` means: some tests wait, and each worker takes seconds to begin."""
    cores = os.cpu_count() or 1
    return cores + (cores + 1) // 2
