"""The rules of ResourceQuotas and LimitRanges.

The strategies call it. Follows ValidateResourceQuota, ValidateLimitRange and what they call in
pkg/apis/core/validation/validation.go and pkg/apis/core/helper/helpers.go. Where upstream goes
through a map, in random order, it goes by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values
from kubectl_joblab.practice.api.validation.pod import resources

_COMPUTE = ("cpu", "memory")
_OF_PODS = ("pods", *_COMPUTE, *(f"{a}.{b}" for a in ("limits", "requests") for b in _COMPUTE))
# scope -> the standard resources that may be counted in it
_SCOPES: Mapping[str, tuple[str, ...]] = {
    "Terminating": _OF_PODS,
    "NotTerminating": _OF_PODS,
    "BestEffort": ("pods",),
    "NotBestEffort": _OF_PODS,
    "PriorityClass": _OF_PODS,
    "CrossNamespacePodAffinity": _OF_PODS,
    "VolumeAttributesClass": ("persistentvolumeclaims", "requests.storage"),
}
_PLAIN_SCOPES = (
    "BestEffort",
    "NotBestEffort",
    "Terminating",
    "NotTerminating",
    "CrossNamespacePodAffinity",
)
_CONFLICTS = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_ONLY_EXISTS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
    "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
    "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)
_SOME_VALUE = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
_NO_VALUE = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
_LIMIT_TYPES = ("Pod", "Container", "PersistentVolumeClaim")
_MOST_MILLIS = (2**63 - 1) // 1000


def validate_resource_quota(quota: Object) -> list[FieldError]:
    """The rules that a quota breaks, except those of metadata."""
    spec = objects.spec(quota)
    found = _validate_amounts(spec.get("hard"), "spec.hard")
    return found + list(_scopes(spec)) + list(_scope_selector(spec))


def validate_resource_quota_update(quota: Object, old: Object) -> list[FieldError]:
    """The rules that a changed quota breaks: its scopes stay."""
    found = validate_resource_quota(quota)
    scopes = objects.spec(quota).get("scopes")
    if set(scopes or ()) != set(objects.spec(old).get("scopes") or ()):
        found.append(field.invalid("spec.scopes", scopes, values.IMMUTABLE))
    return found


def validate_resource_quota_status(quota: Object) -> list[FieldError]:
    """The rules that a changed status breaks."""
    status = objects.status(quota)
    found = _validate_amounts(status.get("hard"), "status.hard")
    return found + _validate_amounts(status.get("used"), "status.used")


def _validate_amounts(amounts: Mapping[str, str] | None, path: str) -> list[FieldError]:
    found = []
    for name, amount in sorted((amounts or {}).items()):
        at = f"{path}[{name}]"
        found += resources.validate_quota_resource_name(name, at)
        found += resources.validate_resource_quantity_value(name, amount, at)
    return found


def _scopes(spec: Mapping[str, Any]) -> Iterator[FieldError]:
    scopes, path = spec.get("scopes") or [], "spec.scopes"
    for scope in scopes:
        if scope not in _SCOPES:
            yield field.invalid(path, scopes, "unsupported scope")
        for _ in _outside(scope, spec):
            yield field.invalid(path, scopes, "unsupported scope applied to resource")
    for pair in _CONFLICTS:
        if set(pair) <= set(scopes):
            yield field.invalid(path, scopes, "conflicting scopes")


def _outside(scope: str, spec: Mapping[str, Any]) -> list[str]:
    """The standard resources of a quota that cannot be counted in a scope."""
    hard = spec.get("hard") or {}
    return [
        name
        for name in sorted(hard)
        if resources.is_standard_quota_name(name) and name not in _SCOPES.get(scope, (name,))
    ]


def _scope_selector(spec: Mapping[str, Any]) -> Iterator[FieldError]:
    selector, path = spec.get("scopeSelector"), "spec.scopeSelector.matchExpressions"
    if selector is None:
        return
    asked = selector.get("matchExpressions") or []
    for requirement in asked:
        scope = requirement.get("scopeName", "")
        if scope not in _SCOPES:
            yield field.invalid(f"{path}.scopeName", scope, "unsupported scope")
        for _ in _outside(scope, spec):
            yield field.invalid(path, _shown(selector), "unsupported scope applied to resource")
        yield from _operator(requirement, scope, path)
    for pair in _CONFLICTS:
        if set(pair) <= {requirement.get("scopeName") for requirement in asked}:
            yield field.invalid(path, spec.get("scopes"), "conflicting scopes")


def _shown(selector: Object) -> Object:
    """A selector as Go prints upstream's internal struct, whose fields have no JSON names."""
    asked = [
        {
            "ScopeName": one.get("scopeName", ""),
            "Operator": one.get("operator", ""),
            "Values": one.get("values"),
        }
        for one in selector.get("matchExpressions") or ()
    ]
    return {"MatchExpressions": asked}


def _operator(requirement: Object, scope: str, path: str) -> Iterator[FieldError]:
    operator, given = requirement.get("operator", ""), requirement.get("values")
    if scope in _PLAIN_SCOPES and operator != "Exists":
        yield field.invalid(f"{path}.operator", operator, _ONLY_EXISTS)
    if operator in ("In", "NotIn"):
        if not given:
            yield field.required(f"{path}.values", _SOME_VALUE)
    elif operator in ("Exists", "DoesNotExist"):
        if given:
            yield field.invalid(f"{path}.values", given, _NO_VALUE)
    else:
        yield field.invalid(f"{path}.operator", operator, "not a valid selector operator")


# ---- limit ranges


def validate_limit_range(limit_range: Object) -> list[FieldError]:
    """The rules that a limit range breaks, except those of metadata."""
    found: list[FieldError] = []
    seen = set()
    for index, item in enumerate(objects.spec(limit_range).get("limits") or ()):
        path, named = f"spec.limits[{index}]", item.get("type", "")
        found += _validate_type(named, f"{path}.type")
        if named in seen:
            found.append(field.duplicate(f"{path}.type", named))
        seen.add(named)
        found += _names(item, path)
        for name in sorted(_named(item)):
            found += _amounts(item, name, path)
    return found


def _validate_type(named: str, path: str) -> list[FieldError]:
    found = values.validate_qualified_name(named, path)
    if not found and "/" not in named and named not in _LIMIT_TYPES:
        why = "must be a standard limit type or fully qualified"
        found.append(field.invalid(path, named, why))
    return found


def _keys(item: Object) -> tuple[str, ...]:
    """The fields of an item that say something about resources."""
    defaults = () if item.get("type") == "Pod" else ("default", "defaultRequest")
    return ("max", "min", *defaults, "maxLimitRequestRatio")


def _named(item: Object) -> set[str]:
    return {name for key in _keys(item) for name in item.get(key) or ()}


def _names(item: Object, path: str) -> Iterator[FieldError]:
    named = item.get("type")
    rule = resources.validate_resource_name
    if named in ("Pod", "Container"):
        rule = resources.validate_container_resource_name
    for key in _keys(item):
        if key == "maxLimitRequestRatio":
            yield from _of_type(item, path)
        for name in sorted(item.get(key) or ()):
            yield from rule(name, f"{path}.{key}[{name}]")


def _of_type(item: Object, path: str) -> Iterator[FieldError]:
    named = item.get("type")
    for key in ("default", "defaultRequest"):
        if named == "Pod" and item.get(key):
            yield field.forbidden(f"{path}.{key}", "may not be specified when `type` is 'Pod'")
    bounds = {*(item.get("min") or ()), *(item.get("max") or ())}
    if named == "PersistentVolumeClaim" and "storage" not in bounds:
        why = "either minimum or maximum storage value is required, but neither was provided"
        yield field.required(f"{path}.limits", why)


def _amounts(item: Object, name: str, path: str) -> Iterator[FieldError]:
    """What is wrong with the amounts of one resource: each is at most the one above it."""
    given = {key: item[key][name] for key in _keys(item) if name in (item.get(key) or {})}
    for lower, higher, where, value, lower_called, higher_called in _ORDER:
        if lower in given and higher in given and _more(given[lower], given[higher]):
            why = (
                f"{lower_called} value {given[lower]} is greater than {higher_called} value "
                f"{given[higher]}"
            )
            yield field.invalid(f"{path}.{where}[{name}]", given[value], why)
    if "maxLimitRequestRatio" in given:
        yield from _ratio(given, f"{path}.maxLimitRequestRatio[{name}]")
    if {"default", "defaultRequest"} <= given.keys() and not resources.is_overcommitable(name):
        default, request = given["default"], given["defaultRequest"]
        if quantity.compare(default, request):
            why = f"default value {default} must equal to defaultRequest value {request} in {name}"
            yield field.invalid(f"{path}.defaultRequest[{name}]", request, why)


# lower, higher, the field that is told, the value that is shown, and what both are called
_ORDER = (
    ("min", "max", "min", "min", "min", "max"),
    ("min", "defaultRequest", "defaultRequest", "defaultRequest", "min", "default request"),
    ("defaultRequest", "max", "defaultRequest", "defaultRequest", "default request", "max"),
    (
        "defaultRequest",
        "default",
        "defaultRequest",
        "defaultRequest",
        "default request",
        "default limit",
    ),
    ("min", "default", "default", "min", "min", "default"),
    ("default", "max", "default", "max", "default", "max"),
)


def _more(one: str, other: str) -> bool:
    return quantity.compare(one, other) > 0


def _ratio(given: Mapping[str, str], path: str) -> Iterator[FieldError]:
    ratio = given["maxLimitRequestRatio"]
    if quantity.compare(ratio, "1") < 0:
        yield field.invalid(path, ratio, f"ratio {ratio} is less than 1")
    if "min" not in given or "max" not in given:
        return
    parsed = [quantity.parse(one) for one in (ratio, given["min"], given["max"])]
    whole = [one.scaled_value(0) for one in parsed]
    allowed, least, most = (float(one) for one in whole)
    if max(whole) < _MOST_MILLIS:
        allowed, least, most = (one.scaled_value(quantity.MILLI) for one in parsed)
        allowed /= 1000
    limit = most / least if least else float("inf")
    if allowed > limit:
        why = f"ratio {ratio} is greater than max/min = {limit:f}"
        yield field.invalid(path, ratio, why)
