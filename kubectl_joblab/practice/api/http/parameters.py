"""The options of each verb, read from the query or from a DeleteOptions body, and their rules.

The HTTP handlers read them before they call the registry. Pure. Rules and texts follow
k8s.io/apimachinery/pkg/apis/meta/{v1,internalversion}/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, field
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.http.requests import Query

META = "meta.k8s.io"
APPLY = "application/apply-patch+yaml"
MANAGER_LENGTH = 128
_NOT_OLDER = "NotOlderThan"
_POLICIES = ("Foreground", "Background", "Orphan", "nil")
_VALIDATIONS = ("", "Ignore", "Strict", "Warn")


@dataclass(frozen=True)
class ListOptions:
    """How to list or watch. initial: sendInitialEvents, None where it was not said."""

    labels: str = ""
    fields: str = ""
    limit: int = 0
    continue_token: str = ""
    resource_version: str = ""
    match: str = ""
    watch: bool = False
    bookmarks: bool = False
    initial: bool | None = None
    timeout: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether the list has to be as of its resourceVersion."""
        return self.match == "Exact"


def of_list(query: Query) -> ListOptions:
    """Read and check them."""
    options = ListOptions(
        labels=query.text("labelSelector"),
        fields=query.text("fieldSelector"),
        limit=query.integer("limit") or 0,
        continue_token=query.text("continue"),
        resource_version=query.text("resourceVersion"),
        match=query.text("resourceVersionMatch"),
        watch=bool(query.flag("watch")),
        bookmarks=bool(query.flag("allowWatchBookmarks")),
        initial=query.flag("sendInitialEvents"),
        timeout=query.integer("timeoutSeconds"),
    )
    _refuse("ListOptions", _watch_errors(options) if options.watch else _list_errors(options))
    return options


def _list_errors(options: ListOptions) -> list[FieldError]:
    found, path = [], "resourceVersionMatch"
    if options.match:
        if not options.resource_version:
            why = f"{path} is forbidden unless resourceVersion is provided"
            found.append(field.forbidden(path, why))
        if options.continue_token:
            found.append(field.forbidden(path, f"{path} is forbidden when continue is provided"))
        if options.match not in ("Exact", _NOT_OLDER):
            found.append(field.not_supported(path, options.match, ("Exact", _NOT_OLDER, "")))
        if options.is_exact and options.resource_version == "0":
            why = f'{path} "exact" is forbidden for resourceVersion "0"'
            found.append(field.forbidden(path, why))
    if options.initial is not None:
        path = "sendInitialEvents"
        found.append(field.forbidden(path, f"{path} is forbidden for list"))
    return found


def _watch_errors(options: ListOptions) -> list[FieldError]:
    found, path = [], "resourceVersionMatch"
    match, initial = options.match, options.initial
    if initial is None and not match and options.resource_version in ("", "0"):
        match, initial = _NOT_OLDER, True  # SetListOptionsDefaults
    if initial is not None and match != _NOT_OLDER:
        why = f"sendInitialEvents requires setting {path} to {_NOT_OLDER}"
        found.append(field.forbidden(path, why))
    if match:
        if initial is None:
            why = f"{path} is forbidden for watch unless sendInitialEvents is provided"
            found.append(field.forbidden(path, why))
        if match != _NOT_OLDER:
            found.append(field.not_supported(path, match, (_NOT_OLDER,)))
        if options.continue_token:
            found.append(field.forbidden(path, f"{path} is forbidden when continue is provided"))
    return found


@dataclass(frozen=True)
class WriteOptions:
    """How to create, update or patch. validation: "" where fieldValidation was not said."""

    manager: str = ""
    dry_run: bool = False
    validation: str = ""
    force: bool = False


def of_write(kind: str, query: Query, patch_type: str = "") -> WriteOptions:
    """Read and check them; kind: CreateOptions, UpdateOptions or PatchOptions."""
    manager, dry_run = query.text("fieldManager"), query.all("dryRun")
    validation, force = query.text("fieldValidation"), query.flag("force")
    found = _patch_errors(manager, force, patch_type) if patch_type else []
    found += _manager_errors(manager) + _dry_run_errors(dry_run)
    if validation not in _VALIDATIONS:
        found.append(field.not_supported("fieldValidation", validation, _VALIDATIONS))
    _refuse(kind, found)
    return WriteOptions(manager, bool(dry_run), validation, bool(force))


def _patch_errors(manager: str, force: bool | None, patch_type: str) -> list[FieldError]:
    if patch_type == APPLY and not manager:
        return [field.required("fieldManager", "is required for apply patch")]
    if patch_type != APPLY and force is not None:
        return [field.forbidden("force", "may not be specified for non-apply patch")]
    return []


def _manager_errors(manager: str) -> list[FieldError]:
    found = []
    if len(manager.encode()) > MANAGER_LENGTH:
        found.append(field.too_long("fieldManager", MANAGER_LENGTH))
    for position, character in enumerate(manager):
        if not character.isprintable():
            detail = f"invalid character U+{ord(character):04X} (at position {position})"
            found.append(field.invalid("fieldManager", manager, detail))
    return found


def _dry_run_errors(dry_run: Sequence[str]) -> list[FieldError]:
    if set(dry_run) <= {"All"}:
        return []
    return [field.not_supported("dryRun", list(dry_run), ("All",))]


@dataclass(frozen=True)
class DeleteOptions:
    """How to delete. propagation and grace_seconds: None where nobody said."""

    propagation: str | None = None
    grace_seconds: int | None = None
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False


def of_delete(query: Query, body: Object | None) -> DeleteOptions:
    """Those of the body; where there is none, those of the query."""
    if body is None:
        body = _from_query(query)
    propagation, orphan = body.get("propagationPolicy"), body.get("orphanDependents")
    found = []
    if propagation is not None and orphan is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        found.append(field.invalid("propagationPolicy", propagation, why))
    if propagation is not None and propagation not in _POLICIES[:3]:
        found.append(field.not_supported("propagationPolicy", propagation, _POLICIES))
    dry_run = body.get("dryRun") or []
    _refuse("DeleteOptions", found + _dry_run_errors(dry_run))
    if orphan is not None:
        propagation = "Orphan" if orphan else "Background"
    preconditions = body.get("preconditions") or {}
    return DeleteOptions(
        propagation,
        body.get("gracePeriodSeconds"),
        preconditions.get("uid") or "",
        preconditions.get("resourceVersion") or "",
        bool(dry_run),
    )


def _from_query(query: Query) -> Object:
    options: Object = {
        "propagationPolicy": query.text("propagationPolicy") or None,
        "orphanDependents": query.flag("orphanDependents"),
        "gracePeriodSeconds": query.integer("gracePeriodSeconds"),
        "dryRun": query.all("dryRun"),
    }
    return {name: value for name, value in options.items() if value is not None}


def _refuse(kind: str, found: list[FieldError]) -> None:
    if found:
        raise errors.invalid(META, kind, "", found)
