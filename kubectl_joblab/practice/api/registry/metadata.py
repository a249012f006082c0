"""What the API itself keeps in metadata: uid, times, names; and which object a request means.

registry and preparing call it. Follows k8s.io/apiserver/pkg/registry/rest/{meta,update}.go and
pkg/endpoints/handlers/rest.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.clock import SUFFIX_LENGTH, Clock, Ids, rfc3339

# what a client may send, and the API takes no notice of, when an object is created
_SYSTEM_FIELDS = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "selfLink",
    "uid",
)
_LONGEST_PREFIX = 63 - SUFFIX_LENGTH  # maxGeneratedNameLength in storage/names
_STALE = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
_KEYS = {"nodes": "minions"}  # etcd still has their first name


def wipe(obj: Object) -> None:
    """Drop what a client may send and only the API sets (WipeObjectMetaSystemFields)."""
    for key in _SYSTEM_FIELDS:
        obj["metadata"].pop(key, None)


def fill(obj: Object, clock: Clock, ids: Ids) -> None:
    """Give a new object its uid and creation time (FillObjectMetaSystemFields)."""
    wipe(obj)
    meta = obj["metadata"]
    meta["uid"] = ids.uid()
    meta["creationTimestamp"] = rfc3339(clock.now())


def generated_name(prefix: str, ids: Ids) -> str:
    """A name from generateName."""
    return prefix[:_LONGEST_PREFIX] + ids.suffix()


def place(kind: Kind, obj: Object, namespace: str) -> None:
    """Put the request's namespace where none is; another one is an error."""
    meta = obj["metadata"]
    if not kind.namespaced:
        meta.pop("namespace", None)
    elif meta.setdefault("namespace", namespace) != namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def check_name(obj: Object, name: str) -> None:
    """Refuse an object that is not the one of the URL."""
    given = obj["metadata"].get("name")
    if not given:
        raise errors.bad_request(
            f"the name of the object ({name} based on URL) was undeterminable: "
            "name must be provided"
        )
    if given != name:
        raise errors.bad_request(
            f"the name of the object ({given}) does not match the name on the URL ({name})"
        )


def check_uid(kind: Kind, obj: Object, uid: str) -> None:
    """Refuse a replacement that was meant for another object of this name."""
    meta = obj["metadata"]
    given = meta.get("uid")
    if not given or given == uid:
        return
    place = "/".join(filter(None, (meta.get("namespace"), meta["name"])))
    why = (
        "StorageError: invalid object, Code: 4, "
        f"Key: /registry/{_KEYS.get(kind.plural, kind.plural)}/{place}, ResourceVersion: 0, "
        f"AdditionalErrorMsg: Precondition failed: UID in precondition: {given}, "
        f"UID in object meta: {uid}"
    )
    raise errors.conflict(kind.group, kind.plural, meta["name"], why)


def check_version(kind: Kind, obj: Object, old: Object) -> None:
    """Refuse an update that was made of another version; without one it is unconditional."""
    given = obj["metadata"].get("resourceVersion") or "0"
    if not (given.isascii() and given.isdigit()):
        message = f'strconv.ParseUint: parsing "{given}": invalid syntax'
        raise errors.StatusError(500, "", message)
    if int(given) and given != old["metadata"]["resourceVersion"]:
        raise errors.conflict(kind.group, kind.plural, old["metadata"]["name"], _STALE)


def carry_over(obj: Object, old: Object) -> None:
    """Put back what an update never changes."""
    meta, before = obj["metadata"], old["metadata"]
    meta["resourceVersion"] = before["resourceVersion"]
    for key in ("uid", "deletionGracePeriodSeconds", "managedFields"):
        if key in before:
            meta.setdefault(key, before[key])
    for key in ("creationTimestamp", "deletionTimestamp"):
        if key in before:
            meta[key] = before[key]
