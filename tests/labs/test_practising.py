"""Each cause that a lab practises is in the table, and each of these labs is there."""

from __future__ import annotations

import pytest

from kubectl_joblab.evidence.causes import table
from kubectl_joblab.labs import practising
from tests.labs import builders as b
from tests.labs import ours


def test_causes_and_labs_are_there() -> None:
    assert practising.LABS.keys() <= table.IDS.keys()
    assert set(practising.LABS.values()) <= {lab.name for lab in ours.LABS}


@pytest.mark.parametrize(
    ("spec", "reason", "name"),
    [
        ({"backoffLimitPerIndex": 0}, "FailedIndexes", "per-index"),
        ({"maxFailedIndexes": 0}, "MaxFailedIndexesExceeded", "max-failed"),
    ],
)
def test_the_lab_is_about_what_has_ended_the_job(
    spec: dict[str, int], reason: str, name: str
) -> None:
    job = b.failed(9, reason=reason)
    job["spec"] |= {"completionMode": "Indexed", **spec}
    root = table.findings(b.seen(job)).root
    assert root is not None
    assert practising.lab(root) == name
