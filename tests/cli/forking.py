"""Runs the program in copies of an interpreter that has started already: most of a run's time.

``run`` asks a process for a copy of itself (fork). The copy has the command line, the environment,
the folder and the streams of the run, and ends as any process does. The process that is copied has
imported what the program needs of others. The program's own modules are ready there and not
imported: a copy has those alone that it imports, and need not run their code again. What the start
of Python itself decides is tested in processes of its own, by subprocess.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

PROGRAM = "kubectl_joblab"
IMPORTED = (
    *("click", "concurrent.futures.thread", "dataclasses", "decimal", "difflib", "http.client"),
    *("jsonschema", "shutil", "ssl", "subprocess", "tempfile", "yaml"),
)
UNREADY = ("practice", "__main__")  # what few commands need, and what runs in each copy
READ_AT_START = ("PYTHON", "LANG", "LC_")  # variables by which Python chooses encodings
MOST = 1 << 16  # bytes that are received at once
NUMBER = struct.Struct("q")


def run(
    args: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """What ``python -m kubectl_joblab`` writes, and how it ends. There is nothing on its stdin."""
    read = sorted((name, value) for name, value in env.items() if name.startswith(READ_AT_START))
    return _interpreter(tuple(read)).run(args, cwd, env, timeout)


class Interpreter:
    """The process that is copied, as those see it who want copies; one copy runs at a time."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,  # as the streams of most runs: nothing to seek in
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self.end)

    def run(
        self, args: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the program in a copy; subprocess.TimeoutExpired if it takes longer than that."""
        request = json.dumps([list(args), str(cwd), dict(env)]).encode() + b"\n"
        with (
            self._lock,
            open(os.devnull, "rb") as nothing,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            streams = [stream.fileno() for stream in (nothing, out, err)]
            sent = socket.send_fds(self._socket, [request], streams)
            self._socket.sendall(request[sent:])
            pid = self._number()
            if not select.select([self._socket], [], [], timeout)[0]:
                os.kill(pid, signal.SIGKILL)
                self._number()
                raise subprocess.TimeoutExpired(list(args), timeout)
            code = self._number()
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(list(args), code, out.read(), err.read())

    def _number(self) -> int:
        """A number that the process sends."""
        data = self._socket.recv(NUMBER.size)
        if not data:
            assert self._process.stdout is not None
            raise RuntimeError(self._process.stdout.read().decode())
        return int(NUMBER.unpack(data)[0])

    def end(self) -> None:
        """End the process."""
        self._socket.close()
        with self._process:
            pass


@functools.cache
def _interpreter(read_at_start: tuple[tuple[str, str], ...]) -> Interpreter:
    """One for all runs that have these variables in common."""
    return Interpreter({"PATH": os.environ["PATH"], **dict(read_at_start)})


# ---- in the process that is copied


class _Ready(MetaPathFinder):
    """Finds the program's modules as they were when their code had run."""

    def __init__(self) -> None:
        package = importlib.import_module(PROGRAM)
        names = [f"{PROGRAM}.{one.name}" for one in pkgutil.iter_modules(package.__path__)]
        for name in names:
            if name.rpartition(".")[2] not in UNREADY:
                _import_all(name)
        ours = [name for name in sys.modules if name.split(".")[0] == PROGRAM]
        self._modules = {name: sys.modules.pop(name) for name in ours}
        for name in ours:  # an import makes it an attribute of the package that it is in
            above, _, own = name.rpartition(".")
            if above:
                vars(self._modules[above]).pop(own, None)

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        module = self._modules.get(name)
        if module is None or module.__file__ is None:
            return None
        loader = _Loader(name, module.__file__)
        loader.module = module
        places = getattr(module, "__path__", None)
        return spec_from_file_location(
            name, module.__file__, loader=loader, submodule_search_locations=places
        )


class _Loader(SourceFileLoader):
    """Loads a module whose code has run."""

    module: ModuleType

    def create_module(self, _: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        pass


def _import_all(name: str) -> None:
    """Import a module, and all that are in it."""
    module = importlib.import_module(name)
    for one in pkgutil.iter_modules(getattr(module, "__path__", [])):
        _import_all(f"{name}.{one.name}")


def _serve(control: socket.socket) -> None:
    """Make copies until nobody asks for more; returns only in a copy, which is to run then."""
    while True:
        data, streams, *_ = socket.recv_fds(control, MOST, 3)
        if not data:
            sys.exit()
        while not data.endswith(b"\n"):
            data += control.recv(MOST)
        pid = os.fork()
        if pid == 0:
            control.close()
            args, cwd, env = json.loads(data)
            _become(args, cwd, env, streams)
            return
        for stream in streams:
            os.close(stream)
        control.sendall(NUMBER.pack(pid))
        _, status = os.waitpid(pid, 0)
        control.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))


def _become(args: list[str], cwd: str, env: dict[str, str], streams: list[int]) -> None:
    """Make this process the one of a run."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv[1:] = args
    sys.path[0] = cwd  # as for python -m


if __name__ == "__main__":
    for name in IMPORTED:
        importlib.import_module(name)
    sys.meta_path.insert(0, _Ready())
    gc.freeze()  # what is here already is not looked at, so that it need not be copied
    _serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module(PROGRAM, run_name="__main__", alter_sys=True)
