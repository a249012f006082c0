"""describe: a Job as kubectl describe shows it, and what kubectl leaves out."""

from __future__ import annotations

from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.jobs import subject as one_job
from kubectl_joblab.cli.commands.jobs.subject import Located
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.evidence import gather
from kubectl_joblab.labs.judge import next_step, standings
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.language import phrase, plural
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import describe as describing

NONE, UNSET = "<none>", "<unset>"  # nothing is there; nobody has set it


@declare.command(
    "describe",
    short_help="Show details of the Job, and what kubectl describe leaves out",
    help="Show details of the Job as kubectl describe does, and below what it leaves out.",
    examples=[
        ("Describe the Job of lab 4", "kubectl joblab describe retry"),
        ("Describe a Job of your own", "kubectl joblab describe job/report"),
    ],
)
@one_job.arguments
def describe(session: Session, /, subject: str, variant: str, name: str) -> int:
    """Print the Job and its events, then policies and conditions, which kubectl does not print."""
    found = one_job.locate(session, subject, variant, name)
    job = found.job
    events = gather.events(session.client, session.namespace, [objects.uid(job)])
    now = session.client.now()
    session.out(*describing.job(job, events, now))
    session.out("", phrase("Not shown by {command}:", command="kubectl describe job"))
    session.out(*describing.entries(_left_out(session, job), indent=2))
    conditions = [
        [
            str(entry.get("type")),
            str(entry.get("status")),
            str(entry.get("reason") or ""),
            objects.age(objects.time(entry.get("lastTransitionTime")), now),
        ]
        for entry in objects.status(job).get("conditions") or []
    ]
    if conditions:
        header = ("Type", "Status", "Reason", "Age")
        session.out("  Conditions:", *describing.table(header, conditions, indent=4))
    session.next(_following(session, found))
    return 0


def _following(session: Session, found: Located) -> str:
    """The command to go on with: that of status where the Job is held back or has failures."""
    exercise, job = found.exercise, found.job
    status = objects.status(job)
    if status.get("ready") and not status.get("failed"):
        return found.command("logs")
    done = objects.is_true(job, "Complete")
    if done and session.gatherer.of(job, one_job.SAVED).has_tries:
        return found.command("logs")
    if exercise is None:
        return found.command("status")
    seen = session.gatherer.of(job, standings.wanted(exercise))
    judged = standings.judge(session.gatherer, exercise, seen)
    return next_step.next_step(After.STATUS, [judged])


def _left_out(session: Session, job: Object) -> list[tuple[str, str]]:
    spec, status = objects.spec(job), objects.status(job)
    restart = objects.field(job, "spec.template.spec.restartPolicy")
    return [
        ("Restart Policy", str(restart or UNSET)),
        ("Pod Replacement Policy", str(spec.get("podReplacementPolicy") or UNSET)),
        ("Pod Failure Policy", _rules(session, spec.get("podFailurePolicy"))),
        ("Success Policy", _rules(session, spec.get("successPolicy"))),
        ("Backoff Limit Per Index", _set(spec.get("backoffLimitPerIndex"))),
        ("Max Failed Indexes", _set(spec.get("maxFailedIndexes"))),
        ("Failed Indexes", str(status.get("failedIndexes") or NONE)),
        ("Managed By", str(spec.get("managedBy") or UNSET)),
        *([] if status.get("conditions") else [("Conditions", NONE)]),
    ]


def _set(value: object) -> str:
    return UNSET if value is None else str(value)


def _rules(session: Session, policy: Any) -> str:
    if not policy:
        return UNSET
    rules = policy.get("rules") or []
    actions = ", ".join(str(rule["action"]) for rule in rules if rule.get("action"))
    count = session.text(plural(len(rules), "{n} rule", "{n} rules"))
    return f"{count} ({actions})" if actions else count
