"""Streams that were closed before the program began (>&-): as if they led to the null device.

So kubectl does it: `kubectl version --client >&-` ends with 0, `kubectl nope 2>&-` with 1.
"""

from __future__ import annotations

import functools
import subprocess

import pytest

from tests.cli import forking
from tests.cli.conftest import PATIENCE, PROGRAM, Home
from tests.cli.test_errors import CONFIG

LINES = {
    "help": "--help",
    "a list": "list --client",
    "no server": "status sleep",
    "a manifest of stdin": "start sleep -f - --dry-run=client",
    "a code of its own": "practice status",
}
CLOSED = {
    "stdin": "<&-",
    "stdout": ">&-",
    "stderr": "2>&-",
    "all": "<&- >&- 2>&-",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home for all lines: none of them leaves anything there."""
    made = Home(tmp_path_factory.mktemp("home"))
    made.write("config", CONFIG)
    return made


@functools.cache
def whole(home: Home, line: str) -> subprocess.CompletedProcess[bytes]:
    """What a command writes and how it ends with its streams open."""
    env = home.environ({"KUBECONFIG": "config"})
    return forking.run(line.split(), cwd=home.folder, env=env, timeout=PATIENCE)


def closed(home: Home, line: str, redirections: str) -> subprocess.CompletedProcess[bytes]:
    """The same with its streams as a shell redirects them."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirections}', "sh", *PROGRAM, *line.split()],
        cwd=home.folder,
        env=home.environ({"KUBECONFIG": "config"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("redirections", CLOSED.values(), ids=CLOSED)
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_closed_stream_changes_nothing_but_what_is_seen(
    home: Home, line: str, redirections: str
) -> None:
    found, expected = closed(home, line, redirections), whole(home, line)
    unseen = redirections.split()
    assert found.stdout == (b"" if ">&-" in unseen else expected.stdout)
    assert found.stderr == (b"" if "2>&-" in unseen else expected.stderr)
    assert found.returncode == expected.returncode
