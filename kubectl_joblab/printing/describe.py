"""A Job as `kubectl describe job` shows it, and sections of our own in the same layout.

`kubectl joblab describe` prints a Job with it. Follows describeJob and DescribeEvents in
k8s.io/kubectl/pkg/describe/describe.go. Times are in the local time zone, as kubectl's are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from email import utils

from kubectl_joblab import objects
from kubectl_joblab.printing import tabwriter, text

SHOWN_INDEXES = 50  # characters; the list of completed indexes ends at the next comma


def job(job: objects.Object, events: Sequence[objects.Object], now: datetime) -> list[str]:
    """The lines of `kubectl describe job`; events: those of this Job, in any order."""
    return text.render([*_job(job), *_events(events, now)], tabwriter.DESCRIBE)


def entries(pairs: Iterable[tuple[str, str]], indent: int = 0) -> list[str]:
    """A `Key:  value` line for each pair, the values in one column."""
    lines = [f"{' ' * indent}{key}:\t{value}" for key, value in pairs]
    return text.render(lines, tabwriter.DESCRIBE)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], indent: int = 0) -> list[str]:
    """A table as describe prints it, with dashes under the header."""
    dashes = ["-" * len(title) for title in header]
    lines = [" " * indent + "\t".join(cells) for cells in (header, dashes, *rows)]
    return text.render(lines, tabwriter.DESCRIBE)


def _job(job: objects.Object) -> Iterator[str]:
    annotations = text.annotation_values(objects.metadata(job).get("annotations"))
    yield f"Name:\t{objects.name(job)}"
    yield f"Namespace:\t{objects.metadata(job).get('namespace', '')}"
    yield f"Selector:\t{objects.selector(objects.spec(job).get('selector'))}"
    yield from text.listing("Labels", text.label_values(objects.labels(job)))
    yield from text.listing("Annotations", annotations)
    for title, value in _facts(job):
        if value is not None:
            yield f"{title}:\t{text.plain(value)}"
    from kubectl_joblab.printing import template  # `status` prints entries and needs no template

    yield from template.lines(objects.spec(job).get("template") or {})


def _facts(job: objects.Object) -> Iterator[tuple[str, object]]:
    """The titles and values of all lines with one value; None where kubectl omits the line."""
    spec, status, owner = objects.spec(job), objects.status(job), objects.controller(job)
    started, completed = (objects.time(status.get(at)) for at in ("startTime", "completionTime"))
    deadline = spec.get("activeDeadlineSeconds")
    yield "Controlled By", owner and f"{owner['kind']}/{owner['name']}"
    yield "Parallelism", spec.get("parallelism")
    yield "Completions", spec.get("completions", "<unset>")
    yield "Completion Mode", spec.get("completionMode")
    yield "Suspend", spec.get("suspend")
    yield "Backoff Limit", spec.get("backoffLimit")
    yield "TTL Seconds After Finished", spec.get("ttlSecondsAfterFinished")
    yield "Start Time", started and _local(started)
    yield "Completed At", completed and _local(completed)
    if started and completed:
        yield "Duration", objects.human_duration((completed - started).total_seconds())
    yield "Active Deadline Seconds", None if deadline is None else f"{deadline}s"
    yield "Pods Statuses", _pods_statuses(job)
    if spec.get("completionMode") == "Indexed":
        yield "Completed Indexes", _shortened(status.get("completedIndexes") or text.NONE)


def _local(when: datetime) -> str:
    """A time in RFC 1123's form with a numeric zone, in English whatever the locale is."""
    return utils.format_datetime(when.astimezone())


def _pods_statuses(job: objects.Object) -> str:
    status = objects.status(job)
    active, succeeded, failed = (status.get(key) or 0 for key in ("active", "succeeded", "failed"))
    ready = f" ({status['ready']} Ready)" if status.get("ready") is not None else ""
    return f"{active} Active{ready} / {succeeded} Succeeded / {failed} Failed"


def _shortened(indexes: str) -> str:
    """The indexes up to the first comma after SHOWN_INDEXES, as capIndexesListOrNone cuts them."""
    end = indexes.find(",", SHOWN_INDEXES)
    return indexes if end < 0 else f"{indexes[: end + 1]}..."


def _events(events: Sequence[objects.Object], now: datetime) -> Iterator[str]:
    """The Events section, sorted by lastTimestamp alone, so that events without one come first.

    Events of the same time stay in the order given; Go's sort leaves that order to chance where
    there are more than twelve events.
    """
    if not events:
        yield f"Events:\t{text.NONE}"
        return
    yield "Events:"
    yield "  Type\tReason\tAge\tFrom\tMessage"
    yield "  ----\t------\t----\t----\t-------"
    for event in sorted(events, key=lambda event: str(event.get("lastTimestamp") or "")):
        component = (event.get("source") or {}).get("component")
        message = (event.get("message") or "").strip()
        if path := (event.get("involvedObject") or {}).get("fieldPath"):
            message = f"{path}: {message}"
        yield "\t".join(
            (
                f"  {event.get('type') or ''}",
                event.get("reason") or "",
                text.interval(event, now),
                component or event.get("reportingComponent") or "",
                message,
            )
        )
