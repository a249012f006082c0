"""events: the events of a Job and of its Pods."""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.jobs import subject as one_job
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.evidence.gather import Wanted
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import tables


@declare.command(
    "events",
    short_help="List events of the Job and its Pods",
    help="List the events of the Job and of its Pods, by their uids: kubectl events --for goes "
    "by name and mixes in those of earlier Jobs.",
    examples=[
        ("What happened to the Job of lab 4", "kubectl joblab events retry"),
        ("What happened to a Job of your own", "kubectl joblab events job/report"),
        ("Only what went wrong", "kubectl joblab events retry --types=Warning"),
    ],
)
@one_job.arguments
@declare.option("--types", help="Only events of these types: Normal, Warning.")
@declare.option("--no-headers", is_flag=True, help="Print no header line.")
def events(
    session: Session, /, subject: str, variant: str, name: str, types: str, no_headers: bool
) -> int:
    """Print the events whose object is the Job or one of its Pods, in the order of their writes."""
    wanted = [one.strip().lower() for one in types.split(",") if one.strip()]
    if set(wanted) - {"normal", "warning"}:
        raise JoblabError("error: valid --types are Normal or Warning")
    found = _events(session, subject, variant, name)
    listed = sorted(found, key=_written)  # the order within a second
    listed = [one for one in listed if not wanted or str(one.get("type")).lower() in wanted]
    lines = tables.events(listed, session.client.now(), headers=not no_headers)
    if lines:
        session.out(*lines)
    else:
        session.err(f"No events found in {session.namespace} namespace.")
    return 0


def _events(session: Session, subject: str, variant: str, name: str) -> Sequence[Object]:
    """The events of the Job and its Pods; where it is gone, those that are left of the last one."""
    try:
        job = one_job.locate(session, subject, variant, name, recorded=True).job
    except ApiError as error:
        if error.code != 404:
            raise
        for job_name in one_job.names(session, subject, variant, name):
            if left := session.gatherer.events_of_gone(session.namespace, job_name):
                session.err(
                    phrase("job.batch/{name} is gone; its events are still there.", name=job_name)
                )
                return left
        raise
    return session.gatherer.of(job, Wanted(events=True)).events or ()


def _written(event: Object) -> int:
    """The place of an event in the order of the server's writes, a number since Kubernetes 1.35."""
    version = str(objects.metadata(event).get("resourceVersion") or "")
    return int(version) if version.isdecimal() else 0
