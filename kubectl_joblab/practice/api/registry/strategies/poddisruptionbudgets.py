"""The strategy of PodDisruptionBudgets.

Follows pkg/registry/policy/poddisruptionbudget/strategy.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import disruption

# the label of the selectors that stand for all Pods and for none in policy/v1beta1
_V1BETA1_LABEL = "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match"
_MATCH_NONE: Object = {"matchExpressions": [{"key": _V1BETA1_LABEL, "operator": "Exists"}]}
_MATCH_ALL: Object = {"matchExpressions": [{"key": _V1BETA1_LABEL, "operator": "DoesNotExist"}]}


class PodDisruptionBudgetStrategy(Strategy):
    generation = True
    unconditional = False

    def name_rule(self, name: str) -> list[str]:
        """What is wrong with a name: upstream asks only that it can be a part of a path."""
        return names.is_path_segment_name(name)

    def prepare_for_create(self, obj: Object) -> None:
        obj["status"] = {}
        _drop_reserved_label(obj)

    def validate(self, obj: Object) -> list[FieldError]:
        return disruption.validate_budget(obj)

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        obj["status"] = old.get("status") or {}
        if _selector(obj) != _selector(old):
            _drop_reserved_label(obj)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return disruption.validate_budget(obj)

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec") or {}

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        return disruption.validate_budget_status(obj)


def _selector(budget: Object) -> Object | None:
    found: Object | None = (budget.get("spec") or {}).get("selector")
    return found


def _drop_reserved_label(budget: Object) -> None:
    """Drop requirements about the reserved label from a longer list (StripPDBV1beta1Label).

    It stays where it is a label that is matched.
    """
    selector = _selector(budget)
    if selector is None or selector in (_MATCH_NONE, _MATCH_ALL):
        return
    if expressions := selector.get("matchExpressions"):
        kept = [one for one in expressions if one.get("key") != _V1BETA1_LABEL]
        selector["matchExpressions"] = kept
