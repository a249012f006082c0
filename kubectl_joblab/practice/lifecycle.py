"""Up, down, reset, wipe: starts and ends the server, and keeps the kubeconfig in step with it.

The command line calls it. It runs in the user's process, knows the server only by its files and its
lock, and prints nothing. Whatever an earlier server has left behind, `up` mends.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import kubectl_joblab
from kubectl_joblab import files
from kubectl_joblab.errors import ConfigError, JoblabError
from kubectl_joblab.language import phrase
from kubectl_joblab.practice import handshake, identity, processes, programs
from kubectl_joblab.practice import kubectl_context as contexts
from kubectl_joblab.practice.home import Home
from kubectl_joblab.practice.identity import Identity

_LOOPBACK = "https://127.0.0.1:"
READY_SECONDS = 60.0
STOP_SECONDS = 20.0
SPACE = 4 << 20  # bytes that the disk has to have before a server is started
# The server inherits nothing else: no credentials, no agents, no proxies.
INHERITED = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE"),
    *("XDG_STATE_HOME", "PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
)


# glibc then gives large blocks back to the system, however many it has seen: TLS's, and of bodies
MEMORY = {"MALLOC_MMAP_THRESHOLD_": "131072"}
# aiohttp would load the system's authorities for a client of its own, which the server has not
NO_AUTHORITIES = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


@dataclass(frozen=True)
class Server:
    """A server that runs.

    since: when it became ready. why_no_namespaces: why its containers are plain processes, "" where
    they have namespaces.
    """

    pid: int
    port: int
    since: datetime
    why_no_namespaces: str

    @property
    def url(self) -> str:
        """The URL of the API."""
        return f"{_LOOPBACK}{self.port}"


@dataclass(frozen=True)
class Up:
    """What `up` has done.

    started: whether the server did not run before. first: whether there was no cluster before.
    switched: whether our context has become the current one.
    """

    server: Server
    started: bool
    first: bool
    switched: bool


@dataclass(frozen=True)
class Down:
    """What `down` has done. contexts: those that are current again, each in a kubeconfig."""

    was_up: bool
    contexts: tuple[str, ...] = ()


def up(home: Home, environ: Mapping[str, str], kubeconfig: Path, *, switch: bool) -> Up:
    """Have a server run, and our context in the kubeconfig.

    However many call it, one server runs.
    """
    _prepare(home, kubeconfig)
    with _locked(home):
        first = not home.pki.exists()
        server, started = find(home), False
        if server is None or not identity.is_valid(home.pki, _now()):
            server, started = _start(home, environ), True
        before = _connect(home, kubeconfig, server, switch=switch)
        if not started and _refusal(home, kubeconfig):
            server, started = _start(home, environ), True
            _connect(home, kubeconfig, server, switch=switch)
        _prove(home, kubeconfig)
    return Up(server, started, first, switched=switch and before != contexts.NAME)


def down(home: Home, *, kubeconfigs: Iterable[Path] = (), wipe: bool = False) -> Down:
    """End the server and all containers, and take our context out of all kubeconfigs.

    kubeconfigs: files to look for our context in, where it is not on record that they have it.
    """
    if not home.root.exists():
        return Down(was_up=False, contexts=_disconnect(home, kubeconfigs))
    with _locked(home):
        was_up = _stop(home)
        restored = _disconnect(home, kubeconfigs)
        if wipe:
            home.wipe()
    return Down(was_up, restored)


def reset(home: Home, environ: Mapping[str, str], kubeconfig: Path) -> Up:
    """Start a cluster without objects that has the same credentials."""
    _prepare(home, kubeconfig)
    with _locked(home):
        first = not home.pki.exists()
        _stop(home)
        home.wipe_objects()
        server = _start(home, environ)
        before = _connect(home, kubeconfig, server, switch=True)
        _prove(home, kubeconfig)
    return Up(server, started=True, first=first, switched=before != contexts.NAME)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def find(home: Home) -> Server | None:
    """The server, if it runs and is ready."""
    facts = _noted(home.server, {"pid": int, "started": str, "port": int, "since": float})
    if not facts or not processes.is_running(facts["pid"], facts["started"]):
        return None
    since = datetime.fromtimestamp(facts["since"], timezone.utc)
    return Server(facts["pid"], facts["port"], since, facts.get("whyNoNamespaces", ""))


def _noted(path: Path, kinds: Mapping[str, type]) -> dict[str, Any]:
    """What a file says of the server; nothing where one of these is missing, or of another type."""
    facts = files.read_json(path)
    is_right = all(isinstance(facts.get(name), kind) for name, kind in kinds.items())
    return facts if is_right else {}


def _prepare(home: Home, kubeconfig: Path) -> None:
    """Refuse at once what would fail later."""
    if os.name == "nt":
        raise JoblabError(
            phrase("error: the practice cluster needs Linux or macOS, or WSL"),
            means=[phrase("Without it, a kubeconfig has to say which cluster to use.")],
            next="kubectl config get-contexts",
        )
    contexts.check(kubeconfig)
    with _usable(home):
        home.make()


@contextmanager
def _usable(home: Home) -> Iterator[None]:
    """Tell of a folder that cannot be used, where an OSError is raised within."""
    try:
        yield
    except OSError as error:
        raise JoblabError(
            phrase(
                "error: the practice cluster cannot keep its objects in {folder}: {why}",
                folder=home.root,
                why=error.strerror,
            ),
            means=[phrase("XDG_STATE_HOME can name another folder.")],
        ) from error


# ---- the server process


def _start(home: Home, environ: Mapping[str, str]) -> Server:
    """Start a server and wait until it says that it is ready."""
    _stop(home)  # a server may run that is not ready, or only its supervisor may be left
    with _usable(home):
        files.require_space(home.root, SPACE)
    reading, writing = os.pipe()
    try:
        process = _spawn(home, environ, writing)
    finally:
        os.close(writing)
    with open(reading, "rb") as pipe:
        said = _line(pipe.fileno(), READY_SECONDS)
    told = _told(said)
    server = find(home) if told.get("ready") else None
    if server is None:
        _end(process, STOP_SECONDS if said else 0)  # a server that says why ends by itself
        raise _failed(home, told)
    # The server goes on when this process ends, and Python is not to warn of that.
    process.returncode = 0
    return server


def _end(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _spawn(home: Home, environ: Mapping[str, str], pipe: int) -> subprocess.Popen[bytes]:
    inherited = {name: environ[name] for name in INHERITED if name in environ}
    paths = [str(Path(kubectl_joblab.__file__).parents[1]), inherited.get("PYTHONPATH", "")]
    inherited["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    log = os.open(home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603 -- our own program
            programs.command(programs.SERVER, str(home.root), str(pipe)),
            cwd="/",
            env=inherited | MEMORY | NO_AUTHORITIES,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[pipe],
            start_new_session=True,
        )
    finally:
        os.close(log)


def _line(descriptor: int, seconds: float) -> bytes:
    """The first line that comes from a pipe, or what came before its end or the deadline."""
    said, deadline = b"", time.monotonic() + seconds
    while not said.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            break
        chunk = os.read(descriptor, 4096)
        if not chunk:
            break
        said += chunk
    return said


def _told(said: bytes) -> dict[str, Any]:
    """What a server has told, in its words: practice/server.py."""
    try:
        told = json.loads(said)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _failed(home: Home, told: dict[str, Any]) -> JoblabError:
    """The error that says why there is no server: what it told, else the last line of its log."""
    why = str(told.get("why", ""))
    if told.get("damaged"):
        return JoblabError(
            phrase("error: the objects of the practice cluster are damaged: {why}", why=why),
            means=[phrase("None of them is deleted before you say so; a reset deletes them all.")],
            next="kubectl joblab practice reset",
        )
    if not why and home.log.exists():  # the server was killed, or took too long
        why = home.log.read_text("utf-8", "replace").strip().rpartition("\n")[2]
    return JoblabError(
        phrase("error: the practice cluster did not start: {why}", why=why),
        next="kubectl joblab practice logs",
    )


def _stop(home: Home) -> bool:
    """End the server, and wait until it and its containers are gone; whether one was running."""
    pid, started = _process(home)
    was_up = processes.signal(pid, started, signal.SIGTERM)
    if not _await_end(home, STOP_SECONDS):
        processes.signal(pid, started, signal.SIGKILL)
        if not _await_end(home, STOP_SECONDS):
            raise JoblabError(
                phrase("error: process {pid} of the practice cluster does not end", pid=pid),
                next=f"kill -9 {pid}" if pid else "kubectl joblab practice logs",
            )
    return was_up


def _process(home: Home) -> tuple[int, str]:
    """Number and start time of the server's process, by the first of its files that is right.

    Where no such process runs, a supervisor that it has left may still; then those of its lock.
    """
    process = 0, ""
    for path in (home.server, home.server_lock):
        if facts := _noted(path, {"pid": int, "started": str}):
            process = facts["pid"], facts["started"]
        if processes.is_running(*process):
            break
    return process


def _await_end(home: Home, seconds: float) -> bool:
    """Wait for the server's lock, which the system frees when the last of its processes ends."""
    import fcntl  # which Windows does not have

    descriptor = os.open(home.server_lock, os.O_RDWR | os.O_CREAT, 0o600)
    done = threading.Event()

    def wait() -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.close(descriptor)  # which frees the lock again
        done.set()

    threading.Thread(target=wait, daemon=True).start()
    return done.wait(seconds)


# ---- the kubeconfig


def _connect(home: Home, kubeconfig: Path, server: Server, *, switch: bool) -> str:
    """Add or renew our context in this kubeconfig and in all that have it already.

    Returns the current-context that this kubeconfig had before.
    """
    entry = contexts.Entry.of(server.url, Identity(home.pki))
    known = files.read_json(home.contexts)
    for name in known:
        if name != str(kubeconfig) and Path(name).exists():
            contexts.add(Path(name), entry, switch=False)
    before = contexts.add(kubeconfig, entry, switch=switch)
    if str(kubeconfig) not in known or before != contexts.NAME:
        known[str(kubeconfig)] = "" if before == contexts.NAME else before
        files.write_json(home.contexts, known)
    return before


def _refusal(home: Home, kubeconfig: Path) -> str:
    """Why a client with this kubeconfig does not get in; "" where it does."""
    entry = contexts.entry(kubeconfig)
    pem = entry.ca, entry.certificate, entry.key
    return handshake.why_not(entry.server, *pem, folder=home.root)


def _prove(home: Home, kubeconfig: Path) -> None:
    """Raise JoblabError where a client with this kubeconfig does not get in."""
    if why := _refusal(home, kubeconfig):
        raise JoblabError(
            phrase("error: the practice cluster runs, but lets no client in: {why}", why=why),
            means=[phrase("To wipe it deletes its objects, and makes room for a new one.")],
            next="kubectl joblab practice down --wipe",
        )


def _disconnect(home: Home, kubeconfigs: Iterable[Path]) -> tuple[str, ...]:
    """Take our context out of all kubeconfigs that have it; the contexts that are current again."""
    known = files.read_json(home.contexts)
    for path in kubeconfigs:
        if str(path) not in known and _leads_here(home, path):
            known[str(path)] = ""
    restored = [contexts.remove(Path(name), str(before)) for name, before in known.items()]
    home.contexts.unlink(missing_ok=True)
    return tuple(name for name in restored if name)


def _leads_here(home: Home, kubeconfig: Path) -> bool:
    """Whether the context of our name is of this cluster, whose server has ended.

    Its authority tells. Where no file has the authority any more, it is so where nobody listens at
    the address: another cluster of ours would.
    """
    try:
        found = contexts.cluster(kubeconfig)
    except (ConfigError, ValueError):  # no file of ours
        return False
    if found is None:
        return False
    url, authority = found
    ca = Identity(home.pki).ca
    if ca.exists() and ca.read_bytes() == authority:
        return True
    port = url.removeprefix(_LOOPBACK)
    if not url.startswith(_LOOPBACK) or not port.isdecimal():
        return False
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port) % 65536)) != 0


# ---- one at a time


@contextmanager
def _locked(home: Home) -> Iterator[None]:
    """Hold the lock of whoever starts or stops this cluster."""
    import fcntl  # which Windows does not have

    descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def follow(home: Home, *, forever: bool) -> Iterator[str]:
    """The lines of the server's log. forever: whether to wait for those to come."""
    while home.log.exists():
        with home.log.open(encoding="utf-8", errors="replace") as file:
            yield from file
            if not forever:
                return
            while not _was_replaced(file.fileno(), home.log):
                time.sleep(0.2)  # not every system lets one wait for a file
                yield from file
            yield from file


def _was_replaced(descriptor: int, path: Path) -> bool:
    try:
        return os.fstat(descriptor).st_ino != path.stat().st_ino
    except FileNotFoundError:
        return False
