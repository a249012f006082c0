"""What commands do where no cluster is configured: bring the practice cluster up, or say so."""

from __future__ import annotations

from kubectl_joblab.cli.session import Session
from kubectl_joblab.client import kubeconfig
from kubectl_joblab.errors import ConfigError, UnreachableError
from kubectl_joblab.language import phrase


def ensure_cluster(session: Session) -> None:
    """Bring the practice cluster up where neither flags nor a kubeconfig mean any cluster."""
    try:
        _ = session.target  # kept, so that a kubeconfig is read once
    except kubeconfig.NoClusterError:
        from kubectl_joblab.cli.commands.cluster import practice  # imports a whole cluster

        practice.step_in(session)
    except ConfigError:
        pass  # told where the cluster is needed: what else is wrong comes first


def missing(session: Session) -> ConfigError | None:
    """The error that tells that no cluster is chosen, None where one is.

    Raises ConfigError for anything else that is wrong with the configuration.
    """
    try:
        _ = session.target
    except kubeconfig.NoneChosenError as error:
        return error
    return None


def say_missing(session: Session) -> None:
    """Say that no cluster is chosen, and how to get one."""
    session.err(
        phrase("No cluster is chosen: practice up starts one on this machine, and"),
        phrase("--context, --kubeconfig or KUBECONFIG names another."),
    )


def lead_on(session: Session, error: UnreachableError) -> None:
    """Have an error lead to `practice up` where it is the practice cluster that does not answer."""
    from kubectl_joblab.practice import kubectl_context

    refused = str(error.message).startswith("The connection to the server ")  # nothing listens
    if refused and session.target.context == kubectl_context.NAME:
        stopped = phrase(
            "The practice cluster has stopped; practice up starts it with its objects."
        )
        error.means = (*error.means, stopped)
        error.next = "kubectl joblab practice up"
