"""What lint says of what a lab does to the cluster, what it sets up, and what its Pods read."""

from __future__ import annotations

import io
import os
from collections import defaultdict
from pathlib import Path

import pytest

from kubectl_joblab.cli import manifests
from kubectl_joblab.client import resources
from kubectl_joblab.errors import JoblabError
from kubectl_joblab.evidence.gather import Gatherer, Wanted
from kubectl_joblab.labs import setup
from kubectl_joblab.labs.actions import Actions
from kubectl_joblab.labs.definition import lint, loader
from kubectl_joblab.labs.exercise import Exercise
from tests.inprocess.cluster import Cluster
from tests.labs.definition.lint.lab import Case, Change, each, edit, write
from tests.practice.node.fake import Program

LABELS = """\
  labels:
    app.kubernetes.io/managed-by: kubectl-joblab
    app.kubernetes.io/name: demo
"""
WORDS = f"""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: words
{LABELS}data: {{mode: bad, other: x}}
---
apiVersion: v1
kind: Secret
metadata:
  name: key
{LABELS}stringData: {{word: one}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: reader
{LABELS}"""
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
      - name: main
        image: busybox:1.36
"""


def job(more: str = "", template: str = "", container: str = "", file: str = "job.yaml") -> Change:
    """The manifest of the lab's Job, with more in its spec, in that of its Pods, in a container."""
    text = JOB.replace("  completions: 1\n", f"  completions: 1\n{more}")
    text = text.replace("      containers:\n", f"{template}      containers:\n")
    return write(file, text + container)


def lab(*changes: Change, do: str = "[]") -> list[Change]:
    """A lab with a setup and a stage that does this, and the changes."""
    stage = f"stages:\n- name: one\n  title: {{en: One., ko: 하나.}}\n  do: {do}\n"
    return [
        edit("joblab/v1", f"joblab/v2\nsetup: [words.yaml]\n{stage.rstrip()}"),
        write("words.yaml", WORDS),
        job(),
        write("cheats/pod.yaml", JOB.replace("kind: Job", "kind: Job")),
        *changes,
    ]


def fixed(folder: Path) -> None:
    """Have the ConfigMap immutable."""
    edit("data: {mode: bad", "immutable: true\ndata: {mode: bad", "words.yaml")(folder)


def patch(body: str, kind: str = "Job", name: str = "") -> str:
    named = f", name: {name}" if name else ""
    return f"[{{patch: {{kind: {kind}{named}, patch: {body}}}}}]"


AT = "lab.yaml:6: stages[0].do[0].patch.patch"
ANOTHER = "remove it, or have a stage make another Job"
# what is written into the manifest of the Job, what is done to the Job, what is said
CHANGES: dict[str, tuple[Change, str, list[str]]] = {
    "what can be changed": (
        job(),
        patch(
            "{spec: {parallelism: 2, activeDeadlineSeconds: 9, backoffLimit: 1, suspend: true,"
            " ttlSecondsAfterFinished: 5, podReplacementPolicy: Failed},"
            " metadata: {labels: {a: b}, annotations: {a: null}}}"
        ),
        [],
    ),
    **{
        f"what cannot be changed: {key}": (
            job(),
            patch(f"{{spec: {{{key}: {value}}}}}"),
            [f"{AT}.spec.{key}: cannot be changed; {ANOTHER}"],
        )
        for key, value in (
            ("completionMode", "Indexed"),
            ("podFailurePolicy", "{rules: []}".replace("[]", "[{action: Count}]")),
            ("successPolicy", "{rules: [{succeededCount: 1}]}"),
            ("backoffLimitPerIndex", "1"),
            ("managedBy", "a.b/c"),
            ("selector", "{matchLabels: {a: b}}"),
        )
    },
    "what is as it is": (
        job("  completionMode: Indexed\n  backoffLimitPerIndex: 1\n"),
        patch(
            "{spec: {completionMode: Indexed, backoffLimitPerIndex: 1, completions: 1,"
            " template: {spec: {restartPolicy: Never}}}}"
        ),
        [],
    ),
    "the default": (job(), patch("{spec: {completionMode: NonIndexed}}"), []),
    "completions of a Job that is not Indexed": (
        job(),
        patch("{spec: {completions: 2, parallelism: 2}}"),
        [
            f"{AT}.spec.completions: cannot be changed, as the Job is not Indexed; {ANOTHER}",
        ],
    ),
    "completions of an Indexed Job, with parallelism": (
        job("  completionMode: Indexed\n"),
        "[{scale: {completions: 3, parallelism: 3}}]",
        [],
    ),
    "completions alone": (
        job("  completionMode: Indexed\n  parallelism: 3\n"),
        "[{scale: {completions: 2, parallelism: 3}}]",
        [
            "lab.yaml:6: stages[0].do[0].scale.completions: can only be changed together with"
            " parallelism, and to the same number",
        ],
    ),
    "completions by an expression": (
        job("  completionMode: Indexed\n"),
        '[{scale: {completions: "=completions + 2", parallelism: 3}}]',
        [],
    ),
    "the template": (
        job(),
        patch("{spec: {template: {spec: {nodeSelector: {a: b}}}}}"),
        [
            f"{AT}.spec.template: cannot be changed, as the Job is not suspended then; {ANOTHER}",
        ],
    ),
    "the template of a suspended Job, where it can be": (
        job("  suspend: true\n"),
        patch(
            "{spec: {template: {metadata: {labels: {a: b}}, spec: {nodeSelector: {a: b},"
            " containers: [{name: main, image: 'busybox:1.36',"
            " resources: {requests: {cpu: 1m}}}]}}}}"
        ),
        [],
    ),
    "the template of a Job that was suspended before": (
        job(),
        "[{patch: {kind: Job, patch: {spec: {suspend: true}}}},"
        " {patch: {kind: Job, patch: {spec: {template: {spec: {nodeSelector: {a: b}}}}}}}]",
        [],
    ),
    "the template of a suspended Job, where it cannot be": (
        job("  suspend: true\n"),
        patch("{spec: {template: {spec: {containers: [{name: main, image: 'busybox:1.35'}]}}}}"),
        [f"{AT}.spec.template.spec.containers[0].image: cannot be changed; {ANOTHER}"],
    ),
    "what says which object it is": (
        job(),
        patch("{kind: Pod, metadata: {name: other}, status: {active: 1}}"),
        [
            f"{AT}.kind: cannot be changed; remove it",
            f"{AT}.status: is the Job controller's to say; remove it",
            f"{AT}.metadata.name: cannot be changed; remove it",
        ],
    ),
    "a field that there is not": (
        job(),
        patch("{spec: {paralelism: 2}}"),
        [f'{AT}.spec.paralelism: "paralelism" is no field here; did you mean parallelism?'],
    ),
    "a ConfigMap's text": (job(), patch("{data: {mode: good, new: z}}", "ConfigMap", "words"), []),
    "a ConfigMap's text that is taken out": (
        job(),
        patch("{data: {mode: null}}", "ConfigMap", "words"),
        [],
    ),
    "a number in a ConfigMap": (
        job(),
        patch("{data: {mode: 5}}", "ConfigMap", "words"),
        [f"{AT}.data.mode: is a whole number, not text; put it in quotes"],
    ),
    "a mapping in a ConfigMap": (
        job(),
        patch("{data: {mode: {a: b}}}", "ConfigMap", "words"),
        [f"{AT}.data.mode: is a mapping, not text; write text"],
    ),
    "a key that is none": (
        job(),
        patch("{data: {a b: c}}", "ConfigMap", "words"),
        [f'{AT}.data["a b"]: is no key; write letters, digits, -, _ and . alone'],
    ),
    "a key that is misspelt": (
        job(),
        patch("{data: {mod: good}}", "ConfigMap", "words"),
        [f"{AT}.data.mod: is no key of words; did you mean mode?"],
    ),
    "a ConfigMap that is immutable": (
        fixed,
        patch("{data: {mode: good}}", "ConfigMap", "words"),
        [f"{AT}.data: cannot be changed; words is immutable"],
    ),
    "what an immutable ConfigMap says already": (
        fixed,
        patch("{data: {mode: bad}, metadata: {annotations: {a: b}}}", "ConfigMap", "words"),
        [],
    ),
    "a field that no ConfigMap has": (
        job(),
        patch("{dat: {mode: good}}", "ConfigMap", "words"),
        [f'{AT}.dat: "dat" is no field here; did you mean data?'],
    ),
    "a Secret's text where bytes stand": (
        job(),
        patch("{data: {word: hello}}", "Secret", "key"),
        [f"{AT}.data.word: is no base64; write it under stringData, or encode it"],
    ),
    "a Secret's text": (job(), patch("{stringData: {word: two}}", "Secret", "key"), []),
    "a Secret's type": (
        job(),
        patch("{type: example.com/key}", "Secret", "key"),
        [f"{AT}.type: cannot be changed; the Secret is Opaque"],
    ),
    "a ServiceAccount": (
        job(),
        patch("{automountServiceAccountToken: false, secret: []}", "ServiceAccount", "reader"),
        [f'{AT}.secret: "secret" is no field here; did you mean secrets?'],
    ),
}


def told(folder: Path) -> list[str]:
    """What `lab lint` says of a lab that is loaded all the same."""
    found = loader.load(folder)
    problems = [*lint.unfit(found), *lint.misfits([found], manifests.fields())]
    return [str(one).replace(f"{folder}{os.sep}", "", 1) for one in problems]


@pytest.mark.parametrize(("manifest", "do", "says"), CHANGES.values(), ids=CHANGES)
def test_of_what_is_done(tmp_path: Path, manifest: Change, do: str, says: list[str]) -> None:
    folder = Case("done", *lab(manifest, do=do)).lab(tmp_path)
    assert sorted(told(folder)) == sorted(says)


# what the API server takes, and does nothing about
IGNORED = ("is no field here", "is the Job controller's to say", "did you mean mode?")


@pytest.mark.parametrize(("manifest", "do", "says"), CHANGES.values(), ids=CHANGES)
def test_the_api_server_refuses_what_lint_does(
    tmp_path: Path, manifest: Change, do: str, says: list[str]
) -> None:
    folder = Case("done", *lab(manifest, do=do)).lab(tmp_path)
    found = loader.load(folder)
    (stage,) = found.stages
    exercise = Exercise(found, found.variants[0])
    with Cluster(tmp_path, defaultdict(lambda: [[Program(runs=50)]])) as cluster:
        client = cluster.session(io.StringIO(), io.StringIO()).client
        list(setup.create_all(client, "default", found, lambda _: None))
        client.create(resources.JOBS, found.files["job.yaml"].data, "default")
        cluster.sleep(3)
        looked = Gatherer(client, lambda _: None).named("default", "demo", Wanted())
        doing = Actions(client, "default", exercise, stage.do, lambda _: None)
        refused = [one for one in says if not any(words in one for words in IGNORED)]
        if refused:
            with pytest.raises(JoblabError):
                doing.act(lambda: looked)
        else:
            doing.act(lambda: looked)


def test_of_what_a_cheat_or_a_solution_does(tmp_path: Path) -> None:
    do = "do: [{scale: {parallelism: 2, completions: 2}}]"
    folder = Case(
        "done",
        *lab(job(file="cheats/few.yaml"), job(file="solutions/two.yaml")),
        edit("file: solutions/two.yaml\n", f"file: solutions/two.yaml\n  {do}\n"),
        edit("fails: complete}", f"fails: complete, {do}}}"),
    ).lab(tmp_path)
    assert [one.split(": ")[1] for one in told(folder)] == [
        "solutions[0].do[0].scale.completions",
        "cheats[1].do[0].scale.completions",
    ]


def test_of_a_stage_that_makes_another_job_what_is_done_to_that_counts(tmp_path: Path) -> None:
    indexed = job("  completionMode: Indexed\n", file="two.yaml")
    more = "- {name: two, title: {en: Two., ko: 둘.}, file: two.yaml, do: DO}\nname: demo"
    do = "[{scale: {parallelism: 2, completions: 2}}]"
    for file, says in (("two.yaml", 0), ("job.yaml", 1)):
        stages = more.replace("DO", do).replace("two.yaml", file)
        folder = Case(
            "done",
            *lab(indexed),
            edit("name: demo", stages),
            edit("task: 2\n", "task: 2\n  stage: two\n"),
            edit("shows: job", "stage: two, shows: job"),
        ).lab(tmp_path / file)
        assert len(told(folder)) == says


# ---- what is set up

SETUP = [
    Case("what can be created", *lab()),
    Case(
        "without labels",
        *lab(edit(LABELS, "", "words.yaml")),
        says=[
            'words.yaml:3: metadata.labels["app.kubernetes.io/name"]: is missing; write demo, by'
            " which start and clean know the object",
            'words.yaml:3: metadata.labels["app.kubernetes.io/managed-by"]: is missing; write'
            " kubectl-joblab, by which start and clean know the object",
        ],
    ),
    Case(
        "a number and what is a boolean",
        *lab(edit("other: x", "other: 5, day: 2026-03-01, ready: yes", "words.yaml")),
        says=[
            "words.yaml:8: data.other: is a whole number, not text; put it in quotes",
            "words.yaml:8: data.ready: is true or false, not text; put it in quotes",
        ],
    ),
    Case(
        "a Secret's text where bytes stand",
        *lab(edit("stringData: {word: one}", "data: {word: one}", "words.yaml")),
        says=["words.yaml:17: data.word: is no base64; write it under stringData, or encode it"],
    ),
    Case(
        "a Secret's bytes",
        *lab(edit("stringData: {word: one}", "data: {word: b25l}", "words.yaml")),
    ),
    Case(
        "a field that there is not",
        *lab(edit("data: {mode", "dta: {mode", "words.yaml")),
        says=['words.yaml:8: dta: "dta" is no field here; did you mean data?'],
    ),
    Case(
        "what is applied to what cannot be changed",
        *lab(
            edit("data: {mode: bad", "immutable: true\ndata: {mode: bad", "words.yaml"),
            write("more.yaml", WORDS.replace("mode: bad", "mode: good").partition("---")[0]),
            do="[{apply: {file: more.yaml}}]",
        ),
        says=[
            "more.yaml:8: data: cannot be changed; words is immutable",
            "more.yaml:1: immutable: cannot be changed; words is immutable",
        ],
    ),
]


@each(SETUP)
def test_of_what_is_set_up(case: Case, tmp_path: Path) -> None:
    assert told(case.lab(tmp_path)) == case.says


# ---- what Pods read

ENV = "        env: [{{name: A, valueFrom: {{{}}}}}]\n"
NO_SETUP = "no setup makes the {} none; add its manifest to setup"
# where in the manifest of the Job something is read, and what is said of it
READ: dict[str, tuple[Change, str]] = {
    "a key of a ConfigMap": (
        job(container=ENV.format("configMapKeyRef: {name: words, key: mode}")),
        "",
    ),
    "a key that the ConfigMap has not": (
        job(container=ENV.format("configMapKeyRef: {name: words, key: mod}")),
        'job.yaml:13: spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.key: "mod"'
        " is not a key of ConfigMap words; did you mean mode?",
    ),
    "a key that it need not have": (
        job(container=ENV.format("configMapKeyRef: {name: words, key: mod, optional: true}")),
        "",
    ),
    "a ConfigMap that nobody makes": (
        job(container=ENV.format("configMapKeyRef: {name: none, key: mode}")),
        "job.yaml:13: spec.template.spec.containers[0].env[0].valueFrom.configMapKeyRef.name: "
        + NO_SETUP.format("ConfigMap")
        + ", or write optional: true",
    ),
    "a Secret that nobody makes": (
        job(container="        envFrom: [{secretRef: {name: none}}]\n"),
        "job.yaml:13: spec.template.spec.containers[0].envFrom[0].secretRef.name: "
        + NO_SETUP.format("Secret")
        + ", or write optional: true",
    ),
    "a volume of a Secret that nobody makes": (
        job(template="      volumes: [{name: v, secret: {secretName: none}}]\n"),
        "job.yaml:10: spec.template.spec.volumes[0].secret.secretName: "
        + NO_SETUP.format("Secret")
        + ", or write optional: true",
    ),
    "a key of a volume that the ConfigMap has not": (
        job(
            template="      volumes: [{name: v, configMap: {name: words,"
            " items: [{key: other, path: a}, {key: none, path: b}]}}]\n"
        ),
        'job.yaml:10: spec.template.spec.volumes[0].configMap.items[1].key: "none" is not a key of'
        " ConfigMap words; write mode or other",
    ),
    "a projected volume": (
        job(
            template="      volumes: [{name: v, projected: {sources: [{secret: {name: key}},"
            " {configMap: {name: kube-root-ca.crt}}, {configMap: {name: none}}]}}]\n"
        ),
        "job.yaml:10: spec.template.spec.volumes[0].projected.sources[2].configMap.name: "
        + NO_SETUP.format("ConfigMap")
        + ", or write optional: true",
    ),
    "a ServiceAccount": (job(template="      serviceAccountName: reader\n"), ""),
    "that of each namespace": (job(template="      serviceAccountName: default\n"), ""),
    "one that nobody makes": (
        job(template="      serviceAccountName: none\n"),
        "job.yaml:10: spec.template.spec.serviceAccountName: " + NO_SETUP.format("ServiceAccount"),
    ),
}


@pytest.mark.parametrize(("manifest", "says"), READ.values(), ids=READ)
def test_of_what_pods_read(tmp_path: Path, manifest: Change, says: str) -> None:
    folder = Case("read", *lab(manifest)).lab(tmp_path)
    assert told(folder) == ([says] if says else [])


def test_a_cheat_may_read_what_is_not_there(tmp_path: Path) -> None:
    cheat = job(template="      serviceAccountName: none\n", file="cheats/few.yaml")
    assert told(Case("read", *lab(cheat)).lab(tmp_path)) == []


def test_what_a_stage_applies_or_patches_is_there_too(tmp_path: Path) -> None:
    reads = ENV.format("configMapKeyRef: {name: words, key: late}")
    do = "[{patch: {kind: ConfigMap, name: words, patch: {data: {late: x}}}}]"
    assert told(Case("read", *lab(job(container=reads), do=do)).lab(tmp_path / "patched")) == []
    more = write("more.yaml", WORDS.partition("---")[0].replace("name: words", "name: more"))
    reads = reads.replace("name: words, key: late", "name: more, key: mode")
    do = "[{apply: {file: more.yaml}}]"
    assert told(Case("read", *lab(job(container=reads), more, do=do)).lab(tmp_path / "a")) == []
