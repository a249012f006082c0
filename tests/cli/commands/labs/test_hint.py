"""hint: the hint that fits what the cluster shows, a stage further each time."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.commands.conftest import TWO_AT_ONCE, Compare
from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster
from tests.labs.definition.lint.lab import make_lab


def test_before_the_lab_is_begun_it_helps_to_begin_and_goes_further_each_time(
    cluster: Cluster, compare: Compare
) -> None:
    for stage in ("first", "second", "second"):
        assert compare(cluster, f"hint-{stage}", "hint parallelism").code == 0


def test_in_korean_too(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "hint-ko", "hint parallelism --lang=ko").code == 0


def test_what_fails_has_a_hint_of_its_own(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "parallelism", "-f", str(TWO_AT_ONCE))
    assert compare(cluster, "hint-failed", "hint parallelism").code == 0


def stage_of(cluster: Cluster, lab: str) -> str:
    """The stage that a further `hint` shows, as in 1 of 3, and the check that it is for."""
    head, _, about = cluster.run("hint", lab).out.partition(", for ")
    return f"{head.removeprefix('Hint ')} {about.split()[0]}"


def test_a_new_job_begins_the_stages_anew(cluster: Cluster) -> None:
    cluster.run("start", "parallelism", "-f", str(TWO_AT_ONCE))
    stages = [stage_of(cluster, "parallelism") for _ in range(2)]
    assert [one.split()[0] for one in stages] == ["1", "2"]
    cluster.run("start", "parallelism", "-f", str(TWO_AT_ONCE))
    assert [stage_of(cluster, "parallelism") for _ in range(2)] == stages


def test_another_mistake_has_stages_of_its_own(cluster: Cluster) -> None:
    cheats = MANIFESTS / "04-retry/cheats"
    for mistake in ("restarted", "no-retry"):
        cluster.run("start", "retry", "-f", str(cheats / f"{mistake}.yaml"))
        first, second = (stage_of(cluster, "retry").split() for _ in range(2))
        assert (first[0], second[0]) == ("1", "2")
        assert first[1:] == second[1:]


def test_what_the_version_before_has_kept_is_gone_on_from(cluster: Cluster) -> None:
    cluster.run("start", "parallelism", "-f", str(TWO_AT_ONCE))
    first, second = (stage_of(cluster, "parallelism") for _ in range(2))
    kept = cluster.state / "hints.json"
    (key,) = json.loads(kept.read_text("utf-8"))
    for value, stage in ((1, second), (0, first), (-7, first), ("1", first), (None, first)):
        kept.write_text(json.dumps({key: value}), "utf-8")
        assert stage_of(cluster, "parallelism") == stage


def test_what_runs_as_it_should_has_none(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "sleep", "--no-wait", "--name=nap")
    cluster.sleep(4)
    assert compare(cluster, "hint-running", "hint sleep --name=nap").code == 0
    assert compare(cluster, "hint-running-ko", "hint sleep --name=nap --lang=ko").code == 0


def test_a_try_that_failed_as_asked_for_has_none(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "retry", "--no-wait")
    cluster.sleep(6)
    assert compare(cluster, "hint-failing-as-asked", "hint retry").code == 0


def test_a_spec_that_is_wrong_is_hinted_at_from_the_start(
    cluster: Cluster, compare: Compare
) -> None:
    cheat = MANIFESTS / "04-retry/cheats/restarted.yaml"
    cluster.run("start", "retry", "--no-wait", "-f", str(cheat))
    assert compare(cluster, "hint-other-policy", "hint retry").code == 0


def test_where_no_hint_is_so_it_says_what_is_known(
    cluster: Cluster, compare: Compare, tmp_path: Path
) -> None:
    text = (MANIFESTS / "00-basics/job.yaml").read_text("utf-8")
    queue = tmp_path / "queue.yaml"
    queue.write_text(
        text.replace("spec:\n  template", "spec:\n  parallelism: 2\n  template"), "utf-8"
    )
    cluster.run("start", "basics", "-f", str(queue))
    assert compare(cluster, "hint-without-one", "hint basics").code == 0


def test_where_the_evidence_is_gone_it_leads_to_start(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "retry", "--variant=onfailure", "--no-wait")
    cluster.sleep(60)
    assert compare(cluster, "hint-gone", "hint retry --variant=onfailure").code == 0


def test_a_lab_without_a_way_in_leads_to_its_tasks(cluster: Cluster, tmp_path: Path) -> None:
    make_lab(tmp_path / "own")
    screen = cluster.run("hint", "demo", f"--lab-path={tmp_path / 'own'}")
    assert screen.out == "Lab demo is not started; its tasks say how to begin.\n"
    assert screen.err.startswith("Next: kubectl joblab show demo --lab-path=")
    assert screen.code == 0


def test_where_all_has_passed_there_is_nothing_to_hint_at(done: Cluster, compare: Compare) -> None:
    assert compare(done, "hint-passed", "hint retry").code == 0


def test_the_commands_of_a_hint_are_about_the_same_place(cluster: Cluster) -> None:
    cluster.make_namespace("ada")
    first, _, last = (cluster.run("hint", "basics", "-n", "ada").out for _ in range(3))
    assert first.endswith("kubectl joblab scaffold basics -d - -n ada\n")
    commands = " ".join(last.split()).partition(": ")[2]
    assert commands == (
        "kubectl apply -f 00-basics/job.yaml -n ada, kubectl get job basics -n ada,"
        " kubectl get pod -n ada, kubectl logs job/basics -n ada, kubectl joblab check basics"
        " -n ada; then kubectl delete job basics -n ada, and check once more"
    )
    named = "".join(cluster.run("hint", "sleep", "-n", "ada").out for _ in range(2))
    assert "kubectl get pod -w -n ada prints a line" in " ".join(named.split())


def test_between_two_jobs_it_names_what_the_next_is_to_show(cluster: Cluster) -> None:
    cluster.create_with_kubectl((MANIFESTS / "11-fail-job/job-wasteful.yaml").read_text("utf-8"))
    cluster.sleep(200)
    screen = cluster.run("hint", "fail-job")
    first, *rest = screen.out.splitlines()
    assert first == (
        "job.batch/fail-job is Failed, and all checks on it have passed. Open in the next stage:"
    )
    assert rest[0].startswith("  fail-job/limit: ")
    assert screen.err == "Next: kubectl joblab start fail-job\n"


def test_where_there_is_no_such_namespace_it_says_so(cluster: Cluster) -> None:
    told = cluster.run("hint", "basics", "-n", "nowhere")
    assert (told.out, told.code) == ("", 1)
    assert 'namespaces "nowhere" not found' in told.err


def test_the_debrief_leads_to_the_deletion_where_that_alone_is_left(cluster: Cluster) -> None:
    cluster.run("start", "basics")
    told = cluster.run("show", "basics", "--debrief")
    assert told.err == "Next: kubectl delete job basics\n"
