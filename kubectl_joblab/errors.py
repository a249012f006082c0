"""What can go wrong for a user, as exceptions, and the exit codes.

They are raised where something fails and shown once, by the command line. This module knows
nothing of the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from kubectl_joblab.language import Sentence


class ExitCode(IntEnum):
    """The exit codes of the process; where several apply, the lowest non-zero one is used."""

    OK = 0
    ERROR = 1
    FAILED = 2
    PENDING = 3
    INTERRUPTED = 130


class JoblabError(Exception):
    """An error that the user can act on.

    message: the whole line, with kubectl's own prefix (``error: ...``,
    ``Error from server (NotFound): ...``) where kubectl would print one.
    means: what the message means for the command at hand, where that is not plain; each sentence
    is printed on a line of its own.
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
    """A command line that cannot be carried out.

    see: the command whose help is pointed to below the message, as kubectl does.
    """

    def __init__(self, message: Sentence, *, see: str) -> None:
        super().__init__(message)
        self.see = see


class ConfigError(JoblabError):
    """The kubeconfig does not say how to reach a cluster."""


class ManifestError(JoblabError):
    """A manifest of the user that cannot be used; the message names file and line."""


class LabError(JoblabError):
    """A lab definition that cannot be used; the message names file, line and key."""


class UnknownLabError(LabError):
    """No lab has the name that was typed.

    lab: that name. of_variant: whether it is the name of a lab's Job, which the message tells.
    """

    def __init__(
        self,
        message: Sentence,
        lab: str,
        *,
        of_variant: bool = False,
        means: Sequence[Sentence] = (),
    ) -> None:
        super().__init__(message, means=means)
        self.lab = lab
        self.of_variant = of_variant


class UnreachableError(JoblabError):
    """The server did not answer. transient: whether trying again can help."""

    def __init__(self, message: str, *, transient: bool, next: str | None = None) -> None:  # noqa: A002 -- as above
        super().__init__(message, next=next)
        self.transient = transient


class WaitTimeoutError(JoblabError):
    """What a command waited for did not happen within its --timeout."""


class StoppedError(JoblabError):
    """The user has stopped the command by Ctrl-C or a signal; what runs in the cluster goes on."""

    exit_code = ExitCode.INTERRUPTED


class ApiError(JoblabError):
    """The server refused a request. code: of HTTP. status: the Status object it sent.

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
