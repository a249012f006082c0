"""Tables: Jobs and Pods as `kubectl get` lists them, events as `kubectl events` does.

The columns are data (JOBS, PODS, EVENTS). An empty list gives no line at all: what kubectl then
says on stderr is left to the command, which knows the namespace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.printing import tabwriter, text


class Column(NamedTuple):
    """A column of a table.

    cell: gives an object's cell at a moment. wide_only: whether only `-o wide` shows the column.
    """

    header: str
    cell: Callable[[objects.Object, datetime], str]
    wide_only: bool = False


def jobs(
    items: Sequence[objects.Object], now: datetime, *, wide: bool = False, headers: bool = True
) -> list[str]:
    """The lines of `kubectl get jobs`, in the order given."""
    return _table(JOBS, items, now, wide, headers)


def pods(
    items: Sequence[objects.Object], now: datetime, *, wide: bool = False, headers: bool = True
) -> list[str]:
    """The lines of `kubectl get pods`, in the order given."""
    return _table(PODS, items, now, wide, headers)


def events(
    items: Sequence[objects.Object], now: datetime, *, wide: bool = False, headers: bool = True
) -> list[str]:
    """The lines of `kubectl events`, sorted by when they were last seen; `wide` adds no column.

    Follows k8s.io/kubectl/pkg/cmd/events/event_printer.go and events.go (SortableEvents). Events of
    the same time stay in the order given; Go's sort leaves that order to chance where there are
    more than twelve events.
    """
    return _table(EVENTS, sorted(items, key=_last_seen), now, wide, headers)


def _table(
    columns: Sequence[Column],
    items: Sequence[objects.Object],
    now: datetime,
    wide: bool,
    headers: bool,
) -> list[str]:
    """The lines of a table, as printTable in k8s.io/cli-runtime/pkg/printers/tableprinter.go."""
    shown = [column for column in columns if wide or not column.wide_only]
    rows = [[column.cell(item, now) for column in shown] for item in items]
    if headers and rows:
        rows.insert(0, [column.header for column in shown])
    return text.render(map("\t".join, rows), tabwriter.TABLE)


# ---- cells


def _age(item: objects.Object, now: datetime) -> str:
    return objects.age(objects.created(item), now)


def _job_duration(job: objects.Object, now: datetime) -> str:
    seconds = objects.job_seconds(job, now)
    return "" if seconds is None else objects.human_duration(seconds)


def _of_containers(key: str) -> Callable[[objects.Object, datetime], str]:
    """A cell: the values of `key` of all containers in a Job's Pod template."""
    path = "spec.template.spec.containers"
    return lambda job, _: _one_line(
        ",".join(e.get(key) or "" for e in objects.field(job, path) or [])
    )


def _one_line(cell: str) -> str:
    """The cell up to its first line break, as appendCellValue in tableprinter.go cuts it."""
    first, *rest = re.split("[\f\n\r]", cell, maxsplit=1)
    return f"{first}..." if rest else first


def _ready(pod: objects.Object, _: datetime) -> str:
    columns = objects.pod_columns(pod)
    return f"{columns.ready}/{columns.total}"


def _value_at(path: str) -> Callable[[objects.Object, datetime], str]:
    """A cell: the value of the field at `path`, or <none>."""
    return lambda item, _: str(objects.field(item, path) or text.NONE)


def _selector(job: objects.Object, _: datetime) -> str:
    return objects.selector(objects.spec(job).get("selector")) or text.NONE


def _involved(event: objects.Object, _: datetime) -> str:
    involved = event.get("involvedObject") or {}
    return f"{involved.get('kind') or ''}/{involved.get('name') or ''}"


def _last_seen(event: objects.Object) -> datetime:
    """When an event was last seen, as eventTime in k8s.io/kubectl/pkg/cmd/events/events.go.

    An event without a time comes first. Times are cut to whole seconds, because most events have no
    others: the scheduler's, which have microseconds, would come after later ones of the kubelet.
    """
    series, seen = event.get("series"), event.get("lastTimestamp") or event.get("eventTime")
    when = objects.time(seen if series is None else series.get("lastObservedTime"))
    return when.replace(microsecond=0) if when else datetime.min.replace(tzinfo=timezone.utc)


# Jobs and Pods: pkg/printers/internalversion/printers.go, printJob and printPod
JOBS = (
    Column("NAME", lambda job, _: objects.name(job)),
    Column("STATUS", lambda job, _: objects.job_status(job)),
    Column("COMPLETIONS", lambda job, _: objects.completions(job)),
    Column("DURATION", _job_duration),
    Column("AGE", _age),
    Column("CONTAINERS", _of_containers("name"), wide_only=True),
    Column("IMAGES", _of_containers("image"), wide_only=True),
    Column("SELECTOR", _selector, wide_only=True),
)
PODS = (
    Column("NAME", lambda pod, _: objects.name(pod)),
    Column("READY", _ready),
    Column("STATUS", lambda pod, _: _one_line(objects.pod_status(pod))),
    Column("RESTARTS", objects.restarts),
    Column("AGE", _age),
    Column("IP", _value_at("status.podIPs[0].ip"), wide_only=True),
    Column("NODE", _value_at("spec.nodeName"), wide_only=True),
    Column("NOMINATED NODE", _value_at("status.nominatedNodeName"), wide_only=True),
    Column("READINESS GATES", lambda pod, _: objects.readiness_gates(pod) or text.NONE, True),
)
EVENTS = (
    Column("LAST SEEN", text.interval),
    Column("TYPE", lambda event, _: event.get("type") or ""),
    Column("REASON", lambda event, _: event.get("reason") or ""),
    Column("OBJECT", _involved),
    Column("MESSAGE", lambda event, _: (event.get("message") or "").strip()),
)
