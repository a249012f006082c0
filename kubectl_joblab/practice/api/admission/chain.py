"""The admission plugins, in the order in which kube-apiserver asks them.

The writer has each object admitted that it creates or updates. Plugins that complete it are asked
after its defaults are set and before its strategy prepares it; those that only judge it when it has
its name and breaks no rule of its kind. Some do both. The order is that of AllOrderedPlugins in
pkg/kubeapiserver/options/plugins.go.
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab.practice.api.admission import (
    default_toleration_seconds,
    limit_ranger,
    namespace_lifecycle,
    pod_security,
    priority,
    resource_quota,
    runtime_class,
    service_account,
)
from kubectl_joblab.practice.api.admission.attributes import Attributes

Plugin = Callable[[Attributes], None]

MUTATING: tuple[Plugin, ...] = (
    namespace_lifecycle.admit,
    limit_ranger.admit,
    service_account.admit,
    priority.admit,
    default_toleration_seconds.admit,
    runtime_class.admit,
)
VALIDATING: tuple[Plugin, ...] = (
    limit_ranger.validate,
    pod_security.validate,
    resource_quota.validate,
)


def admit(attributes: Attributes) -> None:
    """Have every plugin complete an object; StatusError where one refuses it."""
    for plugin in MUTATING:
        plugin(attributes)


def validate(attributes: Attributes) -> None:
    """Have every plugin judge an object that is complete; StatusError where one refuses it."""
    for plugin in VALIDATING:
        plugin(attributes)
