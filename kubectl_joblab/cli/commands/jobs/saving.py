"""What `logs --save` does: a file for the log of each try, in a folder; no file is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from kubectl_joblab import files
from kubectl_joblab.cli.session import Session
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.evidence import gather
from kubectl_joblab.evidence.snapshot import PodRecord
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Attempt


class Try(NamedTuple):
    """The log of a try, and where it is. in_cluster: whether the cluster still has it.

    previous: whether a later try of the container has begun.
    """

    record: PodRecord
    attempt: Attempt
    in_cluster: bool
    previous: bool

    def path(self, folder: Path) -> Path:
        """The file of the log: POD_CONTAINER_TRY.log."""
        name = f"{self.record.name}_{self.attempt.container}_{self.attempt.number}.log"
        return folder / name.replace("/", "_")


def save(session: Session, tries: Iterable[Try], folder: Path, *, timestamps: bool) -> int:
    """Write the logs that are left; how many. Raises JoblabError, where a file is there already.

    Nothing is written then.
    """
    wanted = list(tries)
    for one in wanted:
        path = one.path(folder)
        if path.exists() or path.is_symlink():
            raise JoblabError(
                phrase("error: {path} is there already, and is not overwritten", path=path),
                means=[phrase("Give --save another folder, or remove the file.")],
            )
    written = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in wanted:
            written += _write(session, one, one.path(folder), timestamps)
    except OSError as error:
        raise JoblabError(
            phrase("error: logs cannot be saved: {why}", why=files.why(error, folder))
        ) from error
    return written


def _write(session: Session, one: Try, path: Path, timestamps: bool) -> bool:
    """Write one log; False where nothing is left of it. Raises OSError."""
    lines = _from_cluster(session, one, timestamps) if one.in_cluster else None
    first = next(lines, None) if lines is not None else None
    if lines is None or (first is not None and gather.is_lost([first])):
        if one.attempt.log is None:
            return False
        kept = one.attempt.log
        first, lines = (kept[0] if kept else None), iter(kept[1:])
    with path.open("x", encoding="utf-8", newline="\n") as file:
        if first is not None:
            file.write(first + "\n")
        for line in lines:
            file.write(line + "\n")
    session.out(str(path))
    return True


def _from_cluster(session: Session, one: Try, timestamps: bool) -> Iterator[str] | None:
    """The lines as the cluster sends them; None where it has them no longer. Raises ApiError."""
    stream = session.client.logs(
        one.record.name,
        session.namespace,
        one.attempt.container,
        previous=one.previous,
        timestamps=timestamps,
    )
    try:
        first = next(stream, None)
    except ApiError as error:
        if error.code in (401, 403):
            raise
        return None
    return iter(()) if first is None else _chain(first, stream)


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
