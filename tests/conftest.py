"""What holds for all tests: how Hypothesis searches, on a machine that may be busy."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# a slow machine is no failure
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
