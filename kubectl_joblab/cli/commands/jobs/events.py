"""events: the events of a lab's Job and of its Pods."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.jobs import lab_job
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import JoblabError
from kubectl_joblab.evidence.gather import Wanted
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import tables


@declare.command(
    "events",
    short_help="List events of the Job and its Pods",
    help="List the events of the Job and of its Pods, by their uids: kubectl events --for goes "
    "by name and mixes in those of earlier Jobs.",
    examples=[
        ("What happened to the Job of lab 4", "kubectl joblab events retry"),
        ("Only what went wrong", "kubectl joblab events retry --types=Warning"),
    ],
)
@lab_job.arguments
@declare.option("--types", help="Only events of these types: Normal, Warning.")
@declare.option("--no-headers", is_flag=True, help="Print no header line.")
def events(
    session: Session, /, lab: str, variant: str, name: str, types: str, no_headers: bool
) -> int:
    """Print the events whose object is the Job or one of its Pods, in the order of their writes."""
    wanted = [one.strip().lower() for one in types.split(",") if one.strip()]
    if set(wanted) - {"normal", "warning"}:
        raise JoblabError("error: valid --types are Normal or Warning")
    _, job = lab_job.locate(session, lab, variant, name)
    seen = session.gatherer.of(job, Wanted(events=True))
    listed = sorted(seen.events or (), key=_written)  # the order within a second
    listed = [one for one in listed if not wanted or str(one.get("type")).lower() in wanted]
    lines = tables.events(listed, session.client.now(), headers=not no_headers)
    if lines:
        session.out(*lines)
    else:
        session.err(f"No events found in {session.namespace} namespace.")
    return 0


def _written(event: Object) -> int:
    """The place of an event in the order of the server's writes, a number since Kubernetes 1.35."""
    version = str(objects.metadata(event).get("resourceVersion") or "")
    return int(version) if version.isdecimal() else 0
