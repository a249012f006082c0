"""Strategic merge patch: lists are merged by the key that their type declares.

Called through dispatch; the table of types says how each list is merged, and directives in the
patch say it otherwise. Follows k8s.io/apimachinery/pkg/util/strategicpatch/patch.go, with its
texts.
"""

from __future__ import annotations

from typing import Any

from kubectl_joblab.practice.api import errors, types
from kubectl_joblab.practice.api.go.govalues import copied, go_kind, go_text
from kubectl_joblab.practice.api.patch.listorder import (
    ORDER,
    check_order,
    fail,
    in_order,
    key_of,
    mark,
)
from kubectl_joblab.practice.api.types import Field, Message

DIRECTIVE = "$patch"
RETAIN = "$retainKeys"
DELETE_FROM = "$deleteFromPrimitiveList"

Map = dict[str, Any]
Schema = Message | None  # None: a map of anything, or a scalar


def check(patch: Any) -> Map:
    """The patch as an object, null as an empty one; 400 where it is neither."""
    if patch is None:
        return {}
    if not isinstance(patch, dict):
        raise errors.bad_request(
            f"json: cannot unmarshal {go_kind(patch)} into Go value of type "
            "map[string]interface {}"
        )
    return patch


def merged(original: Map, patch: Map, schema: Schema) -> Map:
    """The original with the patch applied; neither is changed. Raises 400, 422 or 500."""
    return _map(copied(original), copied(patch), schema)


def _lookup(schema: Schema, name: str) -> tuple[Field, Schema, str]:
    """A field, the schema of its values or elements, and the strategy: merge, replace or ""."""
    if schema is None:
        fail("merging an object in json but data type is not struct, instead is: map")
    if name not in schema.fields:
        fail(f'unable to find api field in struct {schema.go_name} for the json field "{name}"')
    field = schema.fields[name]
    inner = types.message(field.type) if field.is_message and not field.map else None
    strategies = [one for one in field.patch_strategy.split(",") if one != "retainKeys"]
    return field, inner, "".join(strategies)


# ---- maps. What is passed in here is the caller's own copy, and may be taken apart.


def _map(original: Map, patch: Map, schema: Schema) -> Map:
    if DIRECTIVE in patch:
        return _directed(patch)
    _retain(original, patch)
    _ordered_lists(original, patch, schema)
    for key, value in patch.items():
        deleting = key.startswith(DELETE_FROM)
        name = _listed(key, DELETE_FROM, "primitive list") if deleting else key
        if value is None:
            original.pop(name, None)
        elif deleting:
            if isinstance(original.get(name), list):
                original[name] = [one for one in original[name] if one not in value]
        elif isinstance(value, dict) and isinstance(original.get(name), dict):
            original[name] = _field(original[name], value, name, schema)
        elif isinstance(value, list) and isinstance(original.get(name), list):
            original[name] = _list_field(original[name], value, name, schema)
        else:
            _take(original, name, value)
    return original


def _directed(patch: Map) -> Map:
    directive = patch[DIRECTIVE]
    if directive not in ("replace", "delete"):
        fail(f"unknown patch type: {go_text(directive)} in map: {go_text(patch)}")
    if directive == "delete":
        return {}
    return {key: value for key, value in patch.items() if key != DIRECTIVE}


def _field(original: Map, patch: Map, name: str, schema: Schema) -> Map:
    _, inner, strategy = _lookup(schema, name)
    return patch if strategy == "replace" else _map(original, patch, inner)


def _take(original: Map, name: str, value: Any) -> None:
    """Take a value of the patch whose name the original lacks, or has with another type."""
    kept, value = _without_directives(value)
    if kept:
        original[name] = value
    else:
        original.pop(name, None)


def _without_directives(value: Any) -> tuple[bool, Any]:
    """Whether a value is kept, and the value without nulls and maps that are directives."""
    if isinstance(value, dict):
        if DIRECTIVE in value:
            return False, None
        inner = {key: _without_directives(one) for key, one in value.items() if one is not None}
        return True, {key: one for key, (kept, one) in inner.items() if kept}
    if isinstance(value, list):
        return True, [one for kept, one in map(_without_directives, value) if kept]
    return True, value


def _retain(original: Map, patch: Map) -> None:
    """Carry out $retainKeys: drop what it does not name; 400 where the patch has other keys."""
    if RETAIN not in patch:
        return
    names = patch.pop(RETAIN)
    touched = [
        key
        for key, value in patch.items()
        if value is not None and not key.startswith((DELETE_FROM, ORDER))
    ]
    if not isinstance(names, list) or any(key not in names for key in touched):
        raise errors.bad_request("invalid patch format of retainKeys")
    for key in [key for key in original if key not in names]:
        del original[key]


def _listed(key: str, prefix: str, what: str) -> str:
    """The name of the list that stands behind the slash of a directive."""
    found, slash, name = key.partition("/")
    if not slash or found != prefix:
        raise errors.bad_request(f"invalid patch format of {what}")
    return name


# ---- lists


def _list_field(original: list[Any], patch: list[Any], name: str, schema: Schema) -> list[Any]:
    field, inner, strategy = _lookup(schema, name)
    return _list(original, patch, field.merge_key, inner) if strategy == "merge" else patch


def _list(original: list[Any], patch: list[Any], key: str, schema: Schema) -> list[Any]:
    if not original and not patch:
        return original
    if not _of_maps(original, patch):
        found = list({mark(one): one for one in [*original, *patch]}.values())
        key = ""
    elif not key:
        fail("cannot merge lists without merge key for struct")
    else:
        original, patch = _special_elements(original, patch, key)
        found = _by_key(original, patch, key, schema)
    return in_order(found, patch, original, key)


def _of_maps(*lists: list[Any]) -> bool:
    """Whether the elements of lists are maps; 500 where they differ in type, 422 for lists."""
    found = [one for each in lists for one in each]
    if not found:
        fail("no elements in any of the given slices")
    if isinstance(found[0], list):
        message = "the server rejected our request due to an error in our request"
        raise errors.StatusError(422, "Invalid", message, {})
    if any(go_kind(one) != go_kind(found[0]) for one in found):
        fail(f"list element types are not identical: {go_text(list(lists))}")
    return isinstance(found[0], dict)


def _special_elements(
    original: list[Any], patch: list[Any], key: str
) -> tuple[list[Any], list[Any]]:
    """Carry out the elements that are directives; returns both lists without them."""
    plain, replaces = [], False
    for element in patch:
        directive = element.get(DIRECTIVE)
        if DIRECTIVE not in element:
            plain.append(element)
        elif directive == "delete":
            value = key_of(element, key)
            original = [one for one in original if mark(one.get(key)) != mark(value)]
        elif directive == "replace":
            replaces = True
        elif directive == "merge":
            fail("merging lists cannot yet be specified in the patch")
        else:
            fail(f"unknown patch type: {go_text(directive)} in map: {go_text(element)}")
    return (plain, []) if replaces else (original, plain)


def _by_key(original: list[Any], patch: list[Any], key: str, schema: Schema) -> list[Any]:
    found = list(original)
    places = {mark(one.get(key)): place for place, one in reversed(list(enumerate(found)))}
    for element in patch:
        place = places.setdefault(mark(key_of(element, key)), len(found))
        if place < len(found):
            found[place] = _map(found[place], element, schema)
        else:
            found.append(element)
    return found


# ---- the order of lists


def _ordered_lists(original: Map, patch: Map, schema: Schema) -> None:
    """Carry out $setElementOrder: merge the lists that it names, and put them in its order."""
    for key in [key for key in patch if key.startswith(ORDER)]:
        order = patch.pop(key)
        name = _listed(key, ORDER, "setElementOrder list")
        changes = patch.pop(name, None)
        field, inner, strategy = _lookup(schema, name)
        current = original.get(name)
        check_order(changes, order, current, field.merge_key)
        if current is None and changes is None:
            continue
        _of_maps(current or [], changes or [])
        if changes is None:
            found = current or []
        elif current is None:
            found = _without_directives(changes)[1]
        elif strategy == "merge":
            found = _list(list(current), changes, field.merge_key, inner)
        else:
            found = changes
        original[name] = in_order(found, order, current or [], field.merge_key)
