"""The order of merged lists: as the patch gives it, and as it was where it gives none.

strategic calls it. Follows k8s.io/apimachinery/pkg/util/strategicpatch/patch.go
(normalizeElementOrder, validatePatchWithSetOrderList).
"""

from __future__ import annotations

from typing import Any, NoReturn

from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.go.govalues import go_kind, go_text

ORDER = "$setElementOrder"
DIRECTIVE = "$patch"


def fail(message: str) -> NoReturn:
    """Raise the 500 that a plain error becomes upstream."""
    raise errors.StatusError(500, "", message)


def mark(value: Any) -> str:
    """A text that two values share if they are equal and of one type; it can be a dict's key."""
    return f"{go_kind(value)} {go_text(value)}"


def key_of(element: dict[str, Any], key: str) -> Any:
    """The merge key's value in an element; 500 where the element does not have it."""
    if key not in element:
        fail(f"map: {go_text(element)} does not contain declared merge key: {key}")
    return element[key]


def _identity(element: Any, key: str) -> str:
    return mark(key_of(element, key) if key else element)


def check_order(changes: Any, order: Any, current: Any, key: str) -> None:
    """Raise 500 where one is no list, or the changes are not in the given order."""
    for one in (order, current, changes):
        if one is not None and not isinstance(one, list):
            fail(f"expected a []interface {{}}, but received a {_go_type(one)}")
    plain = [one for one in changes or () if not (isinstance(one, dict) and DIRECTIVE in one)]
    if not order or not plain:
        return
    wanted = iter(order)
    for one in plain:
        if not any(_identity(one, key) == _identity(other, key) for other in wanted):
            fail(
                f"The order in patch list:\n{go_text(changes)}\n doesn't match {ORDER} list:\n"
                f"{go_text(order)}\n"
            )


def _go_type(value: Any) -> str:
    names = {"object": "map[string]interface {}", "number": "int64"}
    return names.get(go_kind(value), go_kind(value))


def in_order(found: list[Any], order: list[Any], current: list[Any], key: str) -> list[Any]:
    """The elements of the order in that order, and the others between them where they were."""
    wanted, before = _places(order, key), _places(current, key)
    marks = {id(one): _identity(one, key) for one in found}
    named = sorted(
        (one for one in found if marks[id(one)] in wanted), key=lambda one: wanted[marks[id(one)]]
    )
    rest = sorted(
        (one for one in found if marks[id(one)] not in wanted),
        key=lambda one: before.get(marks[id(one)], len(before)),
    )
    result: list[Any] = []
    while named and rest:
        mine, theirs = (before.get(marks[id(one)], -1) for one in (rest[0], named[0]))
        result.append((rest if 0 <= mine < theirs else named).pop(0))
    return [*result, *named, *rest]


def _places(elements: list[Any], key: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, element in enumerate(elements):
        found.setdefault(_identity(element, key), place)
    return found
