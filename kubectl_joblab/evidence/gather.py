"""Reads a Job and what belongs to it from the cluster into a snapshot, and no more than needed.

check, list, status and `lab test` call it; start has seen it all already (follow.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import snapshot
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.objects import Attempt, Object

LOG_BYTES = 1 << 20  # of one attempt's log; a lab's logs have a few lines
# What the kubelet answers, with status 200, where the node has the log no longer.
_LOST = "unable to retrieve container logs for "


def job(client: resources.Client, namespace: str, name: str, *, logs: bool = False) -> Snapshot:
    """The Job of this name, its Pods and, where asked for, their logs."""
    try:
        found = client.get(resources.JOBS, name, namespace)
    except ApiError as error:
        if error.code != 404:
            raise
        return Snapshot(
            name, namespace, client.now(), None, bare_pod=_has_pod(client, namespace, name)
        )
    records = [
        PodRecord(pod, tuple(objects.attempts(pod))) for pod in pods(client, namespace, found)
    ]
    if logs:
        records = [with_logs(client, record) for record in records]
    return Snapshot(name, namespace, client.now(), found, snapshot.order(records))


def _has_pod(client: resources.Client, namespace: str, name: str) -> bool:
    try:
        client.get(resources.PODS, name, namespace)
    except ApiError as error:
        if error.code not in (403, 404):
            raise
        return False
    return True


def selector(found: Object) -> str:
    """The Job's label selector, as a query."""
    labels = (objects.spec(found).get("selector") or {}).get("matchLabels") or {}
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def pods(client: resources.Client, namespace: str, found: Object) -> list[Object]:
    """The Pods this Job owns: by its selector, then by its uid."""
    items = client.list(resources.PODS, namespace, labels=selector(found)).items
    return [pod for pod in items if is_owned(pod, found)]


def is_owned(pod: Object, found: Object) -> bool:
    """Whether the Job is the Pod's controller."""
    return (objects.controller(pod) or {}).get("uid") == objects.uid(found)


def with_events(client: resources.Client, seen: Snapshot, *, of_pods: bool = True) -> Snapshot:
    """The snapshot with the events of the Job and, unless not wanted, of its Pods, oldest first."""
    uids = [objects.uid(seen.job)] if seen.job else []
    uids += [objects.uid(record.pod) for record in seen.pods if of_pods]
    return seen._replace(events=tuple(events(client, seen.namespace, uids)))


def events(client: resources.Client, namespace: str, uids: Iterable[str]) -> list[Object]:
    """The events about the objects with these uids, oldest first.

    By uid: a name may have belonged to an earlier Job.
    """
    found = [
        event
        for uid in uids
        for event in client.list(
            resources.EVENTS, namespace, fields=f"involvedObject.uid={uid}"
        ).items
    ]
    return sorted(found, key=lambda event: str(objects.event_time(event)))


def with_logs(client: resources.Client, record: PodRecord) -> PodRecord:
    """The Pod with the logs of the attempts whose logs the cluster still has."""
    attempts = tuple(
        attempt if attempt.log is not None else _with_log(client, record, attempt)
        for attempt in record.attempts
    )
    return record._replace(attempts=attempts)


def _with_log(client: resources.Client, record: PodRecord, attempt: Attempt) -> Attempt:
    namespace = str(objects.metadata(record.pod).get("namespace"))
    try:
        lines = client.logs(
            record.name,
            namespace,
            attempt.container,
            previous=not record.is_latest(attempt),
            limit_bytes=LOG_BYTES,
        )
        log = tuple(lines)
    except ApiError as error:
        if error.code in (401, 403):
            raise
        return attempt  # the container or its log is gone
    if is_lost(log):
        return attempt
    cut = sum(len(line) + 1 for line in log) >= LOG_BYTES
    return attempt._replace(log=log, log_cut=cut)


def is_lost(log: Sequence[str]) -> bool:
    """Whether this is not a log, but the kubelet's word that there is none any more."""
    return len(log) == 1 and _LOST in log[0]
