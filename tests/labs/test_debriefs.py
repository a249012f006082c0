"""What start ends a run with: why the Job of the variant that was run behaved so."""

from __future__ import annotations

import pytest

from kubectl_joblab.labs.definition import model
from tests.labs.ours import LABS

LATER = [(lab, one) for lab in LABS for one in lab.variants[1:]]


@pytest.mark.parametrize(("lab", "variant"), LATER, ids=lambda one: one.name)
def test_each_variant_but_the_first_says_why_its_own_job_behaved_so(
    lab: model.Lab, variant: model.Variant
) -> None:
    own = variant.debrief
    assert own is not None, "the first paragraph of the lab's debrief is about another Job"
    for said in own:
        assert "\n" not in said.strip(), "is more than a paragraph"
        assert said not in [text for one in lab.variants if one != variant for text in _of(one)]


def _of(variant: model.Variant) -> list[str]:
    return list(variant.debrief or ())
