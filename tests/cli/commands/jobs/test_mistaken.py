"""A Job of one's own where a lab is asked for: every command leads to it."""

from __future__ import annotations

from itertools import product

import pytest

from kubectl_joblab.cli.syntax import words
from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster

SLEEP = (MANIFESTS / "01-sleep/job.yaml").read_text("utf-8")
TAKES = {  # what each command of labs or of Jobs calls its words
    name: entry.arguments[0].removesuffix("...")
    for name, entry in words.COMMANDS.items()
    if entry.arguments and entry.arguments[0] in ("lab", "labs...", "subject")
}
OF_ANY = sorted(name for name, what in TAKES.items() if what == "subject")
OF_LABS = sorted(set(TAKES) - {*OF_ANY, "lab test"})


@pytest.fixture
def mine(cluster: Cluster) -> Cluster:
    """A cluster with Jobs that are of no lab, and one that is of a variant."""
    for name in ("report", "retri", "retry-onfailure"):
        cluster.create_with_kubectl(SLEEP.replace("name: sleep", f"name: {name}", 1))
    return cluster


def test_each_command_is_among_them() -> None:
    assert {"status", "logs", "events", "describe", "watch"} == set(OF_ANY)
    assert {"check", "hint", "start", "show", "clean", "reset", "solution"} < set(OF_LABS)


def test_a_command_of_any_job_leads_to_itself(mine: Cluster) -> None:
    for command, name in product(OF_ANY, ("report", "retri")):
        screen = mine.run(command, name)
        assert screen.code == 1
        assert screen.err == (
            f'error: unknown lab "{name}"\n'
            f"There is job.batch/{name}, which is no lab's name.\n"
            f"Next: kubectl joblab {command} job/{name}\n"
        )


def test_a_command_of_labs_leads_to_diagnose(mine: Cluster) -> None:
    for command in OF_LABS:
        by_name = mine.run(command, "report")
        assert by_name.code == 1
        assert by_name.err.endswith("Next: kubectl joblab diagnose job/report\n")
        for word, way in (("job/report", "job/report"), ("cj/nightly", "cronjob/nightly")):
            screen = mine.run(command, word)
            assert screen.code == 1
            assert screen.err == (
                f"error: {command} takes a lab, which {word} is not\n"
                f"Next: kubectl joblab diagnose {way}\n"
            )


WRONG = {
    "rety": "did you mean retry?",
    "retry-onfailure": "did you mean retry --variant=onfailure?",
    "pod/report": 'unknown lab "pod/report"',
    "mine/report": 'unknown lab "mine/report"',
}


def test_what_is_no_job_of_ones_own_is_a_lab_misspelt(mine: Cluster) -> None:
    for name, said in WRONG.items():
        screen = mine.run("check", name)
        assert said in screen.err
        assert "See 'kubectl joblab list' for the labs." in screen.err
    mine.cut()
    assert "There is" not in mine.run("status", "report").err
