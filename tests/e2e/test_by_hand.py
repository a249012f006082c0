"""Jobs made with kubectl are judged as those of `start` are, and a Job that cheats fails."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.e2e import labs, screens
from tests.e2e.conftest import MakePlace
from tests.e2e.place import Outcome, Place

pytestmark = pytest.mark.e2e

BUSYBOX = "--image=busybox:1.36"

# What is typed to make the Job, and the labs it is for.
TYPED = {
    "a Job of kubectl create job passes sleep": (
        "sleep",
        f"kubectl create job sleep {BUSYBOX} -- sleep 10",
    ),
    "a Job of kubectl create job passes echo": (
        "echo",
        f"kubectl create job echo {BUSYBOX} -- echo '2 + 3 = 5'",
    ),
    "a Job of kubectl create job passes basics": (
        "basics",
        f"kubectl create job basics {BUSYBOX} -- echo 'Hello from a Job'",
    ),
    "an applied scaffold passes completions": (
        "completions",
        "kubectl apply -f 05-completions/job-multi.yaml",
    ),
    "an applied scaffold with other values passes parallelism": (
        "parallelism",
        "kubectl apply -f 06-parallelism/job-multi.yaml",
    ),
    "an applied answer passes yaml": ("yaml", "kubectl apply -f job.yaml"),
}


@pytest.fixture(scope="module")
def made(make_place: MakePlace) -> tuple[Place, Mapping[str, Outcome]]:
    """A namespace in which all these Jobs were made by hand, and what check says of each."""
    place = make_place("by-hand")
    labs.with_answer(place)
    place.joblab("scaffold completions").expect(0)
    place.joblab("scaffold parallelism --completions=4 --parallelism=2").expect(0)
    for _, typed in TYPED.values():
        place.run(typed).expect(0)
    running = {lab: place.begin(f"kubectl joblab check {lab} --wait") for lab, _ in TYPED.values()}
    with labs.ended(running.values()):
        return place, {lab: one.finish() for lab, one in running.items()}


@pytest.mark.parametrize(
    "lab", [pytest.param(lab, id=sentence) for sentence, (lab, _) in TYPED.items()]
)
def test_a_job_made_by_hand_is_judged_the_same(
    made: tuple[Place, Mapping[str, Outcome]], lab: str
) -> None:
    place, outcomes = made

    screens.assert_screen(
        f"by-hand-{lab}",
        outcomes[lab].expect(labs.LEFT.get(lab, 0)),
        place,
        stream=False,
        others=True,
    )


def test_a_job_without_parallelism_fails_on_what_it_is_for(place: Place) -> None:
    place.joblab("scaffold parallelism --completions=4").expect(0)
    manifest = place.home / "06-parallelism/job-multi.yaml"
    lines = [line for line in manifest.read_text().splitlines() if " parallelism: 3" not in line]
    manifest.write_text("\n".join(lines))
    place.kubectl(f"apply -f {manifest}")

    outcome = place.joblab("check parallelism --wait").expect(2)

    screens.assert_screen("cheat-one-by-one", outcome, place, stream=False)
    assert place.joblab("check parallelism").expect(2).out == outcome.out


def test_a_bare_pod_is_no_job(place: Place) -> None:
    place.kubectl(f"run sleep {BUSYBOX} --restart=Never -- sleep 10")

    outcome = place.joblab("check sleep").expect(2)

    screens.assert_screen("cheat-bare-pod", outcome, place)


def test_hint_fits_what_the_cluster_shows_and_goes_a_stage_further(place: Place) -> None:
    place.kubectl(f"run sleep {BUSYBOX} --restart=Never -- sleep 10")

    hints = [place.joblab("hint sleep").expect(0) for _ in range(3)]

    screens.assert_screen("hint-first", hints[0], place)
    screens.assert_screen("hint-second", hints[1], place)
    assert hints[2].out == hints[1].out  # the last one stays


def test_hint_has_nothing_to_say_where_every_check_passed(
    made: tuple[Place, Mapping[str, Outcome]],
) -> None:
    place, _ = made

    screens.assert_screen("hint-none", place.joblab("hint echo").expect(0), place)
