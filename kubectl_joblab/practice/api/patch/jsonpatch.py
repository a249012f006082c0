"""JSON patch (RFC 6902), with the liberties of the library that the API server uses.

The library lets a replace create, takes negative indexes, and compares numbers as they are written.
Called through dispatch. Follows gopkg.in/evanphx/json-patch.v4 and handlers/patch.go.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.go import strconv
from kubectl_joblab.practice.api.go.govalues import copied, go_kind

MOST_OPERATIONS = 10_000
MOST_COPIED_BYTES = (
    3 * 1024 * 1024
)  # JSONPatchMaxCopyBytes in k8s.io/apiserver/pkg/server/config.go
_TEXTS = ("op", "path", "from")


def check(operations: Any) -> list[str]:
    """The strict errors of a list of operations; 400 where it is none, 413 where it is too long."""
    if operations is None:  # null, which Go reads as an empty list
        return []
    if not isinstance(operations, list):
        raise _undecodable(operations, "value", "[]handlers.jsonPatchOp")
    unknown = []
    for index, operation in enumerate(operations):
        if not isinstance(operation, dict):
            raise _undecodable(operation, "value", "handlers.jsonPatchOp")
        for key, value in operation.items():
            if key in _TEXTS and not isinstance(value, str):
                raise _undecodable(value, f"struct field jsonPatchOp.{key}", "string")
            if key not in (*_TEXTS, "value"):
                unknown.append(f'json patch unknown field "[{index}].{key}"')
    if len(operations) > MOST_OPERATIONS:
        raise errors.StatusError(
            413,
            "RequestEntityTooLarge",
            "Request entity is too large: limit is "
            f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, "
            f"got {len(operations)}",
        )
    return unknown


def _undecodable(value: Any, where: str, wanted: str) -> errors.StatusError:
    return errors.bad_request(
        f"error decoding patch: json: cannot unmarshal {go_kind(value)} into Go {where} "
        f"of type {wanted}"
    )


def applied(document: Any, operations: list[dict[str, Any]]) -> Any:
    """The document with the operations applied, itself unchanged; 422 where one fails."""
    root = _Root(copied(document))
    for operation in operations:
        try:
            _VERBS[operation["op"]](root, operation)
        except (LookupError, ValueError) as exc:
            # upstream's message says no more than this
            message = "the server rejected our request due to an error in our request"
            raise errors.StatusError(422, "Invalid", message, {}) from exc
    return root.value


class _Root:
    """A document in which paths are followed; LookupError or ValueError where one leads nowhere."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.copied_bytes = 0

    def parent(self, path: str) -> tuple[Any, str]:
        """The value that holds the last step of a path, and that step."""
        first, *steps = (_unescaped(step) for step in path.split("/"))
        if not steps:
            raise LookupError(first)
        found = self.value
        for step in steps[:-1]:
            found = get(found, step)
            if not isinstance(found, (dict, list)):
                raise LookupError(path)
        return found, steps[-1]


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def _index(step: str, length: int) -> int:
    """An index of a list of this length; a negative one counts from its end."""
    index = strconv.parse_int(step)
    if not -length <= index < length:
        raise LookupError(step)
    return index + length if index < 0 else index


def get(holder: Any, step: str) -> Any:
    """The value that a step leads to; None where a mapping has no such key."""
    if isinstance(holder, list):
        return holder[_index(step, len(holder))]
    return holder.get(step)


def _insert(holder: Any, step: str, value: Any) -> None:
    if isinstance(holder, dict):
        holder[step] = value
    elif step == "-":
        holder.append(value)
    else:
        holder.insert(_index(step, len(holder) + 1), value)


def _drop(holder: Any, step: str) -> None:
    del holder[step if isinstance(holder, dict) else _index(step, len(holder))]


def _add(root: _Root, operation: dict[str, Any]) -> None:
    _insert(*root.parent(operation["path"]), copied(operation.get("value")))


def _remove(root: _Root, operation: dict[str, Any]) -> None:
    _drop(*root.parent(operation["path"]))


def _replace(root: _Root, operation: dict[str, Any]) -> None:
    value = copied(operation.get("value"))
    if operation["path"] == "":
        if not isinstance(value, (dict, list)):
            raise ValueError("neither object nor array")
        root.value = value
        return
    holder, step = root.parent(operation["path"])
    if isinstance(holder, list):
        holder[_index(step, len(holder))] = value
    else:
        holder[step] = value


def _move(root: _Root, operation: dict[str, Any]) -> None:
    holder, step = root.parent(operation["from"])
    value = get(holder, step)
    _drop(holder, step)
    _insert(*root.parent(operation["path"]), value)


def _copy(root: _Root, operation: dict[str, Any]) -> None:
    value = get(*root.parent(operation["from"]))
    root.copied_bytes += len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
    if root.copied_bytes > MOST_COPIED_BYTES:
        raise ValueError("too much is copied")
    _insert(*root.parent(operation["path"]), copied(value))


def _test(root: _Root, operation: dict[str, Any]) -> None:
    path = operation["path"]
    found = root.value if path == "" else get(*root.parent(path))
    if not equal(found, operation.get("value")):
        raise ValueError(path)


_VERBS: dict[str, Callable[[_Root, dict[str, Any]], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def equal(left: Any, right: Any) -> bool:
    """Whether two JSON values are written alike: 1 is neither 1.0 nor true."""
    if go_kind(left) != go_kind(right) or isinstance(left, float) != isinstance(right, float):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)
