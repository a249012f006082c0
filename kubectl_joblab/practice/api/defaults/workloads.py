"""The defaults of Deployments and ReplicaSets. Follows pkg/apis/apps/v1/defaults.go."""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.defaults.pods import set_template_defaults

REVISIONS = 10
PROGRESS_SECONDS = 600
SHARE = "25%"


def set_deployment_defaults(deployment: Object) -> None:
    """Fill in a Deployment."""
    spec = deployment.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", SHARE)
        rolling.setdefault("maxSurge", SHARE)
    spec.setdefault("revisionHistoryLimit", REVISIONS)
    spec.setdefault("progressDeadlineSeconds", PROGRESS_SECONDS)
    set_template_defaults(spec.setdefault("template", {}))


def set_replica_set_defaults(replica_set: Object) -> None:
    """Fill in a ReplicaSet."""
    spec = replica_set.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    set_template_defaults(spec.setdefault("template", {}))
