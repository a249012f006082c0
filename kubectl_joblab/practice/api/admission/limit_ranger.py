"""LimitRanger: Pods get the defaults of their namespace's limit ranges, and stay within them.

Follows plugin/pkg/admission/limitranger/admission.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_joblab import objects
from kubectl_joblab.formats import quantity
from kubectl_joblab.formats.quantity import Quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import resourcelists
from kubectl_joblab.practice.api.admission.attributes import Attributes
from kubectl_joblab.practice.api.resourcelists import ZERO, ResourceList

ANNOTATION = "kubernetes.io/limit-ranger"
_MOST_MILLIS = (2**63 - 1) // 1000  # MaxMilliValue


def admit(attributes: Attributes) -> None:
    """Give the containers of a new Pod the requests and limits that its namespace has for them."""
    if attributes.old is None and attributes.is_whole_pod:
        for limit_range in attributes.scan("limitranges", attributes.namespace):
            _complete(attributes.obj, _defaults(limit_range))


def validate(attributes: Attributes) -> None:
    """Raise 403 where a new Pod or claim is not within a limit range of its namespace."""
    kind = attributes.kind.resource
    if attributes.old is not None or attributes.subresource:
        return
    if kind not in ("pods", "persistentvolumeclaims"):
        return
    for limit_range in attributes.scan("limitranges", attributes.namespace):
        of_kind = _of_pod if kind == "pods" else _of_claim
        broken = list(dict.fromkeys(filter(None, of_kind(limit_range, attributes.obj["spec"]))))
        if broken:
            raise attributes.forbidden(_together(broken))


def _together(texts: list[str]) -> str:
    """Several errors as one (utilerrors.NewAggregate)."""
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


# ---- defaults


def _defaults(limit_range: Object) -> dict[str, dict[str, str]]:
    """What containers get that say nothing: requests and limits, by resource."""
    found: dict[str, dict[str, str]] = {"limits": {}, "requests": {}}
    for item in objects.spec(limit_range).get("limits") or ():
        if item.get("type") == "Container":
            found["requests"] |= item.get("defaultRequest") or {}
            found["limits"] |= item.get("default") or {}
    return found


def _complete(pod: Object, defaults: dict[str, dict[str, str]]) -> None:
    done = []
    for key, called in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(key) or ():
            named = f"{called} {container['name']}"
            done += [f"{what} for {named}" for what in _merged(container, defaults)]
    if done:
        annotations = pod["metadata"].setdefault("annotations", {})
        annotations[ANNOTATION] = f"LimitRanger plugin set: {'; '.join(done)}"


def _merged(container: Object, defaults: dict[str, dict[str, str]]) -> Iterator[str]:
    """Add what a container lacks, and tell of it."""
    resources = container.setdefault("resources", {})
    for key, called in (("requests", "request"), ("limits", "limit")):
        present = resources.get(key) or {}
        missing = {name: value for name, value in defaults[key].items() if name not in present}
        if missing:
            resources[key] = {**present, **missing}
            yield f"{', '.join(sorted(missing))} {called}"


# ---- limits


def _of_pod(limit_range: Object, spec: Object) -> Iterator[str]:
    """What a Pod does against a limit range."""
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    for item in objects.spec(limit_range).get("limits") or ():
        if item.get("type") == "Container":
            for container in containers:
                resources = container.get("resources") or {}
                requests = resourcelists.of(resources.get("requests"))
                yield from _broken(item, requests, resourcelists.of(resources.get("limits")))
        elif item.get("type") == "Pod":
            requests, limits = resourcelists.pod_requests(spec), resourcelists.pod_limits(spec)
            yield from _broken(item, requests, limits)


def _broken(item: Object, requests: ResourceList, limits: ResourceList) -> Iterator[str]:
    for key, rule in (("min", _below), ("max", _above), ("maxLimitRequestRatio", _ratio)):
        for name, bound in resourcelists.of(item.get(key)).items():
            yield rule(name, item["type"], bound, requests.get(name), limits.get(name))


def _below(
    name: str, of: str, bound: Quantity, request: Quantity | None, limit: Quantity | None
) -> str:
    asked, most, least = _comparable(request, limit, bound)
    rule = f"minimum {name} usage per {of} is {bound}"
    if request is None:
        return f"{rule}.  No request is specified"
    if asked < least:
        return f"{rule}, but request is {request}"
    return f"{rule}, but limit is {limit}" if limit is not None and most < least else ""


def _above(
    name: str, of: str, bound: Quantity, request: Quantity | None, limit: Quantity | None
) -> str:
    asked, most, allowed = _comparable(request, limit, bound)
    rule = f"maximum {name} usage per {of} is {bound}"
    if limit is None:
        return f"{rule}.  No limit is specified"
    if most > allowed:
        return f"{rule}, but limit is {limit}"
    return f"{rule}, but request is {request}" if request is not None and asked > allowed else ""


def _ratio(
    name: str, of: str, bound: Quantity, request: Quantity | None, limit: Quantity | None
) -> str:
    asked, most, _ = _comparable(request, limit, bound)
    rule = f"{name} max limit to request ratio per {of} is {bound}"
    if not asked:
        return f"{rule}, but no request is specified or request is 0"
    if not most:
        return f"{rule}, but no limit is specified or limit is 0"
    ratio = most / asked
    over = ratio * 1000 > bound.scaled_value(quantity.MILLI)
    return f"{rule}, but provided ratio is {ratio:f}" if over else ""


def _comparable(*amounts: Quantity | None) -> list[int]:
    """Amounts in thousandths, or whole where one is too large (requestLimitEnforcedValues)."""
    given = [ZERO if amount is None else amount for amount in amounts]
    whole = [amount.scaled_value(0) for amount in given]
    if max(whole) > _MOST_MILLIS:
        return whole
    return [amount.scaled_value(quantity.MILLI) for amount in given]


def _of_claim(limit_range: Object, spec: Object) -> Iterator[str]:
    """What a claim of a volume does against a limit range; claims have requests alone."""
    requests = resourcelists.of((spec.get("resources") or {}).get("requests"))
    for item in objects.spec(limit_range).get("limits") or ():
        if item.get("type") != "PersistentVolumeClaim":
            continue
        for name, bound in resourcelists.of(item.get("min")).items():
            yield _below(name, item["type"], bound, requests.get(name), None)
        for name, bound in resourcelists.of(item.get("max")).items():
            yield _above_request(name, item["type"], bound, requests.get(name))


def _above_request(name: str, of: str, bound: Quantity, request: Quantity | None) -> str:
    asked, allowed = _comparable(request, bound)
    rule = f"maximum {name} usage per {of} is {bound}"
    if request is None:
        return f"{rule}.  No request is specified"
    return f"{rule}, but request is {request}" if asked > allowed else ""
