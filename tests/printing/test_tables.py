"""What the tables do where no golden file shows it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from kubectl_joblab.printing import tables

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)
JOB: dict[str, Any] = {"metadata": {"name": "sleep"}, "spec": {"completions": 1}}
POD: dict[str, Any] = {"metadata": {"name": "sleep-x"}, "status": {"phase": "Pending"}}


def event(reason: str, **times: Any) -> dict[str, Any]:
    return {"reason": reason, "involvedObject": {"kind": "Job", "name": "sleep"}, **times}


def test_a_table_has_headers_and_is_not_wide_unless_told_otherwise() -> None:
    assert tables.jobs([JOB], NOW) == [
        "NAME    STATUS    COMPLETIONS   DURATION   AGE",
        "sleep   Running   0/1                      <unknown>",
    ]
    assert tables.pods([POD], NOW) == [
        "NAME      READY   STATUS    RESTARTS   AGE",
        "sleep-x   0/0     Pending   0          <unknown>",
    ]
    assert tables.events([event("Seen")], NOW) == [
        "LAST SEEN   TYPE   REASON   OBJECT      MESSAGE",
        "<unknown>          Seen     Job/sleep   ",
    ]


def test_nothing_is_printed_of_no_objects() -> None:
    assert tables.jobs([], NOW) == tables.pods([], NOW) == tables.events([], NOW) == []


def test_events_have_no_wide_columns() -> None:
    assert tables.events([event("Seen")], NOW, wide=True) == tables.events([event("Seen")], NOW)


def test_a_series_is_sorted_by_when_it_was_last_observed() -> None:
    series = event(
        "Series",
        eventTime="2026-03-01T11:00:00.000000Z",
        lastTimestamp="2026-03-01T11:00:00Z",
        series={"count": 2, "lastObservedTime": "2026-03-01T11:30:00.000000Z"},
    )
    between = event("Between", eventTime="2026-03-01T11:15:00.000000Z")
    lines = tables.events([series, between], NOW, headers=False)
    assert [line.split("  ")[0] for line in lines] == ["45m", "30m (x2 over 60m)"]


def test_events_of_the_same_second_stay_in_their_order() -> None:
    events = [event(f"Reason{n}", lastTimestamp="2026-03-01T11:00:00Z") for n in range(20)]
    lines = tables.events(events, NOW, headers=False)
    assert [line.split()[1] for line in lines] == [f"Reason{n}" for n in range(20)]


def test_a_fraction_of_a_second_is_no_reason_to_come_later() -> None:
    scheduled = event("Scheduled", eventTime="2026-03-01T11:00:00.900000Z")
    pulled = event("Pulled", lastTimestamp="2026-03-01T11:00:00Z")
    lines = tables.events([scheduled, pulled], NOW, headers=False)
    assert [line.split()[1] for line in lines] == ["Scheduled", "Pulled"]


def test_a_cell_ends_at_its_first_line_break() -> None:
    pod = {**POD, "status": {"reason": "one\ntwo\nthree"}}
    assert tables.pods([pod], NOW, headers=False) == ["sleep-x   0/0   one...   0     <unknown>"]
    image = {"name": "main", "image": "busybox\fx"}
    job = {**JOB, "spec": {"template": {"spec": {"containers": [image]}}}}
    assert " busybox...   <none>" in tables.jobs([job], NOW, wide=True)[1]
