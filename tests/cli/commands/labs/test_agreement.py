"""check LAB, check, check -A and list judge alike: the same results, and as many checks."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from kubectl_joblab.client import resources
from kubectl_joblab.labs.definition.model import Lab
from tests.golden import Screen
from tests.inprocess.cluster import Cluster
from tests.labs import ours

LABS = ours.BY_NAME
PLACE = "ada"


def begin(cluster: Cluster, lab: Lab, variants: int, *flags: str) -> None:
    """Start so many variants of a lab, the first ones, in the namespace PLACE."""
    cluster.make_namespace(PLACE)
    for one in lab.variants[:variants]:
        file = [f"-f{lab.folder / lab.solutions[0].file}"] if one.starter else []
        line = f"start {lab.name} --variant={one.name} -n {PLACE}"
        cluster.run(*line.split(), *file, *(flags or ["--timeout=10m"]))


def judged(cluster: Cluster, line: str) -> dict[tuple[str, str], str]:
    """By Job and check, what check says of it."""
    items = json.loads(cluster.run(*line.split(), "-o", "json").out)["items"]
    return {(one["job"], one["check"]): one["result"] for one in items}


def require_agreement(cluster: Cluster, lab: str) -> None:
    """Hold that all commands that judge the lab say the same."""
    of_lab = judged(cluster, f"check {lab} -n {PLACE}")
    assert judged(cluster, f"check -n {PLACE}") == of_lab
    everywhere = judged(cluster, "check -A")
    assert {key: everywhere.get(key) for key in of_lab} == of_lab
    assert set(everywhere.values()) - {"PENDING"} <= set(of_lab.values())

    lines = [line.split() for line in cluster.run("check", "-A").out.splitlines()]
    ((_, _, *row),) = [line for line in lines if line[:2] == [PLACE, lab]]
    listed = json.loads(cluster.run("list", "-n", PLACE, "-o", "json").out)["items"]
    (item,) = [one for one in listed if one["name"] == lab]
    assert row == [item["status"], item["checks"], item["result"]]
    passed, _, total = item["checks"].partition("/")
    assert len(everywhere) == int(total)
    assert list(of_lab.values()).count("PASS") == int(passed)


@pytest.mark.parametrize("lab", LABS)
def test_of_a_lab_that_is_done(cluster: Cluster, lab: str) -> None:
    begin(cluster, LABS[lab], len(LABS[lab].variants))
    require_agreement(cluster, lab)


@pytest.mark.parametrize("lab", [name for name, lab in LABS.items() if len(lab.variants) > 1])
def test_of_a_lab_of_which_one_job_was_made(cluster: Cluster, lab: str) -> None:
    begin(cluster, LABS[lab], 1)
    require_agreement(cluster, lab)


def suggested(screen: Screen) -> str:
    """The command that a screen leads to."""
    return screen.err.rpartition("Next: ")[2].strip()


VARIED = [name for name, lab in LABS.items() if len(lab.variants) > 1]


@pytest.mark.parametrize(("lab", "cleaned"), [*((one, False) for one in VARIED), ("retry", True)])
def test_start_leads_where_check_and_hint_do(cluster: Cluster, lab: str, cleaned: bool) -> None:
    variants = [one.name for one in LABS[lab].variants]
    for done, one in enumerate(reversed(variants), start=1):
        led = suggested(cluster.run("start", lab, f"--variant={one}", "--timeout=10m"))
        asked = suggested(cluster.run("check", lab, f"--variant={one}"))
        assert led == asked == suggested(cluster.run("check", lab))
        if done < len(variants):
            assert led == suggested(cluster.run("hint", lab)) == f"kubectl joblab start {lab}"
        else:
            assert led == LABS[lab].next
        if cleaned:
            cluster.run("clean", "--all")


@pytest.mark.parametrize("lab", LABS)
def test_of_a_lab_whose_jobs_run(cluster: Cluster, lab: str) -> None:
    begin(cluster, LABS[lab], len(LABS[lab].variants), "--no-wait")
    cluster.sleep(2)
    require_agreement(cluster, lab)


def test_of_a_lab_whose_job_is_gone(cluster: Cluster) -> None:
    begin(cluster, LABS["basics"], 1)
    client = cluster.session(io.StringIO(), io.StringIO()).client
    client.delete(resources.JOBS, "basics", PLACE)
    cluster.sleep(5)
    require_agreement(cluster, "basics")


# what keeps a Job from having Pods, where that stands in its manifest
HELD = {
    "nobody sees to it": ("\nspec:\n", "\nspec:\n  managedBy: example.com/me\n"),
    "its Pods are refused": ("    spec:\n", "    spec:\n      serviceAccountName: nobody\n"),
}


@pytest.mark.parametrize("name", HELD)
def test_of_a_job_without_pods(cluster: Cluster, tmp_path: Path, name: str) -> None:
    text = (LABS["sleep"].folder / "job.yaml").read_text("utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace(*HELD[name], 1), "utf-8")
    begin(cluster, LABS["sleep"], 1, "-fmine.yaml", "--no-wait")
    for seconds in (5, 300):
        cluster.sleep(seconds)
        require_agreement(cluster, "sleep")
