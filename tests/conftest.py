"""What holds for all tests: on a machine that may be busy, and without work that proves nothing."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

from kubectl_joblab.__main__ import GARBAGE

pytest_plugins = ["tests.workers"]

gc.set_threshold(GARBAGE)  # as the program has it: to collect the tests makes millions of objects
# a slow machine is no failure
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_collection_finish() -> None:
    """Keep all tests and modules out of each search for garbage, of which there are thousands."""
    gc.freeze()
