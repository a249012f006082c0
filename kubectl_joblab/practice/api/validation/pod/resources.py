"""The rules of resources: their names, quantities, requests and limits.

The rules of containers, Pods, Nodes and quotas call them. Follows validateResourceRequirements,
validatePodResources and what they call in pkg/apis/core/validation/validation.go and
pkg/apis/core/helper/helpers.go. Resource claims (dynamic resource allocation) are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values

_CONTAINER = ("cpu", "memory", "ephemeral-storage")
_INTEGER = (
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
)
_STANDARD = (
    *_CONTAINER,
    *(f"requests.{name}" for name in (*_CONTAINER, "storage")),
    *(f"limits.{name}" for name in _CONTAINER),
    "storage",
    *_INTEGER,
)
_HUGE_PAGES = "hugepages-"
_POD = ("cpu", _HUGE_PAGES, "memory")
_REQUESTS = "requests."

NameRule = Callable[[str, str], list[FieldError]]


def is_huge_pages(name: str) -> bool:
    """Whether a resource is huge pages of some size."""
    return name.startswith(_HUGE_PAGES)


def _is_native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def _is_extended(name: str) -> bool:
    if _is_native(name) or name.startswith(_REQUESTS):
        return False
    return not names.is_qualified_name(_REQUESTS + name)


def validate_resource_name(name: str, path: str) -> list[FieldError]:
    """The error of a resource that nobody knows."""
    found = values.validate_qualified_name(name, path)
    standard = name in _STANDARD or is_huge_pages(name.removeprefix(_REQUESTS))
    if not found and "/" not in name and not standard:
        found.append(
            field.invalid(path, name, "must be a standard resource type or fully qualified")
        )
    return found


def is_standard_quota_name(name: str) -> bool:
    """Whether every quota may name a resource."""
    if is_huge_pages(name.removeprefix(_REQUESTS)):
        return True
    return name in _STANDARD and name != "storage"


def is_overcommitable(name: str) -> bool:
    """Whether more of a resource may be allowed than asked for."""
    return _is_native(name) and not is_huge_pages(name)


def validate_quota_resource_name(name: str, path: str) -> list[FieldError]:
    """The errors of a resource that a quota cannot limit."""
    found = validate_resource_name(name, path)
    if "/" not in name and not is_standard_quota_name(name):
        found.append(field.invalid(path, name, "must be a standard resource for quota"))
    return found


def validate_container_resource_name(name: str, path: str) -> list[FieldError]:
    """The error of a resource that a container cannot ask for."""
    if name in _CONTAINER:
        return []
    found = validate_resource_name(name, path)
    if "/" not in name:
        if not is_huge_pages(name):
            why = "must be a standard resource for containers"
            found.append(field.invalid(path, name, why))
    elif not _is_native(name) and not _is_extended(name):
        why = "doesn't follow extended resource name standard"
        found.append(field.invalid(path, name, why))
    return found


def _validate_pod_resource_name(name: str, path: str) -> list[FieldError]:
    found = validate_resource_name(name, path)
    if found or is_huge_pages(name):
        return found
    return values.validate_enum(name, _POD, path)


def validate_resource_quantity_value(name: str, value: str, path: str) -> list[FieldError]:
    """The errors of a quantity below 0, or of a fraction where it has to be whole."""
    found = []
    if value.startswith("-") and quantity.parse(value).digits < 0:
        found.append(field.invalid(path, value, values.NEGATIVE))
    if (name in _INTEGER or _is_extended(name)) and not quantity.parse(value).is_whole:
        found.append(field.invalid(path, value, "must be an integer"))
    return found


def validate_resource_requirements(
    requirements: Object, path: str, name_rule: NameRule = validate_container_resource_name
) -> list[FieldError]:
    """The rules that requests and limits break, in their order; upstream's is random."""
    limits = requirements.get("limits") or {}
    requests = requirements.get("requests") or {}
    found = []
    for name, value in limits.items():
        found += _validate_amount(name, value, f"{path}.limits[{name}]", name_rule)
    for name, value in requests.items():
        at = f"{path}.requests[{name}]"
        found += name_rule(name, at)
        found += validate_resource_quantity_value(name, value, at)
        found += _validate_request(name, value, limits, path)
        found += _validate_huge_pages(name, value, at)
    asked = {*limits, *requests}
    if any(map(is_huge_pages, asked)) and not asked & {"cpu", "memory"}:
        found.append(field.forbidden(path, "HugePages require cpu or memory"))
    return found


def _validate_amount(name: str, value: str, path: str, name_rule: NameRule) -> list[FieldError]:
    found = name_rule(name, path)
    found += validate_resource_quantity_value(name, value, path)
    return found + _validate_huge_pages(name, value, path)


def _validate_request(
    name: str, value: str, limits: Mapping[str, str], path: str
) -> list[FieldError]:
    overcommit = is_overcommitable(name)
    if name not in limits:
        why = "Limit must be set for non overcommitable resources"
        return [] if overcommit else [field.required(f"{path}.limits", why)]
    limit = limits[name]
    order = 0 if value == limit else quantity.compare(value, limit)
    if order and not overcommit:
        why = f"must be equal to {name} limit of {limit}"
        return [field.invalid(f"{path}.requests", value, why)]
    if order > 0:
        why = f"must be less than or equal to {name} limit of {limit}"
        return [field.invalid(f"{path}.requests", value, why)]
    return []


def _validate_huge_pages(name: str, value: str, path: str) -> list[FieldError]:
    if not is_huge_pages(name) or _is_divisible(value, name.removeprefix(_HUGE_PAGES)):
        return []
    why = f"{value} is not positive integer multiple of {name}"
    return [field.invalid(path, value, why)]


def _is_divisible(value: str, size: str) -> bool:
    try:
        page = quantity.parse(size)
    except ValueError:
        return False
    pages = page.scaled_value(0)
    return pages > 0 and page.is_whole and not quantity.parse(value).scaled_value(0) % pages


def validate_pod_resources(spec: Object, path: str) -> list[FieldError]:
    """The rules that the resources of a Pod as a whole break."""
    pod = spec.get("resources")
    if pod is None:
        return []
    found = []
    if pod.get("claims"):
        why = "claims may not be set for Resources at pod-level"
        found.append(field.forbidden(f"{path}.claims", why))
    found += validate_resource_requirements(pod, path, _validate_pod_resource_name)
    for name, total in sorted(aggregate_container_requests(spec).items()):
        asked = (pod.get("requests") or {}).get(name)
        if asked is not None and quantity.parse(asked).number < total:
            why = (
                "must be greater than or equal to aggregate container requests of "
                f"{_shown(name, total)}"
            )
            found.append(field.invalid(f"{path}.requests[{name}]", asked, why))
    for index, container in enumerate(spec.get("containers") or ()):
        found += _validate_within(container, pod, f"{path}.containers[{index}]")
    return found


def _validate_within(container: Object, pod: Object, path: str) -> list[FieldError]:
    found = []
    for name, limit in ((container.get("resources") or {}).get("limits") or {}).items():
        most = (pod.get("limits") or {}).get(name)
        if most is not None and quantity.compare(limit, most) > 0:
            why = f"must be less than or equal to pod limits of {most}"
            found.append(field.invalid(f"{path}[{name}].limits", limit, why))
    return found


def aggregate_container_requests(spec: Object) -> dict[str, Decimal]:
    """What the containers of a spec ask for together.

    Follows AggregateContainerRequests in k8s.io/component-helpers/resource/helpers.go: init
    containers run one after another, sidecars stay.
    """
    total: dict[str, Decimal] = {}
    for container in spec.get("containers") or ():
        total = _sum(total, _requests(container))
    sidecars: dict[str, Decimal] = {}
    most: dict[str, Decimal] = {}
    for container in spec.get("initContainers") or ():
        if container.get("restartPolicy") == "Always":
            sidecars = _sum(sidecars, _requests(container))
            peak = sidecars
        else:
            peak = _sum(sidecars, _requests(container))
        most = _largest(most, peak)
    return _largest(_sum(total, sidecars), most)


def _requests(container: Object) -> dict[str, Decimal]:
    asked = (container.get("resources") or {}).get("requests") or {}
    return {name: quantity.parse(value).number for name, value in asked.items()}


def _sum(one: dict[str, Decimal], other: dict[str, Decimal]) -> dict[str, Decimal]:
    zero = Decimal(0)
    return {name: one.get(name, zero) + other.get(name, zero) for name in {**one, **other}}


def _largest(one: dict[str, Decimal], other: dict[str, Decimal]) -> dict[str, Decimal]:
    zero = Decimal(0)
    return {name: max(one.get(name, zero), other.get(name, zero)) for name in {**one, **other}}


def _shown(name: str, amount: Decimal) -> str:
    whole = int(amount)
    binary = name == "memory" and whole == amount and not whole % 1024
    return str(quantity.of_number(amount, quantity.BINARY_SI if binary else quantity.DECIMAL_SI))
