"""`lab test` proves every lab: solutions pass, the starter is refused, cheats fail as named."""

from __future__ import annotations

import pytest

from tests.e2e import labs, screens
from tests.e2e.labs import Proofs

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("lab", labs.COURSE)
def test_lab_test_proves_every_lab(proofs: Proofs, lab: str) -> None:
    place, outcome = proofs[lab].result()

    screens.assert_screen(f"lab-test-{lab}", outcome.expect(0), place)
    assert place.items("jobs") == []  # it leaves nothing behind
