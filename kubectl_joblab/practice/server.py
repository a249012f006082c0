"""The server process: takes its lock, forks the supervisor of containers, becomes the cluster.

lifecycle.py starts it as a program of its own: `python -m` this module, with the folder of the
state and the number of a pipe to which it writes a line of JSON: that the cluster is ready, or why
it will not be.
Nothing large is imported before the fork, because the supervisor and every container keep what is.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from kubectl_joblab import files
from kubectl_joblab.practice import processes
from kubectl_joblab.practice.home import Home
from kubectl_joblab.practice.node.process import supervisor


def main(arguments: Sequence[str] | None = None) -> None:
    """Be the server until a signal ends it."""
    root, pipe = sys.argv[1:] if arguments is None else arguments
    os.umask(0o077)
    home = Home(Path(root))
    facts = {"pid": os.getpid(), "started": processes.started(os.getpid())}
    _take_lock(home, facts)
    port = files.read_json(home.server).get("port", 0)
    files.write_json(home.server, {"port": port, **facts})
    os.set_inheritable(int(pipe), False)
    told = [int(pipe)]
    containers = supervisor.fork()

    # Large, and so not before the fork. What is loaded until the cluster is ready stays, so that
    # none of it is searched for garbage.
    gc.disable()
    from kubectl_joblab.practice import cluster
    from kubectl_joblab.practice.api.storage.integrity import DamagedError

    def ready(used: int, why_no_namespaces: str) -> None:
        state = {"port": used, "since": time.time(), "whyNoNamespaces": why_no_namespaces}
        files.write_json(home.server, {**state, **facts})
        say({"ready": True})

    def say(what: dict[str, object]) -> None:
        """Tell whoever has started the server. That is done once; later nobody listens."""
        with os.fdopen(told.pop(), "w", encoding="utf-8") as waiting:
            waiting.write(f"{json.dumps(what)}\n")

    try:
        cluster.run(home, containers, port, ready)
    except Exception as error:
        if told:
            say({"why": _why(error), "damaged": isinstance(error, DamagedError)})
        raise
    files.write_json(home.server, {"port": files.read_json(home.server).get("port", 0)})


def _why(error: Exception) -> str:
    """What has gone wrong, on one line; of a file, what and where."""
    if isinstance(error, OSError) and error.filename:
        return files.why(error, "")
    return " ".join(str(error).split()) or type(error).__name__


def _take_lock(home: Home, facts: Mapping[str, object]) -> None:
    """Take the lock that this process and the supervisor hold for as long as they live.

    facts: who this process is, which the file keeps for when home.server is lost.
    """
    descriptor = os.open(home.server_lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.truncate(descriptor, 0)
    os.write(descriptor, json.dumps(facts).encode())


if __name__ == "__main__":
    main()
