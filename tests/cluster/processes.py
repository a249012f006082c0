"""Starts, finds and stops the long-running programs of the cluster.

A program of ours is known by the path of its executable in /proc, which is this home's `bin` and
nobody else's.  So no pid file can go stale, and no process of someone else can be killed for ours.
"""

import collections.abc
import contextlib
import os
import pathlib
import signal
import subprocess
import time

from tests.cluster import addresses, commands, errors, home

_PATIENCE = 0.05
_APPEARS_WITHIN = 5.0
_LEAVES_WITHIN = 20.0


def find(program: pathlib.Path) -> list[int]:
    """The pids of the running processes of a program.

    Only leaders of a process group count, as all of ours are: a child that one of them has forked
    looks like its parent until it executes something else.  A zombie has no executable any more.
    """
    return [
        int(folder.name)
        for folder in pathlib.Path("/proc").iterdir()
        if folder.name.isdigit() and _executable(folder) == program and _leads(int(folder.name))
    ]


def start(at: home.Home, program: pathlib.Path, arguments: collections.abc.Sequence[str]) -> None:
    """Start a program unless it runs, keeping the log of the run before beside the new one.

    setsid forks, so that the program is nobody's child: a test that stops it again is left with
    neither a zombie nor a Popen to wait for.
    """
    if find(program):
        return
    log = log_of(at, program)
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    with log.open("wb") as output:
        subprocess.run(
            ["setsid", "--fork", program, *arguments],
            env=_environment(at),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=True,
        )
    deadline = time.monotonic() + _APPEARS_WITHIN
    while not find(program) and time.monotonic() < deadline:
        time.sleep(_PATIENCE)


def stop(program: pathlib.Path) -> None:
    """Ask a program to leave, and kill it if it does not."""
    _signal(program, signal.SIGTERM)
    deadline = time.monotonic() + _LEAVES_WITHIN
    while find(program) and time.monotonic() < deadline:
        time.sleep(_PATIENCE)
    kill(program)


def kill(program: pathlib.Path) -> None:
    """Kill every process of a program that is left, and wait until they are gone."""
    while find(program):
        _signal(program, signal.SIGKILL)
        time.sleep(_PATIENCE)


def wait(
    at: home.Home,
    program: pathlib.Path,
    ready: collections.abc.Callable[[], bool],
    seconds: float,
) -> None:
    """Wait until a program is ready. Raises ClusterError with the end of its log if it never is."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not find(program):
            raise errors.ClusterError(f"{program.name} died: {_last_words(at, program)}")
        if time.monotonic() > deadline:
            raise errors.ClusterError(f"{program.name} is not ready: {_last_words(at, program)}")
        time.sleep(_PATIENCE)


def log_of(at: home.Home, program: pathlib.Path) -> pathlib.Path:
    """Where a program's output goes."""
    return at.logs / f"{program.name}.log"


def _executable(folder: pathlib.Path) -> pathlib.Path | None:
    try:
        target = os.readlink(folder / "exe")
    except OSError:
        return None
    return pathlib.Path(target.removesuffix(" (deleted)"))  # compiled anew since it was started


def _leads(pid: int) -> bool:
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:
        return False


def _signal(program: pathlib.Path, number: signal.Signals) -> None:
    for pid in find(program):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _environment(at: home.Home) -> dict[str, str]:
    """Our environment, with our programs first, and no proxy between API server and kubelet."""
    environment = dict(os.environ)
    environment["PATH"] = f"{at.bin}:{environment.get('PATH', '')}:/usr/sbin:/sbin"
    for name in ("NO_PROXY", "no_proxy"):
        environment[name] = f"{environment.get(name, '')},{addresses.NODE_ADDRESS}".lstrip(",")
    return environment


def _last_words(at: home.Home, program: pathlib.Path) -> str:
    log = log_of(at, program)
    return f"{commands.last_words(log.read_text(errors='replace'))}\n(all of it: {log})"
