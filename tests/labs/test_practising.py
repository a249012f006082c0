"""Each cause that a lab practises is in the table, and each of these labs is there."""

from __future__ import annotations

from kubectl_joblab.evidence.causes import table
from kubectl_joblab.labs import practising
from tests.labs import ours


def test_causes_and_labs_are_there() -> None:
    assert practising.LABS.keys() <= table.IDS.keys()
    assert set(practising.LABS.values()) <= {lab.name for lab in ours.LABS}
