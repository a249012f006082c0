"""The metadata that the API keeps itself, and the checks that a request means this object.

operations and writer call it. Follows k8s.io/apiserver/pkg/registry/rest/{meta,update}.go and
pkg/endpoints/handlers/rest.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, field
from kubectl_joblab.practice.api.go import strconv
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.clock import SUFFIX_LENGTH, Ids, TimeSource, rfc3339

# fields that a client may send, and that the API ignores, when an object is created
_SYSTEM_FIELDS = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "selfLink",
    "uid",
)
_LONGEST_PREFIX = 63 - SUFFIX_LENGTH  # maxGeneratedNameLength in storage/names
MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
_KEYS = {"nodes": "minions"}  # keys in etcd still have the first name of Nodes


def wipe(obj: Object) -> None:
    """Drop the fields that only the API sets (WipeObjectMetaSystemFields upstream)."""
    for key in _SYSTEM_FIELDS:
        obj["metadata"].pop(key, None)


def fill(obj: Object, clock: TimeSource, ids: Ids) -> None:
    """Give a new object its uid and creation time (FillObjectMetaSystemFields upstream)."""
    wipe(obj)
    meta = obj["metadata"]
    meta["uid"] = ids.uid()
    meta["creationTimestamp"] = rfc3339(clock.now())


def generated_name(prefix: str, ids: Ids) -> str:
    """A name made of generateName."""
    return prefix[:_LONGEST_PREFIX] + ids.suffix()


def place(kind: Kind, obj: Object, namespace: str) -> None:
    """Set the namespace of the request where an object has none; 400 where it has another."""
    meta = obj["metadata"]
    if not kind.namespaced:
        meta.pop("namespace", None)
    elif meta.setdefault("namespace", namespace) != namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


def check_name(obj: Object, name: str) -> None:
    """Raise 400 where an object does not have the name that is in the URL."""
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
    """Raise 409 where a replacement has the uid of another object of this name."""
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
    """Raise 409 where an update was made of another version.

    Most need not say of which; 422 where one has to.
    """
    given = obj["metadata"].get("resourceVersion") or "0"
    try:
        number = strconv.parse_uint(given)
    except strconv.NumError as error:
        raise errors.StatusError(500, "", str(error)) from error
    if not number and not kind.strategy.unconditional:
        wrong = field.invalid("metadata.resourceVersion", 0, "must be specified for an update")
        raise errors.invalid(kind.group, kind.plural, old["metadata"]["name"], [wrong])
    if number and given != old["metadata"]["resourceVersion"]:
        raise errors.conflict(kind.group, kind.plural, old["metadata"]["name"], MODIFIED)


def carry_over(obj: Object, old: Object) -> None:
    """Put back the metadata that no update changes."""
    meta, before = obj["metadata"], old["metadata"]
    meta["resourceVersion"] = before["resourceVersion"]
    for key in ("uid", "deletionGracePeriodSeconds"):
        if key in before:
            meta.setdefault(key, before[key])
    for key in ("creationTimestamp", "deletionTimestamp"):
        if key in before:
            meta[key] = before[key]
