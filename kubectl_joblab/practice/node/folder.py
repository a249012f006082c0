"""Where the files of one Pod are on this machine.

The Pod worker, what launches containers and the logs ask it. It knows names, not what is in the
files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folder:
    """The folder of one Pod."""

    root: Path

    @property
    def base(self) -> Path:
        """The empty folder that containers mount their roots on, each in a namespace of its own."""
        return self.root / "root"

    @property
    def etc(self) -> Path:
        """The folder of the files that the Pod has of its own in /etc."""
        return self.root / "etc"

    @property
    def volumes(self) -> Path:
        """The folder of the Pod's volumes."""
        return self.root / "volumes"

    def make(self) -> None:
        """Make the folder, for its owner alone."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.base.mkdir(exist_ok=True)

    def logs(self, name: str) -> Path:
        """The folder of a container's logs."""
        return self.root / "containers" / name

    def log(self, name: str, number: int) -> Path:
        """The log of a container's start of this number."""
        return self.logs(name) / f"{number}.log"

    def message(self, name: str, number: int) -> Path:
        """The file that this start of a container writes its termination message to."""
        return self.root / "containers" / name / f"{number}.message"

    def make_room(self, name: str, number: int) -> None:
        """Prepare for a container's start of this number: of earlier ones only the last is kept."""
        folder = self.root / "containers" / name
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if int(path.name.partition(".")[0]) < number - 1:
                path.unlink()
        message = self.message(name, number)
        message.touch()
        message.chmod(0o666)  # the container may run as any user
