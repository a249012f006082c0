"""Names of images, read and refused as the kubelet does.

Follows github.com/distribution/reference (normalize.go, regexp.go) and the kubelet's
pkg/util/parsers. Which images there are, it does not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DEFAULT_DOMAIN = "docker.io"
_LEGACY_DOMAIN = "index.docker.io"
_OFFICIAL = "library/"
_DEFAULT_TAG = "latest"
_LONGEST_NAME = 255
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<name>{_DOMAIN}/(?P<path>{_COMPONENT}(?:/{_COMPONENT})*))"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?"
)


class InvalidNameError(ValueError):
    """A text is no name of an image; the error's own text is upstream's."""


@dataclass(frozen=True)
class Reference:
    """The full name of an image, such as docker.io/library/busybox, with a tag or a digest."""

    name: str
    tag: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name}@{self.digest}" if self.digest else f"{self.name}:{self.tag}"


def parse(image: str) -> Reference:
    """Read the name of an image as it stands in a Pod. InvalidNameError where it is none."""
    try:
        return _parsed(image)
    except InvalidNameError as error:
        raise InvalidNameError(f'couldn\'t parse image name "{image}": {error}') from error


def _parsed(image: str) -> Reference:
    if re.fullmatch(r"[a-f0-9]{64}", image):
        raise InvalidNameError(
            f"invalid repository name ({image}), cannot specify 64-byte hexadecimal strings"
        )
    domain, rest = _split_domain(image)
    remote = rest.partition(":")[0]
    if remote.lower() != remote:
        why = f"repository name ({remote}) must be lowercase"
        raise InvalidNameError(f"invalid reference format: {why}")
    found = _REFERENCE.fullmatch(f"{domain}/{rest}")
    if not found:
        raise InvalidNameError("invalid reference format")
    if len(found["path"]) > _LONGEST_NAME:
        raise InvalidNameError(f"repository name must not be more than {_LONGEST_NAME} characters")
    digest = found["digest"] or ""
    tag = found["tag"] or ("" if digest else _DEFAULT_TAG)
    return Reference(found["name"], tag, digest)


def _split_domain(name: str) -> tuple[str, str]:
    """The domain of a name, and the rest with what Docker adds to short names.

    Follows splitDockerDomain.
    """
    first, slash, rest = name.partition("/")
    if not slash:
        return _DEFAULT_DOMAIN, _OFFICIAL + name
    if first == _LEGACY_DOMAIN:
        first = _DEFAULT_DOMAIN
    if not (first == "localhost" or re.search(r"[.:A-Z]", first)):
        return _DEFAULT_DOMAIN, name
    if first == _DEFAULT_DOMAIN and "/" not in rest:
        rest = _OFFICIAL + rest
    return first, rest
