"""A table's row about a verdict: what an assertion finds in a snapshot, and how it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.language import Language
from tests.labs import builders as b

PASS, FAIL, PENDING, UNKNOWN = Result.PASS, Result.FAIL, Result.PENDING, Result.UNKNOWN


def judge_one(
    check: model.Check, seen: Snapshot, values: Mapping[str, Any] | None = None
) -> Verdict:
    """The verdict of a lab of one check."""
    (verdict,) = judge(b.lab(check), "", seen, values or {})
    return verdict


def judge(lab: model.Lab, variant: str, seen: Snapshot, values: Mapping[str, Any]) -> list[Verdict]:
    """The verdicts of a lab with these values in its own manifest."""
    found = lab.variant(variant)
    valued = lab._replace(values={found.name: values})
    return checks.judge(Exercise(valued, found, seen.name), seen)


@dataclass(frozen=True)
class Case:
    """What an assertion finds in a snapshot, and how it reads."""

    kind: str
    options: Mapping[str, Any]
    seen: Snapshot
    result: Result
    expected: str
    observed: str


def count(symbol: str, value: object, **more: object) -> dict[str, Any]:
    return {"operator": symbol, "value": value, **more}


def shown(case: Case) -> tuple[Result, str, str]:
    """The verdict of a case, with what it expected and observed in English."""
    verdict = judge_one(b.check(case.kind, case.options), case.seen)
    english, measured = Language("en"), verdict.measure
    return verdict.result, english(measured.expected_text), english(measured.observed_text)
