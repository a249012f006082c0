"""The rules of where a Pod may run: tolerations, taints, affinity, topology spread, gates.

Follows ValidateTolerations, validateAffinity, validateTopologySpreadConstraints and what they call
in pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import internal, selectors, values

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_COMPARISONS = ("Lt", "Gt")  # known, but their feature gate is off
_OPERATORS = ("Equal", "Exists")
_UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")
_INCLUSION = ("Honor", "Ignore")


# ---- tolerations and taints


def validate_tolerations(tolerations: Sequence[Object], path: str) -> list[FieldError]:
    """The rules that tolerations break."""
    found = []
    for index, toleration in enumerate(tolerations):
        found += _validate_toleration(toleration, f"{path}[{index}]")
    return found


def _validate_toleration(toleration: Object, path: str) -> list[FieldError]:
    key, operator = toleration.get("key", ""), toleration.get("operator", "")
    effect = toleration.get("effect", "")
    found = values.validate_qualified_name(key, f"{path}.key") if key else []
    if not key and operator != "Exists":
        why = (
            "operator must be Exists when `key` is empty, which means "
            '"match all values and all keys"'
        )
        found.append(field.invalid(f"{path}.operator", operator, why))
    if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
        why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        found.append(field.invalid(f"{path}.effect", effect, why))
    found += _validate_operator(operator, toleration.get("value", ""), f"{path}.operator")
    return found + (validate_taint_effect(effect, f"{path}.effect") if effect else [])


def _validate_operator(operator: str, value: str, path: str) -> list[FieldError]:
    if operator in ("", "Equal"):
        wrong = names.is_valid_label_value(value)
        return [field.invalid(path, value, ";".join(wrong))] if wrong else []
    if operator == "Exists":
        why = "value must be empty when `operator` is 'Exists'"
        return [field.invalid(path, value, why)] if value else []
    allowed = _OPERATORS + _COMPARISONS if operator in _COMPARISONS else _OPERATORS
    return [field.not_supported(path, operator, allowed)]


def validate_taint_effect(effect: str, path: str) -> list[FieldError]:
    """The error of a text that is no effect of a taint."""
    return values.validate_choice(effect, EFFECTS, path)


def validate_node_taints(taints: Sequence[Object], path: str) -> list[FieldError]:
    """The rules that the taints of a Node break."""
    found, seen = [], set()
    for index, taint in enumerate(taints):
        at, value = f"{path}[{index}]", taint.get("value", "")
        found += values.validate_qualified_name(taint.get("key", ""), f"{at}.key")
        if wrong := names.is_valid_label_value(value):
            found.append(field.invalid(f"{at}.value", value, ";".join(wrong)))
        found += validate_taint_effect(taint.get("effect", ""), f"{at}.effect")
        this = taint.get("key", ""), taint.get("effect", "")
        if this in seen:
            shown = internal.shown("Taint", taint)
            why = "taints must be unique by key and effect pair"
            found.append(FieldError("FieldValueDuplicate", at, shown, why))
        seen.add(this)
    return found


# ---- affinity


def validate_affinity(affinity: Object | None, path: str) -> list[FieldError]:
    """The rules that affinity breaks."""
    if not affinity:
        return []
    found = []
    if node := affinity.get("nodeAffinity"):
        found += _validate_node_affinity(node, f"{path}.nodeAffinity")
    for key in ("podAffinity", "podAntiAffinity"):
        if pods := affinity.get(key):
            found += _validate_pod_affinity(pods, f"{path}.{key}")
    return found


def _validate_node_affinity(affinity: Object, path: str) -> list[FieldError]:
    found = []
    if (selector := affinity.get(REQUIRED)) is not None:
        found += _validate_node_selector(selector, f"{path}.{REQUIRED}.nodeSelectorTerms")
    for index, term in enumerate(affinity.get(PREFERRED) or ()):
        at = f"{path}.{PREFERRED}[{index}]"
        found += _validate_weight(term, at)
        preference = term.get("preference") or {}
        found += _validate_node_selector_term(preference, f"{at}.preference", label_values=False)
    return found


def _validate_node_selector(selector: Object, path: str) -> list[FieldError]:
    terms = selector.get("nodeSelectorTerms")
    if not terms:
        return [field.required(path, "must have at least one node selector term")]
    found = []
    for index, term in enumerate(terms):
        found += _validate_node_selector_term(term, f"{path}[{index}]")
    return found


def _validate_node_selector_term(
    term: Object, path: str, *, label_values: bool = True
) -> list[FieldError]:
    found = []
    for index, requirement in enumerate(term.get("matchExpressions") or ()):
        at = f"{path}.matchExpressions[{index}]"
        found += _validate_node_requirement(requirement, at, label_values)
    for index, requirement in enumerate(term.get("matchFields") or ()):
        found += _validate_node_field(requirement, f"{path}.matchFields[{index}]")
    return found


def _validate_node_requirement(
    requirement: Object, path: str, label_values: bool
) -> list[FieldError]:
    key, operator = requirement.get("key", ""), requirement.get("operator", "")
    listed = requirement.get("values") or ()
    if operator in ("Gt", "Lt"):
        why = "must be specified single value when `operator` is 'Lt' or 'Gt'"
        found = [] if len(listed) == 1 else [field.required(f"{path}.values", why)]
    else:
        found = selectors.validate_operator(operator, listed, path)
    found += values.validate_qualified_name(key, f"{path}.key")
    for index, value in enumerate(listed if label_values else ()):
        found += values.each(f"{path}.values[{index}]", value, names.is_valid_label_value(value))
    return found


def _validate_node_field(requirement: Object, path: str) -> list[FieldError]:
    key, operator = requirement.get("key", ""), requirement.get("operator", "")
    listed = requirement.get("values") or ()
    found = []
    if operator not in ("In", "NotIn"):
        found.append(field.invalid(f"{path}.operator", operator, selectors.NO_OPERATOR))
    elif len(listed) != 1:
        why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        found.append(field.required(f"{path}.values", why))
    if key != "metadata.name":
        return [*found, field.invalid(f"{path}.key", key, "not a valid field selector key")]
    for index, value in enumerate(listed):
        found += values.validate_dns1123_subdomain(value, f"{path}.values[{index}]")
    return found


def _validate_weight(term: Object, path: str) -> list[FieldError]:
    weight = term.get("weight", 0)
    if 0 < weight <= 100:
        return []
    return [field.invalid(f"{path}.weight", weight, "must be in the range 1-100")]


def _validate_pod_affinity(affinity: Object, path: str) -> list[FieldError]:
    found = []
    for index, term in enumerate(affinity.get(REQUIRED) or ()):
        found += _validate_pod_affinity_term(term, f"{path}.{REQUIRED}[{index}]")
    for index, weighted in enumerate(affinity.get(PREFERRED) or ()):
        at = f"{path}.{PREFERRED}[{index}]"
        found += _validate_weight(weighted, at)
        term = weighted.get("podAffinityTerm") or {}
        found += _validate_pod_affinity_term(term, f"{at}.podAffinityTerm")
    return found


def _validate_pod_affinity_term(term: Object, path: str) -> list[FieldError]:
    found = []
    for key in ("labelSelector", "namespaceSelector"):
        found += selectors.validate_label_selector(term.get(key), f"{path}.{key}")
    for namespace in term.get("namespaces") or ():
        found += values.validate_dns1123_label(namespace, f"{path}.namespace")
    match, mismatch = term.get("matchLabelKeys") or (), term.get("mismatchLabelKeys") or ()
    found += _validate_label_keys(match, mismatch, term.get("labelSelector"), path)
    topology = term.get("topologyKey", "")
    if not topology:
        found.append(field.required(f"{path}.topologyKey", "can not be empty"))
    return found + values.validate_qualified_name(topology, f"{path}.topologyKey")


def _validate_label_keys(
    match: Sequence[str], mismatch: Sequence[str], selector: Object | None, path: str
) -> list[FieldError]:
    """The rules of matchLabelKeys and mismatchLabelKeys, as upstream has them in one function."""
    found = []
    for keys, at in ((match, f"{path}.matchLabelKeys"), (mismatch, f"{path}.mismatchLabelKeys")):
        if keys and selector is None:
            why = "must not be specified when labelSelector is not set"
            found.append(field.forbidden(at, why))
        elif keys:
            for index, key in enumerate(keys):
                found += values.validate_qualified_name(key, f"{at}[{index}]")
    found += _validate_keys_once(match, selector or {}, path)
    for index, key in enumerate(match):
        if key in mismatch:
            why = "exists in both matchLabelKeys and mismatchLabelKeys"
            found.append(field.invalid(f"{path}.matchLabelKeys[{index}]", key, why))
    return found


def _validate_keys_once(match: Sequence[str], selector: Object, path: str) -> list[FieldError]:
    found = []
    seen = set(selector.get("matchLabels") or ())
    for requirement in selector.get("matchExpressions") or ():
        key = requirement.get("key", "")
        if key in match and key in seen:
            why = "exists in both matchLabelKeys and labelSelector"
            found.append(field.invalid(f"{path}[{match.index(key)}]", key, why))
        seen.add(key)
    return found


# ---- spreading and gates


def validate_topology_spread_constraints(
    constraints: Sequence[Object], path: str
) -> list[FieldError]:
    """The rules that topologySpreadConstraints break."""
    found = []
    last = {_what_spreads(one): index for index, one in enumerate(constraints)}
    for index, constraint in enumerate(constraints):
        at, action = f"{path}[{index}]", constraint.get("whenUnsatisfiable", "")
        topology = constraint.get("topologyKey", "")
        found += values.validate_positive_field(constraint.get("maxSkew", 0), f"{at}.maxSkew")
        if not topology:
            found.append(field.required(f"{at}.topologyKey", "can not be empty"))
        found += values.validate_enum(action, _UNSATISFIABLE, f"{at}.whenUnsatisfiable")
        if last[_what_spreads(constraint)] > index:  # it stands again behind
            both = f"{{{topology}, {action}}}"
            found.append(field.duplicate(f"{at}.{{topologyKey, whenUnsatisfiable}}", both))
        found += _validate_min_domains(constraint.get("minDomains"), action, f"{at}.minDomains")
        for key in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            if (policy := constraint.get(key)) is not None:
                found += values.validate_enum(policy, _INCLUSION, f"{at}.{key}")
        selector = constraint.get("labelSelector")
        found += _validate_label_keys(constraint.get("matchLabelKeys") or (), (), selector, at)
        found += selectors.validate_label_selector(selector, f"{at}.labelSelector")
    return found


def _what_spreads(constraint: Object) -> tuple[str | None, str | None]:
    """What no two constraints may have in common."""
    return constraint.get("topologyKey"), constraint.get("whenUnsatisfiable")


def _validate_min_domains(domains: int | None, action: str, path: str) -> list[FieldError]:
    if domains is None:
        return []
    found = values.validate_positive_field(domains, path)
    if action != "DoNotSchedule":
        why = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        found.append(field.invalid(path, domains, why))
    return found


def validate_scheduling_gates(gates: Sequence[Object], path: str) -> list[FieldError]:
    """The rules that schedulingGates break."""
    found, seen = [], set()
    for index, gate in enumerate(gates):
        name = gate.get("name", "")
        found += values.validate_qualified_name(name, f"{path}[{index}]")
        if name in seen:
            found.append(field.duplicate(f"{path}[{index}]", name))
        seen.add(name)
    return found
