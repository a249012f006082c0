"""Jobs, Pods and events as the API serves them, and what joblab makes of them, in few words.

Tests of evidence, labs and printing use them. Times are seconds after NOON, when every Job of these
tests is created unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import settings

from kubectl_joblab import objects
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot, order
from kubectl_joblab.labs import manifest
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.definition.document import Document, Files
from kubectl_joblab.language import Text
from kubectl_joblab.objects import Attempt, Object

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
NAMESPACE = "labs"
PROPERTY = settings(max_examples=50, deadline=None)  # a slow machine is no failure
SLOW_PROPERTY = settings(max_examples=15, deadline=None)
JOB_UID = "997188b3-5543-4221-a70f-d0db1b334bc9"
QUOTA = "exceeded quota: pods, requested: pods=1, used: pods=2, limited: pods=2"


def at(seconds: float) -> datetime:
    """The time so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def stamp(seconds: float) -> str:
    """The time so many seconds after noon as a metav1.Time, which has whole seconds."""
    return at(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- Jobs


def job(
    name: str = "demo",
    *,
    uid: str = JOB_UID,
    created: float = 0,
    spec: Mapping[str, Any] | None = None,
    status: Mapping[str, Any] | None = None,
    conditions: Sequence[Mapping[str, Any]] = (),
    annotations: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    deleted: float | None = None,
) -> Object:
    """A Job that started when it was created; `spec` and `status` add to what a plain one has."""
    metadata: Object = {"name": name, "namespace": NAMESPACE, "uid": uid}
    metadata["creationTimestamp"] = stamp(created)
    if annotations:
        metadata["annotations"] = dict(annotations)
    if labels:
        metadata["labels"] = dict(labels)
    if deleted is not None:
        metadata["deletionTimestamp"] = stamp(deleted)
    found: Object = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata,
        "spec": {
            "backoffLimit": 6,
            "completions": 1,
            "parallelism": 1,
            "selector": {"matchLabels": {objects.CONTROLLER_UID_LABEL: uid}},
            **(spec or {}),
        },
        "status": {"startTime": stamp(created), **(status or {})},
    }
    if conditions:
        found["status"]["conditions"] = [dict(entry) for entry in conditions]
    return found


def condition(kind: str, seconds: float, reason: str, status: str = "True") -> Object:
    """A condition of a Job. kind: its type. seconds: when it became so."""
    when = stamp(seconds)
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "lastTransitionTime": when,
        "lastProbeTime": when,
    }


def complete(seconds: float, succeeded: int = 1, name: str = "demo", **more: Any) -> Object:
    """A Job that became Complete so many seconds after noon. more: as for `job`."""
    return job(
        name,
        status={
            "succeeded": succeeded,
            "completionTime": stamp(seconds),
            "ready": 0,
            "terminating": 0,
            **more.pop("status", {}),
        },
        conditions=[
            condition("SuccessCriteriaMet", seconds, "CompletionsReached"),
            condition("Complete", seconds, "CompletionsReached"),
        ],
        **more,
    )


def failed(
    seconds: float,
    pods: int = 1,
    name: str = "demo",
    reason: str = "BackoffLimitExceeded",
    **more: Any,
) -> Object:
    """A Job that became Failed so many seconds after noon. pods: how many of its Pods failed."""
    return job(
        name,
        status={"failed": pods, "ready": 0, "terminating": 0, **more.pop("status", {})},
        conditions=[
            condition("FailureTarget", seconds, reason),
            condition("Failed", seconds, reason),
        ],
        **more,
    )


# ---- containers


def running(start: float) -> Object:
    """The state of a container that runs. start: since when."""
    return {"running": {"startedAt": stamp(start)}}


def ended(start: float, finish: float, code: int = 0, reason: str = "") -> Object:
    """The state of a container that ran and ended."""
    return {
        "terminated": {
            "containerID": f"containerd://{start}",
            "exitCode": code,
            "reason": reason or ("Error" if code else "Completed"),
            "startedAt": stamp(start),
            "finishedAt": stamp(finish),
        }
    }


def waiting(reason: str, message: str = "") -> Object:
    """The state of a container that waits."""
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def crash_loop(pod_name: str, seconds: int) -> Object:
    """The state of a container that waits out its back-off, as the kubelet words it."""
    message = (
        f"back-off {seconds}s restarting failed container=main "
        f"pod={pod_name}_{NAMESPACE}(7c2e8a42-9f02-424f-8304-f17b20c970c8)"
    )
    return waiting("CrashLoopBackOff", message)


def container(
    state: Object, *, last: Object | None = None, restarts: int = 0, name: str = "main"
) -> Object:
    """An entry of containerStatuses. last: the state before the present one."""
    return {
        "name": name,
        "image": "docker.io/library/busybox:1.36",
        "ready": "running" in state,
        "started": "running" in state,
        "restartCount": restarts,
        "state": state,
        "lastState": last or {},
    }


# ---- Pods


def pod(
    name: str,
    *containers: Object,
    phase: str = "",
    created: float = 0,
    owner: str | None = JOB_UID,
    deleted: float | None = None,
    grace: int = 30,
    restart_policy: str = "Never",
    conditions: Sequence[Object] = (),
    index: int | None = None,
) -> Object:
    """A Pod of the Job; its phase follows from its containers unless it is given.

    owner: the uid of its Job, None for a Pod that nothing owns. deleted: when it was asked to end,
    with `grace` seconds to do so. index: that of an Indexed Job's Pod.
    """
    metadata: Object = {
        "name": name,
        "namespace": NAMESPACE,
        "uid": f"uid-of-{name}",
        "creationTimestamp": stamp(created),
    }
    if owner is not None:
        metadata["ownerReferences"] = [
            {"apiVersion": "batch/v1", "kind": "Job", "name": "demo", "uid": owner}
        ]
        metadata["ownerReferences"][0] |= {"controller": True, "blockOwnerDeletion": True}
    if index is not None:
        metadata["annotations"] = {objects.INDEX_ANNOTATION: str(index)}
    if deleted is not None:
        metadata["deletionTimestamp"] = stamp(deleted + grace)
        metadata["deletionGracePeriodSeconds"] = grace
    found: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {
            "restartPolicy": restart_policy,
            "containers": [{"name": "main", "image": "busybox:1.36"}],
        },
        "status": {"phase": phase or _phase(containers, restart_policy)},
    }
    if containers:
        found["status"]["containerStatuses"] = list(containers)
    if conditions:
        found["status"]["conditions"] = list(conditions)
    return found


def _phase(containers: Sequence[Object], restart_policy: str) -> str:
    ends = [entry["state"].get("terminated") for entry in containers]
    if all("waiting" in entry["state"] and not entry["lastState"] for entry in containers):
        return "Pending"
    if None in ends:
        return "Running"
    if any(end["exitCode"] for end in ends):
        return "Failed" if restart_policy == "Never" else "Running"
    return "Succeeded"


def ran(name: str, start: float, finish: float, code: int = 0, created: float = 0) -> Object:
    """A Pod whose container ran once and ended."""
    return pod(name, container(ended(start, finish, code)), created=created)


def runs(name: str, start: float, created: float = 0) -> Object:
    """A Pod whose container still runs. start: since when."""
    return pod(name, container(running(start)), created=created)


def unschedulable(name: str, message: str) -> Object:
    """A Pod that no node takes. message: the scheduler's."""
    scheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    return pod(name, conditions=[{**scheduled, "message": message}])


# ---- events


def event(
    reason: str, message: str = "", *, count: int = 1, kind: str = "Normal", seconds: float = 0
) -> Object:
    """An event about the Job, as client-go's recorder writes it."""
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"demo.{reason}", "uid": f"uid-of-{reason}-{message}"},
        "involvedObject": {"kind": "Job", "name": "demo", "uid": JOB_UID},
        "type": kind,
        "reason": reason,
        "message": message,
        "count": count,
        "firstTimestamp": stamp(seconds),
        "lastTimestamp": stamp(seconds),
        "eventTime": None,
    }


def refused(quota: str = QUOTA) -> Object:
    """The event that tells of a Pod which a quota kept the Job controller from creating."""
    text = f'Error creating: pods "demo-qhxd8" is forbidden: {quota}'
    return event("FailedCreate", text, kind="Warning")


# ---- what joblab makes of them


def attempt(
    start: float | None,
    finish: float | None = None,
    code: int | None = None,
    *,
    number: int = 1,
    log: Sequence[str] | None = None,
    cut: bool = False,
    container: str = "main",
) -> Attempt:
    """One start of a container, which still runs where no finish is given. cut: as log_cut."""
    if finish is not None and code is None:
        code = 0
    return Attempt(
        container,
        number,
        None if start is None else at(start),
        None if finish is None else at(finish),
        code,
        "" if code is None else "Error" if code else "Completed",
        None if log is None else tuple(log),
        cut,
    )


def record(pod: Object, *attempts: Attempt, gone: bool = False, logs: str = "") -> PodRecord:
    """A Pod and its attempts: those that its status tells of, unless some are given.

    logs: the text that each of those attempts wrote.
    """
    found = attempts or tuple(objects.attempts(pod))
    if logs:
        found = tuple(one._replace(log=tuple(logs.splitlines())) for one in found)
    return PodRecord(pod, found, gone)


def seen(
    job: Object | None,
    *pods: PodRecord | Object,
    now: float = 60,
    events: Sequence[Object] | None = None,
    bare_pod: bool = False,
    name: str = "demo",
) -> Snapshot:
    """A snapshot; a Pod given as an object is read as `check` reads it."""
    records = [pod if isinstance(pod, PodRecord) else record(pod) for pod in pods]
    kept = None if events is None else tuple(events)
    return Snapshot(name, NAMESPACE, at(now), job, order(records), kept, bare_pod)


# ---- labs


def text(english: str) -> Text:
    """A text of a lab, in both languages."""
    return Text(en=english, ko=f"{english} (ko)")


def check(
    kind: str,
    options: Mapping[str, Any],
    *,
    id: str = "it",  # noqa: A002 -- the field's name
    within: int = 100,
    when: Sequence[model.Assertion] = (),
    because: Sequence[model.Reason] = (),
    variant: str = "",
) -> model.Check:
    """A check of an assertion of this kind, with these options."""
    return model.Check(
        id=id,
        task=1,
        within=within,
        assertion=model.Assertion(kind, options),
        ask=text("it is so"),
        fix=text("make it so"),
        run="kubectl get job {job}",
        variant=variant,
        when=tuple(when),
        because=tuple(because),
    )


def lab(*checks: model.Check, name: str = "demo", variants: Sequence[str] = ("demo",)) -> model.Lab:
    """A lab with these checks; its first variant's Job is called as the lab."""
    jobs = [name, *(f"{name}-{one}" for one in variants[1:])]
    return model.Lab(
        files=Files(Path(f"/labs/01-{name}")),
        name=name,
        number=1,
        level="beginner",
        minutes=5,
        requires=(),
        title=text("title"),
        goal=text("goal"),
        tasks=(model.Task(text("do it")),),
        observe=(text("see it"),),
        commands=(),
        debrief=text("why"),
        variants=tuple(
            model.Variant(one, job, "job.yaml") for one, job in zip(variants, jobs, strict=True)
        ),
        checks=checks,
        hints=(),
        solutions=(),
        cheats=(),
    )


def reread(made: Document) -> Document:
    """The document, once its data has been compared with what its text says."""
    assert made.data == manifest.parse(made.text, made.name).data
    return made
