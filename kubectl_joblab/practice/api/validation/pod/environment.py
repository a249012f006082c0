"""The rules of a container's environment: env, envFrom and the sources of values.

The rules of containers call them and, for the fields of the downward API, those of volumes. Follows
ValidateEnv, ValidateEnvFrom and what they call in pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values

ENV_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
VOLUME_FIELDS = (
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
)
_RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_HUGE_PAGES = ("requests.hugepages-", "limits.hugepages-")
_CONVERTIBLE = {*ENV_FIELDS, *VOLUME_FIELDS}
_CONVERTIBLE |= {"spec.restartPolicy", "spec.schedulerName", "status.phase"}
_WITH_SUBSCRIPT = ("metadata.annotations", "metadata.labels")
_BYTE_DIVISORS: tuple[str, ...] = (
    *("1", "1k", "1M", "1G", "1T", "1P", "1E"),
    *("1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"),
)
# the part of a resource's name after "limits." or "requests." -> divisors, and what it is called
_DIVISORS: dict[str, tuple[tuple[str, ...], str]] = {
    "cpu": (("1m", "1"), "cpu"),
    "memory": (_BYTE_DIVISORS, "memory"),
    "ephemeral-storage": (_BYTE_DIVISORS, "local ephemeral storage"),
}
_NO_SOURCE = (
    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
    "`fileKeyRef`"
)
_TWO_SOURCES = "may not have more than one field specified at a time"


def validate_env(variables: Sequence[Object], path: str) -> list[FieldError]:
    """The rules that env breaks."""
    found = []
    for index, variable in enumerate(variables):
        at = f"{path}[{index}]"
        if name := variable.get("name"):
            found += values.each(f"{at}.name", name, names.is_relaxed_env_var_name(name))
        else:
            found.append(field.required(f"{at}.name"))
        if variable.get("valueFrom") is not None:
            found += _validate_value_from(variable, f"{at}.valueFrom")
    return found


def _validate_value_from(variable: Object, path: str) -> list[FieldError]:
    sources = [
        (check, source, f"{path}.{key}")
        for key, check in _SOURCES.items()
        if (source := variable["valueFrom"].get(key)) is not None
    ]
    found = [error for check, source, at in sources for error in check(source, at)]
    if not sources:
        found.append(field.invalid(path, "", _NO_SOURCE))
    elif variable.get("value"):
        found.append(field.invalid(path, "", "may not be specified when `value` is not empty"))
    elif len(sources) > 1:
        found.append(field.invalid(path, "", _TWO_SOURCES))
    return found


def validate_object_field_selector(
    selector: Object, allowed: Collection[str], path: str
) -> list[FieldError]:
    """The rules that a fieldRef breaks. allowed: the fields that it may name."""
    for key in ("apiVersion", "fieldPath"):
        if not selector.get(key):
            return [field.required(f"{path}.{key}")]
    label = selector["fieldPath"]
    name, subscript = _split_subscript(label)
    if wrong := _conversion_wrong(selector["apiVersion"], label, name, subscript):
        why = f"error converting fieldPath: {wrong}"
        return [field.invalid(f"{path}.fieldPath", label, why)]
    if subscript is not None:
        key = subscript.lower() if name == "metadata.annotations" else subscript
        return values.validate_qualified_name(key, path)
    name = "spec.nodeName" if name == "spec.host" else name
    return values.validate_enum(name, allowed, f"{path}.fieldPath")


def _split_subscript(label: str) -> tuple[str, str | None]:
    """metadata.labels and a, of metadata.labels['a'] (SplitMaybeSubscriptedPath upstream)."""
    name, bracket, subscript = label.removesuffix("']").partition("['")
    if label.endswith("']") and bracket and name:
        return name, subscript
    return label, None


def _conversion_wrong(version: str, label: str, name: str, subscript: str | None) -> str:
    """What ConvertDownwardAPIFieldLabel in pkg/apis/core/pods/helpers.go refuses."""
    if version != "v1":
        return f"unsupported pod version: {version}"
    if subscript is not None:
        known = name in _WITH_SUBSCRIPT
        return "" if known else f"field label does not support subscript: {label}"
    known = label in _CONVERTIBLE or label == "spec.host"
    return "" if known else f"field label not supported: {label}"


def validate_container_resource_field_selector(
    selector: Object, path: str, *, volume: bool = False
) -> list[FieldError]:
    """The rules that a resourceFieldRef breaks; in a volume it has to name the container."""
    resource = selector.get("resource", "")
    found = []
    if volume and not selector.get("containerName"):
        found.append(field.required(f"{path}.containerName"))
    elif not resource:
        found.append(field.required(f"{path}.resource"))
    elif not resource.startswith(_HUGE_PAGES):
        found += values.validate_enum(resource, _RESOURCES, f"{path}.resource")
    return found + _validate_divisor(resource, selector.get("divisor", "0"), f"{path}.divisor")


def _validate_divisor(resource: str, divisor: str, path: str) -> list[FieldError]:
    if not quantity.compare(divisor, "0"):
        return []
    if resource.startswith(_HUGE_PAGES):
        allowed, called = _BYTE_DIVISORS, "hugepages"
    else:
        allowed, called = _DIVISORS.get(resource.partition(".")[2], ((), ""))
    if not allowed or quantity.canonical(divisor) in allowed:
        return []
    listed = "1m and 1" if called == "cpu" else ", ".join(allowed)
    why = f"only divisor's values {listed} are supported with the {called} resource"
    return [field.invalid(path, resource, why)]


def _validate_env_field(selector: Object, path: str) -> list[FieldError]:
    return validate_object_field_selector(selector, ENV_FIELDS, path)


def validate_key_selector(selector: Object, path: str) -> list[FieldError]:
    """The rules that a configMapKeyRef or secretKeyRef breaks."""
    name, key = selector.get("name", ""), selector.get("key", "")
    found = values.validate_dns1123_subdomain(name, f"{path}.name")
    if not key:
        return [*found, field.required(f"{path}.key")]
    return found + values.each(f"{path}.key", key, names.is_config_map_key(key))


def _validate_file_key_selector(selector: Object, path: str) -> list[FieldError]:
    found = []
    checks: tuple[tuple[str, Callable[[str], list[str]]], ...] = (
        ("key", names.is_relaxed_env_var_name),
        ("volumeName", names.is_dns1123_label),
        ("path", names.no_backsteps),
    )
    for key, rule in checks:
        if value := selector.get(key):
            found += values.each(f"{path}.{key}", value, rule(value))
        else:
            found.append(field.required(f"{path}.{key}"))
    return found


_SOURCES: dict[str, Callable[[Object, str], list[FieldError]]] = {
    "fieldRef": _validate_env_field,
    "resourceFieldRef": validate_container_resource_field_selector,
    "configMapKeyRef": validate_key_selector,
    "secretKeyRef": validate_key_selector,
    "fileKeyRef": _validate_file_key_selector,
}


def validate_env_from(sources: Sequence[Object], path: str) -> list[FieldError]:
    """The rules that envFrom breaks."""
    found = []
    for index, source in enumerate(sources):
        at = f"{path}[{index}]"
        if prefix := source.get("prefix"):
            found += values.each(f"{at}.prefix", prefix, names.is_relaxed_env_var_name(prefix))
        given = [key for key in ("configMapRef", "secretRef") if source.get(key) is not None]
        for key in given:
            found += _validate_env_source(source[key], f"{at}.{key}")
        if not given:
            why = "must specify one of: `configMapRef` or `secretRef`"
            found.append(field.invalid(path, "", why))
        elif len(given) > 1:
            found.append(field.invalid(path, "", _TWO_SOURCES))
    return found


def _validate_env_source(source: Object, path: str) -> list[FieldError]:
    name = source.get("name")
    if not name:
        return [field.required(f"{path}.name")]
    return values.each(f"{path}.name", name, names.as_prefix(names.is_dns1123_subdomain, name))
