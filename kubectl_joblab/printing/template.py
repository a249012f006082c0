"""A Pod template as `kubectl describe job` prints it: lines with tabs, not yet aligned.

describe.py aligns them. Follows DescribePodTemplate and the functions it calls in
k8s.io/kubectl/pkg/describe/describe.go, in the same order, for a template, which has no status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from kubectl_joblab import objects
from kubectl_joblab.formats import gojson, quantity
from kubectl_joblab.printing import text, volumes

FIELD, NESTED = " " * 4, " " * 6


def lines(template: objects.Object) -> Iterator[str]:
    """The lines of the whole part, from `Pod Template:` on."""
    spec, annotations = objects.spec(template), objects.metadata(template).get("annotations")
    yield "Pod Template:"
    yield from text.listing("  Labels", text.label_values(objects.labels(template)))
    if annotations:
        yield from text.listing("  Annotations", text.annotation_values(annotations))
    if spec.get("serviceAccountName"):
        yield f"  Service Account:\t{spec['serviceAccountName']}"
    if spec.get("initContainers"):
        yield from _containers("Init Containers", spec["initContainers"])
    yield from _containers("Containers", spec.get("containers") or [])
    yield from volumes.lines(spec.get("volumes") or [])
    if spread := spec.get("topologySpreadConstraints"):
        ordered = sorted(spread, key=lambda constraint: str(constraint["topologyKey"]))
        yield from text.listing(
            "  Topology Spread Constraints", [*map(_spread, ordered)], before="  "
        )
    if spec.get("priorityClassName"):
        yield f"  Priority Class Name:\t{spec['priorityClassName']}"
    yield from text.listing("  Node-Selectors", text.label_values(spec.get("nodeSelector")))
    tolerations = sorted(spec.get("tolerations") or [], key=lambda entry: str(entry.get("key", "")))
    yield from text.listing("  Tolerations", [*map(_toleration, tolerations)])
    if group := spec.get("schedulingGroup"):
        yield "  SchedulingGroup:"
        yield f"  PodGroupName:\t{text.plain(group.get('podGroupName'))}"


def _spread(constraint: objects.Object) -> str:
    said = f"{constraint['topologyKey']}:{constraint['whenUnsatisfiable']}"
    said += f" when max skew {constraint['maxSkew']} is exceeded"
    selector = constraint.get("labelSelector")
    return (
        said
        if selector is None
        else f"{said} for selector {objects.selector(selector) or text.NONE}"
    )


def _toleration(toleration: objects.Object) -> str:
    key, value, effect = (toleration.get(part) or "" for part in ("key", "value", "effect"))
    said = key + (f"={value}" if value else "") + (f":{effect}" if effect else "")
    if toleration.get("operator") == "Exists" and not value:
        said += " op=Exists" if key or effect else "op=Exists"
    seconds = toleration.get("tolerationSeconds")
    return said if seconds is None else f"{said} for {seconds}s"


# ---- containers


def _containers(title: str, containers: Sequence[objects.Object]) -> Iterator[str]:
    yield f"  {title}:" + ("" if containers else " <none>")
    for container in containers:
        yield f"   {container['name']}:"
        yield f"{FIELD}Image:\t{text.plain(container.get('image'))}"
        for part in (_ports, _seccomp, _command, _resources, _probes, _env_from, _env, _mounts):
            yield from part(container)


def _ports(container: objects.Object) -> Iterator[str]:
    for title, key in (("Port", "containerPort"), ("Host Port", "hostPort")):
        ports = [
            f"{port.get(key, 0)}/{port['protocol']}"
            + (f" ({port['name']})" if "name" in port else "")
            for port in container.get("ports") or []
        ]
        plural = "s" if len(ports) > 1 else ""
        yield f"{FIELD}{title}{plural}:\t{', '.join(ports) or text.NONE}"


def _seccomp(container: objects.Object) -> Iterator[str]:
    profile = objects.field(container, "securityContext.seccompProfile")
    if profile is not None:
        yield f"{FIELD}SeccompProfile:\t{profile['type']}"
        if profile["type"] == "Localhost":
            yield f"{NESTED}LocalhostProfile:\t{profile['localhostProfile']}"


def _command(container: objects.Object) -> Iterator[str]:
    for title in ("command", "args"):
        if container.get(title):
            yield f"{FIELD}{title.title()}:"
            for argument in container[title]:
                yield from (f"{NESTED}{line}" for line in argument.split("\n"))


def _resources(container: objects.Object) -> Iterator[str]:
    for title in ("limits", "requests"):
        if quantities := (container.get("resources") or {}).get(title):
            yield f"{FIELD}{title.title()}:"
            for resource, amount in sorted(quantities.items()):
                yield f"{NESTED}{resource}:\t{amount}"


def _mounts(container: objects.Object) -> Iterator[str]:
    mounts = sorted(container.get("volumeMounts") or [], key=lambda mount: str(mount["mountPath"]))
    none = "" if mounts else "\t<none>"
    yield f"{FIELD}Mounts:{none}"
    for mount in mounts:
        flags = "ro" if mount.get("readOnly") else "rw"
        if mount.get("subPath"):
            flags += f",path={gojson.quote(mount['subPath'])}"
        yield f"{NESTED}{mount['mountPath']} from {mount['name']} ({flags})"
    if devices := container.get("volumeDevices"):
        yield f"{FIELD}Devices:{none}"  # kubectl says <none> here where there are no mounts
        for device in sorted(devices, key=lambda device: str(device["devicePath"])):
            yield f"{NESTED}{device['devicePath']} from {device['name']}"


# ---- probes


def _probes(container: objects.Object) -> Iterator[str]:
    for title in ("Liveness", "Readiness", "Startup"):
        probe = container.get(f"{title.lower()}Probe")
        if probe is not None:
            yield f"{FIELD}{title}:\t{_probe(probe)}"


def _probe(probe: objects.Object) -> str:
    """A probe on one line, as DescribeProbe in describe.go."""
    counts = (
        f"delay={probe.get('initialDelaySeconds', 0)}s timeout={probe.get('timeoutSeconds', 0)}s "
        f"period={probe.get('periodSeconds', 0)}s "
        f"successThreshold={probe.get('successThreshold', 0)} "
        f"failureThreshold={probe.get('failureThreshold', 0)}"
    )
    if "exec" in probe:
        return f"exec [{' '.join(probe['exec'].get('command') or [])}] {counts}"
    if "httpGet" in probe:
        return f"http-get {_url(probe['httpGet'])} {counts}"
    if "tcpSocket" in probe:
        return (
            f"tcp-socket {probe['tcpSocket'].get('host', '')}:{probe['tcpSocket']['port']} {counts}"
        )
    if "grpc" in probe:
        return f"grpc <pod>:{probe['grpc']['port']} {probe['grpc'].get('service', '')} {counts}"
    return f"unknown {counts}"


def _url(get: objects.Object) -> str:
    host, path = get.get("host", ""), quote(get.get("path", ""), safe="$&+,/:;=@")
    if ":" in host:
        host = f"[{host}]"
    slash = "" if not path or path.startswith("/") else "/"
    return f"{get.get('scheme', '').lower()}://{host}:{get['port']}{slash}{path}"


# ---- environment


def _env_from(container: objects.Object) -> Iterator[str]:
    if container.get("envFrom"):
        yield f"{FIELD}Environment Variables from:"
    for entry in container.get("envFrom") or []:
        kind = "ConfigMap" if "configMapRef" in entry else "Secret"
        source = entry.get("configMapRef") or entry.get("secretRef") or {}
        prefix = f" with prefix '{entry['prefix']}'" if entry.get("prefix") else ""
        optional = text.plain(source.get("optional", False))
        yield f"{NESTED}{source.get('name', '')}\t{kind}{prefix}\tOptional: {optional}"


def _env(container: objects.Object) -> Iterator[str]:
    variables = container.get("env") or []
    yield f"{FIELD}Environment:" + ("" if variables else "\t<none>")
    for variable in variables:
        source = variable.get("valueFrom")
        if source is None:
            values = str(variable.get("value") or "").split("\n")
            yield from text.listing(f"{NESTED}{variable['name']}", values, before=NESTED)
            continue
        kind = next((key for key in source if key in _SOURCES), None)
        if kind is not None:
            yield f"{NESTED}{variable['name']}:\t{_SOURCES[kind](source[kind], container)}"


def _of_field(source: objects.Object, _: objects.Object) -> str:
    return f" ({source.get('apiVersion', '')}:{source['fieldPath']})"


def _of_resource(source: objects.Object, container: objects.Object) -> str:
    resource = source["resource"]
    value = _resource_value(source, container)
    if value == "0" and resource in ("limits.cpu", "limits.memory"):
        value = "node allocatable"
    return f"{value} ({resource})"


def _resource_value(source: objects.Object, container: objects.Object) -> str:
    """What a resourceFieldRef stands for, "0" where the container says nothing of the resource.

    Follows ExtractContainerResourceValue in k8s.io/kubectl/pkg/util/resource/resource.go.
    """
    kind, _, resource = source["resource"].partition(".")
    held = ((container.get("resources") or {}).get(kind) or {}).get(resource, "0")
    scale = quantity.MILLI if resource == "cpu" else 0
    divisor = quantity.parse(source.get("divisor", "0")).scaled_value(scale)
    divisor = divisor or quantity.parse("1").scaled_value(scale)
    return str(-(-quantity.parse(held).scaled_value(scale) // divisor))  # rounded up


def _of_secret(source: objects.Object, _: objects.Object) -> str:
    return f"<set to the key '{source['key']}' in secret '{source.get('name', '')}'>" + _optional(
        source
    )


def _of_config_map(source: objects.Object, _: objects.Object) -> str:
    name = source.get("name", "")
    return f"<set to the key '{source['key']}' of config map '{name}'>" + _optional(source)


def _optional(source: objects.Object) -> str:
    return f"\tOptional: {text.plain(source.get('optional', False))}"


_SOURCES: Mapping[str, Callable[[objects.Object, objects.Object], str]] = {
    "fieldRef": _of_field,
    "resourceFieldRef": _of_resource,
    "secretKeyRef": _of_secret,
    "configMapKeyRef": _of_config_map,
}
