"""What makes a server take memory: bodies that amplify, many at once, connections that are silent.

A server's memory grows by so much and no more, and it is given back when the clients have gone.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from kubectl_joblab.practice.identity import Identity
from tests.attack import bodies, connections
from tests.attack.bodies import Body
from tests.attack.rounds import MAPS, Round, is_gone
from tests.practice.clusters import Cluster

MIB = 1 << 20
BODY = 700 * MIB  # the most for a body at its full size, or a few at once
SILENT = 150 * MIB  # the most for connections that say nothing
LEFT = 200 * MIB  # the most that is kept of either when all clients have gone
PATHS = {
    "ConfigMap": "/api/v1/namespaces/default/configmaps",
    "Pod": "/api/v1/namespaces/default/pods",
    "Job": "/apis/batch/v1/namespaces/default/jobs",
}
POSTED = {**bodies.UNREADABLE, **bodies.TAKEN}


def play(trial: Round) -> None:
    """Measure a server under each kind of load."""
    with trial.cluster() as cluster:
        cluster.up()
        cluster.make_config_map("hostile")
        trial.ask(cluster, "GET", MAPS)
        # a body at its full size takes seconds; the quick part sends what once took gibibytes
        names = ["copies of what was copied", "aliases of aliases of YAML"]
        if not trial.quick:
            names = trial.chance.sample([*POSTED, *bodies.PATCHES], 4)
        for name in names:
            with _bounded(trial, cluster, name, BODY):
                _send(trial, cluster, name)
        if not trial.quick:
            name = trial.chance.choice(list(POSTED))
            with _bounded(trial, cluster, f"six times {name}", BODY):
                senders = [
                    threading.Thread(target=_send, args=(trial, cluster, name), daemon=True)
                    for _ in range(6)
                ]
                for sender in senders:
                    sender.start()
                for sender in senders:
                    sender.join()
        count = 60 if trial.quick else 400
        with _bounded(trial, cluster, f"{count} silent connections", SILENT):
            _be_silent(trial, cluster, count)
        trial.hold(cluster.ask("GET", "/readyz")[0] == 200, "the server has gone")


def _send(trial: Round, cluster: Cluster, name: str) -> None:
    """Send a body, whatever the answer is."""
    is_patch = name in bodies.PATCHES
    body: Body = ({**POSTED, **bodies.PATCHES})[name](bodies.scaled(1))
    path = f"{MAPS}/hostile?fieldManager=me" if is_patch else PATHS[body.kind]
    trial.requests += 1
    try:
        code, said = cluster.ask("PATCH" if is_patch else "POST", path, body.raw, media=body.media)
    except Exception as error:
        if not is_gone(error):
            raise
        return  # a connection that is closed on what is too large is an answer, too
    trial.hold("see kubectl joblab" not in said, f"{name}: {code} {said[:200]}")


def _be_silent(trial: Round, cluster: Cluster, count: int) -> None:
    """Open connections, each further on its way into the server, leave them alone, and go."""
    context = ssl.create_default_context(cafile=str(Identity(cluster.home.pki).ca))
    port = cluster.server.port
    with ExitStack() as held:
        for _ in range(count):
            trial.requests += 1
            opened = trial.chance.choice(list(connections.OPENED.values()))
            with suppress(OSError):  # there may be too many of them
                held.enter_context(opened(port, context))
        trial.hold(cluster.ask("GET", "/readyz")[0] == 200, "silent connections keep others out")


@contextmanager
def _bounded(trial: Round, cluster: Cluster, what: str, most: int) -> Iterator[None]:
    """Hold what the server takes while something is sent, and what it keeps afterwards."""
    pid = cluster.server.pid
    before = _reset(pid)
    yield
    grown = _memory(pid, "VmHWM") - before
    trial.hold(grown < most, f"{what}: {grown // MIB} MiB more")
    end = time.monotonic() + 20
    while (kept := _memory(pid, "VmRSS") - before) >= LEFT and time.monotonic() < end:
        time.sleep(0.1)
    trial.hold(kept < LEFT, f"{what}: {kept // MIB} MiB are kept")


def _reset(pid: int) -> int:
    """Begin to measure the most memory of a process anew; the bytes that it has now."""
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")
    except OSError as error:
        pytest.skip(f"the memory of a process cannot be measured here: {error}")
    return _memory(pid, "VmRSS")


def _memory(pid: int, name: str) -> int:
    """Bytes of a process's memory, as Linux calls them: VmRSS now, VmHWM at most."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1]) << 10
