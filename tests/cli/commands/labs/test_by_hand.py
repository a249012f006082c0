"""A learner who works with kubectl alone: what check, hint, list and next say of that."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubectl_joblab.errors import ExitCode
from kubectl_joblab.labs.definition.model import Lab
from tests.cli.commands.conftest import do_basics
from tests.cli.commands.labs.test_watch import Interrupting
from tests.cli.conftest import MANIFESTS
from tests.golden import Screen
from tests.inprocess import containers
from tests.inprocess.cluster import Cluster
from tests.inprocess.terminal import Terminal
from tests.labs import ours
from tests.practice.node.fake import Program

SUCCEEDS, FAILS = Program(runs=1), Program(runs=1, exits=1)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster whose containers do what their labs want, but for those of the Job retry.

    Its first Pod succeeds, and all others fail.
    """
    table = {**containers.TABLE, "retry": [[SUCCEEDS], [FAILS]]}
    with Cluster(tmp_path, table) as cluster:
        yield cluster


def create(cluster: Cluster, file: str, **spec: Any) -> None:
    """Create the Job of a lab's file with kubectl, with these values in its spec instead."""
    (job,) = yaml.safe_load_all((MANIFESTS / file).read_text("utf-8"))
    job["spec"].update(spec)
    cluster.create_with_kubectl(yaml.safe_dump(job))


def listed(cluster: Cluster, lab: str) -> dict[str, Any]:
    """What list says of a lab."""
    items = json.loads(cluster.run("list", "-o", "json").out)["items"]
    return next(one for one in items if one["name"] == lab)


def last(screen: Screen) -> str:
    return screen.err.splitlines()[-1]


# ---- checks that are left out


@pytest.fixture
def pieced(made: Cluster) -> Cluster:
    """After two Jobs of lab 4 that have passed each check but those which they left out."""
    create(made, "04-retry/job-retry.yaml")
    made.sleep(10)
    assert made.run("check", "retry").code == ExitCode.FAILED
    made.delete_with_kubectl("retry")
    made.sleep(5)
    create(made, "04-retry/job-retry.yaml", backoffLimit=0)
    made.sleep(10)
    assert made.run("check", "retry").code == ExitCode.FAILED
    return made


def test_what_no_run_has_shown_is_not_done(pieced: Cluster) -> None:
    for variant in ("onfailure", "recover"):
        assert pieced.run("start", "retry", f"--variant={variant}").code == 0
    assert not listed(pieced, "retry")["done"]
    pieced.delete_with_kubectl("retry")
    create(pieced, "04-retry/job-retry.yaml")
    pieced.sleep(60)
    assert pieced.run("check", "retry").code == 0
    assert listed(pieced, "retry")["done"]


def test_a_check_that_is_left_out_keeps_its_row_and_says_why(pieced: Cluster) -> None:
    shown = pieced.run("check", "retry").out
    rows = [line.split()[:2] for line in shown.splitlines() if line.startswith("retry/")]
    assert [name for name, _ in rows] == [
        f"retry/{one}" for one in ["job", "policy", "limit", "exit-code", "gaps", "tries", "failed"]
    ]
    assert [name for name, result in rows if result == "PENDING"] == ["retry/gaps", "retry/tries"]
    assert shown.count("not judged: backoffLimit 0") == 2


def test_where_only_that_is_open_another_run_is_named(made: Cluster) -> None:
    create(made, "04-retry/job-retry-recover.yaml", backoffLimit=1)
    made.sleep(60)
    checked = made.run("check", "retry", "--variant=recover")
    assert "not judged: backoffLimit 1" in checked.out
    waited = made.run("check", "retry", "--variant=recover", "--wait")
    assert (waited.code, last(waited)) == (checked.code, last(checked))
    assert last(checked) == "Next: kubectl joblab hint retry --variant=recover"
    hinted = made.run("hint", "retry", "--variant=recover")
    assert "(not judged: backoffLimit 1)" in " ".join(hinted.out.split())
    assert last(hinted) == "Next: kubectl joblab scaffold retry --variant=recover"


# ---- what can never become true, and what never ran


def test_a_rule_that_does_not_fit_is_told_with_the_second_pod(tmp_path: Path) -> None:
    fails = Program(runs=1, exits=42)
    rule = {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [41]}}
    with Cluster(tmp_path, {"fail-job": [[fails]]}) as cluster:
        create(cluster, "11-fail-job/job-wasteful.yaml")
        cluster.sleep(60)
        cluster.run("check", "fail-job")
        cluster.delete_with_kubectl("fail-job")
        cluster.sleep(5)
        file = "11-fail-job/job-fail-job.yaml"
        create(cluster, file, podFailurePolicy={"rules": [rule]})
        cluster.sleep(13)
        checked = cluster.run("check", "fail-job", "--wait")
        hinted = cluster.run("hint", "fail-job")
    assert checked.code == ExitCode.FAILED
    assert "FAIL fail-job/one-pod" in checked.out
    assert "because   the first failure did not end the Job" in checked.out
    assert "for good" in checked.err
    assert "Nothing is wrong" not in hinted.out


def test_a_command_that_never_ran_has_passed_no_check_of_its_exit_code(tmp_path: Path) -> None:
    never = Program(fails='exec: "exit": executable file not found in $PATH')
    with Cluster(tmp_path, {"retry": [[never]]}) as cluster:
        create(cluster, "04-retry/job-retry.yaml")
        cluster.sleep(60)
        shown = cluster.run("check", "retry").out
    assert "FAIL retry/exit-code" in shown
    assert "because   a container could not be started" in shown


# ---- between two stages


def test_between_two_stages_all_commands_say_so(tmp_path: Path) -> None:
    fails = Program(runs=1, exits=42)
    with Cluster(tmp_path, {"fail-job": [[fails]]}) as cluster:
        create(cluster, "11-fail-job/job-wasteful.yaml")
        cluster.sleep(60)
        cluster.run("check", "fail-job")
        cluster.delete_with_kubectl("fail-job")
        cluster.sleep(5)
        checked, waited = (
            cluster.run("check", "fail-job"),
            cluster.run("check", "fail-job", "--wait"),
        )
        hinted, of_list = cluster.run("hint", "fail-job"), listed(cluster, "fail-job")
    for one in (checked, waited, hinted):
        assert "Stage 2 of 2, policy:" in one.out
        assert "There is no job.batch/fail-job: create the Job of this stage." in one.out
        assert last(one) == "Next: kubectl joblab scaffold fail-job"
    assert "4 passed, 4 pending." in checked.out
    assert (of_list["checks"], of_list["result"]) == ("4/8", "PENDING")


# ---- a wait that is stopped, and one that waits for the learner

SLEEP = "01-sleep/solutions/shell.yaml"
# a Job that does not go on as it is: its spec, what its containers do, what a wait says of it
STUCK: dict[str, tuple[dict[str, Any], Program, str]] = {
    "suspended": ({"suspend": True}, SUCCEEDS, "spec.suspend true"),
    "no parallelism": ({"parallelism": 0}, SUCCEEDS, "spec.parallelism 0"),
    "failing each time": ({}, FAILS, "1 try failed with exit code 1"),
    "never started": ({}, Program(fails='exec: "ten": not found'), "exit code 128 (StartError)"),
}


@pytest.mark.parametrize("name", STUCK)
def test_a_wait_that_is_stopped_says_what_check_says(tmp_path: Path, name: str) -> None:
    spec, does, said = STUCK[name]
    with Cluster(tmp_path, {"sleep": [[does]]}) as cluster:
        create(cluster, SLEEP, **spec)
        out, err = io.StringIO(), Interrupting("Warning")
        code = cluster.run_on(out, err, ["check", "sleep", "--wait"])
        checked = cluster.run("check", "sleep")
    stopped = Screen(out.getvalue(), err.getvalue(), code)
    told = stopped.err.partition("Stopped waiting at 0/1.")[2]
    assert said in told
    assert ("goes on" in told) == (does is not SUCCEEDS)
    assert last(stopped) == last(checked)
    assert "--wait" not in last(stopped)


@pytest.mark.parametrize("seconds", [0, 10])
def test_a_wait_ends_where_a_command_of_the_learner_is_due(
    cluster: Cluster, seconds: float
) -> None:
    create(cluster, "22-suspend/job-suspend.yaml")
    cluster.sleep(seconds)
    waited = cluster.run("check", "suspend", "--wait")
    assert "a command of yours" in waited.err
    assert last(waited).startswith("Next: kubectl patch job/suspend ")


def test_watch_says_which_command_of_the_learner_is_due(cluster: Cluster) -> None:
    create(cluster, "22-suspend/job-suspend.yaml")
    screen = Interrupting("your turn")
    cluster.run_on(screen, screen, ["watch", "suspend"])
    patch = 'kubectl patch job/suspend --type=merge -p \'{"spec":{"suspend":false}}\''
    assert f"Warning: now it is your turn: {patch}\n" in screen.getvalue()
    assert screen.getvalue().endswith(f"Next: {patch}\n")


def test_a_wait_for_a_pod_that_fits_no_node_ends_with_what_to_do(cluster: Cluster) -> None:
    (job,) = yaml.safe_load_all((MANIFESTS / SLEEP).read_text("utf-8"))
    job["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "ssd"}
    cluster.create_with_kubectl(yaml.safe_dump(job))
    cluster.sleep(200)
    before = cluster.clock.monotonic()
    waited = cluster.run("check", "sleep", "--wait")
    assert cluster.clock.monotonic() - before < 10
    assert "delete the Job and create it again" in " ".join(waited.err.split())


# ---- a Job that is there, or gone


@pytest.mark.parametrize(
    "lab", [lab for lab in ours.LABS if len(lab.variants) > 1], ids=lambda lab: lab.name
)
def test_scaffold_writes_each_variant_of_a_lab(cluster: Cluster, lab: Lab, tmp_path: Path) -> None:
    for variant in lab.variants:
        screen = cluster.run(*f"scaffold {lab.name} --variant={variant.name} -d {tmp_path}".split())
        assert (screen.code, screen.out.count(variant.file)) == (0, 1), screen
    setup = [path for path in tmp_path.rglob("*.yaml") if path.name in lab.setup]
    for path in setup:
        path.write_text("mine", "utf-8")
        path.with_name(lab.variants[0].file).unlink(missing_ok=True)
        again = cluster.run(*f"scaffold {lab.name} -d {tmp_path}".split())
        assert (again.code, path.read_text("utf-8")) == (1, "mine")


def test_scaffold_says_that_the_job_is_to_be_deleted_first(cluster: Cluster) -> None:
    create(cluster, SLEEP)
    before = cluster.run("scaffold", "sleep", "-d", "before")
    assert "kubectl apply" in last(before)
    cluster.sleep(20)
    cluster.run("check", "sleep")
    assert last(cluster.run("scaffold", "sleep", "-d", "there")) == "Next: kubectl delete job sleep"
    cluster.delete_with_kubectl("sleep")
    cluster.sleep(5)
    assert "kubectl apply" in last(cluster.run("scaffold", "sleep", "-d", "gone"))


def test_check_without_a_lab_goes_on_as_next_does(cluster: Cluster) -> None:
    do_basics(cluster)
    assert cluster.run("start", "sleep").code == 0
    cluster.run("clean", "sleep")
    checked, following = cluster.run("check"), cluster.run("next")
    assert last(checked) == last(following) == "Next: kubectl joblab start echo"


def test_the_events_of_a_job_that_is_gone_are_listed_while_they_are_there(
    cluster: Cluster,
) -> None:
    assert cluster.run("events", "sleep").code == 1
    create(cluster, SLEEP)
    cluster.sleep(20)
    there = cluster.run("events", "sleep")
    cluster.delete_with_kubectl("sleep")
    cluster.sleep(5)
    gone = cluster.run("events", "sleep")
    assert gone.code == 0
    assert "is gone; its events are still there" in gone.err

    def reasons(screen: Screen) -> set[str]:
        return {line.split()[2] for line in screen.out.splitlines()[1:]}

    assert reasons(there) <= reasons(gone)
    assert "Completed" in reasons(gone)


def test_a_job_that_has_gone_by_itself_unseen_is_not_called_not_started(cluster: Cluster) -> None:
    create(cluster, "08-ttl/job-ttl.yaml")
    cluster.sleep(120)
    for verb in ("check", "hint"):
        told = cluster.run(verb, "ttl")
        assert "has run, as its events show, and is gone" in told.err, verb
        assert last(told) == "Next: kubectl joblab watch ttl"


def test_of_a_job_that_is_deleted_nothing_is_to_be_looked_at_or_deleted(tmp_path: Path) -> None:
    with Cluster(tmp_path, {"basics": [[Program(runs=3, log=((0, "Hullo"),))]]}) as cluster:
        assert cluster.run("start", "basics").code == ExitCode.FAILED
        cluster.delete_with_kubectl("basics")
        cluster.sleep(5)
        checked = cluster.run("check", "basics")
    assert "FAIL basics/log" in checked.out
    assert "(It is deleted already.)" in " ".join(checked.out.split())
    assert "kubectl logs" not in checked.out


def test_a_field_of_a_job_that_is_still_to_come_has_no_value(cluster: Cluster) -> None:
    create(cluster, "11-fail-job/job-wasteful.yaml")
    rows = cluster.run("check", "fail-job").out.splitlines()
    assert next(one.split()[-1] for one in rows if "fail-job/limit" in one) == "<none>"


# ---- what a shell runs

WORDS = [[Program(runs=0.2, log=((0, ""),))]]
SPLIT: dict[str, tuple[list[str], list[str]]] = {
    "two items": (["sh", "-c", "echo", "2 + 3 = 5"], []),
    "args": (["/bin/sh"], ["-c", "echo", "2", "+", "3"]),
}


@pytest.mark.parametrize("name", SPLIT)
def test_a_shell_that_runs_one_item_only_is_explained(tmp_path: Path, name: str) -> None:
    command, args = SPLIT[name]
    (job,) = yaml.safe_load_all((MANIFESTS / "02-echo/job.yaml").read_text("utf-8"))
    job["spec"]["template"]["spec"]["containers"][0].update(command=command, args=args)
    with Cluster(tmp_path, {"echo": WORDS}) as cluster:
        cluster.create_with_kubectl(yaml.safe_dump(job))
        cluster.sleep(10)
        shown = " ".join(cluster.run("check", "echo").out.split())
    assert f"{command[0]} -c runs only the one item that follows it: echo" in shown
    assert "Write the whole line as one item: [" in shown


def test_a_log_that_is_empty_is_not_to_be_read(tmp_path: Path) -> None:
    with Cluster(tmp_path, {"sleep": [[FAILS]]}) as cluster:
        create(cluster, SLEEP)
        cluster.sleep(3)
        checked = cluster.run("check", "sleep")
    assert "the log is empty" in checked.out
    assert last(checked).startswith("Next: kubectl describe pod sleep-")


def test_a_suspended_job_that_is_joined_is_not_called_running(cluster: Cluster) -> None:
    cluster.run("start", "suspend", "--no-wait")
    assert "is suspended; start joins it" in cluster.run("start", "suspend", "--dry-run=server").out
    assert "is suspended; joined it" in cluster.run("start", "suspend", "--no-wait").out


# ---- the live screen


def test_the_live_screen_counts_the_tries_of_a_warning_anew_and_says_what_to_do(
    tmp_path: Path,
) -> None:
    with Cluster(tmp_path, {"sleep": [[FAILS]]}) as cluster:
        create(cluster, SLEEP)
        screen = Terminal()
        cluster.run_on(screen, screen, ["check", "sleep", "--wait"], environ={"TERM": "xterm"})
    shown = " ".join(screen.getvalue().split())
    warned = shown.rpartition("Ctrl-C stops")[2]
    assert "1 try failed with" not in warned
    assert "tries failed, the last with exit code 1" in warned
    assert "Correct the command. Then delete the Job and create it again." in warned


# ---- a Job of nearly the name

NEAR = {
    "echo": ("ecko", "02-echo/job.yaml", "--name=ecko"),
    "retry": (
        "retry-on-failure",
        "04-retry/job-retry-onfailure.yaml",
        "--variant=onfailure --name=retry-on-failure",
    ),
}


@pytest.mark.parametrize("lab", NEAR)
@pytest.mark.parametrize("verb", ["check", "hint", "logs"])
def test_a_job_of_nearly_the_name_is_known(tmp_path: Path, lab: str, verb: str) -> None:
    name, file, flags = NEAR[lab]
    (job,) = yaml.safe_load_all((MANIFESTS / file).read_text("utf-8"))
    job["metadata"]["name"] = name
    with Cluster(tmp_path, {name: [[FAILS]]}) as cluster:
        cluster.create_with_kubectl(yaml.safe_dump(job))
        cluster.sleep(3)
        told = cluster.run(verb, lab)
    assert f"There is job.batch/{name}; --name={name} means that one." in told.err
    assert last(told) == f"Next: kubectl joblab {verb} {lab} {flags}"


@pytest.mark.parametrize("verb", ["check", "hint", "logs"])
def test_a_job_of_nearly_the_name_that_another_lab_has_made_is_not_meant(
    cluster: Cluster, verb: str
) -> None:
    cluster.run("start", "echo", "--no-wait", "--name=basicss")
    assert "means that one" not in cluster.run(verb, "basics").err
    told = cluster.run("start", "basics", "--name=basicss")
    assert "Lab echo has made it, so it is left alone." in told.err.splitlines()


HERE = {
    "check": "start echo",  # what is to be done here comes next, for other may be another learner's
    "hint": "hint echo",
    "logs": "logs echo -n other",
}


@pytest.mark.parametrize("verb", HERE)
def test_a_job_in_another_namespace_is_known(cluster: Cluster, verb: str) -> None:
    cluster.make_namespace("other")
    cluster.run("start", "echo", "--no-wait", "-n", "other")
    told = cluster.run(verb, "echo")
    assert told.out.startswith("Hint 1 of 2") == (verb == "hint")
    said = "There is job.batch/echo in namespace other; -n other means that one."
    assert said in told.err.splitlines()
    assert last(told) == f"Next: kubectl joblab {HERE[verb]}"
    back = cluster.run(verb, "echo", "-n", "other")
    assert "There is" not in back.err
    cluster.make_namespace("third")
    cluster.run("start", "echo", "--no-wait", "-n", "third")
    assert "There is" not in cluster.run(verb, "echo").err  # which of them?


def test_a_lab_may_be_called_by_its_number(cluster: Cluster) -> None:
    shown = [cluster.run("show", one).out for one in ("sleep", "lab1", "lab-1", "Lab1")]
    assert len(set(shown)) == 1


def test_a_job_that_was_shrunk_too_far_is_told_of_its_completions(cluster: Cluster) -> None:
    cluster.create_with_kubectl((MANIFESTS / "20-elastic/job-elastic-down.yaml").read_text("utf-8"))
    cluster.sleep(3)
    cluster.patch_with_kubectl("elastic-down", {"parallelism": 1, "completions": 1})
    screen = cluster.run("check", "elastic", "--wait")
    assert "FAIL elastic-down/cut-off" in screen.out
    assert "spec.completions was made lower than 2" in screen.out
    assert "manifest" not in screen.out
