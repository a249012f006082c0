"""status: a Job and its Pods as kubectl get shows them, and what kubectl leaves out."""

from __future__ import annotations

import itertools
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.jobs import subject as one_job
from kubectl_joblab.cli.commands.jobs.subject import Located
from kubectl_joblab.cli.screens import verdicts
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.evidence import retry
from kubectl_joblab.evidence.causes import tries
from kubectl_joblab.evidence.gather import Wanted
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.judge import next_step, standings
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import phrase, plural
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import describe as describing
from kubectl_joblab.printing import dump, tables

NO_FAILED = phrase("no failed Pod")
NONE = "<none>"


@declare.command(
    "status",
    short_help="Show the Job and its Pods",
    help="Show the Job and its Pods as kubectl get does, and below what it leaves out.",
    examples=[
        ("Show where lab 4 stands", "kubectl joblab status retry"),
        ("Show where a Job of your own stands", "kubectl joblab status job/report"),
        ("Job and Pods as one List", "kubectl joblab status retry -o yaml"),
    ],
)
@one_job.arguments
@declare.option("--no-headers", is_flag=True, help="Print no header lines.")
@declare.output("wide", "json", "yaml", "name")
def status(
    session: Session, /, subject: str, variant: str, name: str, no_headers: bool, output: str
) -> int:
    """Print the Job and its Pods, then what kubectl get leaves out: conditions, tries, checks."""
    found = one_job.locate(session, subject, variant, name)
    exercise, job = found.exercise, found.job
    seen = session.gatherer.of(job, standings.wanted(exercise) if exercise else Wanted())
    pods = [record.pod for record in seen.pods if not record.gone]
    pods.sort(key=objects.name)
    if output in ("json", "yaml"):
        items = [dump.unmanaged(one) for one in (job, *pods)]
        session.out(dump.dump({"apiVersion": "v1", "kind": "List", "items": items}, output))
        return 0
    if output == "name":
        session.out(f"job.batch/{seen.name}", *(f"pod/{objects.name(pod)}" for pod in pods))
        return 0
    wide = output == "wide"
    session.out(*tables.jobs([job], seen.now, wide=wide, headers=not no_headers))
    shown = tables.pods(pods, seen.now, wide=wide, headers=not no_headers)
    session.out("", *(shown or [f"No resources found in {session.namespace} namespace."]))
    judged = standings.judge(session.gatherer, exercise, seen) if exercise else None
    why = judged.causes if judged else session.gatherer.explained(seen)
    facts = [
        ("Conditions", _condition_names(job)),
        (session.text(phrase("Tries")), session.text(_tries(seen))),
    ]
    if following := retry.says(seen):
        facts.append((session.text(phrase("Next try")), session.text(following)))
    if codes := _init_codes(seen):
        facts.append(("Init", codes))
    if judged is not None:
        checked = verdicts.summary(session, [judged]).removesuffix(".")
        facts.append((session.text(phrase("Checks")), checked))
    session.out(
        "",
        phrase("Not shown by {command}:", command="kubectl get"),
        *describing.entries(facts, indent=2),
    )
    if explained := verdicts.explained(session, why):
        session.out("", *explained)
    session.next(_following(found, judged, seen))
    return 0


def _following(found: Located, judged: Judged | None, seen: Snapshot) -> str:
    """The command to go on with."""
    if judged is not None:
        return next_step.next_step(After.STATUS, [judged])
    if not seen.finished:
        return found.command("watch")
    return found.command("logs" if seen.has_tries else "diagnose")


def _condition_names(job: Object) -> str:
    """The types of the conditions that are True; a reason that several share, behind the last."""
    found = [e for e in objects.status(job).get("conditions") or [] if e.get("status") == "True"]
    names = []
    for index, entry in enumerate(found):
        reason = entry.get("reason")
        repeated = any(later.get("reason") == reason for later in found[index + 1 :])
        names.append(entry["type"] + (f" ({reason})" if reason and not repeated else ""))
    return ", ".join(names) or NONE


def _tries(seen: Snapshot) -> Any:
    ended = objects.ended_pods(seen.job or {})
    if ended and not seen.pods:
        return plural(ended, "unknown: {n} Pod is gone", "unknown: {n} Pods are gone")
    if not ended and not seen.pods:
        return NONE if objects.is_finished(seen.job or {}) else phrase("none yet")
    failed = objects.status(seen.job or {}).get("failed") or 0
    ignored = sum(objects.status(one.pod).get("phase") == "Failed" for one in seen.pods) - failed
    counted = plural(failed, "{n} failed Pod", "{n} failed Pods") if failed else NO_FAILED
    if ignored > 0 and objects.is_finished(seen.job or {}):
        counted = phrase("{failed}, {n} not counted", failed=counted, n=ignored)
    return phrase(
        "{starts} in {pods}, exit {codes}; {failed}",
        starts=sum(map(tries.rounds, seen.pods)),
        pods=plural(len(seen.pods), "{n} Pod", "{n} Pods"),
        codes=_codes(seen),
        failed=counted,
    )


def _codes(seen: Snapshot) -> str:
    """The exit codes of the tries; of several containers, those of each behind its name."""
    by_name: dict[str, list[str]] = {}
    for record in seen.pods:
        for attempt in record.attempts:
            if attempt.exit_code is not None:
                by_name.setdefault(attempt.container, []).append(str(attempt.exit_code))
    if len(by_name) == 1:
        return _runs_of(*by_name.values())
    return ", ".join(f"{name} {_runs_of(codes)}" for name, codes in by_name.items()) or NONE


def _init_codes(seen: Snapshot) -> str:
    """The exit codes of the init containers that have failed, as in `prep exit 3, 3`."""
    failed: dict[str, list[str]] = {}
    for record in seen.pods:
        for attempt in objects.init_attempts(record.pod):
            if attempt.exit_code:
                failed.setdefault(attempt.container, []).append(str(attempt.exit_code))
    return "; ".join(f"{name} exit {_runs_of(codes)}" for name, codes in failed.items())


def _runs_of(codes: list[str]) -> str:
    """Exit codes one by one, as in `3, 3, 0`; more than three of the same as in `0 (x12)`."""
    parts = []
    for code, group in itertools.groupby(codes):
        count = len(list(group))
        parts.append(f"{code} (x{count})" if count > 3 else ", ".join([code] * count))
    return ", ".join(parts)
