"""Nobody gives rights to others, or to oneself, that one does not have.

The strategies of roles and bindings ask before such an object is stored. Who may `escalate` a role,
or `bind` it, need not have its rights. Follows pkg/registry/rbac/escalation_check.go, the
policybased/storage.go of each kind beside it, and ConfirmNoEscalation in validation/rule.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.formats import gojson
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.access import authorizer, policy_rules, resolver
from kubectl_joblab.practice.api.access.caller import Caller
from kubectl_joblab.practice.api.access.policy_rules import Action
from kubectl_joblab.practice.api.access.resolver import GROUP
from kubectl_joblab.practice.api.errors import StatusError

_AGGREGATION = "must have cluster-admin privileges to use the aggregationRule"
# what the garbage collector changes of an object, which gives nobody a right
_COLLECTED = ("finalizers", "managedFields", "ownerReferences")


def check_role(caller: Caller, plural: str, role: Object, old: Object | None) -> None:
    """Raise 403 where a role has rights that its writer does not have.

    plural: roles or clusterroles. old: the stored role, None where this is a new one.
    """
    if caller.is_free or _only_collected(role, old):
        return
    if caller.may(_at(caller, "escalate", plural, caller.name)):
        return
    _confirm(caller, plural, objects.name(role), role.get("rules") or [])
    if _aggregates(role) or _aggregates(old or {}):
        try:
            _confirm(caller, plural, "", list(policy_rules.EVERYTHING))
        except StatusError:
            raise errors.forbidden(GROUP, plural, objects.name(role), _AGGREGATION) from None


def check_binding(caller: Caller, plural: str, binding: Object, old: Object | None) -> None:
    """Raise 403 where a binding gives rights that its writer does not have, 404 without its role.

    plural: rolebindings or clusterrolebindings.
    """
    if caller.is_free or _only_collected(binding, old):
        return
    ref = binding.get("roleRef") or {}
    kind, name = ref.get("kind", ""), ref.get("name", "")
    if kind in ("Role", "ClusterRole") and caller.may(
        _at(caller, "bind", f"{kind.lower()}s", name)
    ):
        return
    rules = resolver.role_rules(caller.reader, ref, caller.namespace, asked=plural)
    _confirm(caller, plural, objects.name(binding), rules)


def _at(caller: Caller, verb: str, plural: str, name: str) -> Action:
    return Action(verb, GROUP, plural, namespace=caller.namespace, name=name)


def _confirm(caller: Caller, plural: str, name: str, rules: list[Object]) -> None:
    assert caller.user is not None
    user = caller.user
    own, wrong = authorizer.rules_for(caller.reader, user, caller.namespace)
    missing = policy_rules.uncovered(own, rules)
    if not missing:
        return
    lines = sorted({policy_rules.compact(rule) for rule in policy_rules.compacted(missing)})
    groups = policy_rules.quoted(user.groups)
    why = (
        f"user {gojson.quote(user.name)} (groups={groups}) is attempting to grant RBAC "
        "permissions not currently held:\n" + "\n".join(lines)
    )
    if wrong:
        why += f"; resolution errors: [{authorizer.aggregated(wrong)}]"
    raise errors.forbidden(GROUP, plural, name, why)


def _aggregates(role: Object) -> bool:
    return bool((role.get("aggregationRule") or {}).get("clusterRoleSelectors"))


def _only_collected(new: Object, old: Object | None) -> bool:
    """Whether only what the garbage collector changes is changed (IsOnlyMutatingGCFields)."""
    return old is not None and _kept(new) == _kept(old)


def _kept(obj: Object) -> Object:
    meta = {key: value for key, value in obj["metadata"].items() if key not in _COLLECTED}
    return {**obj, "metadata": meta}
