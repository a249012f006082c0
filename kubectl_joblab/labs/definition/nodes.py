"""Finds values among the nodes of a YAML text, which know their lines and places.

document.py, rules.py and editor.py look with it. It knows nothing of files, labs and problems.
"""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from kubectl_joblab.formats import goyaml


def line_of(node: yaml.Node) -> int:
    """The line, from 1, in which a node begins."""
    line: int = node.start_mark.line + 1
    return line


def child(node: yaml.Node, key: str | int) -> tuple[int, yaml.Node] | None:
    """What a node has at this key or index, and its line: in a mapping, the line of the key."""
    if isinstance(node, yaml.SequenceNode):
        fits = isinstance(key, int) and key < len(node.value)
        return (line_of(node.value[key]), node.value[key]) if fits else None
    if not isinstance(node, yaml.MappingNode):
        return None
    for name, value in node.value:
        if name.value == key and isinstance(name, yaml.ScalarNode):
            return line_of(name), value
    for name, value in node.value:
        for source in items(value) if goyaml.is_merge(name) else ():
            if found := child(source, key):
                return found
    return None


def items(value: yaml.Node) -> list[yaml.Node]:
    """The items of a list; anything else is its own only item."""
    return value.value if isinstance(value, yaml.SequenceNode) else [value]


def nearest(node: yaml.Node, keys: Sequence[str | int]) -> int:
    """The line of what these keys lead to; where it is missing, the line of what lacks it."""
    line = line_of(node)
    for key in keys:
        found = child(node, key)
        if found is None:
            break
        line, node = found
    return line


def at(node: yaml.Node, keys: Sequence[str | int]) -> yaml.Node | None:
    """The node that these keys lead to, if there is one."""
    for key in keys:
        found = child(node, key)
        if found is None:
            return None
        node = found[1]
    return node


def of_kind(node: yaml.Node, keys: Sequence[str], kind: str) -> tuple[int, yaml.Node] | None:
    """The first value of this JSON type that keys lead to, through every list, and its line.

    The items of a list, or the values of a mapping, at the end of the keys count too.
    """
    places = [(line_of(node), node)]
    for key in keys:
        inner = [item for _, there in places for item in items(there)]
        places = [found for there in inner if (found := child(there, key))]
    last = places + [(line_of(value), value) for _, there in places for value in _values(there)]
    return next((found for found in last if _json_type(found[1]) == kind), None)


def _values(node: yaml.Node) -> list[yaml.Node]:
    """The values of a list or mapping."""
    if isinstance(node, yaml.MappingNode):
        return [value for _, value in node.value]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _json_type(node: yaml.Node) -> str:
    """The type of a value, as Go's JSON decoder calls it."""
    if isinstance(node, yaml.MappingNode):
        return "object"
    if isinstance(node, yaml.SequenceNode):
        return "array"
    value = goyaml.scalar(node) if isinstance(node, yaml.ScalarNode) else None
    names = ((bool, "bool"), ((int, float), "number"), (str, "string"))
    return next((name for kind, name in names if isinstance(value, kind)), "null")
