"""Each cause as a real cluster has shown it: the table names it first, and no other root."""

from __future__ import annotations

import pytest

from kubectl_joblab import objects
from kubectl_joblab.evidence import verdict
from kubectl_joblab.evidence.causes import dependencies, table
from kubectl_joblab.language import Language
from tests.causes import fixtures, worlds
from tests.causes.worlds import World

WORLDS = {world.name: world for world in worlds.all_of()}
JOBS = {name: world for name, world in WORLDS.items() if world.is_job}
# with these nothing is wrong: a person, or the spec, has asked for them
MEANT = ("suspended", "success-policy", "cron-suspended")


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_the_cause_that_was_brought_about_is_named_first_and_alone(world: World) -> None:
    found = world.findings()
    root = found.root.id if found.root else None
    if world.cause in MEANT:
        assert (root, found.meant and found.meant.id) == (None, world.cause)
    else:
        assert (root or fixtures.WELL) == world.cause
    assert [one.id for one in found.also] == []


@pytest.mark.parametrize("world", JOBS.values(), ids=JOBS)
def test_what_shows_it_is_what_the_cluster_has(world: World) -> None:
    found = world.findings()
    seen = world.snapshot()
    said = str(world.data)
    for cause in (*(one for one in (found.root, found.meant) if one), *found.consequences):
        assert cause.shows, cause.id
        for fact in cause.shows:
            if fact.field.startswith(("spec.", "status.", "metadata.")) and fact.object.startswith(
                "job.batch/"
            ):
                assert objects.field(seen.job or {}, fact.field) is not None
            if fact.field.startswith(("event ", "condition ")):
                assert fact.value.rpartition(": ")[2][:60] in said.replace("\\'", "'")


@pytest.mark.parametrize("world", JOBS.values(), ids=JOBS)
def test_its_verdict_is_one_line_that_begins_with_the_status(world: World) -> None:
    seen = world.snapshot()
    said = Language("en")(verdict.of_job(seen))
    assert said.startswith(objects.job_status(seen.job or {}))
    assert "\n" not in said


# what a Pod or its Job lacks, and goes on with by itself when it is there
LACKING = {
    name: world
    for name, world in JOBS.items()
    if world.cause.endswith("-missing")
    and not world.cause.startswith(("program", "shell", "scheduler"))
}


@pytest.mark.parametrize("world", LACKING.values(), ids=LACKING)
def test_what_was_missing_keeps_nothing_back_when_it_is_there(world: World) -> None:
    seen = world.snapshot()
    named = table.missing(seen)
    assert named
    arrived = dependencies.with_arrived(seen, named)
    assert [one.id for one in table.of(arrived)] == []
    assert table.findings(arrived).root is None


def test_each_id_that_is_found_is_in_the_table() -> None:
    ids = {
        cause.id
        for world in WORLDS.values()
        for found in [world.findings()]
        for cause in (*filter(None, (found.root, found.meant)), *found.consequences)
    }
    assert ids <= table.IDS.keys()


def test_each_fixture_is_recorded() -> None:
    assert sorted(world.name for world in worlds.all_of()) == sorted(
        one.name for one in fixtures.read()
    )


def test_twenty_healthy_jobs_and_two_fixtures_of_each_cause() -> None:
    numbers: dict[str, int] = {}
    for one in fixtures.read():
        numbers[one.cause] = numbers.get(one.cause, 0) + 1
    assert numbers.pop(fixtures.WELL) >= 20
    assert [cause for cause, number in numbers.items() if number < 2] == []


@pytest.mark.parametrize("world", JOBS.values(), ids=JOBS)
def test_what_status_and_logs_say_of_a_job_is_what_diagnose_finds(world: World) -> None:
    found = world.findings()
    root = () if found.root is None or found.lost else (found.root,)
    listed = [*root, *found.origins, *found.consequences, *found.also]
    said = [one.id for one in table.known(world.snapshot(), world.last_line(world.snapshot()))]
    if found.meant is None:
        assert bool(said) == bool(listed)
    assert set(said) <= {one.id for one in (*listed, found.meant) if one}


@pytest.mark.parametrize("world", JOBS.values(), ids=JOBS)
def test_of_a_job_that_has_failed_nothing_is_waited_for(world: World) -> None:
    seen, found = world.snapshot(), world.findings()
    if not objects.is_true(seen.job or {}, "Failed") or found.root is None:
        return
    for waits in ("Wait until", "never fails from this", "goes on;", "tries again by itself"):
        assert waits not in str(found.root.fix)
