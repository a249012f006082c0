"""With each right taken away by itself no cause is named that is none.

Over all that was recorded: the verdict stays, or what is named is among what was named before, or
it says that it does not know; and wherever something was refused it says what.
"""

from __future__ import annotations

import pytest

from kubectl_joblab import objects
from kubectl_joblab.evidence import diagnosis
from kubectl_joblab.evidence.diagnosis import Diagnosis
from tests.causes import worlds
from tests.causes.reader import LOGS, Reader
from tests.causes.worlds import World

WORLDS = {world.name: world for world in worlds.all_of()}
RIGHTS = ("pods", "events", LOGS, "namespaces", "nodes", "persistentvolumeclaims")
# what a cause may be about, and nothing of which is read: messages and events name it
NEVER_READ = {"configmaps", "secrets", "resourcequotas", "limitranges", "serviceaccounts"}


def of(world: World, reader: Reader) -> Diagnosis:
    kind, _, name = world.data["target"].partition("/")
    look = diagnosis.job if kind == "job" else diagnosis.cron_job
    return look(reader.gatherer, world.data["namespace"], name)


def ids(world: World) -> set[str]:
    """All that is named with all rights, of a CronJob's Jobs as well."""
    reader = Reader(world)
    looked = [of(world, reader).found]
    if not world.is_job:
        looked += [diagnosis.of_job(reader.gatherer, job).found for job in world.data["jobs"]]
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
    named, known = of(world, reader).found, world.findings()
    assert (named.root and named.root.id, named.lost) == (known.root and known.root.id, known.lost)
    assert not reader.asked & NEVER_READ


@pytest.mark.parametrize("right", RIGHTS)
def test_without_a_right_no_cause_is_named_that_is_none(right: str) -> None:
    wrong = []
    for world in WORLDS.values():
        whole = of(world, Reader(world))
        reader = Reader(world, right)
        part = of(world, reader)
        if right not in reader.asked:
            assert (part.found, part.refused) == (whole.found, ())
            continue
        root = part.found.root.id if part.found.root else None
        if not any(f'resource "{right}"' in said for said in part.refused):
            wrong.append(f"{world.name}: does not say what it could not see")
        elif part.is_known and not ({root} if root else set()) <= ids(world):
            wrong.append(f"{world.name}: {root}, where it is {sorted(ids(world))}")
        elif part.is_known and not root and whole.found.root and not is_complete(part):
            wrong.append(f"{world.name}: nothing, where it is {whole.found.root.id}")
    assert not wrong, "\n".join(wrong)
