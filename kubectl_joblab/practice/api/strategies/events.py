"""How Events are created and updated."""

from __future__ import annotations

from kubectl_joblab.practice.api.strategy import Strategy


class EventStrategy(Strategy):
    """The rules of a Event."""

    ttl = 3600  # --event-ttl
    creates_on_update = True
