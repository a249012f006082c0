"""How Namespaces are created and updated."""

from __future__ import annotations

from kubectl_joblab.practice.api.strategy import Strategy


class NamespaceStrategy(Strategy):
    """The rules of a Namespace."""
