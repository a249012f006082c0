"""How a verb is to be carried out: the options that clients send, and that controllers choose.

http/parameters makes them of a request; the registry hands them to whatever does a part of the
work, whole. A field that is not given has the value that a client gets who says nothing. Names are
those of k8s.io/apimachinery/pkg/apis/meta/v1/types.go and, for logs, k8s.io/api/core/v1/types.go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kubectl_joblab.practice.api.access.users import User

# called with each text that a client is warned of; it becomes a Warning header
Warn = Callable[[str], None]


@dataclass(frozen=True)
class CreateOptions:
    """How to create an object.

    dry_run: do everything but write. field_manager: who owns the fields that are written, "" for
    the part of the cluster whose verbs these are, None where it is settled who owns what, or is to
    stay as it is. field_validation: what becomes of fields that are unknown or stand twice;
    Ignore, Warn or Strict. user: who asks, None for the cluster's own parts, who may do everything.
    """

    dry_run: bool = False
    field_manager: str | None = ""
    field_validation: str = "Ignore"
    user: User | None = None


@dataclass(frozen=True)
class UpdateOptions(CreateOptions):
    """How to replace an object, or to create one where an update may do that."""


@dataclass(frozen=True)
class PatchOptions(UpdateOptions):
    """How to patch an object.

    force: take over fields that other managers have applied. ahead: the seconds by which the
    cluster's time is later than that of the client, whose patch is of the object as it was shown.
    """

    force: bool = False
    ahead: int = 0


@dataclass(frozen=True)
class Preconditions:
    """What must be true of an object that is deleted; "" where it does not matter."""

    uid: str = ""
    resource_version: str = ""


@dataclass(frozen=True)
class DeleteOptions:
    """How to delete an object, or each object of a collection.

    grace_period_seconds: None for the object's own. propagation_policy: Foreground, Background or
    Orphan, None for the default of the kind.
    """

    dry_run: bool = False
    grace_period_seconds: int | None = None
    preconditions: Preconditions = Preconditions()
    propagation_policy: str | None = None


@dataclass(frozen=True)
class ListOptions:
    """Which objects to list or watch, and how.

    limit: the length of a page, 0 for one page with everything. continue_token: where the page
    before ended. resource_version_match: Exact or NotOlderThan. send_initial_events: None where it
    was not said. timeout_seconds: how long a watch lasts, None for the server's choice.
    """

    label_selector: str = ""
    field_selector: str = ""
    limit: int = 0
    continue_token: str = ""
    resource_version: str = ""
    resource_version_match: str = ""
    watch: bool = False
    allow_watch_bookmarks: bool = False
    send_initial_events: bool | None = None
    timeout_seconds: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether the list has to be as of its resourceVersion, not only as new."""
        return self.resource_version_match == "Exact"


@dataclass(frozen=True)
class PodLogOptions:
    """Which part of the log of which container; None for no bound.

    container: "" for the only one. previous: the log of the attempt before. tail_lines counts from
    the end.
    """

    container: str = ""
    follow: bool = False
    previous: bool = False
    since_seconds: int | None = None
    since_time: datetime | None = None
    timestamps: bool = False
    tail_lines: int | None = None
    limit_bytes: int | None = None
