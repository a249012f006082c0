"""The strategies of roles and of their bindings.

Follows pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/strategy.go and
policybased/storage.go beside each.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.access import escalation
from kubectl_joblab.practice.api.access.caller import Caller
from kubectl_joblab.practice.api.defaults import rbac as defaults
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import rbac


class RoleStrategy(Strategy):
    """The strategy of Roles and, where it is not namespaced, of ClusterRoles."""

    creates_on_update = True

    def __init__(self, *, namespaced: bool) -> None:
        self._namespaced = namespaced
        self._plural = "roles" if namespaced else "clusterroles"

    def name_rule(self, name: str) -> list[str]:
        """What is wrong with a name, which may be any segment of a path."""
        return names.is_path_segment_name(name)

    def authorize(self, obj: Object, old: Object | None, caller: Caller) -> None:
        """Raise 403 where the role has rights that the caller does not have."""
        escalation.check_role(caller, self._plural, obj, old)

    def validate(self, obj: Object) -> list[FieldError]:
        """The errors of the rules, and of how they are aggregated."""
        return rbac.validate_role(obj, namespaced=self._namespaced)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        """The same as for a new role."""
        return self.validate(obj)


class BindingStrategy(Strategy):
    """The strategy of RoleBindings and, where it is not namespaced, of ClusterRoleBindings."""

    creates_on_update = True

    def __init__(self, *, namespaced: bool) -> None:
        self._namespaced = namespaced
        self._plural = "rolebindings" if namespaced else "clusterrolebindings"

    def name_rule(self, name: str) -> list[str]:
        """What is wrong with a name, which may be any segment of a path."""
        return names.is_path_segment_name(name)

    def default(self, obj: Object) -> None:
        """Name the API groups that were left out."""
        defaults.set_binding_defaults(obj)

    def authorize(self, obj: Object, old: Object | None, caller: Caller) -> None:
        """Raise 403 where the binding gives rights that the caller does not have."""
        escalation.check_binding(caller, self._plural, obj, old)

    def validate(self, obj: Object) -> list[FieldError]:
        """The errors of the reference to the role, and of the subjects."""
        return rbac.validate_binding(obj, namespaced=self._namespaced)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        """The same as for a new binding, and that of another role."""
        return rbac.validate_binding_update(obj, old, namespaced=self._namespaced)
