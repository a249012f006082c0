"""The tag that the name of an image has, or stands for.

The default of imagePullPolicy depends on it. Follows ParseImageName in pkg/util/parsers/parsers.go
and github.com/distribution/reference. It does not know which images there are.
"""

from __future__ import annotations

import functools
import re

_ALNUM = "[a-z0-9]+"
_PATH = rf"{_ALNUM}(?:(?:[._]|__|-+){_ALNUM})*"
_HOST = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = rf"(?:{_HOST}(?:\.{_HOST})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_NAME = rf"(?:(?P<domain>{_DOMAIN})/)?{_PATH}(?:/{_PATH})*"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(
    rf"{_NAME}(?::(?P<tag>\w[\w.-]{{0,127}}))?(?:@(?P<digest>{_DIGEST}))?", re.A
)
_IDENTIFIER = re.compile("[a-f0-9]{64}")

LATEST = "latest"


@functools.lru_cache(maxsize=1000)
def tag(image: str) -> str:
    """The tag of an image: latest for a name without tag and digest, "" for a wrong name."""
    found = _REFERENCE.fullmatch(image)
    if not found or _IDENTIFIER.fullmatch(image):
        return ""
    if found["tag"]:
        return found["tag"]
    return "" if found["digest"] else LATEST


def pull_policy(image: str) -> str:
    """The imagePullPolicy of a container that gives none, by the name of its image."""
    return "Always" if tag(image) == LATEST else "IfNotPresent"
