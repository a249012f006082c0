"""The columns of server-side Tables, one list for each kind.

tables fills them. Names, formats, priorities and cells are those of
pkg/printers/internalversion/printers.go; the descriptions, which kubectl does not print, are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.objects import Object

Cell = Callable[[Object, datetime], str | int]

NONE = "<none>"
_INT = "integer"
UNKNOWN = "<unknown>"
ROLE_PREFIX = "node-role.kubernetes.io/"
ROLE = "kubernetes.io/role"

_JOB = "spec.jobTemplate.spec"


class Column(NamedTuple):
    """A column. wide: only `-o wide` shows it; format: "name" for the object's name.

    type: string for most numbers too, as upstream's.
    """

    name: str
    cell: Cell
    description: str
    wide: bool = False
    format: str = ""
    type: str = "string"

    @property
    def definition(self) -> Object:
        """The TableColumnDefinition."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": self.description,
            "priority": int(self.wide),
        }


def _value(path: str, default: str = "") -> Cell:
    return lambda obj, _: str(objects.field(obj, path) or default)


def _since(path: str) -> Cell:
    return lambda obj, now: objects.age(objects.time(objects.field(obj, path)), now)


NAME = Column("Name", lambda obj, _: objects.name(obj), "What the object is called.", format="name")
AGE = Column("Age", _since("metadata.creationTimestamp"), "How long ago it was created.")


# ---- Services


def _ports(service: Object, _: datetime) -> str:
    ports = objects.spec(service).get("ports") or []
    return ",".join(map(_port, ports)) or NONE


def _port(port: Object) -> str:
    number = f"{port['port']}:{port['nodePort']}" if port.get("nodePort") else str(port["port"])
    return f"{number}/{port['protocol']}"


def _external_address(service: Object, _: datetime) -> str:
    """Where a Service is reached from elsewhere (getServiceExternalIP)."""
    spec = objects.spec(service)
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    nothing = "<pending>" if spec.get("type") == "LoadBalancer" else NONE
    return ",".join(spec.get("externalIPs") or ()) or nothing


def _service_selector(service: Object, _: datetime) -> str:
    chosen = objects.spec(service).get("selector") or {}
    return ",".join(f"{key}={value}" for key, value in sorted(chosen.items())) or NONE


# ---- Jobs and Pods


def _duration(job: Object, now: datetime) -> str:
    seconds = objects.job_seconds(job, now)
    return "" if seconds is None else objects.human_duration(seconds)


def _of_containers(key: str, spec: str = "spec") -> Cell:
    path = f"{spec}.template.spec.containers"
    return lambda job, _: ",".join(entry.get(key, "") for entry in objects.field(job, path) or [])


def _selector(spec: str = "spec") -> Cell:
    return lambda job, _: objects.selector(objects.field(job, f"{spec}.selector")) or NONE


def _suspended(cronjob: Object, _: datetime) -> str:
    return "True" if objects.spec(cronjob).get("suspend") else "False"


def _last_schedule(cronjob: Object, now: datetime) -> str:
    last = objects.time(objects.status(cronjob).get("lastScheduleTime"))
    return objects.age(last, now) if last else NONE


def _active(cronjob: Object, _: datetime) -> int:
    return len(objects.status(cronjob).get("active") or ())


def _ready(pod: Object, _: datetime) -> str:
    columns = objects.pod_columns(pod)
    return f"{columns.ready}/{columns.total}"


def _readiness_gates(pod: Object, _: datetime) -> str:
    return objects.readiness_gates(pod) or NONE


# ---- events


def _first_seen(event: Object, now: datetime) -> str:
    when = objects.time(event.get("firstTimestamp")) or objects.time(event.get("eventTime"))
    return objects.age(when, now)


def _last_seen(event: Object, now: datetime) -> str:
    series, last = event.get("series"), objects.time(event.get("lastTimestamp"))
    if series is not None:
        return objects.age(objects.time(series.get("lastObservedTime")), now)
    return objects.age(last, now) if last else _first_seen(event, now)


def _count(event: Object, _: datetime) -> int:
    """How often an event came: 1 for an event of the newer API that came once."""
    series = event.get("series")
    return int(event.get("count") or 1) if series is None else int(series.get("count") or 0)


def _involved(event: Object, _: datetime) -> str:
    involved = event.get("involvedObject") or {}
    kind = str(involved.get("kind") or "").lower()
    return f"{kind}/{involved['name']}" if involved.get("name") else kind


def _source(event: Object, _: datetime) -> str:
    source = event.get("source") or {}
    component = source.get("component") or event.get("reportingComponent") or ""
    host = source.get("host") or event.get("reportingInstance") or ""
    return f"{component}, {host}" if host else str(component)


def _message(event: Object, _: datetime) -> str:
    return str(event.get("message") or "").strip()


# ---- nodes


def _node_status(node: Object, _: datetime) -> str:
    ready = "Unknown"
    if objects.condition(node, "Ready") is not None:
        ready = "Ready" if objects.is_true(node, "Ready") else "NotReady"
    return f"{ready},SchedulingDisabled" if objects.spec(node).get("unschedulable") else ready


def _roles(node: Object, _: datetime) -> str:
    labels = objects.labels(node)
    roles = {key.removeprefix(ROLE_PREFIX) for key in labels if key.startswith(ROLE_PREFIX)}
    return ",".join(sorted((roles | {labels.get(ROLE, "")}) - {""})) or NONE


def _address(kind: str) -> Cell:
    def cell(node: Object, _: datetime) -> str:
        found = objects.status(node).get("addresses") or []
        return next((str(entry["address"]) for entry in found if entry["type"] == kind), NONE)

    return cell


def _kernel(node: Object, _: datetime) -> str:
    info = objects.status(node).get("nodeInfo") or {}
    kernel = info.get("kernelVersion") or UNKNOWN
    return f"{kernel} ({info['architecture']})" if info.get("architecture") else str(kernel)


# ---- quotas


def _quota(limits: bool) -> Cell:
    """What a quota limits and how much of it is used: what Pods may use at most, or all else."""

    def cell(quota: Object, _: datetime) -> str:
        status = objects.status(quota)
        hard, used = status.get("hard") or {}, status.get("used") or {}
        return ", ".join(
            f"{name}: {used.get(name, '0')}/{hard[name]}"
            for name in sorted(hard)
            if name.startswith("limits.") == limits
        )

    return cell


# ---- roles and bindings


def _role(binding: Object, _: datetime) -> str:
    ref = binding.get("roleRef") or {}  # a bookmark has none
    return f"{ref.get('kind', '')}/{ref.get('name', '')}"


def _subjects(kind: str) -> Cell:
    def cell(binding: Object, _: datetime) -> str:
        found = (one for one in binding.get("subjects") or () if one.get("kind") == kind)
        return ", ".join(
            f"{one.get('namespace', '')}/{one['name']}" if kind == "ServiceAccount" else one["name"]
            for one in found
        )

    return cell


_CREATED = (NAME, Column("Created At", _value("metadata.creationTimestamp"), "When.", type="date"))
_BINDING = (
    NAME,
    Column("Role", _role, "The role that it gives."),
    AGE,
    Column("Users", _subjects("User"), "Users who get it.", wide=True),
    Column("Groups", _subjects("Group"), "Groups that get it.", wide=True),
    Column(
        "ServiceAccounts",
        _subjects("ServiceAccount"),
        "Service accounts that get it.",
        wide=True,
    ),
)


# ---- the others


def _size(*keys: str) -> Cell:
    return lambda obj, _: sum(len(obj.get(key) or {}) for key in keys)


def _share(key: str) -> Cell:
    """A number or percentage of Pods, as a PodDisruptionBudget has it."""

    def cell(budget: Object, _: datetime) -> str:
        value = objects.spec(budget).get(key)
        return "N/A" if value is None else str(value)

    return cell


def _number(path: str) -> Cell:
    return lambda obj, _: int(objects.field(obj, path) or 0)


def _all_ready(deployment: Object, _: datetime) -> str:
    ready = objects.status(deployment).get("readyReplicas") or 0
    return f"{ready}/{objects.spec(deployment).get('replicas') or 0}"


_TEMPLATE = (
    Column("Containers", _of_containers("name"), "Containers of the template.", wide=True),
    Column("Images", _of_containers("image"), "Images of these containers.", wide=True),
    Column("Selector", _selector(), "Which Pods are its own.", wide=True),
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    "Job": (
        NAME,
        Column("Status", lambda job, _: objects.job_status(job), "How far the Job is."),
        Column(
            "Completions", lambda job, _: objects.completions(job), "Succeeded Pods, of how many."
        ),
        Column("Duration", _duration, "How long it ran, or has been running."),
        AGE,
        *_TEMPLATE,
    ),
    "CronJob": (
        NAME,
        Column("Schedule", _value("spec.schedule"), "When its Jobs are created."),
        Column("Timezone", _value("spec.timeZone", NONE), "Where the schedule is meant."),
        Column("Suspend", _suspended, "Whether it creates none for now.", type="boolean"),
        Column("Active", _active, "How many of its Jobs run.", type="integer"),
        Column("Last Schedule", _last_schedule, "How long ago the last Job was due."),
        AGE,
        Column("Containers", _of_containers("name", _JOB), "Containers of a Job.", wide=True),
        Column("Images", _of_containers("image", _JOB), "Images of these containers.", wide=True),
        Column("Selector", _selector(_JOB), "Which Pods are a Job's.", wide=True),
    ),
    "Pod": (
        NAME,
        Column("Ready", _ready, "Containers that are ready, of how many."),
        Column("Status", lambda pod, _: objects.pod_status(pod), "What its containers do."),
        Column("Restarts", objects.restarts, "Restarts of its containers, and when the last was."),
        AGE,
        Column("IP", _value("status.podIPs[0].ip", NONE), "The Pod's address.", wide=True),
        Column("Node", _value("spec.nodeName", NONE), "The node it is bound to.", wide=True),
        Column(
            "Nominated Node",
            _value("status.nominatedNodeName", NONE),
            "The node where room is being made for it.",
            wide=True,
        ),
        Column("Readiness Gates", _readiness_gates, "Gates that are true, of how many.", wide=True),
    ),
    "Event": (
        Column("Last Seen", _last_seen, "How long ago it happened last."),
        Column("Type", _value("type"), "Normal or Warning."),
        Column("Reason", _value("reason"), "What happened, in one word."),
        Column("Object", _involved, "What it happened to."),
        Column("Subobject", _value("involvedObject.fieldPath"), "Which part of that.", wide=True),
        Column("Source", _source, "Who reports it, and from where.", wide=True),
        Column("Message", _message, "What happened, in a sentence."),
        Column("First Seen", _first_seen, "How long ago it happened first.", wide=True),
        Column("Count", _count, "How often it happened.", wide=True),
        NAME._replace(wide=True),
    ),
    "Namespace": (
        NAME,
        Column("Status", _value("status.phase"), "Active, or Terminating."),
        AGE,
    ),
    "Node": (
        NAME,
        Column("Status", _node_status, "Whether it takes Pods."),
        Column("Roles", _roles, "What it is labelled to be for."),
        AGE,
        Column("Version", _value("status.nodeInfo.kubeletVersion"), "The kubelet's version."),
        Column("Internal-IP", _address("InternalIP"), "Its address in the cluster.", wide=True),
        Column("External-IP", _address("ExternalIP"), "Its address elsewhere.", wide=True),
        Column("OS-Image", _value("status.nodeInfo.osImage", UNKNOWN), "Its system.", wide=True),
        Column("Kernel-Version", _kernel, "Its kernel and processor.", wide=True),
        Column(
            "Container-Runtime",
            _value("status.nodeInfo.containerRuntimeVersion", UNKNOWN),
            "What runs its containers.",
            wide=True,
        ),
    ),
    "ConfigMap": (NAME, Column("Data", _size("data", "binaryData"), "How many keys it has."), AGE),
    "Secret": (
        NAME,
        Column("Type", _value("type"), "What its keys are for."),
        Column("Data", _size("data"), "How many keys it has."),
        AGE,
    ),
    "ServiceAccount": (NAME, AGE),
    "PodDisruptionBudget": (
        NAME,
        Column("Min Available", _share("minAvailable"), "How many Pods there have to be."),
        Column("Max Unavailable", _share("maxUnavailable"), "How many Pods may be missing."),
        Column(
            "Allowed Disruptions",
            lambda budget, _: int(objects.status(budget).get("disruptionsAllowed") or 0),
            "How many Pods may be evicted now.",
            type="integer",
        ),
        AGE,
    ),
    "ResourceQuota": (
        NAME,
        Column("Request", _quota(limits=False), "What is used, of how much."),
        Column("Limit", _quota(limits=True), "What Pods may use at most, of how much."),
        AGE,
    ),
    "Lease": (NAME, Column("Holder", _value("spec.holderIdentity"), "Whose it is."), AGE),
    "LimitRange": _CREATED,
    "Role": _CREATED,
    "ClusterRole": _CREATED,
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
    "Deployment": (
        NAME,
        Column("Ready", _all_ready, "Pods that are ready, of how many."),
        Column("Up-to-date", _number("status.updatedReplicas"), "Pods of the newest template."),
        Column("Available", _number("status.availableReplicas"), "Pods that are ready for long."),
        AGE,
        *_TEMPLATE,
    ),
    "ReplicaSet": (
        NAME,
        Column("Desired", _number("spec.replicas"), "How many Pods there should be.", type=_INT),
        Column("Current", _number("status.replicas"), "How many Pods there are.", type=_INT),
        Column("Ready", _number("status.readyReplicas"), "How many are ready.", type=_INT),
        AGE,
        *_TEMPLATE,
    ),
    "Scale": (
        NAME._replace(format=""),
        Column("Desired", _number("spec.replicas"), "How many Pods there should be.", type=_INT),
        Column("Available", _number("status.replicas"), "How many Pods there are.", type=_INT),
        AGE,
    ),
    "Service": (
        NAME,
        Column("Type", _value("spec.type"), "How it is reached."),
        Column("Cluster-IP", _value("spec.clusterIP", NONE), "Its address in the cluster."),
        Column("External-IP", _external_address, "Its address elsewhere."),
        Column("Port(s)", _ports, "Where it is reached."),
        AGE,
        Column("Selector", _service_selector, "Which Pods it leads to.", wide=True),
    ),
}
