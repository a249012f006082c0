"""Where the practice cluster keeps its state: paths below one folder of the user's.

lifecycle.py, server.py and the command line are given one. It names paths, makes the folder and
empties it, and knows nothing of what is in the files.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folder of one practice cluster. Nobody but its owner may look into it."""

    root: Path

    @property
    def lock(self) -> Path:
        """The lock of whoever starts, stops or wipes the cluster."""
        return self.root / "lock"

    @property
    def server_lock(self) -> Path:
        """The lock that the server has for as long as it lives."""
        return self.root / "server.lock"

    @property
    def server(self) -> Path:
        """The JSON file that says who the server is: its process and its port."""
        return self.root / "server.json"

    @property
    def contexts(self) -> Path:
        """The JSON file of the kubeconfigs that have our context.

        It has the current-context that each of them had before.
        """
        return self.root / "contexts.json"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.root / "server.log"

    @property
    def pki(self) -> Path:
        """The folder of keys and certificates."""
        return self.root / "pki"

    @property
    def database(self) -> Path:
        """The database of all objects."""
        return self.root / "objects.db"

    @property
    def openapi(self) -> Path:
        """The folder of the generated OpenAPI documents."""
        return self.root / "openapi"

    @property
    def pods(self) -> Path:
        """The folder of what Pods write: their logs and volumes."""
        return self.root / "pods"

    @property
    def host(self) -> Path:
        """The folder of the files of the node's own, which hostPath volumes show."""
        return self.root / "host"

    def make(self) -> None:
        """Make the folder, for its owner alone."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def wipe_objects(self) -> None:
        """Delete the objects, and what their Pods have written."""
        for path in self.root.glob(f"{self.database.name}*"):
            path.unlink()
        remove_tree(self.pods)
        remove_tree(self.host)

    def wipe(self) -> None:
        """Delete everything but the locks, which other processes may be waiting for."""
        for path in self.root.iterdir():
            if path in (self.lock, self.server_lock):
                continue
            if path.is_dir() and not path.is_symlink():
                remove_tree(path)
            else:
                path.unlink()


def remove_tree(folder: Path) -> None:
    """Delete a folder, even where a container has taken the permissions to do so from it."""
    for base, names, _ in os.walk(folder):
        for name in names:
            path = Path(base, name)
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
