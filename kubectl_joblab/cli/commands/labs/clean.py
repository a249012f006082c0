"""clean: delete the Jobs that the labs made, and say what was deleted and what was kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from kubectl_joblab import objects
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError, LabError, UsageError
from kubectl_joblab.labs import launch, setup
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.language import phrase, plural
from kubectl_joblab.objects import Object


@declare.command(
    "clean",
    short_help="Delete what the labs made",
    help="Delete the Jobs that the labs made in this namespace, and with them their Pods.\n"
    "What someone else made is kept, also under a lab's name.",
    examples=[
        ("Delete the Jobs of lab 4", "kubectl joblab clean retry"),
        ("Delete the Jobs of all labs", "kubectl joblab clean --all"),
    ],
)
@declare.lab_argument(required=False)
@declare.option("--all", "everything", is_flag=True, help="Delete the Jobs of all labs.")
def clean(session: Session, /, lab: str | None, everything: bool) -> int:
    """Delete the Jobs of a lab, or of all labs, that carry joblab's label."""
    if bool(lab) == everything:
        raise UsageError(phrase("error: give a LAB or --all"), see="kubectl joblab clean")
    if lab:
        found = session.find_lab(lab)
        session.next(remove(session, [found], of=found))
        return 0
    broken: list[LabError] = []
    session.next(remove(session, loader.load_all(session.lab_paths, broken)))
    return session.fail_each(broken)


def remove(session: Session, labs: Sequence[model.Lab], *, of: model.Lab | None = None) -> str:
    """Delete the Jobs that the labs have made, and say so; of: that one alone. Raises ApiError.

    Returns the command line that deletes what was kept under a lab's name; "" where nothing was.
    """
    pods = 0
    deleted = []
    namespace = session.namespace
    others = _of_namesakes(session, of) if of else set()
    for job in _made(session, of):
        if _is_anothers(job, others):
            continue
        pods += _count_pods(session, job)
        try:
            session.client.delete(
                resources.JOBS, objects.name(job), namespace, uid=objects.uid(job)
            )
        except ApiError as error:
            if error.code not in (404, 409):  # someone else was faster
                raise
            continue
        deleted.append(objects.name(job))
        session.out(f'job.batch "{objects.name(job)}" deleted from {namespace} namespace')
    if any(lab.setup for lab in labs):
        for resource, one in setup.made_by_labs(session.client, namespace, of):
            if _is_anothers(one, others):
                continue
            if setup.delete(session.client, namespace, resource, one):
                group = f".{resource.group}" if resource.group else ""
                kind, name = f"{resource.kind.lower()}{group}", objects.name(one)
                session.out(f'{kind} "{name}" deleted from {namespace} namespace')
    kept = _kept(session, labs)
    if deleted or not kept:
        _report(session, deleted, pods)
    for name in kept:
        session.out(phrase("Kept: job.batch/{name}, not made by a lab.", name=name))
    return f"kubectl delete job {' '.join(kept)}" if kept else ""


def _made(session: Session, of: model.Lab | None) -> list[Object]:
    labels = f"{objects.MANAGED_BY_LABEL}={objects.MANAGER}"
    if of:
        labels += f",{objects.LAB_LABEL}={of.label}"
    found = session.client.list(resources.JOBS, session.namespace, labels=labels).items
    return [job for job in found if launch.is_ours(job, of)]


def _is_anothers(one: Object, others: set[str]) -> bool:
    """Whether an object that kubectl has made is another lab's, by its name."""
    return objects.annotation(one, objects.LAB_ANNOTATION) is None and objects.name(one) in others


def _of_namesakes(session: Session, lab: model.Lab) -> set[str]:
    """The names of what other labs make, which share this one's label.

    A name that several of them have is that of joblab's own lab.
    """
    found: set[str] = set()
    _, others = loader.rivals(lab.label, lab, session.lab_paths)
    for name in others:
        with suppress(LabError):  # one that is broken has made nothing
            found |= launch.makes(loader.find(name, session.lab_paths))
    return found - launch.makes(lab) if lab.is_own else found


def _count_pods(session: Session, job: Object) -> int:
    labels = f"{objects.CONTROLLER_UID_LABEL}={objects.uid(job)}"
    return len(session.client.list(resources.PODS, session.namespace, labels=labels).items)


def _report(session: Session, deleted: list[str], pods: int) -> None:
    if deleted:
        jobs = plural(len(deleted), "{n} Job deleted", "{n} Jobs deleted")
        if pods:
            went = plural(pods, "its Pod goes with it", "{n} Pods go with it")
            if len(deleted) > 1:
                went = plural(pods, "{n} Pod goes with them", "{n} Pods go with them")
            session.out(phrase("{jobs}; {pods}.", jobs=jobs, pods=went))
        else:
            session.out(phrase("{jobs}.", jobs=jobs))
    else:
        session.err(f"No resources found in {session.namespace} namespace.")


def _kept(session: Session, labs: Sequence[model.Lab]) -> list[str]:
    """The names of Jobs that are called like a lab's Job but were not made by a lab."""
    names = {variant.job for one in labs for variant in one.variants}
    selector = f"{objects.MANAGED_BY_LABEL}!={objects.MANAGER}"
    others = session.client.list(resources.JOBS, session.namespace, labels=selector).items
    return [
        objects.name(job)
        for job in others
        if objects.name(job) in names and not launch.is_ours(job)
    ]
