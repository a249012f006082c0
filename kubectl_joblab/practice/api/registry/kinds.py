"""The table of the kinds that the API serves: a new kind is an entry here.

Paths, discovery, OpenAPI, verbs and controllers read it. What a Kind is stands in api/kind.
"""

from __future__ import annotations

from kubectl_joblab.practice.api.kind import STORED_VERBS, Kind, Strategy
from kubectl_joblab.practice.api.registry.strategies import (
    configmaps,
    events,
    jobs,
    namespaces,
    nodes,
    pods,
    reviews,
    secrets,
    serviceaccounts,
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
    subresources=("binding", "log", "status"),
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
)
ACCESS_REVIEWS = Kind(
    "authorization.k8s.io",
    "v1",
    "SelfSubjectAccessReview",
    "selfsubjectaccessreviews",
    "selfsubjectaccessreview",
    "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
    reviews.AccessReviewStrategy(),
    namespaced=False,
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
# There are no Services and none can be created, but kubectl cluster-info lists them.
SERVICES = Kind(
    "",
    "v1",
    "Service",
    "services",
    "service",
    "io.k8s.api.core.v1.Service",
    Strategy(),
    short_names=("svc",),
    categories=("all",),
    verbs=("get", "list", "watch"),
)

KINDS: tuple[Kind, ...] = (
    CONFIG_MAPS,
    EVENTS,
    NAMESPACES,
    NODES,
    PODS,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICES,
    SUBJECT_REVIEWS,
    ACCESS_REVIEWS,
    RULES_REVIEWS,
    JOBS,
)


def find(group: str, version: str, plural: str) -> Kind | None:
    """The kind that is served below /apis/GROUP/VERSION, or /api/VERSION; None where none is."""
    for kind in KINDS:
        if (kind.group, kind.version, kind.plural) == (group, version, plural):
            return kind
    return None
