"""The admission plugins, in the order in which kube-apiserver asks them.

The writer has each object admitted that it creates or updates: after its defaults and before its
strategy prepares it, which is when upstream's mutating plugins run. The order is that of
AllOrderedPlugins in pkg/kubeapiserver/options/plugins.go.
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab.practice.api.admission import (
    default_toleration_seconds,
    namespace_lifecycle,
    priority,
    runtime_class,
    service_account,
)
from kubectl_joblab.practice.api.admission.attributes import Attributes

Plugin = Callable[[Attributes], None]

PLUGINS: tuple[Plugin, ...] = (
    namespace_lifecycle.admit,
    service_account.admit,
    priority.admit,
    default_toleration_seconds.admit,
    runtime_class.admit,
)


def admit(attributes: Attributes) -> None:
    """Have every plugin complete an object; StatusError where one refuses it."""
    for plugin in PLUGINS:
        plugin(attributes)
