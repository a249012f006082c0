"""Where the things of one Pod are on this machine.

The Pod worker, launching and logs ask it. It knows names, not what is in the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folder:
    """The folder of a Pod."""

    root: Path

    @property
    def base(self) -> Path:
        """What its containers' roots are mounted on, each in its own namespace."""
        return self.root / "root"

    @property
    def etc(self) -> Path:
        """The Pod's own files of /etc."""
        return self.root / "etc"

    @property
    def volumes(self) -> Path:
        """Its volumes."""
        return self.root / "volumes"

    def make(self) -> None:
        """Have it there; nobody but its owner may look into it."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.base.mkdir(exist_ok=True)

    def log(self, name: str, number: int) -> Path:
        """The log of one start of a container."""
        return self.root / "containers" / name / f"{number}.log"

    def message(self, name: str, number: int) -> Path:
        """What it writes its last words to."""
        return self.root / "containers" / name / f"{number}.message"

    def make_room(self, name: str, number: int) -> None:
        """Prepare for one more start: of what has ended only the last is kept."""
        folder = self.root / "containers" / name
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if int(path.name.partition(".")[0]) < number - 1:
                path.unlink()
        message = self.message(name, number)
        message.touch()
        message.chmod(0o666)
