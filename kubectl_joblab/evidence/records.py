"""What `start` saw, kept on disk by the Job's uid: Pods and logs outlive their deletion there.

`start` and `check --wait` write a record; `check`, `logs` and `start` read it. A record holds logs,
so only the user may read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from kubectl_joblab import files, objects
from kubectl_joblab.evidence import snapshot
from kubectl_joblab.evidence.snapshot import PodRecord
from kubectl_joblab.objects import Attempt

FORMAT = "joblab/v1"  # the format of a record; a lab.yaml has a format of its own
KEPT = 100  # how many records are kept; the oldest are deleted first


def keep(
    folder: Path, uid: str, pods: Iterable[PodRecord], unkept: Callable[[OSError], None]
) -> tuple[PodRecord, ...]:
    """Write the record of a Job, whole or not at all, and return the Pods that it tells of.

    What an earlier record of the Job tells is kept. Where the record cannot be written, unkept is
    called and no error raised: a check that misses the record later says UNKNOWN and why.
    """
    known = snapshot.union(load(folder, uid), pods)
    try:
        _keep(folder, uid, known)
    except OSError as error:
        unkept(error)
    return known


def _keep(folder: Path, uid: str, pods: Iterable[PodRecord]) -> None:
    body = {"format": FORMAT, "uid": uid, "pods": [_dump(record) for record in pods]}
    files.write_json(folder / f"{uid}.json", body)
    records = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in records[:-KEPT]:
        path.unlink(missing_ok=True)


def load(folder: Path, uid: str) -> list[PodRecord]:
    """The Pods that were recorded of this Job; none where there is no record that can be read.

    A record only adds evidence, so a broken one is no error: without it a check says UNKNOWN.
    """
    body = files.read_json(folder / f"{uid}.json")
    if body.get("format") != FORMAT or body.get("uid") != uid:
        return []
    try:
        return [_load(entry) for entry in body["pods"]]
    except (KeyError, TypeError, ValueError):
        return []


def _dump(record: PodRecord) -> dict[str, Any]:
    attempts = [attempt._asdict() for attempt in record.attempts]
    for attempt in attempts:
        for key in ("started", "finished"):
            attempt[key] = attempt[key] and attempt[key].strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"pod": record.pod, "gone": record.gone, "attempts": attempts}


def _load(entry: dict[str, Any]) -> PodRecord:
    attempts = []
    for attempt in entry["attempts"]:
        times = {key: objects.time(attempt[key]) for key in ("started", "finished")}
        log = None if attempt["log"] is None else tuple(map(_line, attempt["log"]))
        attempts.append(Attempt(**{**attempt, **times, "log": log}))
    if not isinstance(entry["pod"], dict):
        raise TypeError("a Pod is a mapping")
    return PodRecord(entry["pod"], tuple(attempts), entry["gone"])


def _line(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a log line is text")
    return value
