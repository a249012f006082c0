"""Jobs that are held: nobody lets them have Pods, or their Pods have no node to be on.

Some hold a Job on purpose. Who did it is read from managedFields, as far as these name someone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from kubectl_joblab import objects, shell
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import Cause, Fact, job_word
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

# spec.managedBy of its own Jobs: JobControllerName in k8s.io/api/batch/v1/types.go
JOB_CONTROLLER = "kubernetes.io/job-controller"
# label of Jobs that kueue admits: sigs.k8s.io/kueue/pkg/controller/constants
_QUEUE = "kueue.x-k8s.io/queue-name"
# what the programs of people begin with, as field managers; all others are controllers
_BY_HAND = ("kubectl", "joblab", "k9s", "helm", "argocd", "Mozilla", "python-requests", "lens")


# what the API server writes of who sends neither a field manager nor a User-Agent
_NOBODY = "unknown"


class Setter(NamedTuple):
    """Who has last set a field, as managedFields tell. when: None where they do not say."""

    manager: str
    when: datetime | None

    @property
    def is_person(self) -> bool:
        """Whether the manager is a program that people use by hand."""
        return self.manager.startswith(_BY_HAND)


def setter(obj: Object, *path: str) -> Setter | None:
    """Who has set a field; None where managedFields do not name anyone.

    path: such as spec, suspend.
    """
    for entry in reversed(objects.metadata(obj).get("managedFields") or []):
        found = entry.get("fieldsV1") or {}
        for step in path:
            found = found.get(f"f:{step}") if isinstance(found, dict) else None
        if found is not None and entry.get("manager") != _NOBODY:
            return Setter(str(entry.get("manager") or ""), objects.time(entry.get("time")))
    return None


def held(job: Object, pods: Iterable[PodRecord]) -> Iterator[Cause]:
    """What holds a Job, or its Pods, until someone lets go."""
    spec = objects.spec(job)
    manager = spec.get("managedBy") or JOB_CONTROLLER
    if manager != JOB_CONTROLLER:
        yield _managed(job, manager)
    elif spec.get("suspend"):
        yield _suspended(job)
    elif spec.get("parallelism") == 0:
        yield _without_parallelism(job)
    yield from _gated(pods)


def _managed(job: Object, manager: str) -> Cause:
    name = objects.name(job)
    return Cause(
        "managedBy",
        True,
        job_word(name),
        f"spec.managedBy {manager}",
        phrase("the Job controller leaves the Job to the controller of that name"),
        kinds.anew(
            phrase("Where there is no such controller, leave out managedBy."), kinds.FOR_THAT
        ),
        f"kubectl delete job {name}",
        id="managed-by",
        shows=(kinds.field(job_word(name), job, "spec.managedBy"),),
    )


def _suspended(job: Object) -> Cause:
    name = objects.name(job)
    by, queue = setter(job, "spec", "suspend"), objects.labels(job).get(_QUEUE)
    owner = objects.controller(job) or {}
    because: Sentence = phrase("a suspended Job has no Pods until someone resumes it")
    fix: Sentence = phrase("Resume it: set spec.suspend to false.")
    run, word = patch_suspend(name), "suspended"
    if queue or (by and "kueue" in by.manager):
        word = "suspended-by-controller"
        because = phrase("kueue resumes it when its queue {queue} admits it", queue=queue or "")
        fix = phrase("Look at the queue: kueue takes a resumed Job back.")
        run = "kubectl get workloads,localqueues"
    elif owner.get("kind") == "CronJob":
        word = "suspended-by-controller"
        because = phrase(
            "the jobTemplate of its CronJob {name} may have it so, and nobody resumes it",
            name=owner.get("name"),
        )
        fix = phrase(
            "Resume it: set spec.suspend to false. In the CronJob set spec.jobTemplate.spec.suspend"
            " to false, or leave it out."
        )
    elif owner:
        word = "suspended-by-controller"
        because = phrase(
            "its owner {kind} {name} suspends and resumes it",
            kind=owner.get("kind"),
            name=owner.get("name"),
        )
        fix = phrase("Look at the owner, which may suspend the Job again.")
        run = f"kubectl describe {str(owner.get('kind')).lower()} {owner.get('name')}"
    elif by and not by.is_person:
        word = "suspended-by-controller"
        because = phrase("{manager} has suspended it", manager=by.manager)
        fix = phrase("Look at what {manager} waits for.", manager=by.manager)
    return Cause(
        "suspended",
        True,
        job_word(name),
        "spec.suspend true",
        because,
        fix,
        run,
        id=word,
        shows=(
            kinds.field(job_word(name), job, "spec.suspend"),
            *_set_by(job, "suspend"),
            *kinds.condition(job_word(name), job, "Suspended"),
        ),
    )


def patch_suspend(name: str) -> str:
    """The command that resumes a Job."""
    return kinds.patch(name, {"suspend": False})


def _without_parallelism(job: Object) -> Cause:
    name = objects.name(job)
    return Cause(
        "noParallelism",
        True,
        job_word(name),
        "spec.parallelism 0",
        phrase("no Pod may run, so none is created"),
        phrase("Set spec.parallelism to 1 or more."),
        kinds.patch(name, {"parallelism": 1}),
        id="no-parallelism",
        shows=(
            kinds.field(job_word(name), job, "spec.parallelism"),
            *_set_by(job, "parallelism"),
        ),
    )


def _set_by(job: Object, key: str) -> tuple[Fact, ...]:
    """Who has set a field of the spec, and when."""
    by = setter(job, "spec", key)
    if by is None:
        return ()
    when = f" {by.when:%Y-%m-%dT%H:%M:%SZ}" if by.when else ""
    return (Fact(job_word(objects.name(job)), f"managedFields of spec.{key}", by.manager + when),)


def is_on_purpose(found: Cause, seen: Snapshot) -> bool:
    """Whether what holds a Job was meant so by a person: nothing is wrong with the Job then.

    A Job that someone has suspended, or scaled to 0 after it was created: where managedFields do
    not tell, one that has had Pods.
    """
    job = seen.job or {}
    if found.id == "suspended":
        return True
    if found.id != "no-parallelism":
        return False
    by, created = setter(job, "spec", "parallelism"), objects.created(job)
    if by is None:
        return bool(seen.pods or objects.ended_pods(job) or kinds.made_pods(seen))
    return bool(by and by.when and created and by.when > created)


def _gated(pods: Iterable[PodRecord]) -> Iterator[Cause]:
    for record in pods:
        scheduled = objects.condition(record.pod, "PodScheduled") or {}
        gated = scheduled.get("reason") == "SchedulingGated"
        if gated and not record.gone and not objects.is_deleted(record.pod):
            gates = objects.spec(record.pod).get("schedulingGates") or ()
            gateless = kinds.as_json([{"op": "remove", "path": "/spec/schedulingGates"}])
            yield Cause(
                "gated",
                True,
                f"pod/{record.name}",
                "SchedulingGated",
                phrase(
                    "no node is chosen before these gates are removed: {gates}",
                    gates=", ".join(str(gate.get("name")) for gate in gates),
                ),
                phrase("Remove the gates; their controller, if there is one, does so by itself."),
                f"kubectl patch pod {record.name} --type=json -p {shell.quote(gateless)}",
                id="scheduling-gated",
                shows=kinds.condition(f"pod/{record.name}", record.pod, "PodScheduled"),
            )
            return  # the Pods of a Job have the same gates
