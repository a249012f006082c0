"""Jobs and Pods that do not end: something holds them, or runs on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import Cause, Fact, job_word
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object

# finalizers of Kubernetes' own that wait for what is deleted with an object
_CASCADING = ("foregroundDeletion", "orphan")
_TRACKING = "batch.kubernetes.io/job-tracking"
# containers that are added beside a program and serve it, so that they end for no reason of theirs
_PROXIES = ("proxy", "agent", "sidecar", "envoy", "fluent", "filebeat", "exporter", "daprd")
PATIENCE = timedelta(seconds=10)  # in which a Pod that was asked to stop, or a proxy, may end
SILENCE = timedelta(seconds=60)  # after which a container is asked about that runs on alone


def held_deleted(seen: Snapshot) -> Iterator[Cause]:
    """What keeps a Job that is deleted, or its Pods, from going: their finalizers."""
    job = seen.job or {}
    if seen.gone:
        return
    if objects.is_deleted(job) and (left := _finalizers(job)):
        yield _held(job_word(seen.name), job, left, f"kubectl get job {seen.name} -o yaml")
    for record in seen.pods:
        if record.gone or not objects.is_deleted(record.pod) or not objects.has_ended(record.pod):
            continue
        if left := [one for one in _finalizers(record.pod) if one != _TRACKING]:
            name = f"pod/{record.name}"
            yield _held(name, record.pod, left, f"kubectl get pod {record.name} -o yaml")
            return


def _finalizers(obj: Object) -> list[str]:
    found = objects.metadata(obj).get("finalizers") or []
    return [str(one) for one in found if one not in _CASCADING]


def _held(name: str, obj: Object, left: list[str], run: str) -> Cause:
    return Cause(
        "finalizer",
        True,
        name,
        f"metadata.finalizers {', '.join(left)}",
        phrase("it was deleted, and goes when its finalizers are removed"),
        phrase(
            "Whoever put the finalizer there removes it: see whether its controller runs. To remove"
            " it by hand leaves undone what it stands for."
        ),
        run,
        id="finalizer",
        shows=(
            kinds.field(name, obj, "metadata.deletionTimestamp"),
            kinds.field(name, obj, "metadata.finalizers"),
        ),
    )


def terminating(seen: Snapshot) -> Iterator[Cause]:
    """That the Job's namespace is being deleted."""
    place = seen.around.namespace if seen.around else None
    if place is None or not objects.is_deleted(place):
        return
    name = f"namespace/{seen.namespace}"
    yield Cause(
        "namespace",
        True,
        name,
        "Terminating",
        phrase("the namespace is being deleted, and all that is in it"),
        phrase("Create the Job in another namespace."),
        f"kubectl get namespace {seen.namespace} -o yaml",
        id="namespace-terminating",
        shows=(
            kinds.field(name, place, "metadata.deletionTimestamp"),
            kinds.field(name, place, "status.phase"),
        ),
    )


def sidecars(seen: Snapshot) -> Iterator[Cause]:
    """A container that runs on where another of its Pod has ended well: the Pod does not succeed.

    Two programs of different length look the same, so a container that is called like no proxy has
    more time.
    """
    for record in seen.pods:
        if record.gone or objects.is_deleted(record.pod) or objects.has_ended(record.pod):
            continue
        entries = objects.status(record.pod).get("containerStatuses") or []
        ended = [e for e in entries if _ended_well(e)]
        running = [str(e["name"]) for e in entries if (e.get("state") or {}).get("running")]
        if not ended or not running or len(ended) + len(running) < len(entries):
            continue
        last = max(
            objects.time(e["state"]["terminated"].get("finishedAt")) or objects.FIRST for e in ended
        )
        patience = PATIENCE if all(map(_is_proxy, running)) else SILENCE
        if seen.now - last < patience:
            continue
        yield _sidecar(record, ended, running)
        return


def _ended_well(entry: Object) -> bool:
    ended = (entry.get("state") or {}).get("terminated")
    return ended is not None and not ended.get("exitCode")


def _is_proxy(container: str) -> bool:
    return any(part in container for part in _PROXIES)


def _sidecar(record: PodRecord, ended: list[Object], running: list[str]) -> Cause:
    name = f"pod/{record.name}"
    return Cause(
        "sidecar",
        True,
        name,
        phrase("container {name} never ends", name=", ".join(running)),
        phrase(
            "{ended} has ended with 0, and a Pod succeeds when all its containers have",
            ended=", ".join(str(one["name"]) for one in ended),
        ),
        phrase(
            "Move the container to initContainers with restartPolicy: Always: such a sidecar is"
            " ended with the Pod. If it is no sidecar but slow, wait."
        ),
        f"kubectl logs {record.name} -c {running[0]}",
        id="sidecar-never-ends",
        shows=(
            *(
                Fact(
                    name,
                    f"state terminated of {one['name']}",
                    f"exitCode 0 {one['state']['terminated'].get('finishedAt')}",
                )
                for one in ended
            ),
            *(Fact(name, f"state running of {one}", "running") for one in running),
        ),
    )


def running_on(seen: Snapshot) -> Iterator[Cause]:
    """Pods that run on though the Job has all the successes that it wants: it is not Complete."""
    job = seen.job or {}
    if seen.over or not objects.is_true(job, "SuccessCriteriaMet"):
        return
    asked = [
        (since, record)
        for record in seen.pods
        if not record.gone and not objects.has_ended(record.pod)
        if (since := objects.deleted_at(record.pod)) is not None
    ]
    if not asked or seen.now - min(asked, key=lambda one: one[0])[0] < PATIENCE:
        return
    record = min(asked, key=lambda one: one[0])[1]
    name = f"pod/{record.name}"
    grace = objects.spec(record.pod).get("terminationGracePeriodSeconds")
    yield Cause(
        "runsOn",
        False,
        name,
        phrase("its Pod runs on"),
        phrase(
            "the Job has its successes, and is Complete when this Pod has stopped, after {seconds}s"
            " at the latest",
            seconds=grace,
        ),
        phrase(
            "Have the program end at SIGTERM, or lower terminationGracePeriodSeconds; else wait."
        ),
        f"kubectl get pod {record.name} -o yaml",
        id="runs-on-after-success",
        shows=(
            *kinds.condition(job_word(seen.name), job, "SuccessCriteriaMet"),
            kinds.field(name, record.pod, "metadata.deletionTimestamp"),
            kinds.field(name, record.pod, "status.phase"),
        ),
    )


def strangers(seen: Snapshot) -> Iterator[Cause]:
    """Pods that a selector by hand chooses and that another has made."""
    job = seen.job or {}
    if not objects.spec(job).get("manualSelector"):
        return
    created = objects.created(job) or objects.FIRST
    adopted = [one.pod for one in seen.pods if (objects.created(one.pod) or created) < created]
    others = [*adopted, *(seen.around.strangers if seen.around else ())]
    if not others:
        return
    name = f"pod/{objects.name(others[0])}"
    owner = objects.controller(others[0]) or {}
    yield Cause(
        "selector",
        True,
        job_word(seen.name),
        phrase("spec.selector chooses {pod} too", pod=name),
        phrase("the Pod was there before the Job, which has taken it over and counts how it ends")
        if adopted
        else phrase(
            "the Pod is of {kind} {name}; kubectl logs and delete by that selector mean both",
            kind=owner.get("kind"),
            name=owner.get("name"),
        ),
        phrase(
            "Leave out manualSelector and selector: the API server gives each Job one of its own."
            " Delete the Job, then create it again."
        ),
        f"kubectl get pods -l {objects.selector(objects.spec(job).get('selector'))}",
        id="selector-of-others",
        shows=(
            kinds.field(job_word(seen.name), job, "spec.selector.matchLabels"),
            kinds.field(name, others[0], "metadata.creationTimestamp"),
        ),
    )
