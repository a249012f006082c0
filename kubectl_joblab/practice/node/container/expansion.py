"""$(VAR) in commands, arguments and values of variables.

Follows third_party/forked/golang/expansion/expand.go. It knows nothing of containers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


def expand(text: str, *known: Mapping[str, str]) -> str:
    """Put in the values; $$ is one $, and what nobody knows stays as it is."""

    def replaced(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "$"
        for mapping in known:
            if name in mapping:
                return mapping[name]
        return found[0]

    return _REFERENCE.sub(replaced, text)


def unknown(text: str, known: Mapping[str, str]) -> str:
    """The first name in it that nobody knows, "" where there is none."""
    names = (found[1] for found in _REFERENCE.finditer(text) if found[1] is not None)
    return next((name for name in names if name not in known), "")
