"""job/NAME in the place of a lab: status, describe, logs, events and watch of any Job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl_joblab.errors import ExitCode
from tests.cli.commands.conftest import Compare
from tests.inprocess.cluster import Cluster
from tests.inprocess.terminal import ENVIRON, Terminal
from tests.practice.node.fake import Program

LOG = ((0, "opening orders.csv"), (1, "\x1b[2Jno such file"))
TABLE = {
    "report": [[Program(runs=4, log=((0, "counted 12 orders"),))]],
    "import": [[Program(runs=2, exits=1, log=LOG)]],
    "again": [[*(Program(runs=1, exits=1, log=((0, f"try {n}"),)) for n in range(1, 9))]],
}
VERBS = ("status", "describe", "logs", "events", "watch")


def manifest(name: str, **spec: object) -> str:
    container = {"name": "main", "image": "busybox:1.36", "command": ["work"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}}
    return json.dumps({**body, "spec": {**spec, "template": template}})


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with a Job that is Complete and one that Failed, neither of a lab."""
    with Cluster(tmp_path_factory.mktemp("any"), TABLE) as made:
        made.create_with_kubectl(manifest("report"))
        made.create_with_kubectl(manifest("import", backoffLimit=1))
        made.sleep(60)
        yield made


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster with two Jobs that have just been created."""
    with Cluster(tmp_path, TABLE) as made:
        made.create_with_kubectl(manifest("report"))
        made.create_with_kubectl(manifest("import", backoffLimit=1))
        yield made


@pytest.mark.parametrize("job", ["report", "import"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_job_that_has_ended(ended: Cluster, compare: Compare, verb: str, job: str) -> None:
    failed = verb == "watch" and job == "import"
    screen = compare(ended, f"any-{verb}-{job}", f"{verb} job/{job}")
    assert screen.code == (ExitCode.FAILED if failed else ExitCode.OK)


def test_in_korean_all_that_is_not_kubectls_is_korean(ended: Cluster, compare: Compare) -> None:
    assert compare(ended, "any-status-import-ko", "status job/import --lang=ko").code == 0


@pytest.mark.parametrize(("job", "code"), [("report", ExitCode.OK), ("import", ExitCode.FAILED)])
def test_watch_ends_with_the_job_and_as_the_job(
    running: Cluster, compare: Compare, job: str, code: ExitCode
) -> None:
    assert compare(running, f"any-watched-{job}", f"watch job/{job}").code == code


def test_watch_ends_when_the_job_is_deleted(running: Cluster, compare: Compare) -> None:
    running.meanwhile((3, lambda: running.delete_with_kubectl("import")))
    assert compare(running, "any-watched-deleted", "watch job/import").code == ExitCode.ERROR


@pytest.mark.parametrize("verb", VERBS)
def test_a_job_that_is_not_there(ended: Cluster, verb: str) -> None:
    screen = ended.run(verb, "job/nope")
    assert screen.code == ExitCode.ERROR
    assert screen.err.splitlines()[0] == (
        'Error from server (NotFound): jobs.batch "nope" not found'
    )


@pytest.mark.parametrize("flag", ["--variant=onfailure", "--name=mine"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_flag_of_labs_beside_a_job_is_one_line(ended: Cluster, verb: str, flag: str) -> None:
    screen = ended.run(verb, "job/report", flag)
    name = flag.partition("=")[0]
    assert screen.err.splitlines() == [
        f"error: {name} is about a lab, and job/report is none",
        f"See 'kubectl joblab {verb} --help' for usage.",
    ]


@pytest.mark.parametrize("verb", VERBS)
def test_a_lab_beside_a_job_is_one_line(ended: Cluster, verb: str) -> None:
    screen = ended.run(verb, "retry", "job/report")
    assert screen.err.splitlines()[0] == "error: got unexpected extra argument (job/report)"


def test_no_log_controls_the_terminal_and_a_pipe_has_it_raw(ended: Cluster) -> None:
    assert "\x1b[2Jno such file" in ended.run("logs", "job/import").out
    out, err = Terminal(), Terminal()
    ended.run_on(out, err, ["logs", "job/import"], environ=ENVIRON)
    assert "] ^[[2Jno such file" in out.getvalue()


# ---- logs


@pytest.mark.parametrize(("job", "code"), [("report", ExitCode.OK), ("import", ExitCode.FAILED)])
def test_logs_follow_a_job_to_its_end_and_end_as_it_does(
    running: Cluster, compare: Compare, job: str, code: ExitCode
) -> None:
    line = f"logs job/{job} -f --exit-status"
    assert compare(running, f"any-followed-{job}", line).code == code


def test_the_exit_status_of_a_job_that_goes_on_is_neither(running: Cluster) -> None:
    running.sleep(2)
    assert running.run("logs", "job/report", "--exit-status").code == ExitCode.ERROR
    assert running.run("logs", "job/report").code == ExitCode.OK


def test_tries_that_no_log_is_left_of_are_named(tmp_path: Path, compare: Compare) -> None:
    template = json.loads(manifest("again", backoffLimit=20))
    template["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure"
    with Cluster(tmp_path, TABLE) as cluster:
        cluster.create_with_kubectl(json.dumps(template))
        cluster.sleep(100)
        assert compare(cluster, "any-logs-gone", "logs job/again").code == 0


def test_each_try_is_saved_in_a_file_and_none_is_overwritten(
    ended: Cluster, tmp_path: Path
) -> None:
    screen = ended.run("logs", "job/import", "--save=logs")
    written = sorted(tmp_path.glob("logs/*"))
    assert screen.out.splitlines() == [f"logs/{path.name}" for path in written]
    assert [path.name.split("_")[1:] for path in written] == [["main", "1.log"]] * 2
    assert written[0].read_text("utf-8") == "opening orders.csv\n\x1b[2Jno such file\n"
    written[1].unlink()
    again = ended.run("logs", "job/import", "--save=logs")
    assert again.code == ExitCode.ERROR
    assert again.err.startswith(f"error: logs/{written[0].name} is there already, and is not")
    assert sorted(tmp_path.glob("logs/*")) == written[:1]


def test_a_folder_that_cannot_be_made_is_one_line(ended: Cluster, tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("", "utf-8")
    screen = ended.run("logs", "job/import", "--save=logs")
    assert screen.err == "error: logs cannot be saved: file exists: logs\n"
