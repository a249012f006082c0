"""The defaults of containers, their ports, env, probes and hooks.

The defaults of Pod specs call it. Follows SetDefaults_Container, SetDefaults_Probe and others of
pkg/apis/core/v1/defaults.go and the markers of k8s.io/api/core/v1/types.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.defaults import images

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
HOOKS = ("postStart", "preStop")
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_ACTION = {"path": "/", "scheme": "HTTP"}


def fill(obj: Object, values: Object) -> None:
    """Set the fields of an object that it does not have; None has no fields to set."""
    for key, value in values.items():
        if not obj.get(key):
            obj[key] = value


def set_container_defaults(container: Object) -> None:
    """Fill in a container of any kind: ordinary, init or ephemeral."""
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = images.pull_policy(container.get("image", ""))
    if not container.get("terminationMessagePath"):
        container["terminationMessagePath"] = "/dev/termination-log"
    if not container.get("terminationMessagePolicy"):
        container["terminationMessagePolicy"] = "File"
    container.setdefault("resources", {})
    for port in container.get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for variable in container.get("env") or ():
        if source := variable.get("valueFrom"):
            _set_source_defaults(source)
    for kind in PROBES:
        if (probe := container.get(kind)) is not None:
            _set_probe_defaults(probe)
    for hook in HOOKS if container.get("lifecycle") else ():
        handler = container["lifecycle"].get(hook) or {}
        if (action := handler.get("httpGet")) is not None:
            fill(action, _ACTION)


def set_field_defaults(selector: Object | None) -> None:
    """Fill in a fieldRef; None where there is none."""
    if selector is not None and not selector.get("apiVersion"):
        selector["apiVersion"] = "v1"


def _set_source_defaults(source: Object) -> None:
    set_field_defaults(source.get("fieldRef"))
    if (file := source.get("fileKeyRef")) is not None:
        file.setdefault("optional", False)


def _set_probe_defaults(probe: Object) -> None:
    fill(probe, _PROBE)
    if (action := probe.get("httpGet")) is not None:
        fill(action, _ACTION)
    grpc = probe.get("grpc")
    if grpc is not None and grpc.get("service") is None:
        grpc["service"] = ""
