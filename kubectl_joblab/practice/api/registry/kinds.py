"""The table of the kinds that the API serves: a new kind is an entry here.

Paths, discovery, OpenAPI, verbs and controllers read it. What a Kind is stands in api/kind.
"""

from __future__ import annotations

from functools import partial

from kubectl_joblab.practice.api.kind import STORED_VERBS, Kind, Strategy
from kubectl_joblab.practice.api.registry.strategies import (
    configmaps,
    cronjobs,
    events,
    jobs,
    namespaces,
    nodes,
    poddisruptionbudgets,
    pods,
    quotas,
    rbac,
    reviews,
    secrets,
    serviceaccounts,
    services,
    workloads,
)

JOBS = Kind(
    "batch",
    "v1",
    "Job",
    "jobs",
    "job",
    "io.k8s.api.batch.v1.Job",
    jobs.JobStrategy(),
    categories=("all",),
    subresources=("status",),
    fields={"status.successful": "status.succeeded"},
)
CRON_JOBS = Kind(
    "batch",
    "v1",
    "CronJob",
    "cronjobs",
    "cronjob",
    "io.k8s.api.batch.v1.CronJob",
    cronjobs.CronJobStrategy(),
    short_names=("cj",),
    categories=("all",),
    subresources=("status",),
)
NAMESPACES = Kind(
    "",
    "v1",
    "Namespace",
    "namespaces",
    "namespace",
    "io.k8s.api.core.v1.Namespace",
    namespaces.NamespaceStrategy(),
    namespaced=False,
    short_names=("ns",),
    verbs=tuple(verb for verb in STORED_VERBS if verb != "deletecollection"),
    subresources=("finalize", "status"),
    fields={"status.phase": "status.phase"},
)
PODS = Kind(
    "",
    "v1",
    "Pod",
    "pods",
    "pod",
    "io.k8s.api.core.v1.Pod",
    pods.PodStrategy(),
    short_names=("po",),
    categories=("all",),
    subresources=("binding", "ephemeralcontainers", "eviction", "log", "status"),
    fields={
        "spec.nodeName": "spec.nodeName",
        "spec.restartPolicy": "spec.restartPolicy",
        "spec.schedulerName": "spec.schedulerName",
        "spec.serviceAccountName": "spec.serviceAccountName",
        "spec.hostNetwork": "spec.hostNetwork",
        "status.phase": "status.phase",
        "status.podIP": "status.podIP",
        "status.nominatedNodeName": "status.nominatedNodeName",
    },
)
EVENTS = Kind(
    "",
    "v1",
    "Event",
    "events",
    "event",
    "io.k8s.api.core.v1.Event",
    events.EventStrategy(),
    short_names=("ev",),
    fields={
        "involvedObject.kind": "involvedObject.kind",
        "involvedObject.namespace": "involvedObject.namespace",
        "involvedObject.name": "involvedObject.name",
        "involvedObject.uid": "involvedObject.uid",
        "involvedObject.apiVersion": "involvedObject.apiVersion",
        "involvedObject.resourceVersion": "involvedObject.resourceVersion",
        "involvedObject.fieldPath": "involvedObject.fieldPath",
        "reason": "reason",
        "reportingComponent": "reportingComponent",
        "source": "source.component",
        "type": "type",
    },
)
EVENTS_V1 = Kind(
    "events.k8s.io",
    "v1",
    "Event",
    "events",
    "event",
    "io.k8s.api.events.v1.Event",
    events.NewerEventStrategy(),
    short_names=("ev",),
    fields={
        "reason": "reason",
        "regarding.kind": "involvedObject.kind",
        "regarding.namespace": "involvedObject.namespace",
        "regarding.name": "involvedObject.name",
        "regarding.uid": "involvedObject.uid",
        "regarding.apiVersion": "involvedObject.apiVersion",
        "regarding.resourceVersion": "involvedObject.resourceVersion",
        "regarding.fieldPath": "involvedObject.fieldPath",
        "reportingController": "reportingComponent",
        "type": "type",
    },
    view_of=EVENTS,
    renamed=events.RENAMED,
)
NODES = Kind(
    "",
    "v1",
    "Node",
    "nodes",
    "node",
    "io.k8s.api.core.v1.Node",
    nodes.NodeStrategy(),
    namespaced=False,
    short_names=("no",),
    subresources=("status",),
    fields={"spec.unschedulable": "spec.unschedulable"},
)
CONFIG_MAPS = Kind(
    "",
    "v1",
    "ConfigMap",
    "configmaps",
    "configmap",
    "io.k8s.api.core.v1.ConfigMap",
    configmaps.ConfigMapStrategy(),
    short_names=("cm",),
)
SECRETS = Kind(
    "",
    "v1",
    "Secret",
    "secrets",
    "secret",
    "io.k8s.api.core.v1.Secret",
    secrets.SecretStrategy(),
    fields={"type": "type"},
)
SERVICE_ACCOUNTS = Kind(
    "",
    "v1",
    "ServiceAccount",
    "serviceaccounts",
    "serviceaccount",
    "io.k8s.api.core.v1.ServiceAccount",
    serviceaccounts.ServiceAccountStrategy(),
    short_names=("sa",),
    subresources=("token",),
)
POD_DISRUPTION_BUDGETS = Kind(
    "policy",
    "v1",
    "PodDisruptionBudget",
    "poddisruptionbudgets",
    "poddisruptionbudget",
    "io.k8s.api.policy.v1.PodDisruptionBudget",
    poddisruptionbudgets.PodDisruptionBudgetStrategy(),
    short_names=("pdb",),
    subresources=("status",),
)
SERVICES = Kind(
    "",
    "v1",
    "Service",
    "services",
    "service",
    "io.k8s.api.core.v1.Service",
    services.ServiceStrategy(),
    short_names=("svc",),
    categories=("all",),
    subresources=("status",),
    fields={"spec.clusterIP": "spec.clusterIP", "spec.type": "spec.type"},
)
LEASES = Kind(
    "coordination.k8s.io",
    "v1",
    "Lease",
    "leases",
    "lease",
    "io.k8s.api.coordination.v1.Lease",
    nodes.LeaseStrategy(),
)
RESOURCE_QUOTAS = Kind(
    "",
    "v1",
    "ResourceQuota",
    "resourcequotas",
    "resourcequota",
    "io.k8s.api.core.v1.ResourceQuota",
    quotas.ResourceQuotaStrategy(),
    short_names=("quota",),
    subresources=("status",),
)
LIMIT_RANGES = Kind(
    "",
    "v1",
    "LimitRange",
    "limitranges",
    "limitrange",
    "io.k8s.api.core.v1.LimitRange",
    quotas.LimitRangeStrategy(),
    short_names=("limits",),
)
_rbac = partial(Kind, "rbac.authorization.k8s.io", "v1")
ROLES = _rbac(
    "Role", "roles", "role", "io.k8s.api.rbac.v1.Role", rbac.RoleStrategy(namespaced=True)
)
CLUSTER_ROLES = _rbac(
    "ClusterRole",
    "clusterroles",
    "clusterrole",
    "io.k8s.api.rbac.v1.ClusterRole",
    rbac.RoleStrategy(namespaced=False),
    namespaced=False,
)
ROLE_BINDINGS = _rbac(
    "RoleBinding",
    "rolebindings",
    "rolebinding",
    "io.k8s.api.rbac.v1.RoleBinding",
    rbac.BindingStrategy(namespaced=True),
)
CLUSTER_ROLE_BINDINGS = _rbac(
    "ClusterRoleBinding",
    "clusterrolebindings",
    "clusterrolebinding",
    "io.k8s.api.rbac.v1.ClusterRoleBinding",
    rbac.BindingStrategy(namespaced=False),
    namespaced=False,
)
DEPLOYMENTS = Kind(
    "apps",
    "v1",
    "Deployment",
    "deployments",
    "deployment",
    "io.k8s.api.apps.v1.Deployment",
    workloads.DeploymentStrategy(),
    short_names=("deploy",),
    categories=("all",),
    subresources=("scale", "status"),
)
REPLICA_SETS = Kind(
    "apps",
    "v1",
    "ReplicaSet",
    "replicasets",
    "replicaset",
    "io.k8s.api.apps.v1.ReplicaSet",
    workloads.ReplicaSetStrategy(),
    short_names=("rs",),
    categories=("all",),
    subresources=("scale", "status"),
    fields={"status.replicas": "status.replicas"},
)
ACCESS_REVIEWS = Kind(
    "authorization.k8s.io",
    "v1",
    "SelfSubjectAccessReview",
    "selfsubjectaccessreviews",
    "selfsubjectaccessreview",
    "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
    reviews.SelfAccessReviewStrategy(),
    namespaced=False,
    verbs=("create",),
)
SUBJECT_ACCESS_REVIEWS = Kind(
    "authorization.k8s.io",
    "v1",
    "SubjectAccessReview",
    "subjectaccessreviews",
    "subjectaccessreview",
    "io.k8s.api.authorization.v1.SubjectAccessReview",
    reviews.AccessReviewStrategy(),
    namespaced=False,
    verbs=("create",),
)
LOCAL_ACCESS_REVIEWS = Kind(
    "authorization.k8s.io",
    "v1",
    "LocalSubjectAccessReview",
    "localsubjectaccessreviews",
    "localsubjectaccessreview",
    "io.k8s.api.authorization.v1.LocalSubjectAccessReview",
    reviews.LocalAccessReviewStrategy(),
    verbs=("create",),
)
RULES_REVIEWS = Kind(
    "authorization.k8s.io",
    "v1",
    "SelfSubjectRulesReview",
    "selfsubjectrulesreviews",
    "selfsubjectrulesreview",
    "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
    reviews.RulesReviewStrategy(),
    namespaced=False,
    verbs=("create",),
)
TOKEN_REVIEWS = Kind(
    "authentication.k8s.io",
    "v1",
    "TokenReview",
    "tokenreviews",
    "tokenreview",
    "io.k8s.api.authentication.v1.TokenReview",
    Strategy(),  # who knows the tokens answers: the API's handler
    namespaced=False,
    verbs=("create",),
)
SUBJECT_REVIEWS = Kind(
    "authentication.k8s.io",
    "v1",
    "SelfSubjectReview",
    "selfsubjectreviews",
    "selfsubjectreview",
    "io.k8s.api.authentication.v1.SelfSubjectReview",
    reviews.SubjectReviewStrategy(),
    namespaced=False,
    verbs=("create",),
)


def _empty(
    group: str,
    kind: str,
    plural: str,
    *short_names: str,
    package: str,
    namespaced: bool = True,
    categories: tuple[str, ...] = (),
    fields: tuple[str, ...] = (),
    deprecation: str = "",
) -> Kind:
    """A kind that kubectl asks for by itself, so that it finds it; no object of it can be created.

    package: the path of its Go package, as types.json names it.
    """
    return Kind(
        group,
        "v1",
        kind,
        plural,
        kind.lower(),
        f"{package}.v1.{kind}",
        Strategy(),
        namespaced=namespaced,
        short_names=short_names,
        categories=categories,
        verbs=tuple(verb for verb in STORED_VERBS if verb != "create"),
        fields={path: path for path in fields},
        deprecation=deprecation,
    )


_core = partial(_empty, "", package="io.k8s.api.core")
_apps = partial(_empty, "apps", package="io.k8s.api.apps", categories=("all",))

# Of each, the commands of kubectl that ask for it. A kind that is to have objects leaves this list.
EMPTY: tuple[Kind, ...] = (
    _core(  # apply --prune
        "Endpoints",
        "endpoints",
        "ep",
        deprecation="v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ),
    _core("PersistentVolume", "persistentvolumes", "pv", namespaced=False),  # apply --prune
    _core("PersistentVolumeClaim", "persistentvolumeclaims", "pvc"),  # apply --prune
    _core(  # apply --prune, cluster-info dump, get all
        "ReplicationController",
        "replicationcontrollers",
        "rc",
        categories=("all",),
        fields=("status.replicas",),
    ),
    _apps("DaemonSet", "daemonsets", "ds"),  # apply --prune, cluster-info dump, drain, get all
    _apps("StatefulSet", "statefulsets", "sts"),  # apply --prune, get all
    _empty(  # apply --prune
        "networking.k8s.io", "Ingress", "ingresses", "ing", package="io.k8s.api.networking"
    ),
    _empty(  # whatever creates, of a kind that is not served
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "crd",
        "crds",
        package="io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
        namespaced=False,
        categories=("api-extensions",),
    ),
    _empty(  # describe service
        "discovery.k8s.io", "EndpointSlice", "endpointslices", package="io.k8s.api.discovery"
    ),
    _empty(  # describe node
        "resource.k8s.io",
        "ResourceSlice",
        "resourceslices",
        package="io.k8s.api.resource",
        namespaced=False,
        fields=("spec.driver", "spec.nodeName", "spec.pool.name"),
    ),
)
# groups in the order in which discovery lists them, which kubectl prefers
_GROUPS = (
    "",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "batch",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "apiextensions.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "resource.k8s.io",
)
_OWN = (
    CRON_JOBS,
    JOBS,
    NAMESPACES,
    PODS,
    EVENTS,
    EVENTS_V1,
    NODES,
    CONFIG_MAPS,
    SECRETS,
    SERVICE_ACCOUNTS,
    POD_DISRUPTION_BUDGETS,
    SERVICES,
    LEASES,
    RESOURCE_QUOTAS,
    LIMIT_RANGES,
    ROLES,
    CLUSTER_ROLES,
    ROLE_BINDINGS,
    CLUSTER_ROLE_BINDINGS,
    DEPLOYMENTS,
    REPLICA_SETS,
    ACCESS_REVIEWS,
    SUBJECT_ACCESS_REVIEWS,
    LOCAL_ACCESS_REVIEWS,
    RULES_REVIEWS,
    SUBJECT_REVIEWS,
    TOKEN_REVIEWS,
)
KINDS: tuple[Kind, ...] = tuple(
    sorted((*_OWN, *EMPTY), key=lambda kind: (_GROUPS.index(kind.group), kind.plural))
)
# the kinds of which there can be objects, each object's once
FILLED = tuple(
    kind for kind in KINDS if kind.stored and not kind.always_empty and kind.view_of is None
)


def find(group: str, version: str, plural: str) -> Kind | None:
    """The kind that is served below /apis/GROUP/VERSION, or /api/VERSION; None where none is."""
    for kind in KINDS:
        if (kind.group, kind.version, kind.plural) == (group, version, plural):
            return kind
    return None
