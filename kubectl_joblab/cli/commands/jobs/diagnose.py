"""diagnose: why a Job or a CronJob, anyone's, is as it is; or which of all are not well."""

from __future__ import annotations

from kubectl_joblab.cli.commands.jobs import subject
from kubectl_joblab.cli.screens import findings
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.cli.syntax.target import CRON_JOB, JOB
from kubectl_joblab.errors import ExitCode, UsageError
from kubectl_joblab.evidence import diagnosis, overview
from kubectl_joblab.evidence.diagnosis import Diagnosis
from kubectl_joblab.labs.judge import standings
from kubectl_joblab.language import phrase
from kubectl_joblab.printing import dump


@declare.command(
    "diagnose",
    short_help="Say why a Job or a CronJob of yours is as it is",
    help="Say why a Job or a CronJob is as it is, whoever made it: the verdict, what shows it,\n"
    "what to do, and the one next command. Without a name: every Job and CronJob of the\n"
    "namespace that is not well. Nothing in the cluster is changed.\n"
    "\n"
    "The exit status is 0 where nothing is wrong, 2 where a cause is found, and 3 where\n"
    "what would tell is gone or may not be read.",
    examples=[
        ("Why a Job has failed, or does not go on", "kubectl joblab diagnose job/report"),
        ("Why a CronJob makes no Job", "kubectl joblab diagnose cronjob/nightly"),
        ("What is not well in any namespace", "kubectl joblab diagnose -A"),
    ],
)
@declare.target_argument(JOB, CRON_JOB, required=False)
@declare.option(
    "-A", "--all-namespaces", "everywhere", is_flag=True, help="Look into all namespaces."
)
@declare.option("--no-headers", is_flag=True, help="Print no header line.")
@declare.output("json", "yaml")
def diagnose(
    session: Session,
    /,
    job_or_cronjob: str | None,
    everywhere: bool,
    no_headers: bool,
    output: str,
) -> int:
    """Print the verdict on one object, or a row for each that is not well."""
    if not job_or_cronjob:
        return _all(session, everywhere=everywhere, headers=not no_headers, output=output)
    meant = subject.require(session, job_or_cronjob, JOB, CRON_JOB)
    if everywhere:
        raise UsageError(
            phrase("error: {target} is in one namespace; -A goes without it", target=meant.typed),
            see=session.command,
        )
    look = diagnosis.job if meant.kind == JOB else diagnosis.cron_job
    one = look(session.gatherer, session.namespace, meant.name)
    if one.subject is None and not one.events:
        standings.require_namespace(session.client, session.namespace)
    if output:
        made = {"apiVersion": findings.FORMAT, "kind": "Diagnosis"}
        session.out(dump.dump(made | findings.document(session, one, meant.typed), output))
    else:
        session.out(*findings.lines(session, one))
        session.next(_following(one))
    return _exit_code(one)


def _following(one: Diagnosis) -> str:
    """The one next command."""
    if one.found.root is not None and not one.found.lost:
        return one.found.root.run
    if one.found.meant is not None:
        return one.found.meant.run
    if one.subject is None:
        return subject.of_any("events", one.name) if one.events else "kubectl get jobs"
    if one.found.lost:
        return subject.of_any("events", one.name)
    if one.seen is None:
        return f"kubectl describe cronjob {one.name}"
    if not one.seen.over:
        return subject.of_any("watch", one.name)
    if one.seen.has_tries:
        return subject.of_any("logs", one.name)
    return f"kubectl describe job {one.name}"


def _exit_code(one: Diagnosis) -> ExitCode:
    if not one.is_known:
        return ExitCode.PENDING
    return ExitCode.FAILED if one.found.root is not None else ExitCode.OK


def _all(session: Session, *, everywhere: bool, headers: bool, output: str) -> int:
    """Print what is not well in the namespace, or in all."""
    found = overview.read(session.client, "" if everywhere else session.namespace)
    if not found.jobs and not found.cron_jobs and not everywhere:
        standings.require_namespace(session.client, session.namespace)
    if output:
        items = [findings.of_row(session, row) for row in found.rows]
        made = {"apiVersion": findings.FORMAT, "kind": "DiagnosisList", "items": items}
        session.out(dump.dump({**made, "unseen": list(found.refused)}, output))
    else:
        session.out(*findings.table(session, found, everywhere=everywhere, headers=headers))
        session.err(findings.summary(found))
        for said in found.refused:
            session.err(*session.fold(phrase("Not seen: {said}", said=said), rest="  "))
        for row in found.rows[:1]:
            place = f" -n {row.namespace}" if everywhere else ""
            session.next(f"kubectl joblab diagnose {row.kind}/{row.name}{place}")
    if found.rows:
        return ExitCode.FAILED
    return ExitCode.PENDING if found.refused else ExitCode.OK
