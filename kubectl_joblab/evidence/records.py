"""What was seen of each Job, kept on disk by its uid: the Job, its Pods and logs outlive deletion.

`start` and `check --wait` write a record, and `check` where a check asks whether the Job is gone;
`check`, `logs` and `start` read it. A record holds logs, so only the user may read it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from kubectl_joblab import files, objects
from kubectl_joblab.evidence import snapshot
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot, Transition
from kubectl_joblab.objects import Attempt, Object

FORMAT = "joblab/v1"  # the format of a record; a lab.yaml has a format of its own
KEPT = 100  # how many records are kept; the oldest are deleted first


def keep(folder: Path, server: str, seen: Snapshot, unkept: Callable[[OSError], None]) -> Snapshot:
    """Write the record of a Job, whole or not at all, and return all that it tells.

    server: the host and port of the API server that has the Job, or had it. What an earlier record
    of the Job tells is kept. Where the record cannot be written, unkept is called and no error
    raised: a check that misses the record later says UNKNOWN and why.
    """
    uid = objects.uid(seen.job or {})
    known = _united(load(folder, uid), seen)
    try:
        _write(folder, uid, server, known)
    except OSError as error:
        unkept(error)
    return known


def _united(older: Snapshot | None, newer: Snapshot) -> Snapshot:
    """All that both tell of one Job; what the newer one has is taken where they differ."""
    if older is None:
        return newer._replace(history=newer.transitions)
    older = older.as_in(newer)
    return newer._replace(
        pods=snapshot.union(older.pods, newer.pods),
        events=snapshot.union_events(older.events, newer.events),
        gone=older.gone or newer.gone,
        gone_at=newer.gone_at or older.gone_at,
        history=snapshot.merge_history(older.transitions, newer.transitions),
    )


def _write(folder: Path, uid: str, server: str, seen: Snapshot) -> None:
    body = {
        "format": FORMAT,
        "uid": uid,
        "server": server,
        "namespace": seen.namespace,
        "seen": _stamp(seen.now),
        "gone_at": _stamp(seen.gone_at),
        "job": seen.job,
        "history": [{**one._asdict(), "time": _stamp(one.time)} for one in seen.history],
        "events": None if seen.events is None else list(seen.events),
        "pods": [_dump(record) for record in seen.pods],
    }
    files.write_json(folder / f"{uid}.json", body)
    for path in _newest_first(folder)[KEPT:]:
        path.unlink(missing_ok=True)


def _newest_first(folder: Path) -> list[Path]:
    """The records in a folder, the one that was written last first."""
    return sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)


def load(folder: Path, uid: str) -> Snapshot | None:
    """What was recorded of this Job; None where there is no record that can be read.

    A record only adds evidence, so a broken one is no error: without it a check says UNKNOWN.
    Records were of Pods alone once; such a one has no Job.
    """
    body = files.read_json(folder / f"{uid}.json")
    return _read(body) if body.get("uid") == uid else None


def newest(folder: Path, server: str, namespace: str, name: str) -> Snapshot | None:
    """What was recorded last of a Job of this name, in this namespace of this server.

    None where there is no such record.
    """
    try:
        paths = _newest_first(folder)
    except OSError:
        return None
    place = (server, namespace, name)
    for path in paths:
        body = files.read_json(path)
        job = body.get("job")
        if not isinstance(job, dict) or body.get("uid") != path.stem:
            continue
        found = _read(body)
        if found and (body.get("server"), found.namespace, found.name) == place:
            return found
    return None


def places(folder: Path, server: str, names: Collection[str]) -> set[tuple[str, str]]:
    """The namespaces and names of the Jobs of these names that are on record of this server."""
    bodies = [files.read_json(path) for path in folder.glob("*.json")] if names else []
    found = [_read(body) for body in bodies if body.get("server") == server]
    return {(one.namespace, one.name) for one in found if one and one.name in names}


def forget(folder: Path, names: Collection[str]) -> None:
    """Delete what was recorded of Jobs of these names, wherever they were. Raises OSError."""
    for path in folder.glob("*.json"):
        found = _read(files.read_json(path))
        if found and found.name in names:
            path.unlink(missing_ok=True)


def _read(body: dict[str, Any]) -> Snapshot | None:
    """The snapshot that a record tells; None where it is no record."""
    if body.get("format") != FORMAT:
        return None
    try:
        pods = tuple(map(_load, body["pods"]))
        job = _object(body["job"]) if body.get("job") else None
        events = body.get("events")
        gone_at = objects.time(body.get("gone_at"))
        return Snapshot(
            name=objects.name(job) if job else "",
            namespace=str(body.get("namespace") or ""),
            now=objects.time(body.get("seen")) or objects.FIRST,
            job=job,
            pods=pods,
            events=None if events is None else tuple(map(_object, events)),
            gone=gone_at is not None,
            gone_at=gone_at,
            history=tuple(map(_transition, body.get("history") or ())),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _stamp(when: datetime | None) -> str | None:
    """A time as the API writes it, in whole seconds."""
    return None if when is None else when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _object(value: object) -> Object:
    if not isinstance(value, dict):
        raise TypeError("an object is a mapping")
    objects.uid(value)  # it has metadata, or is none
    return value


def _transition(entry: dict[str, str]) -> Transition:
    time = objects.time(entry["time"])
    if time is None:
        raise ValueError("a transition has its time")
    return Transition(entry["type"], entry["status"], entry["reason"], time)


def _dump(record: PodRecord) -> dict[str, Any]:
    attempts = [attempt._asdict() for attempt in record.attempts]
    for attempt in attempts:
        for key in ("started", "finished"):
            attempt[key] = _stamp(attempt[key])
    return {"pod": record.pod, "gone": record.gone, "attempts": attempts}


def _load(entry: dict[str, Any]) -> PodRecord:
    attempts = []
    for attempt in entry["attempts"]:
        times = {key: objects.time(attempt[key]) for key in ("started", "finished")}
        log = None if attempt["log"] is None else tuple(map(_line, attempt["log"]))
        attempts.append(Attempt(**{**attempt, **times, "log": log}))
    return PodRecord(_object(entry["pod"]), tuple(attempts), entry["gone"])


def _line(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a log line is text")
    return value
