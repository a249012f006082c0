"""What check, list, status and hint share: from a lab and a Job name to verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from kubectl_joblab import objects
from kubectl_joblab.cli.console import Session
from kubectl_joblab.cli.screens.verdicts import Judged
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import gather, prefetch, recorder, records, snapshot, survey
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.definition import model, values
from kubectl_joblab.labs.judge import checks
from kubectl_joblab.labs.judge.checks import Result

Wanted = Sequence[tuple[model.Lab, Sequence[model.Variant]]]  # the variants of each lab


def judge(
    session: Session,
    lab: model.Lab,
    variant: model.Variant,
    seen: Snapshot,
    *,
    explain: bool = True,
) -> Judged:
    """The verdicts over a snapshot. explain: a FAIL has the Job's events looked at, to say why."""
    parameters = values.defaults(lab, variant)
    verdicts = checks.judge(lab, variant, seen, parameters)
    if (
        explain
        and seen.job is not None
        and seen.events is None
        and any(verdict.result is Result.FAIL for verdict in verdicts)
    ):
        seen = gather.with_events(session.client, seen, of_pods=False)
        verdicts = checks.judge(lab, variant, seen, parameters)
    status = objects.job_status(seen.job) if seen.job else "<none>"
    started = seen.job is not None or seen.bare_pod
    troubles = [] if seen.finished else list(recorder.troubles_of(seen.pods))
    return Judged(lab, seen.name, verdicts, started, status, troubles, seen.namespace)


def look(session: Session, lab: model.Lab, variant: model.Variant, name: str = "") -> Snapshot:
    """What the cluster shows of this variant's Job, with what `start` recorded of it."""
    logs = checks.needs(lab.checks_of(variant), "log")
    seen = gather.job(session.client, session.namespace, name or variant.job, logs=logs)
    return _known(session, lab, variant, seen)


def _known(session: Session, lab: model.Lab, variant: model.Variant, seen: Snapshot) -> Snapshot:
    """The snapshot with the events its checks need, and with what `start` recorded."""
    if seen.job is None:
        return seen
    applying = lab.checks_of(variant)
    recorded = records.load(session.records, objects.uid(seen.job))
    if checks.needs(applying, "event"):
        seen = gather.with_events(session.client, seen)
    return snapshot.merge(seen, recorded, logs=checks.needs(applying, "log"))


def judge_everywhere(
    session: Session, wanted: Wanted, name: str = "", *, explain: bool
) -> list[Judged]:
    """The variants of each lab in each namespace that has a Job of it, started or not.

    By namespace, then as wanted.
    """
    by_name: dict[str, list[tuple[model.Lab, model.Variant]]] = {}
    for lab, variants in wanted:
        for variant in variants:
            by_name.setdefault(name or variant.job, []).append((lab, variant))
    logs = {
        job: any(checks.needs(lab.checks_of(variant), "log") for lab, variant in judging)
        for job, judging in by_name.items()
    }
    found = [
        (lab, variant, seen)
        for seen in survey.snapshots(session.client, logs)
        for lab, variant in by_name[seen.name]
    ]

    def judged(one: tuple[model.Lab, model.Variant, Snapshot]) -> Judged:
        return judge(session, *one[:2], _known(session, *one), explain=explain)

    if explain:
        started = prefetch.each(judged, found, clock=session.clock)
    else:  # to judge alone takes no requests
        started = list(map(judged, found))
    return list(_with_others(session, wanted, started, name))


def _with_others(
    session: Session, wanted: Wanted, started: Sequence[Judged], name: str
) -> Iterator[Judged]:
    """What was started, and beside it the lab's other variants."""
    now = session.client.now()
    for namespace, group in groupby(started, key=lambda one: one.namespace):
        there = {(one.lab.name, one.job): one for one in group}
        begun = {lab for lab, _ in there}
        for lab, variants in wanted:
            for variant in variants if lab.name in begun else ():
                job = name or variant.job
                if (lab.name, job) in there:
                    yield there[lab.name, job]
                else:
                    yield judge(session, lab, variant, Snapshot(job, namespace, now, None))


def look_at_all(session: Session, wanted: Wanted, name: str = "") -> list[list[Judged]]:
    """Each lab's variants, started or not. Looked at together: a cluster may be far away."""
    _ = session.client  # made before threads ask for it
    pairs = [(lab, variant) for lab, variants in wanted for variant in variants]

    def judged(one: tuple[model.Lab, model.Variant]) -> Judged:
        return judge(session, *one, look(session, *one, name))

    found = iter(prefetch.each(judged, pairs, clock=session.clock))
    return [[next(found) for _ in variants] for _, variants in wanted]


def relevant(standings: Sequence[Sequence[Judged]]) -> list[Judged]:
    """Those of each lab's variants whose Job exists; of a lab without any, its first."""
    return [
        one
        for standing in standings
        for one in [one for one in standing if one.started] or standing[:1]
    ]


def not_started(
    wanted: Wanted, standings: Sequence[Sequence[Judged]]
) -> list[tuple[model.Lab, model.Variant]]:
    """The variants without a Job."""
    return [
        (lab, variant)
        for (lab, variants), standing in zip(wanted, standings, strict=True)
        for variant, one in zip(variants, standing, strict=True)
        if not one.started
    ]


def following(session: Session, lab: model.Lab) -> str:
    """The command to go on with in a lab: its first variant without a Job, else what it says."""
    wanted = [(lab, lab.variants)]
    left = not_started(wanted, look_at_all(session, wanted))
    return exercise.begin(*left[0]) if left else lab.next


def require_namespace(session: Session) -> None:
    """Raise kubectl's NotFound where the namespace is not there; for commands that found nothing.

    Who may not read namespaces is spared the question.
    """
    try:
        session.client.get(resources.NAMESPACES, session.namespace)
    except ApiError as error:
        if error.code != 403:
            raise
