"""The practice cluster, for commands that need a cluster where no other is configured."""

from __future__ import annotations

from kubectl_joblab.cli.session import Session
from kubectl_joblab.client import kubeconfig
from kubectl_joblab.errors import ConfigError


def ensure_cluster(session: Session) -> None:
    """Bring the practice cluster up where neither flags nor a kubeconfig mean any cluster."""
    try:
        _ = session.target  # kept, so that a kubeconfig is read once
    except kubeconfig.NoClusterError:
        from kubectl_joblab.cli.commands.cluster import practice  # imports a whole cluster

        practice.step_in(session)
    except ConfigError:
        pass  # told where the cluster is needed: what else is wrong comes first
