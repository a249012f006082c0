"""practice clock: what is shown of it, and how it is moved; start where waits are skipped."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from kubectl_joblab.errors import ExitCode
from kubectl_joblab.practice.api.documents import discovery
from tests.cli.commands.conftest import RUNS, Compare
from tests.cli.conftest import MANIFESTS
from tests.inprocess import terminal
from tests.inprocess.cluster import Cluster
from tests.inprocess.terminal import Terminal

WAITED = 30.0  # seconds that the retry lab's back-off takes where nobody skips it
SPARED = 20.0  # of them, at least: what is left is the containers' own time
# what is skipped of each run
SKIPPED = {
    "retry-never": ["skipped 10s of back-off", "skipped 20s of back-off"],
    "retry-onfailure": ["skipped 10s of back-off"],
    "retry-recover": [],
}
LABS = Path(__file__).parents[1] / "labs"
FAILS = (MANIFESTS / "04-retry/solutions/never.yaml").read_text("utf-8")


@pytest.fixture
def failing(cluster: Cluster) -> Cluster:
    """A cluster in which the lab's Job retry waits for its second Pod."""
    cluster.run("start", "retry", "--no-wait")
    cluster.sleep(4.5)
    return cluster


# ---- what is shown


def test_where_nothing_waits_the_time_alone_is_shown(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "clock-idle", "practice clock").code == 0


@pytest.mark.parametrize("more", ["", " --lang=ko", " --plain", " -o json"])
def test_what_waits_is_shown_soonest_first(failing: Cluster, compare: Compare, more: str) -> None:
    failing.run("start", "ttl", "--no-wait")
    failing.sleep(4)
    name = f"clock{more.replace(' --lang=', '-').replace(' --', '-').replace(' -o ', '-')}"
    assert compare(failing, name, f"practice clock{more}").code == 0


def test_a_container_that_runs_is_shown(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(2)
    assert compare(cluster, "clock-running", "practice clock").code == 0


# ---- how it is moved


@pytest.mark.parametrize("more", ["", " --lang=ko"])
def test_a_job_is_taken_to_its_end(failing: Cluster, compare: Compare, more: str) -> None:
    name = f"clock-until{more.replace(' --lang=', '-')}"
    assert compare(failing, name, f"practice clock until job/retry=failed{more}").code == 0
    assert failing.run("check", "retry").code == 0


def test_time_passes_as_if_it_had_been_waited_for(failing: Cluster, compare: Compare) -> None:
    assert compare(failing, "clock-advance", "practice clock advance 10m").code == 0
    assert failing.run("check", "retry").code == 0


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("counted", ["pods", "tries"])
def test_a_job_is_taken_to_so_many_pods_or_tries(
    failing: Cluster, counted: str, number: int
) -> None:
    screen = failing.run("practice", "clock", "until", f"job/retry={counted}={number}")
    assert (screen.code, len(failing.names("Pod"))) == (0, number)


def test_a_container_is_waited_for_and_named(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(2)
    before = cluster.clock.monotonic()
    assert compare(cluster, "clock-waits", "practice clock advance 1h").code == 0
    assert cluster.clock.monotonic() - before > 5  # it sleeps for 10 s


def test_a_container_is_not_waited_for_where_that_is_not_wanted(
    cluster: Cluster, compare: Compare
) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(2)
    line = "practice clock advance 1h --while-running"
    assert compare(cluster, "clock-while-running", line).code == 0
    status = cluster.run("status", "sleep").out
    assert ("Running" in status, "60m" in status) == (True, True)


def test_in_programs_hands_it_gives_the_clock_alone(failing: Cluster) -> None:
    lines = ("advance 10m -o json", "until job/retry=Failed -o json", "auto on -o json")
    found = [json.loads(failing.run("practice", "clock", *one.split()).out) for one in lines]
    assert [one["auto"] for one in found] == [False, False, True]
    assert 590 < found[0]["ahead"] < 600  # the containers' own time passes too
    assert {one["ahead"] for one in found} == {found[0]["ahead"]}


@pytest.mark.parametrize(
    ("goal", "why"),
    [
        pytest.param("retry=Complete", "the Job is finished", id="it ends otherwise"),
        pytest.param("retry=pods=9", "the Job is finished", id="it ends with fewer Pods"),
        pytest.param(
            "retry=Failed --at-most=15s", "15s was not enough; --at-most allows more", id="too long"
        ),
        pytest.param(
            "suspended=Complete", "nothing waits that could make it so", id="it waits for nothing"
        ),
    ],
)
def test_what_is_not_reached_is_told_with_why(failing: Cluster, goal: str, why: str) -> None:
    failing.create_with_kubectl(
        FAILS.replace("name: retry", "name: suspended").replace(
            "spec:", "spec:\n  suspend: true", 1
        )
    )
    failing.run("practice", "clock", "advance", "1s")
    screen = failing.run("practice", "clock", "until", *f"job/{goal}".split())
    name, _, wanted = goal.partition(" ")[0].partition("=")
    said = {"pods=9": "9 Pods"}.get(wanted, wanted)
    assert screen.err.splitlines() == [
        f"error: job.batch/{name} has not reached {said}: {why}",
        f"Next: kubectl describe job {name}",
    ]
    assert screen.code == ExitCode.ERROR


def test_a_job_that_is_not_there_is_told_as_kubectl_tells_it(cluster: Cluster) -> None:
    screen = cluster.run("practice", "clock", "until", "job/none=Failed", "-n", "other")
    assert screen.err.splitlines() == [
        'Error from server (NotFound): jobs.batch "none" not found',
        "Next: kubectl get jobs -n other",
    ]
    assert screen.code == ExitCode.ERROR


def test_the_namespace_is_that_of_the_line(cluster: Cluster) -> None:
    cluster.make_namespace("other")
    cluster.run("start", "retry", "--no-wait", "-n", "other")
    screen = cluster.run("practice", "clock", "until", "job/retry=Failed", "-n", "other")
    assert screen.code == 0
    assert "skipped 20s of back-off  job/retry: next Pod\n" in screen.out


def test_what_another_namespace_waited_for_is_told_with_its_name(cluster: Cluster) -> None:
    cluster.make_namespace("other")
    cluster.run("start", "retry", "--no-wait", "-n", "other")
    screen = cluster.run("practice", "clock", "advance", "1m")
    assert "skipped 20s of back-off  job/retry -n other: next Pod\n" in screen.out


def test_ctrl_c_ends_it_and_what_was_skipped_stays(failing: Cluster) -> None:
    class Stopping(io.StringIO):
        def write(self, text: str) -> int:
            written = super().write(text)
            if "skipped" in text:
                raise KeyboardInterrupt
            return written

    out, err = Stopping(), io.StringIO()
    code = failing.run_on(out, err, ["practice", "clock", "until", "job/retry=Failed"])
    assert (err.getvalue(), code) == ("\nStopped; 7s was skipped.\n", ExitCode.INTERRUPTED)
    assert json.loads(failing.run("practice", "clock", "-o", "json").out)["ahead"] == 7


# ---- auto


def test_where_it_is_on_no_run_waits(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "clock-auto-on", "practice clock auto on").code == 0
    before = cluster.clock.monotonic()
    assert cluster.run("start", "retry").code == 0
    assert cluster.clock.monotonic() - before < WAITED - SPARED
    assert compare(cluster, "clock-auto-off", "practice clock auto off").code == 0
    before = cluster.clock.monotonic()
    assert cluster.run("start", "retry").code == 0
    assert cluster.clock.monotonic() - before > WAITED


# ---- start


@pytest.mark.parametrize("run", [name for name in RUNS if name.startswith("retry")])
def test_a_run_whose_waits_are_skipped_looks_as_if_it_had_been_waited_for(
    cluster: Cluster, run: str
) -> None:
    before = cluster.clock.monotonic()
    screen = cluster.run(*RUNS[run].split(), "--skip-waits")
    assert cluster.clock.monotonic() - before < WAITED - SPARED
    skipped = [line for line in str(screen).splitlines() if line.startswith("skipped ")]
    rest = [line for line in str(screen).splitlines() if line not in skipped]
    waited = (LABS / f"golden/start-{run}.txt").read_text("utf-8").splitlines()
    assert rest == waited[1:]
    assert [line.partition("  ")[0] for line in skipped] == SKIPPED[run]


LIMITS = (
    *("deadline", "ttl", "exit-codes", "attempts", "fail-job", "ignore", "replacement"),
    *("per-index", "fail-index", "suspend"),
)


@pytest.mark.parametrize("lab", LIMITS)
def test_a_lab_is_judged_as_if_it_had_been_waited_for(tmp_path: Path, lab: str) -> None:
    found: list[tuple[list[str], int]] = []
    for more in ([], ["--skip-waits"]):
        folder = tmp_path / f"cluster{len(found)}"
        folder.mkdir()
        with Cluster(folder) as cluster:
            screen = cluster.run("start", lab, *more)
        verdicts = [line for line in screen.out.splitlines() if line.startswith(f"{lab}/")]
        found.append((verdicts, screen.code))
    waited, skipped = found
    assert skipped == waited


def test_what_start_saw_is_of_use_after_further_jumps(cluster: Cluster) -> None:
    assert cluster.run("start", "retry", "--variant=onfailure", "--skip-waits").code == 0
    cluster.run("practice", "clock", "advance", "5m")
    assert cluster.run("check", "retry", "--variant=onfailure").code == 0  # its Pod is gone


def test_on_a_terminal_the_last_jump_stands_below_the_lanes(
    cluster: Cluster, compare: Compare
) -> None:
    screen = Terminal()
    line = "start retry --skip-waits"
    code = cluster.run_on(screen, screen, line.split(), environ=terminal.ENVIRON)
    jumped = next(frame for frame in screen.frames if "skipped 20s" in frame)
    text = f"$ kubectl joblab {line}\n{jumped}--- afterwards\n{screen.getvalue()}"
    compare.text("start-retry-skipped-live", text)
    assert code == 0


def test_afterwards_the_cluster_waits_again(cluster: Cluster) -> None:
    cluster.run("start", "retry", "--skip-waits")
    before = cluster.clock.monotonic()
    assert cluster.run("start", "retry").code == 0
    assert cluster.clock.monotonic() - before > WAITED


@pytest.mark.parametrize("line", ["start retry --skip-waits", "practice clock advance 1s"])
def test_on_any_other_cluster_it_is_refused_before_anything_is_done(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr(discovery, "version", lambda: {"gitVersion": "v1.37.2"})
    screen = cluster.run(*line.split())
    assert screen.err.splitlines() == [
        "error: only a practice cluster's clock can be moved, and 127.0.0.1:6443 is none",
        "Next: kubectl joblab practice up",
    ]
    assert (screen.out, screen.code) == ("", ExitCode.ERROR)
    assert [(one.method, one.path) for one in cluster.requests] == [("GET", "/version")]


# ---- lines that cannot be carried out

WRONG = {
    "forward 10m": (
        'error: "forward 10m" is no move: advance DURATION, until job/NAME=WHAT, auto on or auto'
        " off"
    ),
    "advance": (
        'error: "advance" is no move: advance DURATION, until job/NAME=WHAT, auto on or auto off'
    ),
    "advance -- -5s": 'error: "-5s" must be a duration such as 30s, 2m or 1h',
    "advance 0": 'error: "0" must be a duration such as 30s, 2m or 1h',
    "advance soon": 'error: "soon" must be a duration such as 30s, 2m or 1h',
    "until retry=Failed": (
        'error: "retry=Failed" must be job/NAME=WHAT, where WHAT is a condition, or pods=3 or'
        " tries=3"
    ),
    "until job/retry": (
        'error: "job/retry" must be job/NAME=WHAT, where WHAT is a condition, or pods=3 or tries=3'
    ),
    "until job/retry=Faild": (
        'error: "Faild" is no condition of a Job; it has Complete, Failed, FailureTarget,'
        " SuccessCriteriaMet, Suspended; did you mean Failed?"
    ),
    "until job/retry=pods=none": 'error: "pods=none" must be pods=N or tries=N, with N from 1',
    "until job/retry=pods=0": 'error: "pods=0" must be pods=N or tries=N, with N from 1',
    "until job/retry=runs=3": 'error: "runs=3" must be pods=N or tries=N, with N from 1',
    "auto maybe": (
        'error: "auto maybe" is no move: advance DURATION, until job/NAME=WHAT, auto on or auto off'
    ),
    "advance 1m --at-most=1h": "error: --at-most goes with until",
    "--while-running": "error: --while-running goes with advance, until",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_line_that_makes_no_sense_is_refused(cluster: Cluster, line: str) -> None:
    screen = cluster.run("practice", "clock", *line.split())
    see = "See 'kubectl joblab practice clock --help' for usage."
    assert screen.err.splitlines() == [WRONG[line], see]
    assert (screen.out, screen.code, cluster.requests) == ("", ExitCode.ERROR, [])


def test_waits_are_not_skipped_of_a_run_that_nobody_follows(cluster: Cluster) -> None:
    screen = cluster.run("start", "retry", "--skip-waits", "--no-wait")
    said = "error: --skip-waits needs a run that is followed, which --no-wait is not"
    assert (screen.err.splitlines()[0], screen.code) == (said, ExitCode.ERROR)
    assert cluster.requests == []


def test_without_a_practice_cluster_it_says_how_to_get_one(
    cluster: Cluster, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_text("{apiVersion: v1, kind: Config}\n", "utf-8")
    screen = cluster.run("practice", "clock", environ={"KUBECONFIG": str(other)})
    assert screen.err.splitlines() == [
        "error: the kubeconfig has no practice cluster",
        "Next: kubectl joblab practice up",
    ]
    assert screen.code == ExitCode.ERROR


def test_it_is_the_practice_clusters_whatever_context_is_current(
    cluster: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "kubeconfig"
    text = file.read_text("utf-8").replace("current-context: joblab-practice", "")
    file.write_text(text, "utf-8")
    screen = cluster.run("practice", "clock", "advance", "5s", "--context=nope")
    assert (screen.code, screen.err) == (0, "Next: kubectl joblab practice clock\n")
