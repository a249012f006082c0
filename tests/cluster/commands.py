"""Runs the short commands with which the cluster is built: go, pip, openssl, ip, ctr.

The components, which keep running, are started by `processes`.
"""

import collections.abc
import os
import pathlib
import subprocess

from tests.cluster import errors

_LAST_WORDS = 5


def run(
    *argv: str | pathlib.Path,
    cwd: pathlib.Path | None = None,
    environment: collections.abc.Mapping[str, str] | None = None,
) -> str:
    """The output of a command, run with `environment` added to ours.

    Raises ClusterError where the command fails.
    """
    command = [str(argument) for argument in argv]
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as exc:
        raise errors.ClusterError(f"cannot run {command[0]}: {exc.strerror}") from exc
    if done.returncode != 0:
        said = last_words(done.stderr or done.stdout)
        raise errors.ClusterError(f"`{' '.join(command[:3])}` failed: {said}")
    return done.stdout


def last_words(text: str) -> str:
    """The end of what a program printed, where the reason of its failure usually stands."""
    return "\n".join(text.strip().splitlines()[-_LAST_WORDS:])
