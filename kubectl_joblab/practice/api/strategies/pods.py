"""How Pods are created and updated."""

from __future__ import annotations

from kubectl_joblab.practice.api.strategy import Strategy


class PodStrategy(Strategy):
    """The rules of a Pod."""

    generation = True
    graceful = 30
