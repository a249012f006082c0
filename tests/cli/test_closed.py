"""Streams that were closed before the program began (>&-): as if they led to the null device.

So kubectl does it: `kubectl version --client >&-` ends with 0, `kubectl nope 2>&-` with 1.
"""

from __future__ import annotations

import subprocess

import pytest

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


def run(home: Home, line: str, redirections: str) -> subprocess.CompletedProcess[bytes]:
    """What a command writes and how it ends with its streams as a shell redirects them."""
    home.write("config", CONFIG)
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
    to_null = redirections.replace("<&-", "</dev/null").replace(">&-", ">/dev/null")
    closed, null = run(home, line, redirections), run(home, line, to_null)
    assert (closed.stdout, closed.stderr) == (null.stdout, null.stderr)
    assert closed.returncode == null.returncode
