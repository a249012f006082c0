"""What is said of the next try of a Job that goes on, and of none where none follows."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kubectl_joblab.evidence import retry
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.language import Language
from tests.labs import builders as b

TWO = [b.ran("demo-a", 1, 2, 3), b.ran("demo-b", 12, 13, 3, created=12)]
FAILED = {"failed": 2, "active": 0}
SAID: Mapping[str, tuple[Snapshot, str]] = {
    "two failed": (
        b.seen(b.job(status=FAILED), *TWO, now=20),
        "in 13s; 2 of 7 tries failed",
    ),
    "the wait is over": (b.seen(b.job(status=FAILED), *TWO, now=40), "due now"),
    "failures that are ignored": (
        b.seen(b.job(status={"failed": 0}), *TWO, now=20),
        "in 13s",
    ),
    "of several completions": (
        b.seen(b.job(spec={"completions": 3}, status=FAILED), *TWO, now=20),
        "in 13s",
    ),
    "one runs": (b.seen(b.job(status={"failed": 2, "active": 1}), *TWO, now=20), ""),
    "none failed": (b.seen(b.job(), now=20), ""),
    "the last one succeeded": (
        b.seen(b.job(spec={"completions": 3}), *TWO, b.ran("demo-c", 14, 15), now=16),
        "",
    ),
    "suspended": (b.seen(b.job(spec={"suspend": True}, status=FAILED), *TWO, now=20), ""),
    "deleted": (b.seen(b.job(status=FAILED, deleted=15), *TWO, now=20), ""),
    "Failed": (b.seen(b.failed(14, pods=2), *TWO, now=20), ""),
    "about to fail": (
        b.seen(
            b.job(status=FAILED, conditions=[b.condition("FailureTarget", 14, "X")]), *TWO, now=20
        ),
        "",
    ),
    "a queue that is done": (
        b.seen(b.job(spec={"completions": None}, status=FAILED | {"succeeded": 1}), *TWO, now=20),
        "",
    ),
    "gone": (b.seen(b.job(status=FAILED), *TWO, now=20)._replace(gone=True), ""),
}


@pytest.mark.parametrize("name", SAID)
def test_the_next_try_is_told_where_one_follows(name: str) -> None:
    seen, said = SAID[name]
    assert Language("en")(retry.says(seen)) == said
