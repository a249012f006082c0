"""The environment of a container: what its Pod says, and what every container has.

Nothing of the environment of whoever runs the cluster is in it. Follows makeEnvironmentVariables in
pkg/kubelet/kubelet_pods.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.container import downward, expansion
from kubectl_joblab.practice.node.container.downward import NodeFacts
from kubectl_joblab.practice.node.container.sources import MissingError, Sources

API = ("default", "kubernetes")  # namespace and name of the Service of the API


def of_api(host: str, port: int) -> dict[str, str]:
    """The variables that tell a container of the API, where it is really to be reached."""
    ports = [{"name": "https", "port": port, "protocol": "TCP"}]
    return _of_service("kubernetes", {"clusterIP": host, "ports": ports})


def of_services(stored: Iterable[Object], namespace: str) -> dict[str, str]:
    """The variables that tell a container where the Services of its namespace are.

    stored: those of the cluster. Follows getServiceEnvVarMap.
    """
    found: dict[str, str] = {}
    for service in stored:
        meta, spec = service["metadata"], objects.spec(service)
        if meta["namespace"] != namespace or (namespace, meta["name"]) == API:
            continue
        if spec.get("clusterIP", "None") != "None" and spec.get("ports"):
            found |= _of_service(meta["name"], spec)
    return found


def _of_service(name: str, spec: Mapping[str, Any]) -> dict[str, str]:
    """The variables of a Service. Follows pkg/kubelet/envvars/envvars.go."""
    prefix = _variable(name)
    host, ports = spec["clusterIP"], spec["ports"]
    found = {
        f"{prefix}_SERVICE_HOST": host,
        f"{prefix}_SERVICE_PORT": str(ports[0]["port"]),
    }
    for port in ports:
        number = str(port["port"])
        if port.get("name"):
            found[f"{prefix}_SERVICE_PORT_{_variable(port['name'])}"] = number
        protocol = port["protocol"].lower()
        url = f"{protocol}://{host}:{number}"
        found.setdefault(f"{prefix}_PORT", url)
        named = f"{prefix}_PORT_{number}_{port['protocol']}"
        found |= {
            named: url,
            f"{named}_PROTO": protocol,
            f"{named}_PORT": number,
            f"{named}_ADDR": host,
        }
    return found


def _variable(name: str) -> str:
    return name.replace("-", "_").upper()


def variables(
    pod: Object,
    container: Object,
    sources: Sources,
    facts: NodeFacts,
    service: dict[str, str],
) -> dict[str, str]:
    """The environment of a container.

    service: the variables of `of_api` and `of_services`. MissingError where something that a
    variable refers to does not exist.
    """
    found: dict[str, str] = {}
    for origin in container.get("envFrom") or ():
        found |= _all_of(origin, sources)
    for variable in container.get("env") or ():
        if value := variable.get("value"):
            found[variable["name"]] = expansion.expand(value, found, service)
            continue
        value = _value_from(variable.get("valueFrom") or {}, pod, container, sources, facts)
        if value is not None:
            found[variable["name"]] = value
    return service | found


def _all_of(origin: Object, sources: Sources) -> dict[str, str]:
    """The variables of an entry of envFrom."""
    prefix = origin.get("prefix", "")
    data: dict[str, bytes] | None = None
    if (ref := origin.get("configMapRef")) is not None:
        data = sources.config_map(ref.get("name", ""), optional=bool(ref.get("optional")))
    elif (ref := origin.get("secretRef")) is not None:
        data = sources.secret(ref.get("name", ""), optional=bool(ref.get("optional")))
    return {prefix + key: _text(value) for key, value in (data or {}).items()}


def _value_from(
    origin: Object, pod: Object, container: Object, sources: Sources, facts: NodeFacts
) -> str | None:
    """The value of a variable's valueFrom; None where the variable is left out."""
    if ref := origin.get("fieldRef"):
        return downward.field(pod, ref["fieldPath"], facts)
    if ref := origin.get("resourceFieldRef"):
        whose = ref.get("containerName")
        of = downward.container(pod, whose) if whose else container
        return downward.resource(of, ref, facts)
    if ref := origin.get("configMapKeyRef"):
        return _key(ref, sources.config_map, "ConfigMap", sources.namespace)
    if ref := origin.get("secretKeyRef"):
        return _key(ref, sources.secret, "Secret", sources.namespace)
    if origin.get("fileKeyRef"):
        raise MissingError("the practice cluster reads no variables from files")
    return ""


def _key(
    ref: Object,
    read: Callable[..., dict[str, bytes] | None],
    kind: str,
    namespace: str,
) -> str | None:
    optional = bool(ref.get("optional"))
    data = read(ref.get("name", ""), optional=optional)
    if data is not None and ref["key"] in data:
        return _text(data[ref["key"]])
    if optional:
        return None
    where = f"{kind} {namespace}/{ref.get('name', '')}"
    raise MissingError(f"couldn't find key {ref['key']} in {where}")


def _text(value: bytes) -> str:
    return value.decode(errors="surrogateescape")
