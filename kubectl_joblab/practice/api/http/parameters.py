"""The options of each verb, read from a query or from a DeleteOptions body, and their rules.

The HTTP handlers read them before they call the registry. Pure. Rules and texts follow
k8s.io/apimachinery/pkg/apis/meta/{v1,internalversion}/validation/validation.go and, for logs,
ValidatePodLogOptions in k8s.io/kubernetes/pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, field
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.http.requests import Query
from kubectl_joblab.practice.api.options import (
    CreateOptions,
    DeleteOptions,
    ListOptions,
    PatchOptions,
    PodLogOptions,
    Preconditions,
    UpdateOptions,
)
from kubectl_joblab.practice.api.patch import dispatch

Written = TypeVar("Written", bound=CreateOptions)

META = "meta.k8s.io"
MANAGER_LENGTH = 128
_NOT_OLDER = "NotOlderThan"
_POLICIES = ("Foreground", "Background", "Orphan", "nil")
_VALIDATIONS = ("", "Ignore", "Strict", "Warn")
_AT_LEAST = (("tailLines", 0), ("limitBytes", 1), ("sinceSeconds", 1))
_RFC3339 = re.compile(
    r"(?P<second>[0-9-]{10}T[0-9:]{8})(\.(?P<part>[0-9]{1,6})[0-9]*)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})"
)


# ---- list and watch


def of_list(query: Query) -> ListOptions:
    """The ListOptions of a query; 422 where they break a rule."""
    options = ListOptions(
        label_selector=query.text("labelSelector"),
        field_selector=query.text("fieldSelector"),
        limit=max(query.integer("limit") or 0, 0),
        continue_token=query.text("continue"),
        resource_version=query.text("resourceVersion"),
        resource_version_match=query.text("resourceVersionMatch"),
        watch=bool(query.flag("watch")),
        allow_watch_bookmarks=bool(query.flag("allowWatchBookmarks")),
        send_initial_events=query.flag("sendInitialEvents"),
        timeout_seconds=query.integer("timeoutSeconds"),
    )
    _refuse("ListOptions", _watch_errors(options) if options.watch else _list_errors(options))
    return options


def _list_errors(options: ListOptions) -> list[FieldError]:
    found, path = [], "resourceVersionMatch"
    match = options.resource_version_match
    if match:
        if not options.resource_version:
            why = f"{path} is forbidden unless resourceVersion is provided"
            found.append(field.forbidden(path, why))
        if options.continue_token:
            found.append(field.forbidden(path, f"{path} is forbidden when continue is provided"))
        if match not in ("Exact", _NOT_OLDER):
            found.append(field.not_supported(path, match, ("Exact", _NOT_OLDER, "")))
        if options.is_exact and options.resource_version == "0":
            why = f'{path} "exact" is forbidden for resourceVersion "0"'
            found.append(field.forbidden(path, why))
    if options.send_initial_events is not None:
        path = "sendInitialEvents"
        found.append(field.forbidden(path, f"{path} is forbidden for list"))
    return found


def _watch_errors(options: ListOptions) -> list[FieldError]:
    found, path = [], "resourceVersionMatch"
    match, initial = options.resource_version_match, options.send_initial_events
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


# ---- create, update and patch


def of_create(query: Query, program: str) -> CreateOptions:
    """The CreateOptions of a query; 422 where they break a rule.

    program: the name of the client's program, which manages the fields that it writes where the
    query does not say who does.
    """
    return _written(CreateOptions, query, program, [])


def of_update(query: Query, program: str) -> UpdateOptions:
    """The UpdateOptions of a query, as of_create."""
    return _written(UpdateOptions, query, program, [])


def of_patch(query: Query, program: str, patch_type: str) -> PatchOptions:
    """The PatchOptions of a query, as of_create. patch_type: the media type of the patch."""
    options = _written(PatchOptions, query, program, _patch_errors(query, patch_type))
    return replace(options, force=bool(query.flag("force")))


def _written(
    options: type[Written], query: Query, program: str, wrong: list[FieldError]
) -> Written:
    """Options of a kind with the fields that all three have.

    wrong: the errors in the fields that one of them has alone.
    """
    manager, dry_run = query.text("fieldManager"), query.all("dryRun")
    validation = query.text("fieldValidation")
    wrong = wrong + _manager_errors(manager) + _dry_run_errors(dry_run)
    if validation not in _VALIDATIONS:
        wrong.append(field.not_supported("fieldValidation", validation, _VALIDATIONS))
    _refuse(options.__name__, wrong)
    return options(
        dry_run=bool(dry_run),
        field_manager=manager or program[:MANAGER_LENGTH],
        field_validation=validation or "Warn",
    )


def _patch_errors(query: Query, patch_type: str) -> list[FieldError]:
    if patch_type == dispatch.APPLY and not query.text("fieldManager"):
        return [field.required("fieldManager", "is required for apply patch")]
    if patch_type != dispatch.APPLY and query.flag("force") is not None:
        return [field.forbidden("force", "may not be specified for non-apply patch")]
    return []


def _manager_errors(manager: str) -> list[FieldError]:
    if len(manager.encode()) > MANAGER_LENGTH:  # each other error would show all of the name
        return [field.too_long("fieldManager", MANAGER_LENGTH)]
    found = []
    for position, character in enumerate(manager):
        if not character.isprintable():
            detail = f"invalid character U+{ord(character):04X} (at position {position})"
            found.append(field.invalid("fieldManager", manager, detail))
    return found


def _dry_run_errors(dry_run: Sequence[str]) -> list[FieldError]:
    if set(dry_run) <= {"All"}:
        return []
    return [field.not_supported("dryRun", list(dry_run), ("All",))]


# ---- delete


def of_delete(query: Query, body: Object | None) -> DeleteOptions:
    """The DeleteOptions of the body, or of the query where there is no body; 422 as of_create."""
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
        dry_run=bool(dry_run),
        grace_period_seconds=body.get("gracePeriodSeconds"),
        preconditions=Preconditions(
            preconditions.get("uid") or "", preconditions.get("resourceVersion") or ""
        ),
        propagation_policy=propagation,
    )


def of_eviction(options: CreateOptions, body: Object | None, pod: str) -> DeleteOptions:
    """The DeleteOptions in an Eviction; it is a dry run where one of them and the query says so."""
    given = dict(body or {})
    unread = "ignoreStoreReadErrorWithClusterBreakingPotential"
    if given.get(unread):
        why = "can not be set for pod eviction, try after removing the option"
        raise errors.invalid(
            "policy", "Eviction", pod, [field.invalid(f"deleteOptions.{unread}", True, why)]
        )
    if options.dry_run and not given.get("dryRun"):
        given["dryRun"] = ["All"]
    return of_delete(Query(""), given)


def _from_query(query: Query) -> Object:
    options: Object = {
        "propagationPolicy": query.text("propagationPolicy") or None,
        "orphanDependents": query.flag("orphanDependents"),
        "gracePeriodSeconds": query.integer("gracePeriodSeconds"),
        "dryRun": query.all("dryRun"),
    }
    return {name: value for name, value in options.items() if value is not None}


# ---- logs


def of_log(query: Query, pod: str) -> PodLogOptions:
    """The PodLogOptions of a query; 422 with the name of the Pod where they break a rule."""
    since = query.text("sinceTime")
    found = PodLogOptions(
        container=query.text("container"),
        follow=bool(query.flag("follow")),
        previous=bool(query.flag("previous")),
        tail_lines=query.integer("tailLines"),
        since_seconds=query.integer("sinceSeconds"),
        since_time=_time(since) if since else None,
        timestamps=bool(query.flag("timestamps")),
        limit_bytes=query.integer("limitBytes"),
    )
    if wrong := _log_errors(query, found):
        raise errors.invalid("", "PodLogOptions", pod, wrong)
    return found


def _time(text: str) -> datetime:
    """An RFC 3339 time; Python reads no more than microseconds of it, and 3.10 no "Z"."""
    found = _RFC3339.fullmatch(text)
    try:
        if found:
            part = (found["part"] or "").ljust(6, "0")
            zone = found["zone"].replace("Z", "+00:00")
            return datetime.fromisoformat(f"{found['second']}.{part}{zone}")
    except ValueError:
        pass
    layout = "2006-01-02T15:04:05Z07:00"
    raise errors.bad_request(f'parsing time "{text}" as "{layout}": cannot parse "{text}"')


def _log_errors(query: Query, given: PodLogOptions) -> list[FieldError]:
    found = []
    for name, least in _AT_LEAST:
        value = query.integer(name)
        if value is not None and value < least:
            why = "must be greater than 0" if least else "must be greater than or equal to 0"
            found.append(field.invalid(name, value, why))
    if given.since_seconds is not None and given.since_time is not None:
        why = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        found.append(field.forbidden("[]", why))
    if query.text("stream"):
        found.append(field.forbidden("stream", "may not be specified"))
    return found


def _refuse(kind: str, found: list[FieldError]) -> None:
    if found:
        raise errors.invalid(META, kind, "", found)
