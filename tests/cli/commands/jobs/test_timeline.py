"""timeline: of any Job and of a CronJob's runs, as text, for programs and as a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from kubectl_joblab.errors import ExitCode
from tests.cli.commands.conftest import Compare
from tests.inprocess.cluster import Cluster
from tests.practice.node.fake import Program

TABLE = {
    "report": [[Program(runs=40, exits=1)]],
    "import": [[Program(runs=20)], [Program(runs=4, exits=3)], [Program(runs=10)]],
    "restarts": [[Program(runs=3, exits=1)]],
    "held": [[Program(runs=5)]],
    "goes-on": [[Program(runs=1000)]],
}
SVG = "{http://www.w3.org/2000/svg}"


def manifest(name: str, restart: str = "Never", **spec: object) -> str:
    container = {"name": "main", "image": "busybox:1.36", "command": ["work"]}
    template = {"spec": {"restartPolicy": restart, "containers": [container]}}
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}}
    return json.dumps({**body, "spec": {**spec, "template": template}})


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with Jobs that have ended in several ways, and one that goes on."""
    with Cluster(tmp_path_factory.mktemp("timeline"), TABLE) as made:
        made.create_with_kubectl(manifest("report", activeDeadlineSeconds=150))
        made.create_with_kubectl(manifest("import", completions=3, parallelism=2))
        made.create_with_kubectl(manifest("restarts", "OnFailure", backoffLimit=2))
        made.create_with_kubectl(manifest("held", suspend=True))
        made.sleep(20)
        made.patch_with_kubectl("held", {"suspend": False})
        made.sleep(180)
        made.create_with_kubectl(manifest("goes-on"))
        made.sleep(15)
        yield made


JOBS = ("report", "import", "restarts", "held", "goes-on")


@pytest.mark.parametrize("job", JOBS)
def test_a_job_as_text(ended: Cluster, compare: Compare, job: str) -> None:
    assert compare(ended, f"timeline-{job}", f"timeline job/{job}").code == 0


def test_in_korean(ended: Cluster, compare: Compare) -> None:
    assert compare(ended, "timeline-held-ko", "timeline job/held --lang=ko").code == 0


def test_for_programs(ended: Cluster, compare: Compare) -> None:
    screen = ended.run("timeline", "job/held", "-o", "json")
    uid = str(json.loads(screen.out)["uid"])
    text = f"$ kubectl joblab timeline job/held -o json\n{screen}"
    compare.text("timeline-json", text.replace(uid, "UID"))


@pytest.mark.parametrize("job", JOBS)
def test_the_picture_is_one_svg_that_says_the_same_in_words(ended: Cluster, job: str) -> None:
    screen = ended.run("timeline", f"job/{job}", "-o", "svg")
    assert (screen.code, screen.err) == (0, "")
    root = ElementTree.fromstring(screen.out)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert (root.get("aria-labelledby"), title.get("id"), desc.get("id")) == (
        "title desc",
        "title",
        "desc",
    )
    assert title.text is not None
    assert title.text.startswith(f"job.batch/{job}: ")
    found = json.loads(ended.run("timeline", f"job/{job}", "-o", "json").out)
    assert all(f"{one['pod']}: " in (desc.text or "") for one in found["items"])
    assert "<script" not in screen.out
    assert "http" not in screen.out.replace("http://www.w3.org/2000/svg", "")


def test_a_job_that_is_not_there(ended: Cluster, compare: Compare) -> None:
    assert compare(ended, "timeline-none", "timeline job/none").code == ExitCode.ERROR


def test_what_is_neither_a_job_nor_a_cronjob(ended: Cluster, compare: Compare) -> None:
    assert compare(ended, "timeline-of-a-pod", "timeline pod/x").code == ExitCode.ERROR


@pytest.mark.parametrize("command", ["timeline", "diagnose", "rerun"])
@pytest.mark.parametrize("lab", ["16", "per-index"])
def test_a_lab_is_answered_with_its_job(ended: Cluster, command: str, lab: str) -> None:
    assert ended.run(command, lab).err.splitlines()[0].endswith("did you mean job/per-index?")
    assert "did you mean job/reprt?" in ended.run(command, "reprt").err
