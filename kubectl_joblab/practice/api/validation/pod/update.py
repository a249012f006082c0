"""The rules of a change of a Pod, of which hardly anything may change.

The strategy calls it. Follows ValidatePodUpdate and what it calls in
pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import internal
from kubectl_joblab.practice.api.validation.pod import containers, create, scheduling

_COMPARED_LINES = 2_000  # of a spec, where it has more
_LARGEST = 2**31 - 1
_CHANGEABLE = (
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
)
_AFFINITY = "spec.affinity.nodeAffinity"


def validate_pod_update(pod: Object, old: Object) -> list[FieldError]:
    """The rules that a changed Pod breaks, except those of metadata."""
    spec, before = pod["spec"], old["spec"]
    found = create.validate_pod_metadata_and_spec(pod)
    found += validate_annotation_updates(pod, old)
    for kind in ("containers", "initContainers"):
        new, had = spec.get(kind) or [], before.get(kind) or []
        if len(new) != len(had):
            why = "pod updates may not add or remove containers"
            return [*found, field.forbidden(f"spec.{kind}", why)]
        found += _validate_images(new, f"spec.{kind}")
    stop, wrong = _validate_deadline(spec, before)
    found += wrong
    if stop:
        return found
    found += _validate_only_added_tolerations(spec, before)
    found += _validate_only_deleted_gates(spec, before)
    if spec == before:
        return found
    munged = _with_changeable_fields(spec, before)
    if before.get("schedulingGates"):
        found += _validate_gated(munged, before)
    if munged != before:
        why = f"pod updates may not change fields other than {','.join(_CHANGEABLE)}"
        found.append(field.forbidden("spec", f"{why}\n{_difference('PodSpec', before, munged)}"))
    return found


def validate_pod_ephemeral_containers_update(pod: Object, old: Object) -> list[FieldError]:
    """The rules that a Pod breaks with other ephemeral containers, except those of metadata.

    One that is there is neither changed nor taken away (ValidatePodEphemeralContainersUpdate).
    """
    found = create.validate_pod_metadata_and_spec(pod)
    found += validate_annotation_updates(pod, old)
    if create.MIRROR_ANNOTATION in (objects.metadata(old).get("annotations") or {}):
        return [field.forbidden("", "static pods do not support ephemeral containers")]
    at = "spec.ephemeralContainers"
    new = {one["name"]: one for one in pod["spec"].get("ephemeralContainers") or ()}
    for container in old["spec"].get("ephemeralContainers") or ():
        name = container["name"]
        which = f"existing ephemeral containers {field.shown(name)} may not be"
        if name not in new:
            found.append(field.forbidden(at, f"{which} removed\n"))
        elif container != new[name]:
            difference = _difference("EphemeralContainer", container, new[name])
            found.append(field.forbidden(at, f"{which} changed\n{difference}"))
    return found


def validate_annotation_updates(pod: Object, old: Object) -> list[FieldError]:
    """The errors of a Pod that becomes a mirror Pod, or ceases to be one."""
    new = (objects.metadata(pod).get("annotations") or {}).get(create.MIRROR_ANNOTATION)
    had = (objects.metadata(old).get("annotations") or {}).get(create.MIRROR_ANNOTATION)
    if new == had:
        return []
    what = "add" if had is None else "remove or update"
    at = f"metadata.annotations[{create.MIRROR_ANNOTATION}]"
    return [field.forbidden(at, f"may not {what} mirror pod annotation")]


def _validate_images(listed: Sequence[Object], path: str) -> list[FieldError]:
    """The rules of changed images (ValidateContainerUpdates upstream)."""
    found = []
    for index, container in enumerate(listed):
        at = f"{path}[{index}]"
        if not container.get("image"):
            found.append(field.required(f"{at}.image"))
        found += containers.validate_image_only_for_pod(container, at)
    return found


def _validate_deadline(spec: Object, old: Object) -> tuple[bool, list[FieldError]]:
    """Whether validation ends here, and the errors of a deadline, which may only come nearer."""
    at, new = "spec.activeDeadlineSeconds", spec.get("activeDeadlineSeconds")
    had = old.get("activeDeadlineSeconds")
    if new is None:
        why = "must not update from a positive integer to nil value"
        return False, [] if had is None else [field.invalid(at, None, why)]
    if not 0 <= new <= _LARGEST:
        return True, [field.invalid(at, new, names.between(0, _LARGEST))]
    if had is not None and had < new:
        why = "must be less than or equal to previous value"
        return True, [field.invalid(at, new, why)]
    return False, []


def _validate_only_added_tolerations(spec: Object, old: Object) -> list[FieldError]:
    new = spec.get("tolerations") or []
    kept = {_without_seconds(toleration) for toleration in new}
    for toleration in old.get("tolerations") or ():
        if _without_seconds(toleration) not in kept:
            why = "existing toleration can not be modified except its tolerationSeconds"
            return [field.forbidden("spec.tolerations", why)]
    return scheduling.validate_tolerations(new, "spec.tolerations")


def _without_seconds(toleration: Object) -> frozenset[tuple[str, str]]:
    """What a toleration says, all of it texts, but for how long."""
    return frozenset((key, one) for key, one in toleration.items() if key != "tolerationSeconds")


def _validate_only_deleted_gates(spec: Object, old: Object) -> list[FieldError]:
    known = {gate.get("name") for gate in old.get("schedulingGates") or ()}
    return [
        field.forbidden(
            f"spec.schedulingGates[{index}].name",
            f"only deletion is allowed, but found new scheduling gate '{gate.get('name', '')}'",
        )
        for index, gate in enumerate(spec.get("schedulingGates") or ())
        if gate.get("name") not in known
    ]


def _with_changeable_fields(spec: Object, old: Object) -> Object:
    """The new spec with the old values of all fields that may change."""
    found = dict(spec)
    for kind in ("containers", "initContainers"):
        if kind in spec:
            found[kind] = [
                {**one, "image": other.get("image", "")}
                for one, other in zip(spec[kind], old.get(kind) or [], strict=True)
            ]
    for key in ("activeDeadlineSeconds", "schedulingGates", "tolerations"):
        _put_back(found, old, key)
    return found


def _put_back(spec: Object, old: Object, key: str) -> None:
    if key in old:
        spec[key] = old[key]
    else:
        spec.pop(key, None)


def _validate_gated(munged: Object, old: Object) -> list[FieldError]:
    """The errors of a gated Pod, which may be told more exactly where it is to run.

    The fields that it may change are put back in `munged`, for the comparison that follows.
    """
    found = []
    new, had = munged.get("nodeSelector") or {}, old.get("nodeSelector") or {}
    if any(new.get(key) != value for key, value in had.items()):
        why = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        found.append(field.invalid("spec.nodeSelector", dict(sorted(new.items())), why))
    _put_back(munged, old, "nodeSelector")
    affinity = dict(munged.get("affinity") or {})
    before = old.get("affinity") or {}
    found += _validate_node_affinity(
        affinity.get("nodeAffinity") or {}, before.get("nodeAffinity") or {}
    )
    _put_back(affinity, before, "nodeAffinity")
    if affinity or "affinity" in old:
        munged["affinity"] = affinity
    else:
        munged.pop("affinity", None)
    return found


def _validate_node_affinity(new: Object, old: Object) -> list[FieldError]:
    """The rules of a changed node affinity (validateNodeAffinityMutation upstream)."""
    required = scheduling.REQUIRED
    had = (old.get(required) or {}).get("nodeSelectorTerms") or []
    terms = (new.get(required) or {}).get("nodeSelectorTerms") or []
    at = f"{_AFFINITY}.{required}.nodeSelectorTerms"
    shown = [internal.shown("NodeSelectorTerm", term) for term in terms]
    if had and len(had) != len(terms):
        why = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        return [field.invalid(at, shown or None, why)]
    why = "only additions are allowed (no mutations or deletions)"
    return [
        field.invalid(f"{at}[{index}]", shown[index], why)
        for index, term in enumerate(had)
        if not _only_adds(terms[index], term)
    ]


def _only_adds(new: Object, old: Object) -> bool:
    keys = ("matchExpressions", "matchFields")
    if not any(old.get(key) for key in keys):
        return not any(new.get(key) for key in keys)
    return all(
        (new.get(key) or [])[: len(old.get(key) or [])] == (old.get(key) or []) for key in keys
    )


def _difference(kind: str, old: Object, new: Object) -> str:
    """A unified diff of two objects of a kind, as Diff in k8s.io/apimachinery/pkg/util/diff makes.

    Only so many lines are compared, the first that differ: difflib takes a quadratic time.
    """
    before, after = (field.go_json(internal.shown(kind, one), indent=1) for one in (old, new))
    texts = [[f"{line}\n" for line in text.split("\n")] for text in (before, after)]
    if max(map(len, texts)) > _COMPARED_LINES:
        pairs = enumerate(zip(*texts, strict=False))
        first = next((index for index, (one, other) in pairs if one != other), 0)
        texts = [lines[first : first + _COMPARED_LINES] for lines in texts]
    lines = difflib.unified_diff(texts[0], texts[1])
    return "".join(list(lines)[2:])
