"""The rules of metadata, which are the same for all kinds.

The registry calls validate_object_meta for new objects, with the name_rule of their strategy, and
validate_object_meta_update for changed ones; the rules of Pod templates call those of labels and
annotations. Follows k8s.io/apimachinery/pkg/api/validation/objectmeta.go and
pkg/apis/meta/v1/validation/validation.go, and ValidateObjectMeta in
pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.names import Rule
from kubectl_joblab.practice.api.validation import values

MOST_ANNOTATIONS = 256 * 1024  # bytes
ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
STANDARD_FINALIZERS = ("kubernetes", ORPHAN, FOREGROUND)

# fields that an update may not change, in the order of their errors
_IMMUTABLE_FIELDS = (
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
)
_ABSENT = {"name": "", "namespace": "", "uid": ""}  # the rest are null


def validate_object_meta(
    meta: Mapping[str, Any], *, namespaced: bool, name_rule: Rule, path: str = "metadata"
) -> list[FieldError]:
    """The rules that the metadata of an object breaks, whose name has been generated already."""
    found = []
    if prefix := meta.get("generateName"):
        wrong = names.as_prefix(name_rule, prefix)
        found += [field.invalid(f"{path}.generateName", prefix, one) for one in wrong]
    if name := meta.get("name"):
        found += [field.invalid(f"{path}.name", name, one) for one in name_rule(name)]
    else:
        found.append(field.required(f"{path}.name", "name or generateName is required"))
    found += _validate_namespace(meta.get("namespace", ""), namespaced, f"{path}.namespace")
    found += values.validate_nonnegative_field(meta.get("generation"), f"{path}.generation")
    found += _validate_contents(meta, path)
    finalizers = meta.get("finalizers") or ()
    found += validate_finalizers(finalizers, f"{path}.finalizers")
    for index, finalizer in enumerate(finalizers):
        found += validate_kube_finalizer_name(finalizer, f"{path}.finalizers[{index}]")
    return found


def _validate_namespace(namespace: str, namespaced: bool, path: str) -> list[FieldError]:
    if not namespaced:
        return [field.forbidden(path, "not allowed on this type")] if namespace else []
    if not namespace:
        return [field.required(path)]
    return [field.invalid(path, namespace, one) for one in names.is_dns1123_label(namespace)]


def _validate_contents(meta: Mapping[str, Any], path: str) -> list[FieldError]:
    found = validate_labels(meta.get("labels") or {}, f"{path}.labels")
    found += validate_annotations(meta.get("annotations") or {}, f"{path}.annotations")
    if owners := meta.get("ownerReferences"):
        found += validate_owner_references(owners, f"{path}.ownerReferences")
    return found


def validate_object_meta_update(
    new: Mapping[str, Any], old: Mapping[str, Any], path: str = "metadata"
) -> list[FieldError]:
    """The rules that a change of metadata breaks."""
    found = []
    if old.get("deletionTimestamp"):
        found += _validate_no_new_finalizers(new, old, f"{path}.finalizers")
    if not new.get("resourceVersion"):
        why = "must be specified for an update"
        found.append(field.invalid(f"{path}.resourceVersion", "", why))
    found += values.validate_nonnegative_field(new.get("generation"), f"{path}.generation")
    if new.get("generation", 0) < old.get("generation", 0):
        why = "must not be decremented"
        found.append(field.invalid(f"{path}.generation", new.get("generation", 0), why))
    for key in _IMMUTABLE_FIELDS:
        if new.get(key) != old.get(key):
            found.append(
                field.invalid(f"{path}.{key}", new.get(key, _ABSENT.get(key)), values.IMMUTABLE)
            )
    return found + _validate_contents(new, path)


def _validate_no_new_finalizers(
    new: Mapping[str, Any], old: Mapping[str, Any], path: str
) -> list[FieldError]:
    extra = sorted(set(new.get("finalizers") or ()) - set(old.get("finalizers") or ()))
    if not extra:
        return []
    listed = ", ".join(field.shown(one) for one in extra)
    why = (
        "no new finalizers can be added if the object is being deleted, found new finalizers "
        f"[]string{{{listed}}}"
    )
    return [field.forbidden(path, why)]


def validate_labels(labels: Mapping[str, str], path: str) -> list[FieldError]:
    """The rules that labels break, in their order; upstream takes them in random order."""
    found = []
    for key, value in labels.items():
        found += values.validate_qualified_name(key, path)
        found += [field.invalid(path, value, one) for one in names.is_valid_label_value(value)]
    return found


def validate_annotations(annotations: Mapping[str, str], path: str) -> list[FieldError]:
    """The rules that the keys and the size of annotations break."""
    found = []
    for key in annotations:
        found += [field.invalid(path, key, one) for one in names.is_qualified_name(key.lower())]
    size = sum(names.size(key) + names.size(value) for key, value in annotations.items())
    if size > MOST_ANNOTATIONS:
        found.append(field.too_long(path, MOST_ANNOTATIONS))
    return found


def validate_finalizers(finalizers: Sequence[str], path: str) -> list[FieldError]:
    """The rules that finalizers break: their names, and two that exclude each other."""
    found = []
    for one in finalizers:
        found += values.validate_qualified_name(one, path)
    if ORPHAN in finalizers and FOREGROUND in finalizers:
        why = f"finalizer {ORPHAN} and {FOREGROUND} cannot be both set"
        found.append(field.invalid(path, list(finalizers), why))
    return found


def validate_kube_finalizer_name(name: str, path: str) -> list[FieldError]:
    """The error of a finalizer without a domain that is none of Kubernetes' own."""
    if "/" in name or name in STANDARD_FINALIZERS:
        return []
    why = "name is neither a standard finalizer name nor is it fully qualified"
    return [field.invalid(path, name, why)]


def validate_owner_references(
    references: Sequence[Mapping[str, Any]], path: str
) -> list[FieldError]:
    """The rules that owner references break; only one owner may be the controller."""
    found, controller = [], ""
    for index, reference in enumerate(references):
        found += _validate_owner_reference(reference, f"{path}[{index}]")
        if not reference.get("controller"):
            continue
        this = f"{reference.get('kind', '')}/{reference.get('name', '')}"
        if controller:
            why = (
                "Only one reference can have Controller set to true. Found "
                f'"true" in references for {controller} and {this}'
            )
            found.append(field.invalid(path, [_as_go(one) for one in references], why))
        controller = controller or this
    return found


def _validate_owner_reference(reference: Mapping[str, Any], path: str) -> list[FieldError]:
    found = []
    version = reference.get("apiVersion", "")
    if version and (version.count("/") > 1 or version.endswith("/")):
        why = "must be <group>/<version> or <version>"
        found.append(field.invalid(f"{path}.apiVersion", version, why))
    for key in ("apiVersion", "kind", "name", "uid"):
        if not reference.get(key):
            found.append(field.required(f"{path}.{key}", "must not be empty"))
    if version == "v1" and reference.get("kind") == "Event":
        why = "/v1, Kind=Event is disallowed from being an owner"
        found.append(field.invalid(path, _as_go(reference), why))
    return found


def _as_go(reference: Mapping[str, Any]) -> dict[str, Any]:
    """An owner reference with its fields in the order in which Go prints them."""
    shown = {key: reference.get(key, "") for key in ("apiVersion", "kind", "name", "uid")}
    for key in ("controller", "blockOwnerDeletion"):
        if reference.get(key) is not None:
            shown[key] = reference[key]
    return shown
