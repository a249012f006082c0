"""What `diagnose` prints: the verdict, what shows it, what to do; and as JSON."""

from __future__ import annotations

from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.cli.session import Session
from kubectl_joblab.evidence import retry, verdict
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import Cause, Fact
from kubectl_joblab.evidence.diagnosis import Diagnosis
from kubectl_joblab.evidence.overview import Overview, Row
from kubectl_joblab.labs import practising
from kubectl_joblab.language import Command, Sentence, phrase, plural
from kubectl_joblab.printing import fold

FORMAT = "joblab/v1"
_MOST_FACTS = 6


def lines(session: Session, one: Diagnosis) -> list[str]:
    """The screen of one Job or CronJob."""
    found, text = one.found, session.text
    told = _folded(session, headline(one))
    if following := retry.says(one.seen) if one.seen else "":
        told += _folded(session, phrase("Next try: {said}", said=following))
    told += _causes(session, one)
    if facts := _facts(one):
        told += ["", text(phrase("Shown by:"))]
        for fact in facts[:_MOST_FACTS]:
            told += _fact(fact)
    if found.root is not None and not found.lost:
        told += ["", *_folded(session, phrase("To do: {fix}", fix=found.root.fix))]
    told += _unseen(session, one)
    lab = practising.lab(found.root) if found.root else None
    if lab and not found.lost:
        told.append(text(phrase("Lab: {command}", command=Command(f"kubectl joblab start {lab}"))))
    return told


def headline(one: Diagnosis) -> Sentence:
    """The verdict: how the Job or the CronJob stands."""
    if one.subject is None:
        return phrase("job.batch/{name} is not there", name=one.name)
    if one.seen is None:
        return verdict.of_cron_job(one.subject)
    said = verdict.of_job(one.seen)
    if one.seen.gone:
        return phrase("{verdict}; the Job itself is gone, this is its record", verdict=said)
    return said


def _causes(session: Session, one: Diagnosis) -> list[str]:
    found = one.found
    if found.lost and one.seen is None and found.root is not None:
        kept = phrase("To keep it the next time: {fix}", fix=found.root.fix)
        return ["", *_cause(session, found.root.id, found.root), *_folded(session, kept)]
    if found.lost and one.refused:
        unread = phrase("Why its tries failed cannot be told: what would tell may not be read.")
        return ["", *_folded(session, unread)]
    if found.lost or one.subject is None:
        return _lost(session, one)
    if found.root is None:
        return ["", *_fine(session, one)]
    told = ["", *_cause(session, found.root.id, found.root)]
    for origin in found.origins:
        told += _cause(session, phrase("that came of {id}", id=origin.id), origin)
    for came in found.consequences:
        told += _cause(session, phrase("of that came {id}", id=came.id), came)
    for other in found.also:
        told += _cause(session, phrase("and {id}", id=other.id), other)
    return told


def _cause(session: Session, name: Sentence, cause: Cause) -> list[str]:
    """The line of a cause, without a message of the server's that is among what shows it."""
    because = cause.because
    shown = isinstance(because, str) and any(because in fact.value for fact in cause.shows)
    line = cause._replace(because="").line if shown else cause.line
    head = phrase("{id}: {cause}", id=name, cause=line)
    return _folded(session, head)


def _fine(session: Session, one: Diagnosis) -> list[str]:
    """That nothing is wrong, or that nothing shows whether something is."""
    if one.found.meant is not None:
        meant = one.found.meant
        head = phrase("As it was asked, {id}: {cause}", id=meant.id, cause=meant.line)
        return _folded(session, head)
    if not one.is_known:
        return [session.text(phrase("Too little may be read to tell whether anything is wrong."))]
    return [session.text(phrase("Nothing is wrong with it."))]


def _lost(session: Session, one: Diagnosis) -> list[str]:
    """What is gone that would tell why, and how to keep it the next time."""
    told: list[Sentence] = []
    if one.subject is None:
        told.append(
            phrase(
                "It was deleted by hand, by its ttlSecondsAfterFinished or by a CronJob's history:"
                " its events are all that is left."
            )
            if one.events
            else phrase(
                "It was deleted by hand, by its ttlSecondsAfterFinished or by a CronJob's history,"
                " or there never was one: nothing tells any more."
            )
        )
    else:
        told.append(
            phrase(
                "Why its tries failed is not known any more: its Pods are gone, and their logs with"
                " them."
            )
        )
        if objects.field(one.subject, "spec.template.spec.restartPolicy") == "OnFailure":
            told.append(
                phrase(
                    "With restartPolicy OnFailure the Job controller deletes the Pod at the limit;"
                    " with Never each failed Pod stays."
                )
            )
        if not one.events:
            told.append(phrase("Its events are gone too: the API server keeps them for an hour."))
    told.append(
        phrase("To keep it the next time, have kubectl joblab watch run while the Job runs.")
    )
    return ["", *(line for one_line in told for line in _folded(session, one_line))]


def _facts(one: Diagnosis) -> list[Fact]:
    found = one.found
    if one.subject is None:
        telling = [
            event
            for event in one.events
            if kinds.about(event).get("kind") == "Job" or event.get("type") == "Warning"
        ]
        telling.sort(key=lambda event: objects.event_time(event) or objects.FIRST)
        return list(dict.fromkeys(map(kinds.event, telling)))[-_MOST_FACTS:]
    causes = [*filter(None, (found.root, found.meant)), *found.origins, *found.consequences]
    return list(dict.fromkeys(fact for cause in causes for fact in cause.shows))


def _fact(fact: Fact) -> list[str]:
    text = f"{fact.object}: {fact.field}: {fact.value}"
    return fold.fold(text, first="  ", rest="    ")


def _unseen(session: Session, one: Diagnosis) -> list[str]:
    """What the user may not read, in the server's words."""
    if not one.refused:
        return []
    head = session.text(
        phrase("Not seen, as rights are missing; it might name another cause:")
        if one.unsure
        else phrase("Not seen, as rights are missing:")
    )
    return ["", head, *(line for said in one.refused for line in fold.fold(said, first="  "))]


def _folded(session: Session, sentence: Sentence) -> list[str]:
    return session.fold(sentence, rest="  ")


# ---- of many


def table(session: Session, found: Overview, *, everywhere: bool, headers: bool) -> list[str]:
    """A row for each Job and CronJob that is not well. everywhere: with its namespace instead."""
    shown = [] if everywhere else ["SHOWN BY"]
    header = [*(["NAMESPACE"] if everywhere else []), "NAME", "STATUS", "CAUSE", *shown]
    cells = [
        [
            *([row.namespace] if everywhere else []),
            f"{row.kind}.batch/{row.name}",
            objects.job_status(row.subject) if row.kind == "job" else "<none>",
            "<unknown>" if row.found.lost or row.found.root is None else row.found.root.id,
            *([] if everywhere else [_shown_by(session, row, found)]),
        ]
        for row in found.rows
    ]
    return session.table(header, cells, headers=headers)


def _shown_by(session: Session, row: Row, found: Overview) -> str:
    root = row.found.root
    if root is None or row.found.lost:
        hidden = found.hides_pods
        unseen = phrase("its Pods may not be read") if hidden else phrase("its Pods are gone")
        return session.text(unseen)
    return f"exit {root.code}" if root.code is not None else session.text(root.what)


def summary(overview: Overview) -> Sentence:
    """How much was looked at, and how much of it is not well."""
    return phrase(
        "{bad} of {jobs} and {crons} not well.",
        bad=len(overview.rows),
        jobs=plural(overview.jobs, "{n} Job", "{n} Jobs"),
        crons=plural(overview.cron_jobs, "{n} CronJob", "{n} CronJobs"),
    )


# ---- for programs


def document(session: Session, one: Diagnosis, target: str) -> dict[str, Any]:
    """What -o json prints of one Job or CronJob."""
    found = one.found
    return {
        "target": target,
        "namespace": one.namespace,
        "uid": objects.uid(one.subject) if one.subject else None,
        "verdict": session.text(headline(one)),
        "known": one.is_known,
        "cause": found.root.id if found.root and not found.lost else None,
        "causes": [
            *([_item(session, found.root, "lost" if found.lost else "root")] if found.root else []),
            *(_item(session, cause, "origin") for cause in found.origins),
            *(_item(session, cause, "consequence") for cause in found.consequences),
            *(_item(session, cause, "also") for cause in found.also),
        ],
        "meant": _item(session, found.meant, "meant") if found.meant else None,
        "unseen": list(one.refused),
    }


def of_row(session: Session, row: Row) -> dict[str, Any]:
    """What -o json prints of one of many."""
    seen = Diagnosis(row.name, row.namespace, row.subject, row.found)
    made = document(session, seen, f"{row.kind}/{row.name}")
    is_job = row.kind == "job"
    return made | {"verdict": verdict.status(row.subject) if is_job else made["verdict"]}


def _item(session: Session, cause: Cause, place: str) -> dict[str, Any]:
    return {
        "id": cause.id,
        "place": place,
        "object": cause.object,
        "what": session.text(cause.what),
        "because": session.text(cause.because) or None,
        "fix": session.text(cause.fix),
        "run": session.with_flags(cause.run),
        "lab": practising.lab(cause),
        "evidence": [fact._asdict() for fact in cause.shows],
    }
