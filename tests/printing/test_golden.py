"""The printers against what kubectl 1.37 printed of the same objects at the same moment."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.printing import describe, tables

GOLDEN = Path(__file__).parent / "golden"

CASES = {
    "pods": "Pods in every STATUS are listed as kubectl get pods lists them",
    "pods-wide": "wide Pods show IP, node, nominated node and readiness gates",
    "pods-no-headers": "Pods without headers are aligned by their cells alone",
    "jobs": "Jobs in every STATUS are listed as kubectl get jobs lists them",
    "jobs-wide": "wide Jobs show containers, images and the sorted selector",
    "jobs-no-headers": "Jobs without headers are aligned by their cells alone",
    "events": "events are sorted by when they were last seen and show counts and series",
    "events-no-headers": "events without headers are aligned by their cells alone",
    "events-image-missing": "a kubelet's repeated events show how often and over how long",
    "describe-running": "a running Job shows active Pods and its events, oldest first",
    "describe-complete": "a Complete Job shows when it ended and how long it took",
    "describe-failed": "a Failed Job has no Completed At and no Duration",
    "describe-suspended": "a suspended Job has no Start Time",
    "describe-work-queue": "a Job without completions shows them as <unset>",
    "describe-limited": "a deadline, a TTL and a selector of our own are shown",
    "describe-indexed": "a long list of completed indexes is cut at a comma",
    "describe-indexed-one-range": "a list of indexes without a comma after fifty is whole",
    "describe-indexed-none": "an Indexed Job without completed indexes shows <none>",
    "describe-long-run": "a Duration of hours is rounded as ages are",
    "describe-applied": "what kubectl apply keeps in an annotation is not shown",
    "describe-owned": "a Job of a CronJob names it",
    "describe-template": "every field of a Pod template kubectl describes is described",
}


@pytest.fixture(autouse=True)
def seoul(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The zone the golden files were captured in."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "KST-9")
        time.tzset()
        yield
    time.tzset()


def printed(found: dict[str, Any]) -> list[str]:
    """What we print for kubectl's arguments."""
    verb, *words = found["arguments"].split()
    now = objects.time(found["now"])
    assert isinstance(now, datetime)
    if verb == "describe":
        return describe.job(found["items"][0], found["events"], now)
    wide, headers = "wide" in words, "--no-headers" not in words
    layout = {"pods": tables.pods, "jobs": tables.jobs}.get(words[0], tables.events)
    return layout(found["items"], now, wide=wide, headers=headers)


@pytest.mark.parametrize("name", [pytest.param(name, id=CASES[name]) for name in CASES])
def test_the_same_is_printed_as_by_kubectl(name: str) -> None:
    found = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    expected = (GOLDEN / f"{name}.txt").read_bytes().decode()

    assert "".join(f"{line}\n" for line in printed(found)) == expected


def test_every_golden_file_is_compared() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CASES)
