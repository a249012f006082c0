"""How Jobs are created and updated."""

from __future__ import annotations

from kubectl_joblab.practice.api.strategy import Strategy


class JobStrategy(Strategy):
    """The rules of a Job."""

    generation = True
    orphans = True
