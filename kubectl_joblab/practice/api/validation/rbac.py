"""The rules of roles and of their bindings.

The strategies call it. Follows pkg/apis/rbac/validation/validation.go and, for what is missing,
zz_generated.validations.go in pkg/apis/rbac/v1, whose errors come last.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.access.resolver import GROUP
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import selectors, values

_SUBJECTS = ("ServiceAccount", "User", "Group")
_OF_CLUSTER = "namespaced rules cannot apply to non-resource URLs"
_BOTH = "rules cannot apply to both regular resources and non-resource URLs"
_ONE_SELECTOR = "at least one clusterRoleSelector required if aggregationRule is non-nil"


def validate_role(role: Object, *, namespaced: bool) -> list[FieldError]:
    """The rules that a Role, or (not namespaced) a ClusterRole, breaks, except metadata's."""
    found = []
    for index, rule in enumerate(role.get("rules") or ()):
        found += _validate_rule(rule, f"rules[{index}]", namespaced=namespaced)
    aggregation = None if namespaced else role.get("aggregationRule")
    if aggregation is not None:
        found += _validate_aggregation(aggregation)
    return found + [
        field.required(f"rules[{index}].verbs")
        for index, rule in enumerate(role.get("rules") or ())
        if not rule.get("verbs")
    ]


def _validate_rule(rule: Object, path: str, *, namespaced: bool) -> list[FieldError]:
    """The errors of a rule (ValidatePolicyRule)."""
    found = []
    if urls := rule.get("nonResourceURLs"):
        if namespaced:
            found.append(field.invalid(f"{path}.nonResourceURLs", urls, _OF_CLUSTER))
        if any(rule.get(key) for key in ("apiGroups", "resources", "resourceNames")):
            found.append(field.invalid(f"{path}.nonResourceURLs", urls, _BOTH))
        return found
    for key, what in (("apiGroups", "api group"), ("resources", "resource")):
        if not rule.get(key):
            why = f"resource rules must supply at least one {what}"
            found.append(field.required(f"{path}.{key}", why))
    return found


def _validate_aggregation(aggregation: Object) -> list[FieldError]:
    path, found = "aggregationRule.clusterRoleSelectors", []
    listed = aggregation.get("clusterRoleSelectors") or ()
    if not listed:
        found.append(field.required(path, _ONE_SELECTOR))
    for index, selector in enumerate(listed):
        wrong = selectors.validate_label_selector(selector, f"{path}[{index}]")
        found += wrong
        if wrong:  # upstream also fails to make a selector of it
            found.append(field.invalid(f"{path}[{index}]", None, "invalid label selector."))
    return found


def validate_binding(binding: Object, *, namespaced: bool) -> list[FieldError]:
    """The rules that a RoleBinding, or (not namespaced) a ClusterRoleBinding, breaks."""
    return _validate_binding(binding, namespaced=namespaced) + _missing_names(binding)


def _validate_binding(binding: Object, *, namespaced: bool) -> list[FieldError]:
    ref, found = binding.get("roleRef") or {}, []
    if ref.get("apiGroup", "") != GROUP:
        found.append(field.not_supported("roleRef.apiGroup", ref.get("apiGroup", ""), [GROUP]))
    kinds = ["Role", "ClusterRole"] if namespaced else ["ClusterRole"]
    if ref.get("kind", "") not in kinds:
        found.append(field.not_supported("roleRef.kind", ref.get("kind", ""), kinds))
    name = ref.get("name", "")
    found += values.each("roleRef.name", name, names.is_path_segment_name(name))
    for index, subject in enumerate(binding.get("subjects") or ()):
        found += _validate_subject(subject, f"subjects[{index}]", namespaced=namespaced)
    return found


def _validate_subject(subject: Object, path: str, *, namespaced: bool) -> list[FieldError]:
    """The errors of a subject (ValidateRoleBindingSubject)."""
    kind, name, group = (subject.get(key, "") for key in ("kind", "name", "apiGroup"))
    found: list[FieldError] = []
    if kind == "ServiceAccount":
        if name:
            found += values.each(f"{path}.name", name, names.is_dns1123_subdomain(name))
        if group:
            found.append(field.not_supported(f"{path}.apiGroup", group, [""]))
        if not namespaced and not subject.get("namespace"):
            found.append(field.required(f"{path}.namespace"))
    elif kind in _SUBJECTS:
        if group != GROUP:
            found.append(field.not_supported(f"{path}.apiGroup", group, [GROUP]))
    else:
        found.append(field.not_supported(f"{path}.kind", kind, _SUBJECTS))
    return found


def _missing_names(binding: Object) -> list[FieldError]:
    subjects = enumerate(binding.get("subjects") or ())
    found = [
        field.required(f"subjects[{index}].name") for index, one in subjects if not one.get("name")
    ]
    if not (binding.get("roleRef") or {}).get("name"):
        found.append(field.required("roleRef.name"))
    return found


def validate_binding_update(binding: Object, old: Object, *, namespaced: bool) -> list[FieldError]:
    """The rules that a changed binding breaks: its roleRef stays as it is."""
    found, missing = _validate_binding(binding, namespaced=namespaced), _missing_names(binding)
    ref = binding.get("roleRef") or {}
    if ref == old.get("roleRef"):
        return found + missing
    shown = {"APIGroup": "apiGroup", "Kind": "kind", "Name": "name"}  # as Go's internal struct
    value = {go: ref.get(key, "") for go, key in shown.items()}
    changed = field.invalid("roleRef", value, "field is immutable")
    return [*found, changed, *missing] if namespaced else [*found, *missing, changed]
