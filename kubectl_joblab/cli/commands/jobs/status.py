"""status, describe and events: kubectl's screens of a lab's Job, and what they leave out."""

from __future__ import annotations

import itertools
from typing import Any

import click

from kubectl_joblab import objects
from kubectl_joblab.cli import judging
from kubectl_joblab.cli.console import Session
from kubectl_joblab.cli.screens import verdicts
from kubectl_joblab.cli.syntax import parameters
from kubectl_joblab.cli.syntax.command import Command, output
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import gather
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.judge.checks import Result
from kubectl_joblab.language import Phrase, phrase, plural
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import describe as describing
from kubectl_joblab.printing import dump, tables

NO_FAILED = phrase("no failed Pod")
NONE, UNSET = "<none>", "<unset>"  # nothing is there; nobody has set it


def of_job(function: Any) -> Any:
    """The arguments of a command about one Job of a lab."""
    for decorator in (
        click.option("--name", default="", help="The Job's name, where it is not the lab's."),
        click.option("--variant", default="", help="The variant of the lab."),
        parameters.lab_argument(),
    ):
        function = decorator(function)
    return function


def locate(
    session: Session, lab: str, variant: str, name: str
) -> tuple[model.Lab, model.Variant, Object]:
    """The lab, the variant and its Job: of several variants the first whose Job is there.

    Raises kubectl's NotFound where there is none.
    """
    found = loader.find(lab, session.lab_paths)
    variants = exercise.variants(found, variant, name, session.command)
    missing: ApiError | None = None
    for one in variants:
        try:
            return (
                found,
                one,
                session.client.get(resources.JOBS, name or one.job, session.namespace),
            )
        except ApiError as error:
            if error.code != 404:
                raise
            missing = missing or error
    assert missing is not None
    judging.require_namespace(session)
    way = f"kubectl joblab start {found.name}"
    raise ApiError(missing.code, missing.status, missing.message, next=way) from missing


# ---- status


@click.command(
    cls=Command,
    help="Show the Job and its Pods as kubectl get does, and below what it leaves out.",
    examples=[
        ("Show where lab 4 stands", "kubectl joblab status retry"),
        ("Job and Pods as one List", "kubectl joblab status retry -o yaml"),
    ],
)
@of_job
@click.option("--no-headers", is_flag=True, help="Print no header lines.")
@output("wide", "json", "yaml", "name")
@click.pass_obj
def status(
    session: Session, /, lab: str, variant: str, name: str, no_headers: bool, output: str
) -> int:
    """The command."""
    found, chosen, job = locate(session, lab, variant, name)
    seen = judging.look(session, found, chosen, objects.name(job))
    job = seen.job or job
    pods = [record.pod for record in seen.pods if not record.gone]
    pods.sort(key=objects.name)
    if output in ("json", "yaml"):
        items = [job, *pods]
        session.out(dump.dump({"apiVersion": "v1", "kind": "List", "items": items}, output))
        return 0
    if output == "name":
        session.out(f"job.batch/{seen.name}", *(f"pod/{objects.name(pod)}" for pod in pods))
        return 0
    wide = output == "wide"
    session.out(*tables.jobs([job], seen.now, wide=wide, headers=not no_headers))
    shown = tables.pods(pods, seen.now, wide=wide, headers=not no_headers)
    session.out("", *(shown or [f"No resources found in {session.namespace} namespace."]))
    judged = judging.judge(session, found, chosen, seen)
    checked = verdicts.summary(session, [judged]).removesuffix(".")
    facts = [
        ("Conditions", _condition_names(job)),
        (session.text(phrase("Tries")), session.text(_tries(seen))),
        (session.text(phrase("Checks")), checked),
    ]
    session.out("", _not_shown_by("kubectl get"), *describing.entries(facts, indent=2))
    results = {verdict.result for verdict in judged.verdicts}
    again = exercise.arguments(found, chosen, name)
    if results == {Result.PASS}:
        session.next(f"kubectl joblab logs {again}")
    else:
        session.next(f"kubectl joblab check {again}")
    return 0


def _not_shown_by(command: str) -> Phrase:
    return phrase("Not shown by {command}:", command=command)


def _condition_names(job: Object) -> str:
    """The types that are True; a reason once, behind the last that has it."""
    found = [e for e in objects.status(job).get("conditions") or [] if e.get("status") == "True"]
    names = []
    for index, entry in enumerate(found):
        reason = entry.get("reason")
        repeated = any(later.get("reason") == reason for later in found[index + 1 :])
        names.append(entry["type"] + (f" ({reason})" if reason and not repeated else ""))
    return ", ".join(names) or NONE


def _tries(seen: Snapshot) -> Any:
    attempts = [attempt for record in seen.pods for attempt in record.attempts]
    codes = _runs_of([str(a.exit_code) for a in attempts if a.exit_code is not None]) or NONE
    failed = objects.status(seen.job or {}).get("failed") or 0
    return phrase(
        "{starts} in {pods}, exit {codes}; {failed}",
        starts=sum(record.starts for record in seen.pods),
        pods=plural(len(seen.pods), "{n} Pod", "{n} Pods"),
        codes=codes,
        failed=plural(failed, "{n} failed Pod", "{n} failed Pods") if failed else NO_FAILED,
    )


def _runs_of(codes: list[str]) -> str:
    """3, 3, 0 as it is; many of the same as 0 (x12)."""
    parts = []
    for code, group in itertools.groupby(codes):
        count = len(list(group))
        parts.append(f"{code} (x{count})" if count > 3 else ", ".join([code] * count))
    return ", ".join(parts)


# ---- describe


@click.command(
    cls=Command,
    help="Show details of the Job as kubectl describe does, and below what it leaves out.",
    examples=[("Describe the Job of lab 4", "kubectl joblab describe retry")],
)
@of_job
@click.pass_obj
def describe(session: Session, /, lab: str, variant: str, name: str) -> int:
    """The command."""
    found, chosen, job = locate(session, lab, variant, name)
    events = gather.events(session.client, session.namespace, [objects.uid(job)])
    now = session.client.now()
    session.out(*describing.job(job, events, now))
    session.out("", _not_shown_by("kubectl describe job"))
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
    session.next(f"kubectl joblab logs {exercise.arguments(found, chosen, name)}")
    return 0


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


# ---- events


@click.command(
    cls=Command,
    help="List the events of the Job and of its Pods, by their uids: kubectl events --for goes "
    "by name and mixes in those of earlier Jobs.",
    examples=[
        ("What happened to the Job of lab 4", "kubectl joblab events retry"),
        ("Only what went wrong", "kubectl joblab events retry --types=Warning"),
    ],
)
@of_job
@click.option("--types", default="", help="Only events of these types: Normal, Warning.")
@click.option("--no-headers", is_flag=True, help="Print no header line.")
@click.pass_obj
def events(
    session: Session, /, lab: str, variant: str, name: str, types: str, no_headers: bool
) -> int:
    """The command."""
    found, chosen, job = locate(session, lab, variant, name)
    seen = judging.look(session, found, chosen, objects.name(job))
    uids = [objects.uid(job), *(objects.uid(record.pod) for record in seen.pods)]
    listed = gather.events(session.client, session.namespace, uids)
    listed.sort(key=_written)  # the order within a second
    wanted = [one.strip() for one in types.split(",") if one.strip()]
    listed = [event for event in listed if not wanted or event.get("type") in wanted]
    lines = tables.events(listed, session.client.now(), headers=not no_headers)
    if lines:
        session.out(*lines)
    else:
        session.err(f"No events found in {session.namespace} namespace.")
    return 0


def _written(event: Object) -> int:
    """Where the server has it in the order of its writes: a number since Kubernetes 1.35."""
    version = str(objects.metadata(event).get("resourceVersion") or "")
    return int(version) if version.isdecimal() else 0
