"""Where the practice cluster keeps its state: paths below one folder of the user's.

life, server and the command line are given one. It only names places and makes the folder.
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
        """Locked by whoever starts, stops or wipes the cluster."""
        return self.root / "lock"

    @property
    def server_lock(self) -> Path:
        """Locked by the server for as long as it lives."""
        return self.root / "server.lock"

    @property
    def server(self) -> Path:
        """Who the server is: process and port."""
        return self.root / "server.json"

    @property
    def contexts(self) -> Path:
        """Which kubeconfig files have our context, and what was current in them before."""
        return self.root / "contexts.json"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.root / "server.log"

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.root / "pki"

    @property
    def database(self) -> Path:
        """The objects."""
        return self.root / "objects.db"

    @property
    def openapi(self) -> Path:
        """The generated OpenAPI documents."""
        return self.root / "openapi"

    @property
    def pods(self) -> Path:
        """What Pods write: logs and volumes."""
        return self.root / "pods"

    def make(self) -> None:
        """Make the folder."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def wipe_objects(self) -> None:
        """Delete the objects, and what their Pods have written."""
        for path in self.root.glob(f"{self.database.name}*"):
            path.unlink()
        remove_tree(self.pods)

    def wipe(self) -> None:
        """Delete everything but the locks, which someone may be waiting for."""
        for path in self.root.iterdir():
            if path in (self.lock, self.server_lock):
                continue
            if path.is_dir() and not path.is_symlink():
                remove_tree(path)
            else:
                path.unlink()


def remove_tree(folder: Path) -> None:
    """Delete a folder, also where a container took its own permissions from it."""
    for base, names, _ in os.walk(folder):
        for name in names:
            path = Path(base, name)
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
