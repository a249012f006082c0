"""What is due of that which a lab does, for who works by hand: check, hint and others name it."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.labs import setup
from tests.cli.commands.conftest import Compare
from tests.cli.commands.test_requests import sent
from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster
from tests.labs import ours
from tests.labs.definition.lint.lab import edit, make_lab, write
from tests.practice.node.fake import Program

Do = Callable[[Cluster], object]


def make(*files: str) -> Do:
    """Create what is in these files of labs, with the labels that they have, as kubectl does."""

    def do(cluster: Cluster) -> None:
        for file in files:
            for one in yaml.safe_load_all((MANIFESTS / file).read_text("utf-8")):
                cluster.create_with_kubectl(yaml.safe_dump(one))

    return do


def change(name: str, **spec: object) -> Do:
    return lambda cluster: cluster.patch_with_kubectl(name, spec)


def configure(name: str, **data: str) -> Do:
    return lambda cluster: cluster.configure_with_kubectl(name, data)


def take(cluster: Cluster) -> None:
    """Create the CronJob of lab 23, and a Job from it, as kubectl create job --from does."""
    make("23-cronjob/cronjob.yaml")(cluster)
    client = cluster.session(io.StringIO(), io.StringIO()).client
    cron_job = client.get(resources.CRON_JOBS, "cronjob-minute", "default")
    template = objects.spec(cron_job)["jobTemplate"]
    marks = {objects.INSTANTIATE_ANNOTATION: "manual"}
    metadata = {**template["metadata"], "name": "cronjob-by-hand", "annotations": marks}
    job = {"apiVersion": "batch/v1", "kind": "Job", **template, "metadata": metadata}
    client.create(resources.JOBS, setup.taken(job, [{"kind": "CronJob", **cron_job}]), "default")


def change_cron_job(**spec: object) -> Do:
    def do(cluster: Cluster) -> None:
        client = cluster.session(io.StringIO(), io.StringIO()).client
        client.patch(resources.CRON_JOBS, "cronjob-minute", {"spec": spec}, "default")

    return do


def wait(seconds: float) -> Do:
    return lambda cluster: cluster.sleep(seconds)


def delete_pod(number: int) -> Do:
    """Delete the Pod that was created as the number-th, counted from 0, of those there."""

    def do(cluster: Cluster) -> None:
        client = cluster.session(io.StringIO(), io.StringIO()).client
        pods = sorted(client.list(resources.PODS, "default").items, key=objects.name)
        client.delete(resources.PODS, objects.name(pods[number]), "default")

    return do


def patched(called: str, body: Mapping[str, object]) -> str:
    """The kubectl line of a patch."""
    text = json.dumps(body, separators=(",", ":"))
    return f"kubectl patch {called} --type=merge -p '{text}'"


def nothing(cluster: Cluster) -> None:
    """Do nothing."""


RESUME, SUSPEND = (patched("job/suspend", {"spec": {"suspend": to}}) for to in (False, True))
GROW = patched("job/elastic", {"spec": {"parallelism": 5, "completions": 5}})
SHRINK = patched("job/elastic-down", {"spec": {"parallelism": 2, "completions": 2}})
UP = patched("configmap/ignore-service", {"data": {"state": "up"}})
START, STOP = (patched("cronjob/cronjob-minute", {"spec": {"suspend": to}}) for to in (False, True))
DELETE = "kubectl delete pod "
# what is done by hand, one after the other, each with what is due then; "" for nothing of a lab's
BY_HAND: dict[str, list[tuple[Do, str]]] = {
    "suspend": [
        (make("22-suspend/job-suspend.yaml"), ""),
        (wait(6), RESUME),
        (change("suspend", suspend=False), ""),
        (wait(2), SUSPEND),
        (change("suspend", suspend=True), ""),
        (wait(5), ""),  # it is suspended again, and has been resumed before
        (wait(20), RESUME),
        (change("suspend", suspend=False), ""),
        (wait(30), ""),
    ],
    "cronjob": [
        (take, ""),
        (wait(5), START),
        (change_cron_job(suspend=False), ""),
        (wait(62), STOP),
        (change_cron_job(suspend=True), ""),
        (wait(60), ""),
    ],
    "ignore": [
        (make("12-ignore/service.yaml", "12-ignore/job-ignore.yaml"), ""),
        (wait(20), UP),
        (configure("ignore-service", state="on"), UP),
        (configure("ignore-service", state="up"), ""),
    ],
    "elastic": [
        (make("20-elastic/job-elastic.yaml"), ""),
        (wait(3), GROW),
        (change("elastic", parallelism=4, completions=4), GROW),
        (change("elastic", parallelism=5, completions=5), ""),
        (wait(40), ""),
    ],
    "elastic --variant=down": [
        (make("20-elastic/job-elastic-down.yaml"), ""),
        (wait(5), SHRINK),
        (change("elastic-down", parallelism=2, completions=2), ""),
    ],
    "replacement": [
        (make("13-replacement/job-replacement.yaml"), ""),
        (wait(3), DELETE),
        (delete_pod(0), ""),
        (wait(30), ""),
    ],
    "work-queue --variant=lost": [
        (make("21-work-queue/job-work-queue-lost.yaml"), ""),
        (wait(3), DELETE),
        (delete_pod(0), ""),
        (wait(35), DELETE),
        (delete_pod(-1), ""),
    ],
}


@pytest.mark.parametrize("lab", BY_HAND)
@pytest.mark.parametrize("verb", ["check", "hint", "status"])
def test_it_is_named_when_it_is_due_and_until_it_is_done(
    cluster: Cluster, lab: str, verb: str
) -> None:
    for number, (do, due) in enumerate(BY_HAND[lab]):
        do(cluster)
        told = cluster.run(verb, *lab.split()).err.splitlines()[-1].removeprefix("Next: ")
        wanted = told.startswith(due) if due else not told.startswith(("kubectl patch", DELETE))
        assert wanted, (number, told)


@pytest.mark.parametrize(
    "line", ["check suspend", "hint suspend", "next", "list", "hint suspend --lang=ko"]
)
def test_the_screen_ends_with_it(cluster: Cluster, compare: Compare, line: str) -> None:
    if line in ("next", "list"):  # where all labs before it are done
        keep_done(cluster)
    cluster.run("start", "suspend", "--no-wait")
    cluster.sleep(6)
    screen = compare(cluster, f"due-{line.replace(' ', '-').replace('--lang=', '')}", line)
    assert screen.err.endswith(f": {RESUME}\n")


def keep_done(cluster: Cluster) -> None:
    """Have kept that every lab but suspend is done."""
    done = {
        lab.name: {
            "passed": {},
            "done": dict.fromkeys((one.name for one in lab.variants), "2026-03-01T12:00:00Z"),
        }
        for lab in ours.LABS
        if lab.name != "suspend"
    }
    cluster.state.mkdir(exist_ok=True)
    (cluster.state / "progress.json").write_text(
        json.dumps({"format": "joblab/v1", "labs": done}), "utf-8"
    )


# ---- labs of others

JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: demo
spec:
  completions: 1
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: main, image: busybox:1.36, command: [echo, done]}
"""
OBJECTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: words}
data: {mode: bad}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {word: one}
"""
LABS = "--lab-path=own"
RUNS = '{pods: {phase: Running, operator: ">=", value: 1}}'
READY = '{log: {contains: ready, operator: ">=", value: 1}}'


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A lab with a Job, a ConfigMap and a Secret."""
    folder = make_lab(tmp_path / "own")
    write("job.yaml", JOB)(folder)
    write("objects.yaml", OBJECTS)(folder)
    write("good.yaml", OBJECTS.replace("bad", "good"))(folder)
    edit("format: joblab/v1", "format: joblab/v2\nsetup: [objects.yaml]")(folder)
    return folder


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster whose Jobs' containers print that they are ready, and run on."""
    program = Program(runs=50, log=((5, "ready"),))
    with Cluster(tmp_path, defaultdict(lambda: [[program]])) as made:
        yield made


def does(lab: Path, *actions: str) -> None:
    """Have the lab do this in its only stage."""
    do = "".join(f"  - {one}\n" for one in actions)
    title = "{en: Only one., ko: 하나뿐.}"
    edit("variants:\n", f"stages:\n- name: only\n  title: {title}\n  do:\n{do}variants:\n")(lab)


def due(cluster: Cluster) -> str:
    """What check names to go on with."""
    return cluster.run("check", "demo", LABS).err.splitlines()[-1].removeprefix("Next: ")


WAIT = f"kubectl joblab check demo --wait {LABS}"


@pytest.mark.parametrize(
    ("action", "line", "do"),
    [
        (
            "{patch: {kind: ConfigMap, name: words, patch: {data: {mode: good}}}}",
            patched("configmap/words", {"data": {"mode": "good"}}),
            configure("words", mode="good"),
        ),
        (
            "{patch: {kind: Secret, name: key, patch: {stringData: {word: one}}}}",
            WAIT,  # as it is already
            nothing,
        ),
        (
            "{apply: {file: good.yaml}}",
            "kubectl apply -f 07-demo/good.yaml",
            configure("words", mode="good"),
        ),
        (
            "{patch: {kind: Job, patch: {spec: {activeDeadlineSeconds: 40}}}}",
            patched("job/demo", {"spec": {"activeDeadlineSeconds": 40}}),
            change("demo", activeDeadlineSeconds=40),
        ),
    ],
)
def test_each_kind_of_thing_is_due_until_it_is_so(
    busy: Cluster, lab: Path, action: str, line: str, do: Do
) -> None:
    does(lab, f"{{when: {RUNS}, {action[1:]}")
    busy.run("start", "demo", "--no-wait", LABS)
    assert due(busy) == WAIT
    busy.sleep(3)
    assert due(busy) == line
    do(busy)
    assert due(busy) == WAIT


def test_what_waits_for_a_line_is_due_when_the_line_is_there(busy: Cluster, lab: Path) -> None:
    does(lab, f"{{when: {READY}, scale: {{parallelism: 2}}}}")
    busy.run("start", "demo", "--no-wait", LABS)
    busy.sleep(3)
    assert due(busy) == WAIT
    busy.sleep(5)
    assert due(busy) == patched("job/demo", {"spec": {"parallelism": 2}})


def test_what_comes_after_it_is_not_due_before(busy: Cluster, lab: Path) -> None:
    second = "{scale: {parallelism: 2}}"
    does(lab, f"{{when: {READY}, delete: {{kind: Pod, which: first}}}}", second)
    busy.run("start", "demo", "--no-wait", LABS)
    busy.sleep(3)
    assert due(busy) == WAIT
    busy.sleep(5)
    assert due(busy).startswith(DELETE)
    delete_pod(0)(busy)
    assert due(busy) == patched("job/demo", {"spec": {"parallelism": 2}})


def test_nothing_is_due_where_the_stage_is_decided_and_nothing_is_asked_for_it(
    busy: Cluster, lab: Path
) -> None:
    action = "{patch: {kind: ConfigMap, name: words, patch: {data: {mode: good}}}}"
    does(lab, action)
    busy.run("start", "demo", "--no-wait", LABS)
    busy.sleep(60)
    assert due(busy) == f"kubectl joblab start basics {LABS}"
    assert [one for one in sent(busy, f"check demo {LABS}") if "configmaps" in one] == []


def test_what_is_applied_later_is_written_to_a_file_and_not_among_what_is_created(
    busy: Cluster, lab: Path
) -> None:
    does(lab, f"{{when: {RUNS}, apply: {{file: good.yaml}}}}")
    created = busy.run("scaffold", "demo", "-d", "-", LABS).out
    kinds = [one["kind"] for one in yaml.safe_load_all(created)]
    assert (kinds, "good" in created) == (["ConfigMap", "Secret", "Job"], False)
    written = busy.run("scaffold", "demo", "-d", str(lab.parent / "out"), LABS).out
    assert "good.yaml written" in written
