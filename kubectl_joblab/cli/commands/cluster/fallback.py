"""What commands do where no cluster is configured, or none that will do: what leads to one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kubectl_joblab.cli.session import Session
from kubectl_joblab.client import kubeconfig
from kubectl_joblab.errors import ConfigError, JoblabError, UnreachableError
from kubectl_joblab.language import phrase

if TYPE_CHECKING:
    from kubectl_joblab.evidence.follow import Follow
    from kubectl_joblab.evidence.recorder import Change

_PRACTICE = "kubectl joblab practice up"


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
        error.next = _PRACTICE


@contextmanager
def leading_on(session: Session) -> Iterator[None]:
    """Have an error that leads to the practice cluster lead to other labs where it is that one."""
    from kubectl_joblab.practice import kubectl_context

    try:
        yield
    except JoblabError as error:
        if error.next == _PRACTICE and session.target.context == kubectl_context.NAME:
            error.next = "kubectl joblab list"
        raise


def followed(
    session: Session, follow: Follow, timeout: float | None = None
) -> Iterator[list[Change]]:
    """What `follow` tells; raises JoblabError where the practice cluster has stopped meanwhile.

    A connection to any other cluster is tried again for as long as the caller waits.
    """
    for changes in follow.run(timeout):
        if follow.lost and _has_stopped(session):
            raise JoblabError(
                phrase("error: the practice cluster has stopped, and its Pods with it"),
                means=[phrase("practice up starts it with its objects.")],
                next=_PRACTICE,
            )
        yield changes


def _has_stopped(session: Session) -> bool:
    """Whether it is the practice cluster that is asked, and its server does not run."""
    from kubectl_joblab.practice import kubectl_context, lifecycle
    from kubectl_joblab.practice.home import Home

    if session.target.context != kubectl_context.NAME:
        return False
    return lifecycle.find(Home(session.state / "practice")) is None
