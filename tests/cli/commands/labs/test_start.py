"""start: what it shows of each lab, from the Job's creation to the checks."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
import yaml

from kubectl_joblab import objects
from kubectl_joblab.errors import ExitCode
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks
from tests.cli.commands.conftest import RUNS, Compare
from tests.cli.conftest import MANIFESTS
from tests.inprocess import terminal
from tests.inprocess.cluster import Cluster
from tests.inprocess.terminal import Terminal

KOREAN = ("basics", "retry-onfailure", "parallelism")


@pytest.mark.parametrize("run", RUNS)
def test_it_follows_a_lab_and_checks_it(cluster: Cluster, compare: Compare, run: str) -> None:
    code = ExitCode.PENDING if run == "basics" else 0  # the learner goes on with lab 0
    assert compare(cluster, f"start-{run}", RUNS[run]).code == code


@pytest.mark.parametrize("run", KOREAN)
def test_in_korean_all_that_is_not_kubectls_is_korean(
    cluster: Cluster, compare: Compare, run: str
) -> None:
    code = ExitCode.PENDING if run == "basics" else 0
    assert compare(cluster, f"start-{run}-ko", f"{RUNS[run]} --lang=ko").code == code


def test_plain_has_no_drawing_and_no_columns_of_ours(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "start-parallelism-plain", "start parallelism --plain").code == 0


def test_for_programs_it_prints_the_checks_alone(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "start-sleep-json", "start sleep -o json").code == 0


def test_without_waiting_it_creates_the_job_and_leads_to_check(
    cluster: Cluster, compare: Compare
) -> None:
    assert compare(cluster, "start-no-wait", "start sleep --no-wait").code == 0


def test_a_finished_job_is_replaced(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "echo")
    assert compare(cluster, "start-again", "start echo").code == 0


def test_a_job_that_runs_is_joined(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(4)
    assert compare(cluster, "start-joined", "start sleep").code == 0


@pytest.mark.parametrize("mode", ["client", "server"])
def test_a_dry_run_creates_nothing(cluster: Cluster, compare: Compare, mode: str) -> None:
    line = f"start parallelism --parallelism=2 --dry-run={mode} -o yaml"
    assert compare(cluster, f"start-dry-run-{mode}", line).code == 0
    assert cluster.run("status", "parallelism").code == 1


@pytest.mark.parametrize("run", ["parallelism", "retry-onfailure"])
def test_on_a_terminal_it_is_drawn_and_then_told_as_in_a_pipe(
    cluster: Cluster, compare: Compare, run: str
) -> None:
    screen = Terminal()
    code = cluster.run_on(screen, screen, RUNS[run].split(), environ=terminal.ENVIRON)
    text = f"$ kubectl joblab {RUNS[run]}\n{screen.frames[-1]}--- afterwards\n{screen.getvalue()}"
    compare.text(f"start-{run}-live", text)
    assert code == 0


def test_the_starter_of_a_lab_is_said_to_be_completed_first(
    cluster: Cluster, compare: Compare
) -> None:
    for name, line in (("", "start yaml"), ("-ko", "start yaml --lang=ko")):
        assert compare(cluster, f"start-starter{name}", line).code == 1
    cluster.run("scaffold", "yaml")
    assert compare(cluster, "start-starter-written", "start yaml").code == 1


def test_the_commands_it_names_have_the_flags_that_were_given(
    cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    out = cluster.run("start", "basics", "--lab-path=own").out
    assert "# kubectl joblab scaffold basics -d - --lab-path=own | kubectl create -f -\n" in out
    assert "\nMore: kubectl joblab show basics --debrief --lab-path=own\n" in out
    err = cluster.run("start", "basic", "--lab-path=own", "--plain").err
    assert "See 'kubectl joblab list --lab-path=own --plain' for the labs.\n" in err


# a field that there is not, and what is said of it
UNKNOWN = {
    "spec.template.spec.restartpolicy": "there is no such field; did you mean restartPolicy?",
    "spec.spec": "there is no such field here; did you mean spec.template.spec?",
    "spec.completion": "there is no such field; did you mean completions?",
    "spec.template.spec.containers[0].comand": "there is no such field; did you mean command?",
    "spec.containers": "there is no such field here; did you mean spec.template.spec.containers?",
    "spec.restartPolicy": "there is no such field here; did you mean"
    " spec.template.spec.restartPolicy?",
    "spec.template.spec.backoffLimit": "there is no such field here; did you mean"
    " spec.backoffLimit?",
    "spec.template.spec.command": "there is no such field here; did you mean"
    " spec.template.spec.containers[].command?",
    "spec.template.labels": "there is no such field here; did you mean"
    " spec.template.metadata.labels?",
    "backoffLimit": "there is no such field here; did you mean spec.backoffLimit?",
    "spec.zzz": "there is no such field; kubectl explain lists those there are",
}


@pytest.mark.parametrize("path", UNKNOWN)
def test_a_field_that_there_is_not_is_told_with_the_one_that_was_meant(
    cluster: Cluster, path: str
) -> None:
    job = yaml.safe_load(Path("job.yaml").read_text("utf-8"))
    *above, name = objects.steps(path)
    place = job
    for step in above:
        place = place[step]
    place[name] = "x"
    Path("wrong.yaml").write_text(yaml.safe_dump(job), "utf-8")
    screen = cluster.run("start", "yaml", "-f", "wrong.yaml")
    assert (screen.out, screen.code) == ("", 1)
    told = " ".join(line.strip() for line in screen.err.splitlines()[1:-1])
    assert re.fullmatch(rf"wrong\.yaml:\d+: {re.escape(f'{path}: {UNKNOWN[path]}')}", told)


def test_a_job_that_runs_is_judged_again_only_where_something_was_seen(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, judged = checks.judge, list[Snapshot]()

    def counted(exercise: Exercise, seen: Snapshot) -> list[checks.Verdict]:
        if seen.job and not seen.over:
            judged.append(seen._replace(now=objects.FIRST))
        return judge(exercise, seen)

    monkeypatch.setattr(checks, "judge", counted)
    assert cluster.run("start", "retry").code == 0  # it waits for half a minute, without news
    assert judged
    assert all(one != other for one, other in itertools.pairwise(judged))


def test_what_the_lab_is_about_is_not_said_where_no_job_is_made(cluster: Cluster) -> None:
    echo = (MANIFESTS / "02-echo/solutions/script.yaml").read_text("utf-8")
    cluster.create_with_kubectl(echo)  # which no lab made
    for line in ("start echo", "start sleep --name=A"):
        screen = cluster.run(*line.split())
        assert (screen.out, screen.code) == ("", 1)


def test_a_job_that_a_finalizer_keeps_is_not_waited_for_without_end(
    cluster: Cluster, compare: Compare, tmp_path: Path
) -> None:
    text = (MANIFESTS / "02-echo/job.yaml").read_text("utf-8")
    kept = text.replace("metadata:\n", "metadata:\n  finalizers: [example.com/keep]\n", 1)
    (tmp_path / "kept.yaml").write_text(kept, "utf-8")
    assert cluster.run("start", "echo", "-f", "kept.yaml").code == 0
    compare(cluster, "start-kept", "start echo")
