"""What commands say of Jobs that fail, that are held, and that have no Pod: causes, not silence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.commands.conftest import Compare
from tests.inprocess import terminal
from tests.inprocess.cluster import Cluster
from tests.inprocess.containers import TABLE
from tests.inprocess.terminal import Terminal
from tests.practice.node.fake import Program

MANIFEST = """\
apiVersion: batch/v1
kind: Job
metadata: {name: basics}
spec:
%s  template:
    spec:
%s      restartPolicy: %s
      containers: [{name: main, image: '%s', command: %s}]
"""
GREETING = ((0, "Hello from a Job"),)
QUOTA = (
    """{apiVersion: v1, kind: ResourceQuota, metadata: {name: none}, spec: {hard: {pods: '0'}}}"""
)


class Case(NamedTuple):
    """A Job of lab 0. job and pod: lines of its specs. program: what its containers do.

    before: the manifest of an object that is there before the Job, "" where there is none.
    """

    program: Program = Program()
    command: str = "[echo]"
    job: str = ""
    pod: str = ""
    restart: str = "Never"
    image: str = "busybox:1.36"
    before: str = ""

    @property
    def manifest(self) -> str:
        """The Job's manifest."""
        return MANIFEST % (self.job, self.pod, self.restart, self.image, self.command)

    def prepare(self, cluster: Cluster) -> None:
        """Have in the cluster what is there before the Job."""
        if self.before:
            cluster.create_with_kubectl(self.before)
            cluster.sleep(2)


CASES: Mapping[str, Case] = {
    "program-and-argument-in-one": Case(
        Program(fails='exec: "echo Hello from a Job": executable file not found in $PATH'),
        "[echo Hello from a Job]",
    ),
    "exit-1": Case(Program(runs=1, exits=1), "[sh, -c, exit 1]"),
    "sleep-ten": Case(
        Program(runs=0.1, exits=1, log=((0, "sleep: invalid number 'ten'"),)), "[sleep, ten]"
    ),
    "sleep-ten-on-failure": Case(
        Program(runs=0.1, exits=1, log=((0, "sleep: invalid number 'ten'"),)),
        "[sleep, ten]",
        restart="OnFailure",
    ),
    "not-found": Case(
        Program(runs=0.1, exits=127, log=((0, "sh: ehco: not found"),)), "[sh, -c, ehco]"
    ),
    "killed": Case(Program(runs=2, exits=137), "[sh, -c, kill -9 $$]"),
    "empty-lines": Case(
        Program(runs=0.1, exits=1, log=((0, "no such host"), (0, ""), (0, " "))), "[sh, -c, look]"
    ),
    "init": Case(
        Program(runs=0.1, exits=3, log=((0, "no such table"),)),
        job="  backoffLimit: 1\n",
        pod="      initContainers: [{name: prep, image: 'busybox:1.36', command: [prepare]}]\n",
    ),
    "suspended": Case(job="  suspend: true\n"),
    "no-parallelism": Case(job="  parallelism: 0\n"),
    "managed-by-another": Case(job="  managedBy: example.com/other\n"),
    "gated": Case(pod="      schedulingGates: [{name: example.com/wait}]\n"),
    "unschedulable": Case(pod="      nodeSelector: {disk: ssd}\n"),
    "image": Case(image="bussybox:9.99"),
    "config": Case(command="[echo], envFrom: [{configMapRef: {name: none}}]"),
    "non-root": Case(command="[echo], securityContext: {runAsNonRoot: true}"),
    "mount": Case(
        command="[echo], volumeMounts: [{name: v, mountPath: /v}]",
        pod="      volumes: [{name: v, configMap: {name: none}}]\n",
    ),
    "service-account": Case(pod="      serviceAccountName: none\n"),
    "quota": Case(before=QUOTA),
}
# what keeps a Job from going on without failing it
KEEP_BACK = [name for name, case in CASES.items() if case.program == Program()]
# of these the ones that someone may release as they are, and what is said of the wait
BY_HAND = ". Waiting for its release, from another terminal: kubectl patch "
HELD = {
    "suspended": BY_HAND,
    "no-parallelism": BY_HAND,
    "gated": BY_HAND,
    "managed-by-another": ". Waiting for that controller; where there is none: kubectl delete job ",
    "quota": ". Waiting until that changes; to see more: kubectl describe quota none\n",
}
# and what is said where a wait is over that may have been of use
OVER = {"unschedulable": "The time to wait is over; the Job is judged as it is."}


@pytest.fixture(params=CASES)
def begun(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Cluster]]:
    """A case, and a cluster where its Job has been for a quarter of a minute."""
    case = CASES[request.param]
    (tmp_path / "wrong.yaml").write_text(case.manifest, "utf-8")
    with Cluster(tmp_path, {**TABLE, "basics": [[case.program]]}) as cluster:
        case.prepare(cluster)
        assert cluster.run("start", "basics", "-f", "wrong.yaml", "--no-wait").code == 0
        cluster.sleep(15)
        yield request.param, cluster


COMMANDS = (
    "check basics",
    "hint basics",
    "status basics",
    "logs basics",
    "check basics --wait",
    "hint basics --lang=ko",
)


def test_each_command_says_why(begun: tuple[str, Cluster], compare: Compare) -> None:
    name, cluster = begun
    screens = [f"$ kubectl joblab {line}\n{cluster.run(*line.split())}" for line in COMMANDS]
    compare.text(f"cause-{name}", "\n".join(screens))


@pytest.mark.parametrize("name", KEEP_BACK)
def test_what_has_not_failed_does_not_fail_by_waiting(name: str, tmp_path: Path) -> None:
    with Cluster(tmp_path) as cluster:
        CASES[name].prepare(cluster)
        cluster.create_with_kubectl(CASES[name].manifest)
        cluster.sleep(500)
        at_once = cluster.run("check", "basics")
        assert "FAIL" not in cluster.run("check", "-A").out
        begun = cluster.clock.monotonic()
        waited = cluster.run("check", "basics", "--wait")
        took = cluster.clock.monotonic() - begun
    # what someone may release is waited for, for the rest nothing is to be waited for
    assert 120 < took < 130 if name in HELD else took < 12
    assert HELD.get(name, OVER.get(name, "so nothing is waited for.")) in waited.err
    assert at_once.code == 3
    assert "FAIL" not in at_once.out
    assert waited.code == at_once.code
    assert unnumbered(waited.out) == unnumbered(at_once.out)
    command = at_once.out.rpartition("  run       ")[2].partition("\n")[0]
    assert at_once.err == f"Next: {command}\n"
    assert waited.err.endswith(at_once.err)


def unnumbered(text: str) -> str:
    """A screen without the names that the Job controller has given to Pods it may not create."""
    return re.sub(r'pods "basics-\w+"', 'pods "basics-"', text)


RELEASES: Mapping[str, Callable[[Cluster], object]] = {
    "suspended": lambda cluster: cluster.patch_with_kubectl("basics", {"suspend": False}),
    "no-parallelism": lambda cluster: cluster.patch_with_kubectl("basics", {"parallelism": 1}),
    "gated": lambda cluster: cluster.ungate_with_kubectl("basics"),
    "quota": lambda cluster: cluster.delete_with_kubectl("none", "ResourceQuota"),
}


@pytest.mark.parametrize("name", RELEASES)
def test_what_is_released_from_another_terminal_goes_on(name: str, tmp_path: Path) -> None:
    with Cluster(tmp_path, {**TABLE, "basics": [[Program(runs=100, log=GREETING)]]}) as cluster:
        CASES[name].prepare(cluster)
        cluster.create_with_kubectl(CASES[name].manifest)
        cluster.sleep(500)
        cluster.meanwhile((90, lambda: RELEASES[name](cluster)))
        waited = cluster.run("check", "basics", "--wait")
    assert HELD[name] in waited.err
    assert "basics/complete     PASS" in waited.out


# what is missing in a case
ARRIVES: Mapping[str, str] = {
    "config": "{apiVersion: v1, kind: ConfigMap, metadata: {name: none}}",
    "mount": "{apiVersion: v1, kind: ConfigMap, metadata: {name: none}}",
    "service-account": "{apiVersion: v1, kind: ServiceAccount, metadata: {name: none}}",
}


@pytest.mark.parametrize("name", ARRIVES)
def test_what_was_missing_and_is_there_by_now_is_waited_for(name: str, tmp_path: Path) -> None:
    asked = ("check basics", "hint basics", "status basics", "diagnose job/basics", "diagnose")
    with Cluster(tmp_path, {**TABLE, "basics": [[Program(runs=1, log=GREETING)]]}) as cluster:
        cluster.create_with_kubectl(CASES[name].manifest)
        cluster.sleep(60)
        cluster.create_with_kubectl(ARRIVES[name])
        screens = {line: cluster.run(*line.split()) for line in asked}
        waited = cluster.run("check", "basics", "--wait")
    assert screens["check basics"].err == "Next: kubectl joblab check basics --wait\n"
    assert {line for line, screen in screens.items() if "not found" in str(screen)} == set()
    assert "basics/complete     PASS" in waited.out
    assert "not found" not in str(waited)


@pytest.mark.parametrize("name", CASES)
def test_start_says_why(name: str, tmp_path: Path, compare: Compare) -> None:
    case = CASES[name]
    (tmp_path / "wrong.yaml").write_text(case.manifest, "utf-8")
    with Cluster(tmp_path, {**TABLE, "basics": [[case.program]]}) as cluster:
        case.prepare(cluster)
        compare(cluster, f"cause-{name}-start", "start basics -f wrong.yaml --timeout=15s")


def test_on_a_terminal_a_pod_that_waits_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(CASES["gated"].manifest, "utf-8")
    screen = Terminal()
    with Cluster(tmp_path) as cluster:
        line = "start basics -f wrong.yaml --timeout=15s"
        cluster.run_on(screen, screen, line.split(), environ=terminal.ENVIRON)
    assert f"[{'.' * 40}] 0/1 succeeded, 0 running, 0 failed" in screen.frames[-1]


def test_on_a_terminal_it_is_told_while_a_job_runs_why_it_cannot_start(tmp_path: Path) -> None:
    case = CASES["program-and-argument-in-one"]
    (tmp_path / "wrong.yaml").write_text(case.manifest, "utf-8")
    screen = Terminal()
    with Cluster(tmp_path, {"basics": [[case.program]]}) as cluster:
        line = "start basics -f wrong.yaml --timeout=15s"
        cluster.run_on(screen, screen, line.split(), environ=terminal.ENVIRON)
    frame = " ".join(screen.frames[-1].split())
    assert "1 column is 1s; x failed" in frame
    assert "exit code 128 (StartError): exec: " in frame
    assert "The image has no program of that name" in frame


def test_on_a_terminal_the_command_that_releases_a_job_is_whole(tmp_path: Path) -> None:
    case = CASES["gated"]
    (tmp_path / "wrong.yaml").write_text(case.manifest, "utf-8")
    screen = Terminal()
    with Cluster(tmp_path) as cluster:
        line = "start basics -f wrong.yaml --timeout=15s"
        cluster.run_on(screen, screen, line.split(), environ=terminal.ENVIRON)
    assert """ '[{"op":"remove","path":"/spec/schedulingGates"}]'""" in screen.frames[-1]


@pytest.mark.parametrize("name", ["image", "config", "mount", "service-account"])
def test_logs_that_cannot_come_are_not_waited_for(
    name: str, tmp_path: Path, compare: Compare
) -> None:
    with Cluster(tmp_path) as cluster:
        cluster.create_with_kubectl(CASES[name].manifest)
        cluster.sleep(2)
        assert compare(cluster, f"cause-{name}-follow", "logs basics -f").code == 1


def test_a_pod_that_cannot_start_does_not_end_the_logs_of_others(tmp_path: Path) -> None:
    two = Case(job="  completions: 2\n", command="[echo], envFrom: [{configMapRef: {name: mine}}]")
    config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: mine}}"
    table = {"basics": [[Program(runs=20, log=((15, "one"),))], [Program(runs=5)]]}
    with Cluster(tmp_path, table) as cluster:
        cluster.create_with_kubectl(config)
        cluster.create_with_kubectl(two.manifest)
        cluster.sleep(10)
        cluster.delete_with_kubectl("mine", "ConfigMap")
        cluster.meanwhile((60, lambda: cluster.create_with_kubectl(config)))
        screen = cluster.run("logs", "basics", "-f")
    assert (screen.code, screen.out.count("one")) == (0, 1)
    assert screen.err.count("Warning: pod/basics-bbbbc: CreateContainerConfigError: ") == 1
