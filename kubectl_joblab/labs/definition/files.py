"""The files of a lab's folder, each read once a run."""

from __future__ import annotations

from pathlib import Path

from kubectl_joblab.labs.definition.document import Document

LAB = "lab.yaml"


class Files(dict[str, Document]):
    """The files of a lab, by the names that they have in lab.yaml; a key that is missing is read.

    Raises OSError and UnicodeDecodeError then.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Document:
        found = self[name] = Document(name, (self.folder / name).read_text("utf-8"), self.folder)
        return found
