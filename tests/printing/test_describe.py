"""What describe prints where no golden file shows it."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone
from typing import Any

import pytest

from kubectl_joblab.printing import describe, text

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)


def described(job: dict[str, Any], *events: dict[str, Any]) -> list[str]:
    return describe.job(job, events, NOW)


def with_volumes(*volumes: dict[str, Any]) -> list[str]:
    """The lines between Volumes and Node-Selectors."""
    lines = described({"spec": {"template": {"spec": {"volumes": list(volumes)}}}})
    first = next(number for number, line in enumerate(lines) if line.startswith("  Volumes:"))
    return lines[first + 1 : -3]


def with_container(**fields: Any) -> list[str]:
    """What a container says after its image and ports, but not of what it lacks; not aligned."""
    container = {"name": "main", "image": "busybox:1.36", **fields}
    lines = described({"spec": {"template": {"spec": {"containers": [container]}}}})
    first = lines.index("   main:") + 4
    said = [line for line in lines[first:-4] if not line.endswith("<none>")]
    return [re.sub(r"(?<=\S) {2,}", "  ", line) for line in said]


def test_entries_are_aligned_by_their_longest_key() -> None:
    pairs = [("Restart Policy", "OnFailure"), ("Backoff Limit Per Index", "<unset>")]
    assert describe.entries(pairs, indent=2) == [
        "  Restart Policy:           OnFailure",
        "  Backoff Limit Per Index:  <unset>",
    ]


def test_a_table_has_dashes_under_its_header() -> None:
    rows = [("FailureTarget", "True", "BackoffLimitExceeded", "2s"), ("Failed", "True", "", "0s")]
    assert describe.table(("Type", "Status", "Reason", "Age"), rows, indent=4) == [
        "    Type           Status  Reason                Age",
        "    ----           ------  ------                ---",
        "    FailureTarget  True    BackoffLimitExceeded  2s",
        "    Failed         True                          0s",
    ]


def test_a_table_begins_at_the_edge_unless_told_otherwise() -> None:
    assert describe.table(("A", "B"), []) == ["A  B", "-  -"]
    assert describe.entries([("A", "B")]) == ["A:  B"]


def test_a_job_of_which_next_to_nothing_is_known_is_described() -> None:
    assert described({"metadata": {"name": "bare"}}) == [
        "Name:           bare",
        "Namespace:      ",
        "Selector:       ",
        "Labels:         <none>",
        "Annotations:    <none>",
        "Completions:    <unset>",
        "Pods Statuses:  0 Active / 0 Succeeded / 0 Failed",
        "Pod Template:",
        "  Labels:  <none>",
        "  Containers: <none>",
        "  Volumes:         <none>",
        "  Node-Selectors:  <none>",
        "  Tolerations:     <none>",
        "Events:            <none>",
    ]


ZONES = {
    "in UTC": ("UTC0", "Sun, 01 Mar 2026 00:30:00 +0000"),
    "west of UTC, the day before": ("XXX3:30", "Sat, 28 Feb 2026 21:00:00 -0330"),
    "east of UTC": ("KST-9", "Sun, 01 Mar 2026 09:30:00 +0900"),
}


@pytest.mark.parametrize(("zone", "shown"), ZONES.values(), ids=ZONES)
def test_times_are_local(zone: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        lines = described({"status": {"startTime": "2026-03-01T00:30:00Z"}})
    time.tzset()
    assert f"Start Time:     {shown}" in lines


INDEXES = {
    "a comma at the fiftieth character does not end the list": ("1" * 49 + ",2", None),
    "a comma after it does": ("1" * 50 + ",2", "1" * 50 + ",..."),
    "the last range is never cut": ("1" * 48 + ",3000000-4000000", None),
}


@pytest.mark.parametrize(("indexes", "shown"), INDEXES.values(), ids=INDEXES)
def test_completed_indexes_end_at_a_comma(indexes: str, shown: str | None) -> None:
    job = {"spec": {"completionMode": "Indexed"}, "status": {"completedIndexes": indexes}}
    assert f"Completed Indexes:  {shown or indexes}" in described(job)


def test_what_a_volume_leaves_out_is_false() -> None:
    sources = [{"configMap": {"name": "settings"}}]
    lines = with_volumes(
        {"name": "map", "configMap": {"name": "settings"}},
        {"name": "share", "nfs": {"server": "nfs.example.com", "path": "/"}},
        {"name": "all", "projected": {"sources": sources}},
    )
    last = [line.split() for line in lines if line.startswith(("    Optional", "    ReadOnly"))]
    assert last == [["Optional:", "false"], ["ReadOnly:", "false"], ["Optional:", "false"]]


def test_a_volume_kubectl_does_not_know_is_unknown() -> None:
    assert with_volumes({"name": "odd", "novel": {}}) == ["   odd:", "  <unknown>"]


def test_a_host_path_without_a_type_says_so() -> None:
    assert with_volumes({"name": "host", "hostPath": {"path": "/x"}})[-1].endswith(":  <none>")


def test_a_claim_that_names_its_volume_has_no_capacity_yet() -> None:
    claim = {"spec": {"volumeName": "disk", "accessModes": ["ReadWriteOnce"]}}
    lines = with_volumes({"name": "own", "ephemeral": {"volumeClaimTemplate": claim}})
    assert "    Volume:        disk" in lines
    assert "    Capacity:      0" in lines


def test_the_storage_class_in_an_annotation_comes_first() -> None:
    beta = {"volume.beta.kubernetes.io/storage-class": "slow"}
    claim = {"metadata": {"annotations": beta}, "spec": {"storageClassName": "fast"}}
    lines = with_volumes({"name": "own", "ephemeral": {"volumeClaimTemplate": claim}})
    assert "    StorageClass:  slow" in lines


def test_a_volume_claim_of_no_template_is_only_named() -> None:
    assert len(with_volumes({"name": "own", "ephemeral": {}})) == 2


def test_a_scheduling_group_comes_last() -> None:
    template = {"spec": {"schedulingGroup": {"podGroupName": "workers"}}}
    assert described({"spec": {"template": template}})[-3:-1] == [
        "  SchedulingGroup:",
        "  PodGroupName:  workers",
    ]


PROBES = {
    "a path without a slash gets one": (
        {"httpGet": {"path": "a b", "port": 80, "scheme": "HTTP"}},
        "http-get http://:80/a%20b",
    ),
    "a probe without a path has none": (
        {"httpGet": {"port": "web", "host": "example.com", "scheme": "HTTPS"}},
        "http-get https://example.com:web",
    ),
    "a probe of no known kind says so": ({}, "unknown"),
    "a command is in brackets": ({"exec": {"command": ["a", "b c"]}}, "exec [a b c]"),
    "a socket without a host has a port": ({"tcpSocket": {"port": 80}}, "tcp-socket :80"),
}


@pytest.mark.parametrize(("probe", "shown"), PROBES.values(), ids=PROBES)
def test_a_probe_is_one_line(probe: dict[str, Any], shown: str) -> None:
    counts = "delay=0s timeout=0s period=0s successThreshold=0 failureThreshold=0"
    assert with_container(livenessProbe=probe) == [f"    Liveness:  {shown} {counts}"]


RESOURCES = {
    "a part is a whole one": ("limits.cpu", "1", "1001m", "2"),
    "a divisor of zero is one": ("limits.memory", "0", "64Mi", "67108864"),
    "a binary divisor": ("requests.memory", "1Ki", "64Mi", "65536"),
    "a decimal divisor": ("limits.memory", "1M", "1G", "1000"),
    "a large binary quantity": ("limits.memory", "1Gi", "1Ti", "1024"),
    "a millionth of a CPU counts as a thousandth": ("limits.cpu", "1m", "1500u", "2"),
    "an exponent is a number": ("limits.memory", "1", "1e3", "1000"),
    "an exa is not an exponent": ("limits.memory", "1P", "2E", "2000"),
    "large pages are a resource": ("limits.hugepages-2Mi", "1Mi", "4Mi", "4"),
    "no limit is that of the node": ("limits.memory", "1", "0", "node allocatable"),
    "no request is none": ("requests.memory", "1", "0", "0"),
}


@pytest.mark.parametrize(
    ("resource", "divisor", "held", "shown"), RESOURCES.values(), ids=RESOURCES
)
def test_a_variable_of_a_resource_is_worked_out(
    resource: str, divisor: str, held: str, shown: str
) -> None:
    kind, name = resource.split(".")
    source = {"resourceFieldRef": {"resource": resource, "divisor": divisor}}
    lines = with_container(env=[{"name": "X", "valueFrom": source}], resources={kind: {name: held}})
    assert f"      X:  {shown} ({resource})" in lines


def test_a_variable_from_a_source_kubectl_does_not_know_is_left_out() -> None:
    env = [{"name": "X", "valueFrom": {"fileKeyRef": {}}}, {"name": "Y", "value": "1"}]
    assert with_container(env=env) == ["    Environment:", "      Y:  1"]


def test_a_path_within_a_volume_is_quoted() -> None:
    mount = {"name": "v", "mountPath": "/m", "subPath": 'a"\\b'}
    assert with_container(volumeMounts=[mount])[-1] == '      /m from v (rw,path="a\\"\\\\b")'


# ---- text


def test_a_long_value_is_cut_by_bytes_and_a_broken_character_is_marked() -> None:
    assert text.cut("가나다", 9) == "가나다"
    assert text.cut("가나다", 7) == "가나\ufffd..."


def test_an_annotation_of_140_bytes_stands_beside_its_key() -> None:
    beside, below = "v" * 135, "v" * 136
    assert text.annotation_values({"key": beside}) == [f"key: {beside}"]
    assert text.annotation_values({"key": below}) == ["key:", f"  {below}"]


def test_an_annotation_of_several_lines_stands_below_its_key() -> None:
    assert text.annotation_values({"key": "one\ntwo\n"}) == ["key:", "  one", "  two"]


def test_escape_sequences_are_made_visible() -> None:
    assert describe.entries([("Key", "\x1b[31mred\r")]) == ["Key:  ^[[31mred\\r"]


INTERVALS = {
    "an event seen once": ({"firstTimestamp": "2026-03-01T11:59:55Z", "count": 1}, "5s"),
    "an event without a count": ({"firstTimestamp": "2026-03-01T11:59:55Z"}, "5s"),
    "an event seen again": (
        {
            "firstTimestamp": "2026-03-01T11:59:40Z",
            "lastTimestamp": "2026-03-01T11:59:55Z",
            "count": 3,
        },
        "5s (x3 over 20s)",
    ),
    "an event seen twice in a second": (
        {
            "firstTimestamp": "2026-03-01T11:59:55Z",
            "lastTimestamp": "2026-03-01T11:59:55Z",
            "count": 2,
        },
        "5s (x2 over 5s)",
    ),
    "an event of the newer kind": ({"eventTime": "2026-03-01T11:59:55.900000Z"}, "4s"),
    "a series of the newer kind": (
        {
            "eventTime": "2026-03-01T11:50:00.000000Z",
            "series": {"count": 1, "lastObservedTime": "2026-03-01T11:59:58.000000Z"},
        },
        "2s (x1 over 10m)",
    ),
    "an event without any time": ({}, "<unknown>"),
}


@pytest.mark.parametrize(("event", "shown"), INTERVALS.values(), ids=INTERVALS)
def test_an_event_shows_when_it_was_seen(event: dict[str, Any], shown: str) -> None:
    assert text.interval(event, NOW) == shown
