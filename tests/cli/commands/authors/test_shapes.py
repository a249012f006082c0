"""Whatever shape a value in a lab's files has: no command breaks, and none keeps to that lab alone.

The lab has one of each thing that labs may have: objects beside its Job, stages, what is done.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.cli import manifests, trials
from kubectl_joblab.errors import ExitCode
from kubectl_joblab.labs.definition import examination, lint, loader
from kubectl_joblab.labs.definition.problem import Problem
from tests.inprocess.cluster import Cluster
from tests.labs.definition.lint.lab import edit, make_lab, write

LABELS = "{app.kubernetes.io/managed-by: kubectl-joblab, app.kubernetes.io/name: demo}"
BESIDE = f"""\
apiVersion: v1
kind: ConfigMap
metadata: {{name: words, labels: {LABELS}}}
data: {{mode: bad}}
binaryData: {{more: aGk=}}
---
apiVersion: v1
kind: Secret
metadata: {{name: key, labels: {LABELS}}}
stringData: {{word: one}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: reader, labels: {LABELS}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: demo, labels: {LABELS}}}
spec:
  schedule: '* * * * *'
  jobTemplate:
    metadata: {{labels: {LABELS}}}
    spec: &spec
      completions: 1
      template:
        metadata: {{labels: {{app: demo}}}}
        spec:
          restartPolicy: Never
          serviceAccountName: reader
          volumes:
          - {{name: words, configMap: {{name: words, items: [{{key: mode, path: mode}}]}}}}
          containers:
          - name: main
            image: busybox:1.36
            command: [sleep, '1']
            env:
            - {{name: MODE, valueFrom: {{configMapKeyRef: {{name: words, key: mode}}}}}}
            envFrom: [{{secretRef: {{name: key}}}}]
            resources: {{requests: {{cpu: 10m}}}}
            volumeMounts: [{{name: words, mountPath: /words}}]
"""
OBJECTS = list(yaml.safe_load_all(BESIDE))
JOB = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {
        "name": "demo",
        "labels": OBJECTS[3]["metadata"]["labels"],
        "annotations": {"cronjob.kubernetes.io/instantiate": "manual"},
    },
    "spec": OBJECTS[3]["spec"]["jobTemplate"]["spec"],
}
STAGES = """\
joblab/v2
setup: [beside.yaml]
stages:
- name: one
  title: {en: One., ko: 하나.}
  do:
  - patch: {kind: Job, patch: {spec: {suspend: true, parallelism: 2}}}
  - patch: {kind: ConfigMap, name: words, patch: {metadata: {labels: {a: b}}, data: {mode: good}}}
  - patch: {kind: CronJob, name: demo, patch: {spec: {suspend: true}}}
  - scale: {parallelism: 2}
  - delete: {kind: Pod, which: running}
  - apply: {file: more.yaml}
"""
PATCHES = [("stages", 0, "do", number, "patch", "patch") for number in range(3)]
JUNK = [None, "text", "", 3, 1.5, True, [], ["text"], [None], [{"a": "b"}], {}, {"a": "b"}]
# the commands that are about all labs, and what they show of another
COMMANDS = {"list": "parallelism", "check": "", "next": "basics", "clean --all": ""}
LAB = "07-demo"
FIELDS = manifests.fields()

Keys = tuple[str | int, ...]


def whole(parent: Path) -> Path:
    """The lab, with nothing wrong."""
    folder = make_lab(parent)
    edit("joblab/v1\n", STAGES)(folder)
    write("beside.yaml", BESIDE)(folder)
    write("more.yaml", dumped(OBJECTS[:1]))(folder)
    for file in ("job.yaml", "solutions/two.yaml", "cheats/few.yaml"):
        write(file, dumped([JOB]))(folder)
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": JOB["metadata"]}
    write("cheats/pod.yaml", dumped([pod | {"spec": JOB["spec"]["template"]["spec"]}]))(folder)
    return folder


def dumped(documents: list[Any]) -> str:
    return yaml.safe_dump_all(copy.deepcopy(documents), allow_unicode=True, sort_keys=False)


def paths(value: object, keys: Keys = ()) -> Iterator[Keys]:
    """The keys of a value and of all that is in it."""
    yield keys
    inner = value.items() if isinstance(value, dict) else ()
    for key, one in enumerate(value) if isinstance(value, list) else inner:
        yield from paths(one, (*keys, key))


def replaced(value: Any, keys: Keys, new: object) -> Any:
    """The value, with this in the place of what the keys lead to."""
    if not keys:
        return new
    value = copy.copy(value)
    value[keys[0]] = replaced(value[keys[0]], keys[1:], new)
    return value


def places() -> list[tuple[str, Keys]]:
    """All places in the lab's manifests, and in the patches of its lab.yaml."""
    with tempfile.TemporaryDirectory() as parent:
        return list(_places(whole(Path(parent))))


def _places(folder: Path) -> Iterator[tuple[str, Keys]]:
    for file in sorted(folder.rglob("*.yaml")):
        documents = list(yaml.safe_load_all(file.read_text("utf-8")))
        keys = [one for one in paths(documents) if one]
        if file.name == "lab.yaml":
            keys = [one for one in keys if any(one[1 : 1 + len(at)] == at for at in PATCHES)]
        yield from ((file.relative_to(folder).as_posix(), one) for one in keys)


PLACES = places()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of labs with the lab in it."""
    folder = tmp_path_factory.mktemp("shapes") / "own"
    whole(folder)
    return folder


@pytest.fixture(scope="module")
def cluster(own: Path) -> Iterator[Cluster]:
    """A cluster."""
    with Cluster(own.parent) as made:
        yield made


@contextmanager
def broken(folder: Path, file: str, keys: Keys, new: object) -> Iterator[None]:
    """The lab with this in the place of what the keys lead to in a file."""
    path = folder / file
    before = path.read_text("utf-8")
    documents = list(yaml.safe_load_all(before))
    path.write_text(dumped(replaced(documents, keys, new)), "utf-8")
    try:
        yield
    finally:
        path.write_text(before, "utf-8")


def test_nothing_is_wrong_with_the_lab(own: Path) -> None:
    assert problems(own / LAB) == []


def problems(folder: Path) -> list[Problem]:
    """What is wrong with a lab, as lint finds it in one alone."""
    if found := examination.examine(folder).problems:
        return found
    lab = loader.load(folder)
    by_rule = [*lint.unfit(lab), *lint.misfits([lab], FIELDS)]
    return [*by_rule, *trials.refused(lab)]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_whatever_is_in_a_file_lint_finds_problems_or_none(own: Path, data: st.DataObject) -> None:
    file, keys = data.draw(st.sampled_from(PLACES))
    with broken(own / LAB, file, keys, data.draw(st.sampled_from(JUNK))):
        assert all(len(str(one).splitlines()) == 1 for one in problems(own / LAB))


@pytest.mark.parametrize(
    ("file", "keys", "new"),
    [
        ("beside.yaml", (0, "metadata"), [{"name": "words"}]),
        ("beside.yaml", (0, "metadata"), "words"),
        ("beside.yaml", (0, "kind"), ["ConfigMap"]),
        ("beside.yaml", (3, "spec", "jobTemplate", "metadata"), None),
        ("job.yaml", (0, "metadata", "labels"), ["a"]),
        ("job.yaml", (0, "metadata", "annotations"), "x"),
        ("job.yaml", (0, "spec"), ["a"]),
        ("lab.yaml", (0, *PATCHES[0], "spec"), 3),
        ("lab.yaml", (0, *PATCHES[1], "metadata"), "text"),
        ("cheats/pod.yaml", (0, "metadata"), 3),
    ],
)
def test_it_keeps_no_command_from_the_others(
    cluster: Cluster, own: Path, file: str, keys: Keys, new: object
) -> None:
    with broken(own / LAB, file, keys, new):
        for line, shows in COMMANDS.items():
            assert shows in cluster.run(*line.split(), f"--lab-path={own}").out
        screen = cluster.run("lab", "lint", str(own))
    assert file in screen.out
    assert screen.code == ExitCode.FAILED
