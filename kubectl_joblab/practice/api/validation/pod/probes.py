"""The rules of probes and of lifecycle hooks.

The rules of containers call them. Follows validateProbe, validateHandler, validateLifecycle and
what they call in pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_SCHEMES = ("HTTP", "HTTPS")
_COUNTS = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)


def validate_probes(container: Object, path: str) -> list[FieldError]:
    """The rules that the probes of a container break."""
    found = []
    for kind in PROBES:
        if (probe := container.get(kind)) is not None:
            found += _validate_probe(kind, probe, f"{path}.{kind}")
    return found


def _validate_probe(kind: str, probe: Object, path: str) -> list[FieldError]:
    found = _validate_handler(probe, _PROBE_HANDLERS, None, path)
    for key in _COUNTS:
        found += values.validate_nonnegative_field(probe.get(key), f"{path}.{key}")
    grace = probe.get("terminationGracePeriodSeconds")
    at = f"{path}.terminationGracePeriodSeconds"
    if grace is not None and grace <= 0:
        found.append(field.invalid(at, grace, "must be greater than 0"))
    if kind == "readinessProbe":
        if grace is not None:
            found.append(field.invalid(at, grace, "must not be set for readinessProbes"))
    elif (threshold := probe.get("successThreshold", 0)) != 1:
        found.append(field.invalid(f"{path}.successThreshold", threshold, "must be 1"))
    return found


def validate_lifecycle(lifecycle: Object, grace: int | None, path: str) -> list[FieldError]:
    """The rules that hooks break. grace: the Pod's terminationGracePeriodSeconds."""
    found = []
    for key in ("postStart", "preStop"):
        if (handler := lifecycle.get(key)) is not None:
            found += _validate_handler(handler, _HOOK_HANDLERS, grace, f"{path}.{key}")
    return found


_Check = Callable[[Object, "int | None", str], list[FieldError]]


def _validate_handler(
    handler: Object, kinds: dict[str, _Check], grace: int | None, path: str
) -> list[FieldError]:
    """The errors of handlers that are not exactly one, or those of the first."""
    found: list[FieldError] = []
    given = [kind for kind in kinds if handler.get(kind) is not None]
    if not given:
        return [field.required(path, "must specify a handler type")]
    for kind in given:
        if kind == given[0]:
            found += kinds[kind](handler[kind], grace, f"{path}.{kind}")
        else:
            why = "may not specify more than 1 handler type"
            found.append(field.forbidden(f"{path}.{kind}", why))
    return found


def _validate_exec(action: Object, _grace: int | None, path: str) -> list[FieldError]:
    return [] if action.get("command") else [field.required(f"{path}.command")]


def _validate_http_get(action: Object, _grace: int | None, path: str) -> list[FieldError]:
    found = [] if action.get("path") else [field.required(f"{path}.path")]
    found += _validate_port(action.get("port", 0), f"{path}.port")
    found += values.validate_enum(action.get("scheme", ""), _SCHEMES, f"{path}.scheme")
    for header in action.get("httpHeaders") or ():
        name = header.get("name", "")
        found += values.each(f"{path}.httpHeaders", name, names.is_http_header_name(name))
    return found


def _validate_tcp_socket(action: Object, _grace: int | None, path: str) -> list[FieldError]:
    return _validate_port(action.get("port", 0), f"{path}.port")


def _validate_sleep(action: Object, grace: int | None, path: str) -> list[FieldError]:
    seconds = action.get("seconds", 0)
    if grace is None or 0 <= seconds <= grace:
        return []
    why = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
    return [field.invalid(path, seconds, why)]


def _validate_port(port: int | str, path: str) -> list[FieldError]:
    """The rules of a port by number or by name (ValidatePortNumOrName upstream)."""
    if isinstance(port, str):
        return values.each(path, port, names.is_valid_port_name(port))
    return values.each(path, port, names.is_valid_port_num(port))


_HANDLERS: dict[str, _Check] = {
    "exec": _validate_exec,
    "httpGet": _validate_http_get,
    "tcpSocket": _validate_tcp_socket,
}
_PROBE_HANDLERS: dict[str, _Check] = {**_HANDLERS, "grpc": _validate_tcp_socket}
_HOOK_HANDLERS: dict[str, _Check] = {**_HANDLERS, "sleep": _validate_sleep}
