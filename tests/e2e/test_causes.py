"""diagnose on a cluster: each cause that this cluster can bring about soon is named first.

The fixtures are those of tests/causes, which also keeps what a real cluster has shown of all.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial

import pytest

from kubectl_joblab.errors import ExitCode
from tests.causes import fixtures, registry
from tests.causes.bring_about import Stage
from tests.causes.fixtures import WELL, Fixture
from tests.e2e import cluster as clusters
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

AT_ONCE = 12
SOON = 20.0  # seconds that a fixture may ask to wait
MEANT = ("suspended", "success-policy", "cron-suspended")
GONE = ("backoff-limit", "cron-run-failed")  # of which nothing is left that would tell more


def test_each_cause_is_named_first(place: Place) -> None:
    able = [one for one in fixtures.read() if one.in_practice and _is_first(one)]
    chosen = [one for one in able if _seconds(one) <= SOON]
    beside = [one for one in chosen if not one.changes_nodes]
    # of any other cluster the nodes are used by others, and the time is everybody's
    alone = [one for one in chosen if one.changes_nodes] if clusters.is_practice() else []
    skipped = [one for one in able if _is_late(one)] if clusters.is_practice() else []
    with nullcontext() if clusters.is_practice() else registry.running():
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(lambda one: _named(one, place), beside))
        found += [_named(one, place) for one in alone]
        found += [_named(one, place, partial(_advance, place)) for one in skipped]
    said = zip((*beside, *alone, *skipped), found, strict=True)
    wrong = [f"{one.name}: {named[-1800:]}" for one, named in said if named != one.cause]
    assert not wrong, "\n".join(wrong)


def _named(fixture: Fixture, place: Place, sleep: Callable[[float], object] = time.sleep) -> str:
    """The id that diagnose names of a fixture; else all that it says."""
    with Stage(fixture, str(place.kubeconfig), sleep) as stage:
        stage.play()
        outcome = place.run(
            f"kubectl joblab diagnose {fixture.target} -n {stage.namespace} -o json"
        )
        if outcome.code != _code(fixture.cause) or not outcome.out:
            return outcome.screen
        found = json.loads(outcome.out)
        if fixture.cause in GONE and not found["known"]:
            return str(next(one["id"] for one in found["causes"] if one["place"] == "lost"))
        meant = (found["meant"] or {}).get("id") if fixture.cause in MEANT else None
        return str(found["cause"] or meant or WELL)


def _advance(place: Place, seconds: float) -> None:
    kubeconfig = place.cluster.kubeconfig.with_name(clusters.PRACTICE_KUBECONFIG)
    skip = f"practice clock advance {seconds:.0f}s --while-running"
    place.joblab(f"{skip} --kubeconfig={kubeconfig}").expect(0)


def _code(cause: str) -> ExitCode:
    """The exit status of diagnose."""
    if cause in (WELL, *MEANT):
        return ExitCode.OK
    return ExitCode.PENDING if cause in GONE else ExitCode.FAILED


def _is_first(fixture: Fixture) -> bool:
    """Whether it is the first of its cause, or a healthy Job."""
    return fixture.number == 1 or fixture.cause == WELL


def _is_late(fixture: Fixture) -> bool:
    """Whether it waits for the times of a schedule."""
    return _seconds(fixture) > SOON and "cron" in fixture.data and "jobs" not in fixture.data


def _seconds(fixture: Fixture) -> float:
    """How long it asks to wait; 0 where it waits for a condition."""
    until = str(fixture.data["until"])
    return float(until[:-1]) if until[0].isdigit() else 0.0
