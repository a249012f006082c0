"""The archive, installed as krew does: labs on the cluster through the real kubectl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e import labs
from tests.e2e.place import Place

pytestmark = pytest.mark.package


def test_kubectl_finds_krews_link_and_no_other(place: Place, plugin: Path) -> None:
    said = place.kubectl("plugin list --name-only")

    assert said.splitlines()[-1:] == [plugin.name]
    assert not plugin.readlink().is_absolute()


def test_a_learner_goes_through_a_lab(place: Place) -> None:
    listed = place.joblab("list --client -o name").expect(0)
    assert listed.out.split() == list(labs.COURSE)
    assert place.joblab("show echo").expect(0).out

    place.joblab("scaffold echo").expect(0)
    place.kubectl("apply --dry-run=server -f 02-echo/job.yaml")

    started = place.joblab("start echo").expect(0)
    assert not_passed(place, "echo") == 0
    (pod,) = place.pods("echo")
    written = place.kubectl(f"logs {pod['metadata']['name']}").splitlines()
    assert written
    for outcome in (started, place.joblab("logs echo").expect(0)):
        assert set(written) <= {line.partition("] ")[2] for line in outcome.out.splitlines()}

    place.joblab("clean echo").expect(0)
    assert place.items("jobs") == []


def test_kubectl_completes_what_follows_the_plugins_name(place: Place, plugin: Path) -> None:
    place.joblab("completion install").expect(0)
    assert [path.name for path in sorted(plugin.parent.iterdir())] == [
        plugin.name,
        "kubectl_complete-joblab",
    ]

    for words, wanted in {"joblab sca": "scaffold", "joblab start par": "parallelism"}.items():
        said = place.kubectl(f"__complete {words}")
        assert said.splitlines()[0].partition("\t")[0] == wanted

    place.joblab("completion uninstall").expect(0)
    assert [path.name for path in plugin.parent.iterdir()] == [plugin.name]


def test_all_labs_pass(place: Place) -> None:
    finished = labs.finish_all(place)

    # the Job of lab 0 is the learner's to delete
    assert {job: one.code for job, one in finished.starts.items() if one.code} == {"basics": 3}
    place.kubectl("delete job basics")
    assert {lab: not_passed(place, lab) for lab in labs.LABS} == dict.fromkeys(labs.LABS, 0)


def not_passed(place: Place, lab: str) -> int:
    """How many of a lab's checks do not pass; there are some that do."""
    checked = place.joblab(f"check {lab} -o json").expect(0)
    passed, *others = json.loads(checked.out)["summary"].values()
    assert passed
    return sum(others)
