"""The defaults of Pods and of the Pod specs in templates.

The strategies call it after decoding. Follows SetDefaults_PodSpec, SetDefaults_Pod and
SetDefaults_PodStatus in pkg/apis/core/v1/defaults.go; a template gets fewer defaults than a Pod.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.defaults.containers import set_container_defaults
from kubectl_joblab.practice.api.defaults.volumes import set_volume_defaults

GRACE_SECONDS = 30
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def all_containers(spec: Object) -> Iterator[Object]:
    """The containers of a spec, then its init containers and ephemeral ones."""
    for kind in CONTAINERS:
        yield from spec.get(kind) or ()


def set_pod_spec_defaults(spec: Object) -> None:
    """Fill in the spec of a Pod or of a template."""
    if account := spec.get("serviceAccountName") or spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    if not spec.get("dnsPolicy"):
        spec["dnsPolicy"] = "ClusterFirst"
    if not spec.get("restartPolicy"):
        spec["restartPolicy"] = "Always"
    if not spec.get("schedulerName"):
        spec["schedulerName"] = "default-scheduler"
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", GRACE_SECONDS)
    for volume in spec.get("volumes") or ():
        set_volume_defaults(volume)
    for container in all_containers(spec):
        set_container_defaults(container)


def set_template_defaults(template: Object) -> None:
    template.setdefault("metadata", {})
    set_pod_spec_defaults(template.setdefault("spec", {}))


def set_pod_defaults(pod: Object) -> None:
    spec = pod.setdefault("spec", {})
    if spec.get("terminationGracePeriodSeconds", 0) < 0:
        spec["terminationGracePeriodSeconds"] = 1
    set_pod_spec_defaults(spec)
    spec.setdefault("enableServiceLinks", True)
    for kind in ("containers", "initContainers"):
        for container in spec.get(kind) or ():
            _request_limits(container["resources"])
            if spec.get("hostNetwork"):
                _use_host_ports(container)
    _align_ips(pod.setdefault("status", {}))


def _request_limits(resources: Object) -> None:
    """Let a container that limits a resource and does not request it request the limit."""
    if limits := resources.get("limits"):
        resources["requests"] = {**limits, **(resources.get("requests") or {})}


def _use_host_ports(container: Object) -> None:
    for port in container.get("ports") or ():
        if not port.get("hostPort"):
            port["hostPort"] = port.get("containerPort", 0)


def _align_ips(status: Object) -> None:
    """Make podIP the first of podIPs, whichever of the two is given."""
    one, several = status.get("podIP"), status.get("podIPs")
    if one and (not several or several[0]["ip"] != one):
        status["podIPs"] = [{"ip": one}]
    elif several and not one:
        status["podIP"] = several[0]["ip"]
