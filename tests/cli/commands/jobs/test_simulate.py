"""simulate: whole screens of Jobs that no cluster has seen, and what is wrong with a story."""

from __future__ import annotations

import json
import shlex

import pytest

from kubectl_joblab.errors import ExitCode
from tests.cli.commands.conftest import Compare
from tests.cli.conftest import Home
from tests.cli.conftest import home as home
from tests.golden import Screen

RETRY = """\
apiVersion: batch/v1
kind: Job
metadata: {{name: report, namespace: nightly}}
spec:
  {spec}
  template:
    spec:
      restartPolicy: {restart}
      containers:
      - name: main
        image: registry.example/report:7
        envFrom: [{{secretRef: {{name: database}}}}]
"""


def _job(spec: str, restart: str = "Never") -> str:
    return RETRY.format(spec=spec, restart=restart)


# what kubectl get job report -o yaml prints, in its essence
OF_A_CLUSTER = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: report
  uid: 1b4e28ba-2fa1-11d2-883f-0016d3cca427
spec:
  selector:
    matchLabels: {batch.kubernetes.io/controller-uid: 1b4e28ba-2fa1-11d2-883f-0016d3cca427}
  template:
    metadata:
      labels: {batch.kubernetes.io/controller-uid: 1b4e28ba-2fa1-11d2-883f-0016d3cca427}
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "busybox:1.36"}]
status: {active: 1}
"""
INDEXED = "completionMode: Indexed\n  completions: 4\n  parallelism: 2\n  backoffLimitPerIndex: 1"
POLICY = """\
podFailurePolicy:
    rules: [{action: FailJob, onExitCodes: {operator: In, values: [42]}}]"""

# golden file -> the manifest, and the words behind -f job.yaml
SCREENS = {
    "simulate": (_job("backoffLimit: 3"), ""),
    "simulate-deadline-in-try": (
        _job("activeDeadlineSeconds: 300"),
        "--each 'run=60s exit=1'",
    ),
    "simulate-deadline-in-back-off": (
        _job("activeDeadlineSeconds: 300"),
        "--each 'run=20s exit=1' --lang=ko",
    ),
    "simulate-recovers": (_job("backoffLimit: 6", "OnFailure"), "--then exit=3 --then exit=0"),
    "simulate-index": (_job(INDEXED), "--each 'run=20s exit=0' --index 3 exit=42"),
    "simulate-drain": (
        _job("backoffLimit: 2"),
        "--each 'run=8m exit=0 stop=10s' --node-drain-at 5m",
    ),
    "simulate-failure-policy": (_job(POLICY), "--each exit=1 --then exit=42"),
    "simulate-in-turn": (_job("completions: 3"), "--each 'run=10m exit=0' --plain"),
    "simulate-suspended": (_job("suspend: true"), ""),
    "simulate-for-ever": (_job("backoffLimit: 1"), "--each run=forever"),
    "simulate-too-long": (_job("backoffLimit: 1"), "--each run=30h"),
    "simulate-json": (_job("backoffLimit: 1"), "--then exit=0 -o json"),
    "simulate-refused": (_job("paralelism: 3"), ""),
    "simulate-invalid": (_job("backoffLimit: 1", "Always"), "--lang=ko"),
    "simulate-of-a-cluster": (OF_A_CLUSTER, ""),
    "simulate-two": (_job("backoffLimit: 1") + "---\n" + _job("backoffLimit: 2"), ""),
    "simulate-other-kind": ("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n", ""),
    "simulate-cron-job": (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {schedule: '* * * * *'}\n",
        "",
    ),
    "simulate-no-kind": ("metadata: {name: p}\n", ""),
}


def _run(home: Home, line: str) -> Screen:
    return home.run("simulate", *shlex.split(line))


@pytest.mark.parametrize("name", SCREENS)
def test_the_screen(home: Home, compare: Compare, name: str) -> None:
    manifest, line = SCREENS[name]
    home.write("job.yaml", manifest)
    line = f"-f job.yaml {line}".rstrip()
    compare.text(name, f"$ kubectl joblab simulate {line}\n{_run(home, line)}")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "error: no manifest; give one with -f, - is stdin"),
        ("job.yaml", "error: no manifest; did you mean -f job.yaml?"),
        ("-f none.yaml", "error: cannot read none.yaml: No such file or directory"),
        ("-f job.yaml --each fast", '"fast" for "--each" flag: must be run=DURATION exit=CODE'),
        ("-f job.yaml --each 'run=1s run=2s'", "each at most once"),
        ("-f job.yaml --each ' '", '" " for "--each" flag: must be run=DURATION'),
        ("-f job.yaml --each run=soon", '"run=soon" for "--each" flag: must be a duration'),
        ("-f job.yaml --then exit=256", '"exit=256" for "--then" flag: must be from 0 to 255'),
        ("-f job.yaml --index three exit=1", '"three" for "--index" flag: must be indexes such as'),
        ("-f job.yaml --index 3", "error: --index 3 needs a try behind it, such as --index 3"),
        ("-f job.yaml --index 5-2 exit=1", '"5-2" for "--index" flag: must be indexes such as'),
        ("-f job.yaml --index 3 exit=1", "error: --index 3: the Job has no indexes"),
        ("-f indexed.yaml --index 2,4 exit=1", "error: --index 2,4: the last one is 3"),
        ("-f job.yaml exit=3", "error: got unexpected extra argument (exit=3)"),
        ("-f job.yaml --node-drain-at noon", '"noon" for "--node-drain-at" flag: must be a'),
        ("-f job.yaml --at-most later", '"later" for "--at-most" flag: must be a duration'),
    ],
)
def test_what_cannot_be_played_is_told_in_one_line(home: Home, line: str, says: str) -> None:
    home.write("job.yaml", _job("backoffLimit: 1"))
    home.write("indexed.yaml", _job(INDEXED))
    screen = _run(home, line)
    assert screen.code == ExitCode.ERROR
    assert says in screen.err.splitlines()[0]
    assert screen.out == ""
    assert "Traceback" not in screen.err


def test_what_is_left_out_of_a_try_is_that_of_each(home: Home) -> None:
    home.write("job.yaml", _job("backoffLimit: 1"))
    found = json.loads(_run(home, "-f job.yaml --each run=7s --then exit=0 -o json").out)
    ran = [
        (one["tries"][0]["exitCode"], one["tries"][0]["finishedSeconds"]) for one in found["items"]
    ]
    assert ran == [(1, 7.0), (0, 24.0)]
