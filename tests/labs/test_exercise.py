"""What an exercise names: here the file that passes it."""

from __future__ import annotations

import pytest

from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from tests.labs import builders as b

ONE, OTHER = model.Solution("one.yaml"), model.Solution("other.yaml", "again")

# the solutions of a lab with the variants once and again, and what the two are solved by
SOLVED = {
    "without variant it is the first variant's": ([ONE], "one.yaml", "job.yaml"),
    "each variant has its own": ([OTHER, ONE], "one.yaml", "other.yaml"),
    "the first of several": ([ONE, ONE._replace(file="two.yaml")], "one.yaml", "job.yaml"),
    "without any it is the variant's own manifest": ([], "job.yaml", "job.yaml"),
}


@pytest.mark.parametrize("name", SOLVED)
def test_the_solution_of_a_variant(name: str) -> None:
    solutions, *wanted = SOLVED[name]
    lab = b.lab(variants=("once", "again"))._replace(solutions=tuple(solutions))
    assert [Exercise(lab, variant).solution for variant in lab.variants] == wanted
