"""diagnose on a cluster: each cause that this cluster can bring about soon is named first.

The fixtures are those of tests/causes, which also keeps what a real cluster has shown of all.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from kubectl_joblab.errors import ExitCode
from tests.causes import fixtures
from tests.causes.bring_about import Stage
from tests.causes.fixtures import WELL, Fixture
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

AT_ONCE = 4
SOON = 15.0  # seconds that a fixture may ask to wait
MEANT = ("suspended", "success-policy")


def test_each_cause_is_named_first(place: Place) -> None:
    chosen = [one for one in fixtures.read() if one.in_practice and _is_soon(one)]
    kubeconfig = str(place.kubeconfig)

    def named(fixture: Fixture) -> str:
        with Stage(fixture, kubeconfig) as stage:
            stage.play()
            line = f"kubectl joblab diagnose {fixture.target} -n {stage.namespace} -o json"
            outcome = place.run(line)
            if not outcome.out:
                return outcome.screen
            found = json.loads(outcome.out)
            well = fixture.cause in (WELL, *MEANT)
            if outcome.code != (ExitCode.OK if well else ExitCode.FAILED):
                return outcome.screen
            meant = (found["meant"] or {}).get("id") if fixture.cause in MEANT else None
            return str(found["cause"] or meant or WELL)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip((one.name for one in chosen), pool.map(named, chosen), strict=True))
    wrong = {one.name: found[one.name] for one in chosen if found[one.name] != one.cause}
    assert not wrong, "\n".join(f"{name}: {said[:2000]}" for name, said in wrong.items())


def _is_soon(fixture: Fixture) -> bool:
    """Whether it is the first of its cause, or a healthy Job, and takes no long time."""
    if fixture.number > 1 and fixture.cause != WELL:
        return False
    until = str(fixture.data["until"])
    return not until[0].isdigit() or float(until[:-1]) <= SOON
