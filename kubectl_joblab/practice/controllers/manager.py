"""The controllers that a cluster runs: of Jobs, CronJobs, Deployments, nodes, quotas and more.

cluster.py runs each beside the others, and starts one again that fails. Controllers know nothing of
HTTP and of the node. The counterpart upstream is kube-controller-manager, with the scheduler.
"""

from __future__ import annotations

import platform
from typing import Protocol

from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock, Ids
from kubectl_joblab.practice.controllers.apps.deployment_controller import DeploymentController
from kubectl_joblab.practice.controllers.apps.replica_set_controller import ReplicaSetController
from kubectl_joblab.practice.controllers.cronjob.cronjobs import CronJobController
from kubectl_joblab.practice.controllers.disruption.budget_controller import (
    RECORDED_AS,
    DisruptionController,
)
from kubectl_joblab.practice.controllers.garbage import GarbageCollector
from kubectl_joblab.practice.controllers.job.controller import JobController
from kubectl_joblab.practice.controllers.namespace_deletion import NamespaceDeletion
from kubectl_joblab.practice.controllers.namespaces import NamespaceContents
from kubectl_joblab.practice.controllers.nodes.node_lifecycle import NodeLifecycleController
from kubectl_joblab.practice.controllers.nodes.taint_eviction import NAME as TAINT_EVICTION
from kubectl_joblab.practice.controllers.nodes.taint_eviction import TaintEvictionController
from kubectl_joblab.practice.controllers.resource_quotas import ResourceQuotaController
from kubectl_joblab.practice.controllers.role_aggregation import ClusterRoleAggregation
from kubectl_joblab.practice.controllers.scheduler import NAME as SCHEDULER
from kubectl_joblab.practice.controllers.scheduler import Scheduler
from kubectl_joblab.practice.controllers.series import SeriesRecorder
from kubectl_joblab.practice.controllers.ttl import TTLController
from kubectl_joblab.practice.events import Recorder

# the programs upstream, as which they own the fields that they write
NAME = "kube-controller-manager"
SCHEDULER_NAME = "kube-scheduler"


class Controller(Protocol):
    """One control loop. name: what the server's log calls it."""

    name: str

    async def run(self) -> None:
        """Control, until cancelled. After an exception this may be called again."""


def controllers(
    registry: Registry, clock: Clock, ids: Ids, ca_certificate: str
) -> list[Controller]:
    """The controllers of a practice cluster.

    ca_certificate: the cluster's CA as PEM, for the ConfigMap that each namespace has.
    """
    registry = registry.by(NAME)
    by_scheduler = registry.by(SCHEDULER_NAME)
    cronjob_recorder = Recorder(registry, clock, ids, "cronjob-controller")
    job_recorder = Recorder(registry, clock, ids, "job-controller")
    scheduler_recorder = SeriesRecorder(by_scheduler, clock, ids, SCHEDULER, platform.node())
    return [
        NamespaceContents(registry, clock, ca_certificate),
        NamespaceDeletion(registry, clock),
        JobController(registry, clock, job_recorder),
        CronJobController(registry, clock, cronjob_recorder),
        GarbageCollector(registry, clock),
        NodeLifecycleController(registry, clock),
        TaintEvictionController(registry, clock, Recorder(registry, clock, ids, TAINT_EVICTION)),
        ReplicaSetController(
            registry, clock, Recorder(registry, clock, ids, "replicaset-controller")
        ),
        DeploymentController(
            registry, clock, Recorder(registry, clock, ids, "deployment-controller")
        ),
        DisruptionController(registry, clock, Recorder(registry, clock, ids, RECORDED_AS)),
        Scheduler(by_scheduler, clock, scheduler_recorder),
        TTLController(registry, clock),
        ResourceQuotaController(registry, clock),
        ClusterRoleAggregation(registry, clock),
    ]
