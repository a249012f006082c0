"""References such as $(VAR) in commands, arguments and values of variables.

Follows third_party/forked/golang/expansion/expand.go. It knows nothing of containers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


def expand(text: str, *known: Mapping[str, str]) -> str:
    """The text with the values of its references, from the first mapping that has the name.

    $$ stands for one $, and a reference to a name that no mapping has stays as it is.
    """

    def replaced(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "$"
        for mapping in known:
            if name in mapping:
                return mapping[name]
        return found[0]

    return _REFERENCE.sub(replaced, text)


def without_value(text: str, known: Mapping[str, str]) -> list[str]:
    """The names, sorted, that the text refers to and for which the mapping has no value, or ""."""
    names = {found[1] for found in _REFERENCE.finditer(text) if found[1] is not None}
    return sorted(name for name in names if not known.get(name))
