"""Pieces of text that tables and describe share, before their columns are aligned.

A line is a string with a tab between two cells, as kubectl's own code writes lines; `render` aligns
the columns at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.printing import tabwriter

NONE = "<none>"
LONGEST = 140  # bytes of an annotation that describe prints on one line
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def render(lines: Iterable[str], style: tabwriter.Style) -> list[str]:
    """Lines with tabs as lines with aligned columns; a line break within a line begins another.

    Escape sequences are made visible, as in k8s.io/cli-runtime/pkg/printers/terminal.go.
    """
    text = "\n".join(lines).translate({0x1B: "^[", 0x0D: "\\r"})
    cells = [re.split("[\t\v]", line) for line in re.split("[\n\f]", text)]
    return tabwriter.align(cells, style) if text else []


def plain(value: object) -> str:
    """A value as Go's %v writes it; "" for none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def cut(value: str, longest: int) -> str:
    """A text cut to `longest` bytes of UTF-8, with three dots behind it where it was longer.

    A character that is cut in two becomes U+FFFD.
    """
    encoded = value.encode()
    if len(encoded) <= longest:
        return value
    return encoded[:longest].decode(errors="replace") + "..."


def listing(
    title: str, values: Sequence[str], *, before: str = "", none: str = NONE
) -> Iterator[str]:
    """A line with a title and the first value, then a line for each further value.

    before: what the further lines begin with. none: what stands for no value.
    """
    first, *rest = values or [none]
    yield f"{title}:\t{first}"
    yield from (f"{before}\t{value}" for value in rest)


def label_values(mapping: Mapping[str, str] | None, indent: str = "") -> list[str]:
    """Labels as describe lists them: key=value, sorted."""
    return [f"{indent}{key}={value}" for key, value in sorted((mapping or {}).items())]


def annotation_values(mapping: Mapping[str, str] | None, indent: str = "") -> list[str]:
    """Annotations as describe lists them, without the one that `kubectl apply` writes for itself.

    Follows printAnnotationsMultiline in k8s.io/kubectl/pkg/describe/describe.go: a value that is
    long or has several lines stands below its key.
    """
    found = []
    for key, whole in sorted((mapping or {}).items()):
        value = whole.removesuffix("\n")
        if key == LAST_APPLIED:
            continue
        if "\n" not in value and len(f"{key}: {value}".encode()) <= LONGEST:
            found.append(f"{indent}{key}: {value}")
        else:
            found.append(f"{indent}{key}:")
            found += [f"  {cut(line, LONGEST - 2)}" for line in value.split("\n")]
    return found


def interval(event: Mapping[str, Any], now: datetime) -> str:
    """How long ago an event was seen: 5s, or `5s (x3 over 20s)` where it was seen more than once.

    Follows getInterval in k8s.io/kubectl/pkg/cmd/events/event_printer.go, to which DescribeEvents
    in k8s.io/kubectl/pkg/describe/describe.go comes to the same.
    """
    began = objects.time(event.get("eventTime")) or objects.time(event.get("firstTimestamp"))
    first, last = objects.age(began, now), event.get("lastTimestamp")
    series, count = event.get("series"), event.get("count") or 0
    if series is not None:
        last, count = series.get("lastObservedTime"), series.get("count") or 0
    elif count <= 1:
        return first
    return f"{objects.age(objects.time(last), now)} (x{count} over {first})"
