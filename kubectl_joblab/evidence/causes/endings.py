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
_DEADLINE = "DeadlineExceeded"
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


def outlasting(seen: Snapshot) -> Iterator[Cause]:
    """A container that ran on where another of its Pod had ended well, until a deadline ended it.

    The Pod is there still where the deadline is its own; where it is the Job's, a record tells.
    """
    of_job = (objects.condition(seen.job or {}, "Failed") or {}).get("reason") == _DEADLINE
    for record in reversed(seen.pods):
        of_pod = objects.status(record.pod).get("reason") == _DEADLINE
        entries = objects.status(record.pod).get("containerStatuses") or []
        ends = [
            (objects.time((one.get("state") or {}).get("terminated", {}).get("finishedAt")), one)
            for one in entries
        ]
        known = [(when, one) for when, one in ends if when is not None]
        if not (of_pod or of_job) or not known or len(known) < len(entries):
            continue
        last = max(when for when, _ in known)
        late = [str(one["name"]) for when, one in known if last - when < PATIENCE]
        patience = PATIENCE if all(map(_is_proxy, late)) else SILENCE
        early = [one for when, one in known if str(one["name"]) not in late]
        if (
            early
            and all(map(_ended_well, early))
            and all(last - when >= patience for when, one in known if one in early)
        ):
            found = _sidecar(record, early, late)
            name = f"pod/{record.name}"
            yield found._replace(
                shows=(
                    *found.shows,
                    *([kinds.field(name, record.pod, "status.reason")] if of_pod else []),
                ),
                run=f"kubectl logs {record.name} -c {late[0]}"
                if not record.gone
                else f"kubectl joblab logs job/{seen.name}",
            )
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
        False,  # it may only be slow
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
            *(_goes_on(record, one) for one in running),
        ),
    )


def _goes_on(record: PodRecord, container: str) -> Fact:
    """What shows that a container runs on, or has until a deadline."""
    name = f"pod/{record.name}"
    entries = objects.status(record.pod).get("containerStatuses") or []
    state = next(one.get("state") or {} for one in entries if one["name"] == container)
    ended = state.get("terminated")
    if ended is None:
        return Fact(name, f"state running of {container}", "running")
    value = f"exitCode {ended.get('exitCode')} {ended.get('finishedAt')}"
    return Fact(name, f"state terminated of {container}", value)


def running_on(seen: Snapshot) -> Iterator[Cause]:
    """Pods that run on though the Job has all the successes that it wants: it is not Complete."""
    job = seen.job or {}
    if seen.over or not objects.is_true(job, "SuccessCriteriaMet"):
        return
    if (record := _asked_to_stop(seen)) is not None:
        name = f"pod/{record.name}"
        yield Cause(
            "runsOn",
            False,
            name,
            phrase("its Pod runs on"),
            phrase(
                "the Job has its successes, and is Complete when this Pod has stopped, after"
                " {seconds}s at the latest",
                seconds=_grace(record),
            ),
            _STOP_SOONER,
            f"kubectl get pod {record.name} -o yaml",
            id="runs-on-after-success",
            shows=(
                *kinds.condition(job_word(seen.name), job, "SuccessCriteriaMet"),
                *_stopping(record),
            ),
        )


def not_stopping(seen: Snapshot) -> Iterator[Cause]:
    """A Pod that was asked to stop, for whose end the Job waits, and that runs on.

    The Job waits where it is deleted itself, and where it replaces no Pod that has not ended; else
    a Pod that stops slowly is in nobody's way until its grace is over.
    """
    job = seen.job or {}
    record = None if seen.over else _asked_to_stop(seen)
    if record is None:
        return
    due = objects.time(objects.metadata(record.pod).get("deletionTimestamp")) or seen.now
    waits = objects.is_deleted(job) or (
        objects.spec(job).get("podReplacementPolicy") == "Failed" and not is_suspended(job)
    )
    if not waits and seen.now - due < PATIENCE:
        return
    yield Cause(
        "notStopping",
        False,
        f"pod/{record.name}",
        phrase("it was asked to stop, and runs on"),
        phrase(
            "the Job is deleted, and goes when this Pod has stopped, after {seconds}s at the"
            " latest",
            seconds=_grace(record),
        )
        if objects.is_deleted(job)
        else phrase(
            "no other takes its place before it has stopped, after {seconds}s at the latest",
            seconds=_grace(record),
        ),
        _STOP_SOONER,
        f"kubectl get pod {record.name} -o yaml",
        id="pod-does-not-stop",
        shows=tuple(_stopping(record)),
    )


_STOP_SOONER = phrase(
    "Have the program end at SIGTERM, or lower terminationGracePeriodSeconds; else wait."
)


def is_suspended(job: Object) -> bool:
    """Whether the Job has no Pods as its spec asks for none to run now."""
    return bool(objects.spec(job).get("suspend"))


def _asked_to_stop(seen: Snapshot) -> PodRecord | None:
    """The Pod that was asked to stop first, at least PATIENCE ago, and has not ended."""
    asked = [
        (since, record)
        for record in seen.pods
        if not record.gone and not objects.has_ended(record.pod)
        if (since := objects.deleted_at(record.pod)) is not None
    ]
    since, record = min(asked, key=lambda one: one[0], default=(seen.now, None))
    return record if seen.now - since >= PATIENCE else None


def _grace(record: PodRecord) -> int:
    return int(objects.metadata(record.pod).get("deletionGracePeriodSeconds") or 0)


def _stopping(record: PodRecord) -> Iterator[Fact]:
    for path in ("metadata.deletionTimestamp", "status.phase"):
        yield kinds.field(f"pod/{record.name}", record.pod, path)


# ---- work queues


def working_on(seen: Snapshot) -> Iterator[Cause]:
    """Pods of a work queue that run on after one has succeeded: no other Pod is created then.

    manageJob in pkg/controller/job/job_controller.go: without completions a success is enough, and
    the Job is Complete when no Pod is active any more.
    """
    job = seen.job or {}
    done = objects.status(job).get("succeeded")
    active = [one for one in seen.pods if not one.gone and not objects.has_ended(one.pod)]
    if seen.over or "completions" in objects.spec(job) or not done or not active:
        return
    name = f"pod/{active[0].name}"
    yield Cause(
        "runsOn",
        False,
        name,
        phrase("its Pod runs on"),
        phrase(
            "a Job without completions creates no Pod after a success, and is Complete when its"
            " last Pod has ended"
        ),
        phrase(
            "Where it works on the last of the queue, wait. Else the program does not notice that"
            " the queue is empty: have it end then."
        ),
        f"kubectl logs {active[0].name}",
        id="runs-on-after-success",
        shows=(
            kinds.field(job_word(seen.name), job, "status.succeeded"),
            kinds.field(job_word(seen.name), job, "spec.parallelism"),
            kinds.field(name, active[0].pod, "status.phase"),
        ),
    )


def is_at_work(found: Cause, seen: Snapshot) -> bool:
    """Whether a Pod of a work queue runs on no longer than the others have needed: it may work."""
    if found.id != "runs-on-after-success" or objects.is_true(seen.job or {}, "SuccessCriteriaMet"):
        return False
    won = [
        (one.started, one.finished)
        for record in seen.pods
        if record.succeeded
        for one in record.attempts
        if one.started and one.finished
    ]
    if not won:
        return True
    longest = max(end - start for start, end in won)
    return seen.now - min(end for _, end in won) < max(SILENCE, longest)


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
        kinds.anew(
            phrase(
                "Leave out manualSelector and selector: the API server gives each Job one of its"
                " own."
            )
        ),
        f"kubectl get pods -l {objects.selector(objects.spec(job).get('selector'))}",
        id="selector-of-others",
        shows=(
            kinds.field(job_word(seen.name), job, "spec.selector.matchLabels"),
            kinds.field(name, others[0], "metadata.creationTimestamp"),
        ),
    )
