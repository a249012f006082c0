"""From what a client sends to what is stored: defaults, what it may not set, rules, warnings.

The registry's create and update, without the store. Follows
k8s.io/apiserver/pkg/registry/rest/{create,update}.go (BeforeCreate, BeforeUpdate).
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, metadata
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kinds import Kind

Warn = Callable[[str], None]


def for_create(kind: Kind, obj: Object, warn: Warn | None) -> None:
    """Make a new object, which has its name, uid and creation time, ready to be stored."""
    strategy = kind.strategy
    strategy.default(obj)
    strategy.prepare_for_create(obj)
    if strategy.generation:
        obj["metadata"]["generation"] = 1
    _refuse(kind, obj, strategy.validate(obj))
    _warn(kind, obj, warn)
    if obj["metadata"].pop("resourceVersion", "") not in ("", "0"):
        message = "resourceVersion should not be set on objects to be created"
        raise errors.StatusError(500, "", message)


def for_update(kind: Kind, obj: Object, old: Object, subresource: str, warn: Warn | None) -> None:
    """Make what replaces `old` ready to be stored."""
    strategy, meta = kind.strategy, obj["metadata"]
    meta.pop("generation", None)
    if generation := old["metadata"].get("generation"):
        meta["generation"] = generation
    strategy.default(obj)
    if subresource == "status":
        strategy.prepare_for_status_update(obj, old)
    elif subresource == "finalize":
        _prepare_for_finalize(obj, old)
    else:
        strategy.prepare_for_update(obj, old)
        if strategy.generation and obj.get("spec") != old.get("spec"):
            meta["generation"] = generation + 1
    metadata.carry_over(obj, old)
    found = metadata.update_errors(obj, old)
    if subresource == "status":
        found += strategy.validate_status_update(obj, old)
    else:
        found += strategy.validate_update(obj, old)
    _refuse(kind, obj, found)
    if not subresource:
        _warn(kind, obj, warn)


def _prepare_for_finalize(obj: Object, old: Object) -> None:
    """Of a Namespace, only spec.finalizers are replaced."""
    spec = {key: value for key, value in (old.get("spec") or {}).items() if key != "finalizers"}
    if finalizers := (obj.get("spec") or {}).get("finalizers"):
        spec["finalizers"] = finalizers
    obj["spec"] = spec
    obj["status"] = old.get("status") or {}


def _refuse(kind: Kind, obj: Object, found: list[FieldError]) -> None:
    if found:
        once = list({(error.path, error.body): error for error in found}.values())
        raise errors.invalid(kind.group, kind.kind, obj["metadata"].get("name", ""), once)


def _warn(kind: Kind, obj: Object, warn: Warn | None) -> None:
    if warn is not None:
        for text in kind.strategy.warnings(obj):
            warn(text)
