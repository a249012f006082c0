"""Starts practice servers as copies of an interpreter that has imported what a server needs.

Most of a server's start is the import of its modules. `Popen` has the arguments of subprocess's,
as far as practice/lifecycle.py gives them, and asks a process for a copy of itself (fork). The copy
has the command line, the environment, the folder, the streams and the session that it is given, and
ends as any process does. The process that is copied imports what a server imports, and nothing of
it runs there. test_warm.py compares the two ways. A test asks for copies where it has lifecycle use
SUBPROCESS; all others, such as test_server.py and tests/e2e, start servers as a user does.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from kubectl_joblab.practice import lifecycle, processes, programs
from tests.cli import forking

# what practice/server.py imports when it has forked, and what makes its first certificates
IMPORTED = (
    *("kubectl_joblab.practice.cluster", "cryptography.x509"),
    *(
        "cryptography.hazmat.primitives.asymmetric.ec",
        "cryptography.hazmat.primitives.serialization",
    ),
)
ABOVE = 256  # no descriptor that a copy is to have is as high
PAUSE = 0.005  # seconds between two looks whether a copy has ended


class Wanted(NamedTuple):
    """What a copy is to be. numbers: those that its descriptors are to have."""

    args: list[str]
    cwd: str
    env: dict[str, str]
    numbers: list[int]


class Popen:
    """A server, as whoever starts it with subprocess.Popen sees it. Its exit code is not known."""

    def __init__(
        self,
        args: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        stdin: int,
        stdout: int,
        stderr: int,
        pass_fds: Sequence[int],
        start_new_session: bool,
    ) -> None:
        assert list(args[:3]) == [sys.executable, "-m", programs.SERVER]
        assert (stdin, start_new_session) == (subprocess.DEVNULL, True)
        with open(os.devnull, "rb") as nothing:
            given = {0: nothing.fileno(), 1: stdout, 2: stderr, **{one: one for one in pass_fds}}
            wanted = Wanted(list(args[3:]), cwd, dict(env), list(given))
            self.pid = _interpreter().copy(wanted, list(given.values()))
        self._started = processes.started(self.pid)
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the end; subprocess.TimeoutExpired where it takes longer, in seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while processes.is_running(self.pid, self._started):
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(PAUSE)

    def kill(self) -> None:
        """Send SIGKILL, unless it has ended."""
        processes.signal(self.pid, self._started, signal.SIGKILL)


class _Interpreter:
    """The process that is copied, as this process sees it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        known = {"PATH": os.environ["PATH"], "LANG": "en_US.UTF-8"}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=Path(__file__).parents[2],
                env={**known, **lifecycle.MEMORY, **lifecycle.NO_AUTHORITIES},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self._end)

    def copy(self, wanted: Wanted, descriptors: Sequence[int]) -> int:
        """Have a copy made; its number. descriptors: those of this process that it is to have."""
        request = json.dumps(wanted).encode() + b"\n"
        with self._lock:
            sent = socket.send_fds(self._socket, [request], descriptors)
            self._socket.sendall(request[sent:])
            return int(forking.NUMBER.unpack(self._socket.recv(forking.NUMBER.size))[0])

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()


@functools.cache
def _interpreter() -> _Interpreter:
    return _Interpreter()


# the module, with another Popen
SUBPROCESS = SimpleNamespace(**vars(subprocess) | {"Popen": Popen})


# ---- in the process that is copied


def _serve(control: socket.socket) -> None:
    """Make copies until nobody asks for more; returns only in a copy, which is to run then."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets copies that have ended
    while True:
        data, descriptors, *_ = socket.recv_fds(control, forking.MOST, ABOVE)
        if not data:
            sys.exit()
        while not data.endswith(b"\n"):
            data += control.recv(forking.MOST)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            _become(Wanted(*json.loads(data)), descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        control.sendall(forking.NUMBER.pack(pid))


def _become(wanted: Wanted, descriptors: list[int]) -> None:
    """Make this process the one of a server."""
    os.setsid()
    moved = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, ABOVE) for one in descriptors]
    for one in descriptors:
        os.close(one)
    for one, number in zip(moved, wanted.numbers, strict=True):
        os.dup2(one, number)
        os.close(one)
    os.chdir(wanted.cwd)
    os.environ.clear()
    os.environ.update(wanted.env)
    sys.argv[1:] = wanted.args


if __name__ == "__main__":
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()  # what is here already is not looked at, so that it need not be copied
    _serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module(programs.SERVER, run_name="__main__", alter_sys=True)
