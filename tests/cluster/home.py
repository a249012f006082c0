"""Where the test cluster keeps its files, and the lock that lets one command at a time change them.

Every other module asks a `Home` for its paths; only `find` looks at the environment.
"""

import collections.abc
import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib

from tests.cluster import progress


@dataclasses.dataclass(frozen=True)
class Home:
    """The folder of one cluster; `down --wipe` deletes its `state` and leaves what was built."""

    root: pathlib.Path

    @property
    def bin(self) -> pathlib.Path:
        """The compiled programs."""
        return self.root / "bin"

    @property
    def images(self) -> pathlib.Path:
        """The container image archives."""
        return self.root / "images"

    @property
    def state(self) -> pathlib.Path:
        """Everything that makes this cluster this one: objects, credentials, containers, logs."""
        return self.root / "state"

    @property
    def pki(self) -> pathlib.Path:
        """Certificates and private keys."""
        return self.state / "pki"

    @property
    def config(self) -> pathlib.Path:
        """Configuration files, written anew by every `up`."""
        return self.state / "config"

    @property
    def logs(self) -> pathlib.Path:
        """The output of each component."""
        return self.state / "logs"

    @property
    def run(self) -> pathlib.Path:
        """Sockets and the running containers: what other machines keep in /run."""
        return self.state / "run"

    @property
    def containerd_socket(self) -> pathlib.Path:
        """Where the kubelet and ctr reach containerd."""
        return self.run / "containerd.sock"

    @property
    def cgroup(self) -> str:
        """The name of the cgroup that holds every pod, different for each home."""
        return "joblab-" + hashlib.sha256(os.fsencode(self.root)).hexdigest()[:8]

    def kubeconfig(self, user: str) -> pathlib.Path:
        """The kubeconfig of a user: `admin`, or a component by its name."""
        return self.state / f"{user}.kubeconfig"

    @contextlib.contextmanager
    def locked(self) -> collections.abc.Iterator[None]:
        """Keep other commands out; the kernel ends the lock even when this process is killed."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress.say("waiting for another command to finish")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def find() -> Home:
    """The home the environment asks for.

    It is resolved because running programs are recognised by the path the kernel tells of them.
    """
    asked = os.environ.get("JOBLAB_CLUSTER_HOME")
    if asked:
        return Home(pathlib.Path(asked).expanduser().resolve())
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return Home((cache / "kubectl-joblab" / "cluster").resolve())
