"""A signal that asks a command to end is taken as Ctrl-C is: on a terminal, at a real server."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kubectl_joblab.errors import ExitCode
from tests.cli import installed
from tests.cli.conftest import PROGRAM
from tests.practice.clusters import PATIENCE, Cluster

JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: basics, labels: {
  app.kubernetes.io/managed-by: kubectl-joblab, app.kubernetes.io/name: basics}}
spec:
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
      - {name: main, image: 'busybox:1.36', command: [sh, -c, 'echo begun; sleep 3600']}
"""
# what a command prints when it has begun to wait, and what it says where it is stopped
WAITING = {
    "start basics -f job.yaml": (
        "begun",
        r"Stopped watching at 0/1\. .*Next: kubectl joblab start",
    ),
    "check basics --wait": (
        "0/1 succeeded",
        r"Stopped waiting at 0/1\. .*Next: kubectl joblab check",
    ),
    "logs basics -f": ("begun", ""),
}
# the same of the other commands that follow something, for which Ctrl-C stands for all signals
FOLLOWING = {
    "watch job/basics": (
        "0/1 succeeded",
        r"Stopped watching at 0/1\. .*Next: kubectl joblab watch job/basics",
    ),
    "logs job/basics -f": ("begun", ""),
    # the Job has come to neither of the ends of which the status would tell
    "logs job/basics -f --exit-status": ("begun", ""),
    "practice clock advance 1m": ("main", r"Stopped; 0s was skipped\."),
}
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
SHOWN, HIDDEN = b"\x1b[?25h", b"\x1b[?25l"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A practice cluster with a Job that runs for an hour."""
    made = Cluster(tmp_path_factory.mktemp("home"))
    made.have_documents()
    (made.folder / "job.yaml").write_text(JOB, "utf-8")
    try:
        made.up()
        command = [*PROGRAM, "start", "basics", "-f", "job.yaml", "--no-wait"]
        subprocess.run(command, cwd=made.folder, env=environ(made), check=True, capture_output=True)
        yield made
    finally:
        made.end()


def environ(cluster: Cluster) -> Mapping[str, str]:
    """The environment of PROGRAM there."""
    return {**cluster.environ, "PYTHONPATH": installed.path()}


class Terminal:
    """A command on a terminal of its own. said: all that it has printed there."""

    def __init__(
        self, line: str, folder: Path, environ: Mapping[str, str], errors: int | None = None
    ) -> None:
        self.said = b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [*PROGRAM, *line.split()],
            cwd=folder,
            env={**environ, "TERM": "xterm", "NO_COLOR": "1"},
            stdin=slave,
            stdout=slave,
            stderr=slave if errors is None else errors,
        )
        os.close(slave)

    def read_until(self, text: str) -> None:
        """Read what the command prints until a text has come."""
        while text.encode() not in self.said:
            self.said += os.read(self.master, 65536)

    def read_all(self) -> str:
        """Read to the end, and return all."""
        try:
            while chunk := os.read(self.master, 65536):
                self.said += chunk
        except OSError:  # EIO: nobody has the terminal open any more
            pass
        os.close(self.master)
        return self.said.decode()


@pytest.mark.parametrize(
    ("line", "number"),
    [
        *((line, number) for line in WAITING for number in SIGNALS),
        *((line, signal.SIGINT) for line in FOLLOWING),
    ],
    ids=str,
)
def test_a_command_that_waits_leaves_the_terminal_as_it_was(
    cluster: Cluster, line: str, number: signal.Signals
) -> None:
    begun, stopped = (WAITING | FOLLOWING)[line]
    terminal = Terminal(line, cluster.folder, environ(cluster))
    terminal.read_until(begun)
    terminal.process.send_signal(number)
    said = terminal.read_all()
    assert terminal.process.wait(PATIENCE) == 128 + number
    assert re.search(stopped, said, re.DOTALL), said
    assert "Traceback" not in said
    assert terminal.said.rfind(SHOWN) >= terminal.said.rfind(HIDDEN)
    assert (HIDDEN in terminal.said) is not line.startswith(("logs", "practice"))


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, ExitCode.PENDING), (signal.SIGTERM, 128 + signal.SIGTERM)]
)
def test_ctrl_c_ends_watch_with_the_exit_code_of_check(
    cluster: Cluster, number: signal.Signals, code: int
) -> None:
    terminal = Terminal("watch basics", cluster.folder, environ(cluster))
    terminal.read_until("PASS: job")
    terminal.process.send_signal(number)
    said = terminal.read_all()
    assert terminal.process.wait(PATIENCE) == code
    assert ("Next: kubectl joblab check basics --wait" in said) is (number is signal.SIGINT)
    assert "Traceback" not in said
    assert terminal.said.rfind(SHOWN) >= terminal.said.rfind(HIDDEN) >= 0


@pytest.mark.parametrize("line", WAITING)
def test_a_terminal_that_is_closed_ends_the_command(cluster: Cluster, line: str) -> None:
    errors = cluster.folder / "errors"
    with errors.open("w") as file:
        terminal = Terminal(line, cluster.folder, environ(cluster), file.fileno())
    if line.startswith("check"):
        while "Waiting for" not in errors.read_text("utf-8"):
            assert terminal.process.poll() is None
    else:
        terminal.read_until(WAITING[line][0])
    os.close(terminal.master)
    terminal.process.send_signal(signal.SIGHUP)
    assert terminal.process.wait(PATIENCE) == 128 + signal.SIGHUP
    assert "Traceback" not in errors.read_text("utf-8")


def test_what_the_process_was_told_to_ignore_is_ignored(cluster: Cluster) -> None:
    script = 'trap "" HUP; exec "$@"'
    command = ["sh", "-c", script, "sh", *PROGRAM, "logs", "basics", "-f"]
    with subprocess.Popen(
        command, cwd=cluster.folder, env=environ(cluster), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert b"begun" in process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
