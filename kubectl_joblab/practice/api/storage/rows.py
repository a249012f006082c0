"""A row of the database: an object as its text, with what is asked of many without reading it.

The database writes such rows and reads them back; the store makes its index of them. A row has a
checksum of all that is in it. No error says what is in a row, which may be a Secret.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.objects import Object

# the columns of a row, in the order of Row; the body is the last, so that to read the others alone
# does not take a look at the pages where a long one goes on
COLUMNS = "resource, namespace, name, revision, expires, uid, owners, labels, flags, checksum, body"
RESTS, CONTROLLED = 1, 2  # flags
# what is raised where the values of a row are not of the types that were written
UNREADABLE = AttributeError, RecursionError, TypeError, ValueError, struct.error
_NUMBERS = struct.Struct("<qdq")


class Key(NamedTuple):
    """The key of an object. resource: Kind.resource; namespace: "" for kinds without one."""

    resource: str
    namespace: str
    name: str


class Facts(NamedTuple):
    """What a row says of its object beside the text.

    owners: the uids of its owners as a JSON list, "" for none. labels: as a JSON object, "" for
    none. flags: RESTS and CONTROLLED, as in Entry.
    """

    uid: str
    owners: str
    labels: str
    flags: int


def facts(obj: Object, *, rests: bool = False) -> Facts:
    """What a row has to say of an object."""
    meta = objects.metadata(obj)
    flags = (RESTS if rests else 0) | (CONTROLLED if objects.controller(obj) else 0)
    owners = [reference["uid"] for reference in meta.get("ownerReferences") or ()]
    return Facts(meta.get("uid") or "", _text(owners), _text(meta.get("labels")), flags)


def _text(data: Any) -> str:
    return json.dumps(data, separators=(",", ":")) if data else ""


def label(key: str, value: str) -> str:
    """What is in the column of labels where a label has a value."""
    return _text({key: value})[1:-1]


def owners(text: bytes) -> tuple[str, ...]:
    """The uids in the column of owners."""
    if not text:
        return ()
    if text.count(b'"') == 2 and b"\\" not in text:
        return (text[2:-2].decode(),)
    return tuple(dict.fromkeys(json.loads(text)))


def checksum(row: Sequence[Any]) -> int:
    """The checksum of a row as it is read: of its texts as bytes. UNREADABLE for other types."""
    resource, namespace, name, revision, expires, uid, owners, labels, flags, _, body = row
    numbers = _NUMBERS.pack(revision, expires, flags)
    head = b"\0".join((resource, namespace, name, uid, owners, labels, numbers))
    return zlib.crc32(body, zlib.crc32(head))


def written(
    key: Key, revision: int, expires: float, told: Facts, body: str
) -> tuple[tuple[Any, ...], int]:
    """A row as it is written, and its checksum. expires: seconds since 1970, 0 for never."""
    row = *key, revision, float(expires), *told
    found = checksum([one.encode() if isinstance(one, str) else one for one in (*row, 0, body)])
    return (*row, found, body), found
