"""What can go wrong for a user, and the exit codes.

Raised deep, shown once by the command line. It knows nothing of the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from kubectl_joblab.language import Sentence


class ExitCode(IntEnum):
    """What the process says to a script; of several the lowest non-zero wins."""

    OK = 0
    ERROR = 1
    FAILED = 2
    PENDING = 3
    INTERRUPTED = 130


class JoblabError(Exception):
    """Something the user can act on.

    message: the whole line, with kubectl's own prefix (``error: ...``,
    ``Error from server (NotFound): ...``) where kubectl would print one.
    means: what that means here, where it is not plain; a sentence a line.
    next: the command to go on with, without the -n and --context that were given.
    """

    exit_code = ExitCode.ERROR

    def __init__(
        self,
        message: Sentence,
        *,
        means: Sequence[Sentence] = (),
        next: str | None = None,  # noqa: A002 -- the screens' word
    ) -> None:
        super().__init__(str(message))
        self.message = message
        self.means = tuple(means)
        self.next = next


class UsageError(JoblabError):
    """A command line that cannot be carried out; kubectl adds where to read on."""

    def __init__(self, message: Sentence, *, see: str) -> None:
        super().__init__(message)
        self.see = see


class ConfigError(JoblabError):
    """The kubeconfig does not say how to reach a cluster."""


class ManifestError(JoblabError):
    """A file of the user that is not what it should be; the message names file and line."""


class LabError(JoblabError):
    """A lab definition that cannot be used; the message names file, line and key."""


class UnreachableError(JoblabError):
    """The server did not answer. `transient` says whether to try again can help."""

    def __init__(self, message: str, *, transient: bool, next: str | None = None) -> None:  # noqa: A002 -- as above
        super().__init__(message, next=next)
        self.transient = transient


class WaitTimeoutError(JoblabError):
    """What was waited for did not happen in the time that was given."""


class StoppedError(JoblabError):
    """Ctrl-C; what runs in the cluster goes on."""

    exit_code = ExitCode.INTERRUPTED


class ApiError(JoblabError):
    """The server refused: `code` and the Status object it sent.

    The message is kubectl's, as in k8s.io/kubectl/pkg/cmd/util/helpers.go (StandardErrorMessage).
    """

    def __init__(
        self,
        code: int,
        status: dict[str, object],
        message: Sentence,
        *,
        means: Sequence[Sentence] = (),
        next: str | None = None,  # noqa: A002 -- as above
    ) -> None:
        super().__init__(message, means=means, next=next)
        self.code = code
        self.status = status

    @property
    def reason(self) -> str:
        """The machine-readable reason: NotFound, AlreadyExists, Forbidden, Invalid, ..."""
        return str(self.status.get("reason") or "")

    @property
    def text(self) -> str:
        """The server's own sentence, without kubectl's prefix."""
        return str(self.status.get("message") or "")
