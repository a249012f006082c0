"""How Secrets are created and updated."""

from __future__ import annotations

from kubectl_joblab.practice.api.strategy import Strategy


class SecretStrategy(Strategy):
    """The rules of a Secret."""
