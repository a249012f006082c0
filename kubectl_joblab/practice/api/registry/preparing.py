"""From what a client sends to what is stored: fields it may not set, rules, warnings.

The writer calls it with objects that have their defaults and are admitted. Follows
k8s.io/apiserver/pkg/registry/rest/{create,update}.go (BeforeCreate, BeforeUpdate).
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, names
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import Warn
from kubectl_joblab.practice.api.registry import metadata
from kubectl_joblab.practice.api.validation.metadata import (
    validate_object_meta,
    validate_object_meta_update,
)


def for_create(kind: Kind, obj: Object, warn: Warn | None) -> Object:
    """A new object as it is stored; 422 where it breaks rules.

    It has its name, uid and creation time already.
    """
    strategy, meta = kind.strategy, obj["metadata"]
    strategy.prepare_for_create(obj)
    if strategy.generation:
        meta["generation"] = 1
    found = validate_object_meta(
        meta, namespaced=kind.namespaced, name_rule=strategy.name_rule, path="metadata"
    )
    _refuse(kind, obj, found + strategy.validate(obj))
    _warn(kind, obj, None, warn)
    strategy.canonicalize(obj)
    if meta.get("resourceVersion", "") not in ("", "0"):
        message = "resourceVersion should not be set on objects to be created"
        raise errors.StatusError(500, "", message)
    meta["resourceVersion"] = "0"  # among the first fields, until the store sets it
    return canonical(kind.type, obj)


def for_update(
    kind: Kind,
    obj: Object,
    old: Object,
    subresource: str,
    warn: Warn | None,
) -> Object:
    """The object that replaces `old`, as it is stored; 422 where it breaks rules."""
    part = kind.strategy.parts.get(subresource)
    strategy, meta = part or kind.strategy, obj["metadata"]
    meta.pop("generation", None)
    if generation := old["metadata"].get("generation"):
        meta["generation"] = generation
    if subresource == "status":
        strategy.prepare_for_status_update(obj, old)
    elif subresource == "finalize":
        _prepare_for_finalize(obj, old)
    else:
        strategy.prepare_for_update(obj, old)
    metadata.carry_over(obj, old)
    found = validate_object_meta(
        meta, namespaced=kind.namespaced, name_rule=names.is_path_segment_name, path="metadata"
    )
    found += validate_object_meta_update(meta, old["metadata"])
    if subresource == "status":
        found += strategy.validate_status_update(obj, old)
    else:
        found += strategy.validate_update(obj, old)
    _refuse(kind, obj, found)
    if not subresource:
        _warn(kind, obj, old, warn)
    strategy.canonicalize(obj)
    new = canonical(kind.type, obj)
    counts = strategy.generation and (part is not None or not subresource)
    if counts and strategy.is_new_generation(new, old):
        new["metadata"]["generation"] = (generation or 0) + 1
    return new


def _prepare_for_finalize(obj: Object, old: Object) -> None:
    """Put back everything of a Namespace but spec.finalizers."""
    spec = {key: value for key, value in (old.get("spec") or {}).items() if key != "finalizers"}
    if finalizers := (obj.get("spec") or {}).get("finalizers"):
        spec["finalizers"] = finalizers
    obj["spec"] = spec
    obj["status"] = old.get("status") or {}


def _refuse(kind: Kind, obj: Object, found: list[FieldError]) -> None:
    if found:
        once = list({(error.path, error.body): error for error in found}.values())
        named = kind.view_of or kind  # upstream judges what is stored
        raise errors.invalid(named.group, named.kind, obj["metadata"].get("name", ""), once)


def _warn(kind: Kind, obj: Object, old: Object | None, warn: Warn | None) -> None:
    if warn is not None:
        for text in kind.strategy.warnings(obj, old):
            warn(text)
