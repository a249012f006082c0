"""check: what it says of labs that are done, are being done, and were not begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands.conftest import TWO_AT_ONCE, Compare
from tests.cli.conftest import MANIFESTS
from tests.inprocess import terminal
from tests.inprocess.cluster import Cluster
from tests.inprocess.containers import TABLE
from tests.inprocess.terminal import Terminal
from tests.practice.node.fake import Program


@pytest.mark.parametrize(
    "lab", ["basics", "sleep", "echo", "yaml", "retry", "completions", "parallelism"]
)
def test_a_lab_that_is_done_has_passed(done: Cluster, compare: Compare, lab: str) -> None:
    assert compare(done, f"check-{lab}", f"check {lab}").code == 0


def test_without_a_lab_all_are_judged(done: Cluster, compare: Compare) -> None:
    assert compare(done, "check", "check").code == 0


@pytest.mark.parametrize("lab", ["sleep", "retry"])
def test_in_korean_all_that_is_not_kubectls_is_korean(
    done: Cluster, compare: Compare, lab: str
) -> None:
    assert compare(done, f"check-{lab}-ko", f"check {lab} --lang=ko").code == 0


@pytest.mark.parametrize("form", ["wide", "json", "yaml", "name", "junit"])
def test_it_is_printed_in_every_format(done: Cluster, compare: Compare, form: str) -> None:
    assert compare(done, f"check-as-{form}", f"check sleep completions -o {form}").code == 0


def test_plain_has_each_value_behind_its_name(done: Cluster, compare: Compare) -> None:
    assert compare(done, "check-plain", "check retry --variant=recover --plain").code == 0


def test_in_all_namespaces_there_is_a_row_for_each_lab(cluster: Cluster, compare: Compare) -> None:
    for namespace, lab in (("ada", "sleep"), ("bob", "echo")):
        cluster.make_namespace(namespace)
        cluster.run("start", lab, "-n", namespace)
    assert compare(cluster, "check-all-namespaces", "check -A").code == 0
    assert compare(cluster, "check-all-namespaces-wide", "check -A -o wide").code == 0


@pytest.mark.parametrize(("lab", "passed"), [("sleep", 4), ("parallelism", 7)])
def test_it_waits_for_a_job_that_runs(
    cluster: Cluster, compare: Compare, lab: str, passed: int
) -> None:
    cluster.run("start", lab, "--no-wait")
    cluster.sleep(passed)
    assert compare(cluster, f"check-wait-{lab}", f"check {lab} --wait").code == 0


def test_on_a_terminal_the_wait_is_drawn(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "parallelism", "--no-wait")
    cluster.sleep(2)
    screen = Terminal()
    line = "check parallelism --wait"
    code = cluster.run_on(screen, screen, line.split(), environ=terminal.ENVIRON)
    drawn = screen.frames[len(screen.frames) // 2]
    text = f"$ kubectl joblab {line}\n{drawn}--- afterwards\n{screen.getvalue()}"
    compare.text("check-wait-live", text)
    assert code == 0


def test_a_job_that_runs_is_pending(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(4)
    assert compare(cluster, "check-pending", "check sleep").code == 3


def test_a_lab_that_was_not_begun_is_said_to_be(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "check-not-begun", "check sleep").code == 3


def test_what_failed_is_explained(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "parallelism", "-f", str(TWO_AT_ONCE))
    assert compare(cluster, "check-failed", "check parallelism").code == 2


# answers of the lab completions, and how long check --wait looks at their Jobs, at the most
WAITS = {
    "a spec that is wrong is no reason to wait": ("completions: 4", Program(runs=3), "", 2),
    "it ends when the time of each check is over": ("completions: 3", Program(runs=999), "", 190),
    "it ends at --timeout before": ("completions: 3", Program(runs=999), " --timeout=20s", 25),
    "--timeout does not make it longer": (
        "completions: 3",
        Program(runs=999),
        " --timeout=900s",
        190,
    ),
}


@pytest.mark.parametrize("name", WAITS)
def test_it_waits_no_longer_than_something_is_decided(tmp_path: Path, name: str) -> None:
    field, program, flags, longest = WAITS[name]
    text = (MANIFESTS / "05-completions/job-multi.yaml").read_text("utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace("completions: 3", field), "utf-8")
    with Cluster(tmp_path, {"completions": [[program]]}) as cluster:
        assert cluster.run("start", "completions", "-f", "mine.yaml", "--no-wait").code == 0
        begun = cluster.clock.monotonic()
        screen = cluster.run("check", "completions", *f"--wait{flags}".split())
        waited = cluster.clock.monotonic() - begun
    assert waited <= longest
    assert screen.code in (2, 3)
    first, second, *_ = screen.err.splitlines()
    if longest < 10:
        assert first == "A check has failed for good, whatever the Job still does."
    else:
        assert first == "Waiting for job.batch/completions to finish."
        assert second.split() == ["AGE", "OBJECT", "STATUS", "DETAIL"]


def test_a_job_that_takes_long_is_late_and_has_not_failed(tmp_path: Path, compare: Compare) -> None:
    text = (MANIFESTS / "01-sleep/job.yaml").read_text("utf-8")
    with Cluster(tmp_path, {"sleep": [[Program(runs=200)]]}) as cluster:
        cluster.create_with_kubectl(text)
        cluster.sleep(100)
        assert compare(cluster, "check-late-wait", "check sleep --wait").code == 0
    with Cluster(tmp_path, {"sleep": [[Program()]]}) as cluster:
        cluster.create_with_kubectl(text)
        cluster.sleep(200)
        assert compare(cluster, "check-late", "check sleep").code == 3
        begun = cluster.clock.monotonic()
        assert compare(cluster, "check-late-wait-endless", "check sleep --wait").code == 3
        assert 150 < cluster.clock.monotonic() - begun < 160


def test_the_time_in_which_a_job_was_suspended_is_not_counted(tmp_path: Path) -> None:
    text = (MANIFESTS / "01-sleep/job.yaml").read_text("utf-8")
    text = text.replace("\nspec:\n", "\nspec:\n  suspend: true\n", 1)
    with Cluster(tmp_path, {"sleep": [[Program(runs=20)]]}) as cluster:
        cluster.create_with_kubectl(text)
        cluster.sleep(145)
        cluster.patch_with_kubectl("sleep", {"suspend": False})
        cluster.sleep(10)
        screen = cluster.run("check", "sleep", "--wait")
    assert (screen.code, "FAIL" in screen.out) == (0, False)


def test_a_try_that_a_suspension_cut_off_is_none(tmp_path: Path, compare: Compare) -> None:
    with Cluster(tmp_path, {"sleep": [[Program()], [Program(runs=10)]]}) as cluster:
        cluster.run("start", "sleep", "--no-wait")
        cluster.meanwhile(
            (4, lambda: cluster.patch_with_kubectl("sleep", {"suspend": True})),
            (56, lambda: cluster.patch_with_kubectl("sleep", {"suspend": False})),
        )
        assert compare(cluster, "check-cut-off", "check sleep --wait").code == 0


def test_a_job_that_no_lab_made_has_to_go_before_it_is_run_again(
    cluster: Cluster, compare: Compare
) -> None:
    text = (MANIFESTS / "02-echo/job.yaml").read_text("utf-8")
    cluster.create_with_kubectl(text.replace("managed-by: kubectl-joblab", "managed-by: me"))
    cluster.sleep(20)
    (pod,) = cluster.names("Pod")
    cluster.delete_with_kubectl(pod, "Pod")
    cluster.sleep(60)
    assert compare(cluster, "check-unknown-of-kubectl", "check echo").code == 3
    hinted, logs = cluster.run("hint", "echo"), cluster.run("logs", "echo")
    for screen in (hinted, logs):
        assert screen.err.endswith("Next: kubectl delete job echo\n")


def test_a_job_of_nearly_the_name_is_pointed_out(tmp_path: Path, compare: Compare) -> None:
    solution = (MANIFESTS / "00-basics/solutions/echo.yaml").read_text("utf-8")
    with Cluster(tmp_path, {**TABLE, "basic": TABLE["basics"]}) as cluster:
        cluster.create_with_kubectl(solution.replace("name: basics", "name: basic"))
        cluster.sleep(10)
        _looks_for_basics(cluster, compare)


def _looks_for_basics(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "check-near", "check basics").code == 3
    assert compare(cluster, "check-near-ko", "check basics --wait --lang=ko").code == 3
    for verb in ("status", "logs", "describe", "events"):
        assert compare(cluster, f"near-{verb}", f"{verb} basics").code == 1
        assert cluster.run(verb, "basics", "--name=basic").code == 0
    assert "basic" not in cluster.run("check", "retry").err.replace("basics", "")
