"""Finds the cluster that the end-to-end tests run on.

conftest.py makes fixtures of it. What a cluster can do is not known here but asked of its API
(abilities.py), because any kubeconfig may be given.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

PLUGIN = "kubectl-joblab"
PRACTICE = "practice"  # what JOBLAB_TEST_KUBECONFIG says for a practice cluster
PRACTICE_KUBECONFIG = "practice.kubeconfig"  # that `practice up` has written


class CannotRunError(Exception):
    """The end-to-end tests cannot run here; the message is the reason, in one line."""


@dataclass(frozen=True)
class Cluster:
    """The cluster under test.

    kubeconfig: an admin's, a single file that contains certificates and keys. commands: a folder
    that holds kubectl and the installed plugin and nothing else. own: whether it is the project's
    real cluster, whose API server a test may stop.
    """

    kubeconfig: Path
    commands: Path
    own: bool

    @property
    def kubectl(self) -> Path:
        """The kubectl whose words and layouts ours are compared with."""
        return self.commands / "kubectl"


@contextmanager
def find(folder: Path) -> Iterator[Cluster]:
    """The cluster of the environment, with the commands linked in a new folder below `folder`."""
    given = os.environ.get("JOBLAB_TEST_KUBECONFIG")
    if is_practice():
        with practice(folder) as found:
            yield found
    elif given:
        yield _linked(folder, Path(given), shutil.which("kubectl"), own=False)
    else:
        yield _linked(folder, *_own(), own=True)


def is_practice() -> bool:
    """Whether the environment asks for a practice cluster."""
    return os.environ.get("JOBLAB_TEST_KUBECONFIG") == PRACTICE


@contextmanager
def skipping(folder: Path) -> Iterator[Cluster]:
    """A new practice cluster that skips whatever is waited for there while no container runs."""
    with practice(folder) as found:
        kubeconfig = f"--kubeconfig={folder / PRACTICE_KUBECONFIG}"
        _output([_plugin(), "practice", "clock", "auto", "on", kubeconfig])
        yield found


def _linked(folder: Path, kubeconfig: Path, kubectl: str | None, *, own: bool) -> Cluster:
    if kubectl is None:
        raise CannotRunError("needs kubectl on the PATH")
    commands = folder / "bin"
    commands.mkdir()
    (commands / "kubectl").symlink_to(kubectl)
    (commands / PLUGIN).symlink_to(_plugin())
    flat = folder / "admin.kubeconfig"
    # one file of the current context alone, whatever names and paths it was made of
    words = ["config", "view", "--raw", "--flatten", "--minify", f"--kubeconfig={kubeconfig}"]
    flat.write_text(_renamed(_output([str(kubectl), *words])), encoding="utf-8")
    _output([str(kubectl), f"--kubeconfig={flat}", "get", "--raw=/readyz"])
    return Cluster(flat, commands, own)


def _renamed(kubeconfig: str) -> str:
    """The kubeconfig of one context with names that are the same in each run; doctor shows them."""
    config = yaml.safe_load(kubeconfig)
    config["clusters"][0]["name"] = config["current-context"] = "joblab"
    config["users"][0]["name"] = "admin"
    context = {**config["contexts"][0]["context"], "cluster": "joblab", "user": "admin"}
    config["contexts"] = [{"name": "joblab", "context": context}]
    return str(yaml.safe_dump(config))


def _own() -> tuple[Path, str | None]:
    """The kubeconfig of the project's own cluster, brought up, and the path of its kubectl."""
    try:
        # fcntl, which it locks with, is not everywhere
        from tests.cluster import errors, home, lifecycle
    except ImportError as error:
        raise CannotRunError(f"needs Linux: {error}") from error
    try:
        return lifecycle.up(), str(home.find().bin / "kubectl")
    except errors.UnavailableError as error:
        raise CannotRunError(str(error)) from error


@contextmanager
def practice(folder: Path) -> Iterator[Cluster]:
    """A new practice cluster, with the real cluster's kubectl, else the one on the PATH."""
    kubeconfig = folder / PRACTICE_KUBECONFIG
    environ = {
        **os.environ,
        "XDG_STATE_HOME": str(folder / "state"),
        "KUBECONFIG": str(kubeconfig),
    }
    _output([_plugin(), "practice", "up"], environ)
    try:
        yield _linked(folder, kubeconfig, _newest_kubectl(), own=False)
    finally:
        _output([_plugin(), "practice", "down"], environ)


def _newest_kubectl() -> str | None:
    try:
        from tests.cluster import home
    except ImportError:  # fcntl, which it locks with, is not everywhere
        return shutil.which("kubectl")
    built = home.find().bin / "kubectl"
    return str(built) if built.exists() else shutil.which("kubectl")


def _plugin() -> str:
    """The installed command: on the PATH, else beside the Python that runs the tests."""
    beside = Path(sys.executable).parent / PLUGIN
    found = shutil.which(PLUGIN) or (str(beside) if beside.exists() else None)
    if found is None:
        raise CannotRunError(f"needs {PLUGIN} on the PATH; pip install -e . puts it there")
    return found


def _output(command: list[str], environ: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        raise CannotRunError(f"{' '.join(command[1:])}: {' '.join(done.stderr.split())}")
    return done.stdout
