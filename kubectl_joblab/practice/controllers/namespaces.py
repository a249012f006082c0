"""The namespaces that every cluster has, and the objects that every namespace has.

A ServiceAccount `default` and the ConfigMap with the cluster's CA are made in each namespace, and
made again when they are deleted; so is the Service of the API in the namespace default. Follows
pkg/controlplane/controller/systemnamespaces/system_namespaces_controller.go,
pkg/controlplane/controller/kubernetesservice/controller.go,
pkg/controller/serviceaccount/serviceaccounts_controller.go and
pkg/controller/certificates/rootcacertpublisher/publisher.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import allocation, kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.workqueue import WorkQueue

SYSTEM = ("default", "kube-system", "kube-public", "kube-node-lease")
CA_CONFIG_MAP = "kube-root-ca.crt"
CA_DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
    "endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "
    "guaranteed across distributions of Kubernetes clusters."
)
API_SERVICE: Object = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {
        "name": "kubernetes",
        "labels": {"component": "apiserver", "provider": "kubernetes"},
    },
    "spec": {
        "clusterIP": allocation.API_ADDRESS,
        "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
        "type": "ClusterIP",
    },
}


class NamespaceContents:
    """Keeps the system's namespaces, and in each namespace the objects that belong there."""

    name = "namespace-contents"

    def __init__(self, registry: Registry, clock: Clock, ca_certificate: str) -> None:
        self._registry = registry
        self._clock = clock
        self._service_account: Object = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "default"},
        }
        self._config_map: Object = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": CA_CONFIG_MAP,
                "annotations": {"kubernetes.io/description": CA_DESCRIPTION},
            },
            "data": {"ca.crt": ca_certificate},
        }

    async def run(self) -> None:
        """Keep namespaces and objects, until cancelled."""
        self._queue: WorkQueue[str] = WorkQueue(self._clock, lambda name: ("Namespace", "", name))
        for name in SYSTEM:
            self._queue.add(name)
        await tasks.together(
            Informer(self._registry, kinds.NAMESPACES, self._namespace_changed).run(),
            Informer(self._registry, kinds.SERVICE_ACCOUNTS, self._content_changed).run(),
            Informer(self._registry, kinds.CONFIG_MAPS, self._content_changed).run(),
            Informer(self._registry, kinds.SERVICES, self._content_changed).run(),
            self._queue.work(self._sync),
        )

    def _namespace_changed(self, old: Object | None, new: Object | None) -> None:
        self._queue.add(objects.name(new or old or {}))

    def _content_changed(self, old: Object | None, new: Object | None) -> None:
        content = new or old or {}
        if objects.name(content) in ("default", CA_CONFIG_MAP, "kubernetes"):
            self._queue.add(content["metadata"]["namespace"])

    def _sync(self, name: str) -> None:
        namespace = self._found(kinds.NAMESPACES, name)
        if namespace is None and name in SYSTEM:
            new = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            namespace = self._registry.create(kinds.NAMESPACES, new)
        if namespace is None or objects.status(namespace).get("phase") != "Active":
            return
        self._ensure(kinds.SERVICE_ACCOUNTS, self._service_account, name)
        self._ensure(kinds.CONFIG_MAPS, self._config_map, name)
        if name == "default":
            self._ensure(kinds.SERVICES, API_SERVICE, name)

    def _ensure(self, kind: Kind, wanted: Object, namespace: str) -> None:
        name = objects.name(wanted)
        found = self._found(kind, name, namespace)
        if found is None:
            self._registry.create(kind, wanted, namespace)
        elif found.get("data") != wanted.get("data"):
            self._registry.update(kind, name, {**found, "data": wanted["data"]}, namespace)

    def _found(self, kind: Kind, name: str, namespace: str = "") -> Object | None:
        try:
            return self._registry.get(kind, name, namespace)
        except StatusError as error:
            if error.code != 404:
                raise
            return None
