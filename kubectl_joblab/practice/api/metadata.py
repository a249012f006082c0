"""What the API itself keeps in metadata: uid, times, generation; and what an update may not touch.

The registry calls it around the strategies. Follows k8s.io/apiserver/pkg/registry/rest/meta.go and
update.go, and k8s.io/apimachinery/pkg/api/validation/objectmeta.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api import errors, field
from kubectl_joblab.practice.api.field import FieldError

IMMUTABLE = "field is immutable"
# what a client may send, and the API takes no notice of, when an object is created
_SYSTEM_FIELDS = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
)
_LONGEST_GENERATED = 63 - clocks.SUFFIX_LENGTH  # maxGeneratedNameLength in storage/names


def place(obj: Object, namespace: str, namespaced: bool) -> None:
    """Put the request's namespace where none is; another one is an error."""
    meta = obj["metadata"]
    if not namespaced:
        meta.pop("namespace", None)
    elif meta.setdefault("namespace", namespace) != namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def fill(obj: Object, clock: clocks.Clock, ids: clocks.Ids) -> None:
    """Give a new object its uid and creation time."""
    meta = obj["metadata"]
    for key in _SYSTEM_FIELDS:
        meta.pop(key, None)
    meta["uid"] = ids.uid()
    meta["creationTimestamp"] = clocks.rfc3339(clock.now())


def generated_name(prefix: str, ids: clocks.Ids) -> str:
    """A name from generateName."""
    return prefix[:_LONGEST_GENERATED] + ids.suffix()


def check_version(resource: tuple[str, str], obj: Object, old: Object) -> None:
    """Refuse an update that was made of another version, or of another object of this name."""
    meta, current = obj["metadata"], old["metadata"]
    uid = meta.get("uid", "")
    if uid and uid != current["uid"]:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: "
        raise errors.conflict(*resource, current["name"], why + current["uid"])
    version = meta.get("resourceVersion", "")
    if version and version != current["resourceVersion"]:
        why = (
            "the object has been modified; please apply your changes to the latest version and "
            "try again"
        )
        raise errors.conflict(*resource, current["name"], why)


def carry_over(obj: Object, old: Object) -> None:
    """Put back what an update never changes."""
    meta, before = obj["metadata"], old["metadata"]
    for key in ("uid", "resourceVersion", "deletionGracePeriodSeconds"):
        if key in before:
            meta.setdefault(key, before[key])
    for key in ("creationTimestamp", "deletionTimestamp"):
        if key in before:
            meta[key] = before[key]


def update_errors(obj: Object, old: Object) -> list[FieldError]:
    """What an update may not do to metadata (ValidateObjectMetaAccessorUpdate)."""
    meta, before = obj["metadata"], old["metadata"]
    found = []
    if "deletionTimestamp" in before:
        extra = sorted(set(meta.get("finalizers") or ()) - set(before.get("finalizers") or ()))
        if extra:
            listed = ", ".join(field.shown(one) for one in extra)
            found.append(
                field.forbidden(
                    "metadata.finalizers",
                    "no new finalizers can be added if the object is being deleted, found new "
                    f"finalizers []string{{{listed}}}",
                )
            )
    for key in ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp"):
        if meta.get(key) != before.get(key):
            found.append(field.invalid(f"metadata.{key}", meta.get(key), IMMUTABLE))
    key = "deletionGracePeriodSeconds"
    if meta.get(key) != before.get(key):
        found.append(field.invalid(f"metadata.{key}", meta.get(key), IMMUTABLE))
    return found
