"""A copy of an interpreter runs the program as an interpreter of its own does."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.cli import forking
from tests.cli.conftest import PATIENCE, PROGRAM, Home
from tests.cli.test_errors import CONFIG

RUNS = {
    "a list": ("list --client", {}),
    "a code of its own": ("practice status", {}),
    "an error": ("start paralel", {}),
    "a line that click reads": ("scaffold sleep -n labs --completions=nope", {}),
    "a file of the folder": ("status sleep", {"KUBECONFIG": "config"}),
    "another language": ("show sleep", {"LANG": "ko_KR.UTF-8"}),
    "another encoding": ("show sleep --lang=ko", {"PYTHONIOENCODING": "cp1252"}),
    "arguments that are no text": ("__complete \udcff \udc80", {}),
}


@pytest.mark.parametrize(("line", "environ"), RUNS.values(), ids=RUNS)
def test_a_run_is_as_one_in_a_process_of_its_own(
    home: Home, line: str, environ: dict[str, str]
) -> None:
    home.write("config", CONFIG)
    env, args = home.environ(environ), line.split()
    alone = subprocess.run(
        [*PROGRAM, *args],
        cwd=home.folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    copied = forking.run(args, cwd=home.folder, env=env, timeout=PATIENCE)
    assert (copied.stdout, copied.stderr) == (alone.stdout, alone.stderr)
    assert copied.returncode == alone.returncode


def test_a_run_that_hangs_is_ended_and_the_next_is_not_disturbed(home: Home) -> None:
    os.mkfifo(home.folder / "pipe")
    with pytest.raises(subprocess.TimeoutExpired):
        forking.run(
            ["status", "sleep", "--kubeconfig=pipe"],
            cwd=home.folder,
            env=home.environ(),
            timeout=0.1,
        )
    assert home.run("list", "--client", "-o", "name").code == 0
