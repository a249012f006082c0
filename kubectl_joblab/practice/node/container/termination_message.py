"""The termination message of a container: what it wrote to its file, or the end of its log.

`pod/containers.py` reads it when a container has ended. Follows getTerminationMessage in
pkg/kubelet/kuberuntime/kuberuntime_container.go.
"""

from __future__ import annotations

from pathlib import Path

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node import crilog

LONGEST = 4096  # MaxContainerTerminationMessageLength
LONGEST_OF_LOG = 2048  # MaxContainerTerminationMessageLogLength
LINES_OF_LOG = 80  # MaxContainerTerminationMessageLogLines


def last_words(container: Object, exit_code: int, message: Path, log: Path) -> str:
    """The message of a container's terminated state.

    message: the file that the container may write it to. log: read for a container that has failed,
    where its terminationMessagePolicy says so.
    """
    written = _read_end(message, LONGEST).decode(errors="replace")
    if written or exit_code == 0:
        return written
    if container.get("terminationMessagePolicy") != "FallbackToLogsOnError":
        return ""
    return _log_end(log)


def _read_end(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - most))
            return file.read(most)
    except OSError:
        return b""


def _log_end(path: Path) -> str:
    lines = _read_end(path, LINES_OF_LOG * crilog.LONGEST_PART).splitlines()
    entries = [entry for line in lines if (entry := crilog.parse(line))]
    text = b"".join(entry.content for entry in entries[-LINES_OF_LOG:])
    return text[-LONGEST_OF_LOG:].decode(errors="replace")
