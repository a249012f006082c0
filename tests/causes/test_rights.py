"""With each right taken away by itself no cause is named that is none.

Over all that was recorded: the verdict stays, or what is named is among what was named before, or
it says that it does not know; and wherever something was refused it says what.
"""

from __future__ import annotations

from functools import cache

import pytest

from kubectl_joblab import objects
from kubectl_joblab.evidence import diagnosis, overview
from kubectl_joblab.evidence.diagnosis import Diagnosis
from kubectl_joblab.evidence.overview import Overview
from tests.causes import worlds
from tests.causes.reader import LOGS, Reader
from tests.causes.worlds import World

WORLDS = {world.name: world for world in worlds.all_of()}
# what is asked for by its name alone, and only where a message calls it missing
DEPENDENCIES = ("configmaps", "secrets", "serviceaccounts", "persistentvolumeclaims")
RIGHTS = ("pods", "events", LOGS, "namespaces", "nodes", *DEPENDENCIES)
# what diagnose names of one of many, where it names another cause of that one alone: it reads no
# logs, nodes, namespaces and Pods of others, and of events those about Jobs and CronJobs
WIDER = {
    **dict.fromkeys(("exec-format-error-1", "exec-format-error-2"), "exit-code"),
    **dict.fromkeys(("probe-failed-2", "program-missing-4"), "exit-code"),
    **dict.fromkeys(("eviction-1", "node-lost-1", "preempted-1"), "backoff-limit"),
    **dict.fromkeys(("registry-unreachable-3", "unschedulable-affinity-3"), "job-deadline"),
    **dict.fromkeys(("eviction-2", "finalizer-2", "namespace-terminating-1"), None),
    **dict.fromkeys(("node-lost-3", "node-lost-4"), None),
    **dict.fromkeys(("selector-of-others-1", "selector-of-others-2"), None),
    "suspended-by-controller-3": None,  # of whose Job there is a row
    "namespace-terminating-2": "finalizer",
    "probe-failed-1": "killed",
    "probe-failed-3": "backoff-limit",
}
# what a cause may be about, and nothing of which is read: messages and events name it
NEVER_READ = {"resourcequotas", "limitranges"}


@cache
def one_of(name: str) -> tuple[Diagnosis, set[str]]:
    """What is said of a world with all rights, and what was asked for."""
    reader = Reader(WORLDS[name])
    return reader.diagnose(), reader.asked


@cache
def all_of(name: str) -> tuple[Overview, set[str]]:
    """The same of all that is in a world."""
    reader = Reader(WORLDS[name])
    return overview.read(reader, WORLDS[name].data["namespace"]), reader.asked


@cache
def ids(name: str) -> set[str]:
    """All that is named with all rights, of a CronJob's Jobs as well."""
    world = WORLDS[name]
    looked = [one_of(name)[0].found]
    if not world.is_job:
        gatherer = Reader(world).gatherer
        looked += [diagnosis.of_job(gatherer, job).found for job in world.data["jobs"]]
    return {
        cause.id
        for found in looked
        for cause in (
            *filter(None, (found.root, found.meant)),
            *found.origins,
            *found.consequences,
            *found.also,
        )
    }


def is_complete(one: Diagnosis) -> bool:
    """Whether it is a Job that is well, whatever its Pods are: that they are unseen is said."""
    return objects.is_true(one.subject or {}, "Complete")


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_what_is_read_is_what_was_recorded(world: World) -> None:
    reader = Reader(world)
    named, known = reader.diagnose().found, world.findings()
    assert (named.root and named.root.id, named.lost) == (known.root and known.root.id, known.lost)
    assert not reader.asked & NEVER_READ
    if not world.cause.endswith(("-missing", "claim-not-bound")):
        assert not reader.asked & {*DEPENDENCIES}


@pytest.mark.parametrize("right", RIGHTS)
def test_without_a_right_no_cause_is_named_that_is_none(right: str) -> None:
    wrong = []
    for world in WORLDS.values():
        whole, asked = one_of(world.name)
        if right not in asked:
            continue
        part = Reader(world, right).diagnose()
        root = part.found.root.id if part.found.root else None
        if not any(f'resource "{right}"' in said for said in part.refused):
            wrong.append(f"{world.name}: does not say what it could not see")
        elif part.is_known and not ({root} if root else set()) <= ids(world.name):
            wrong.append(f"{world.name}: {root}, where it is {sorted(ids(world.name))}")
        elif part.is_known and not root and whole.found.root and not is_complete(part):
            wrong.append(f"{world.name}: nothing, where it is {whole.found.root.id}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("right", [*RIGHTS, "cronjobs"])
def test_of_many_no_cause_is_named_that_is_none_without_a_right(right: str) -> None:
    wrong = []
    for world in WORLDS.values():
        whole, asked = all_of(world.name)
        if right not in asked:
            continue
        part = overview.read(Reader(world, right), world.data["namespace"])
        known = {one.found.root.id for one in whole.rows if one.found.root} | ids(world.name)
        named = {one.found.root.id for one in part.rows if one.found.root}
        if not any(f'resource "{right}"' in said for said in part.refused):
            wrong.append(f"{world.name}: does not say what it could not see")
        elif not named <= known:
            wrong.append(f"{world.name}: {sorted(named)}, where it is {sorted(known)}")
    assert not wrong, "\n".join(wrong)


def test_of_many_the_first_cause_is_that_of_one_or_a_wider_one() -> None:
    differs = {}
    for world in WORLDS.values():
        rows = all_of(world.name)[0].rows
        kind, _, name = world.data["target"].partition("/")
        row = next((one for one in rows if (one.kind, one.name) == (kind, name)), None)
        root = row.found.root.id if row and row.found.root else None
        one = one_of(world.name)[0].found
        if root != (one.root.id if one.root else None):
            differs[world.name] = root
    assert differs == WIDER
