"""What a namespace asks of its Pods, read from its labels.

Follows k8s.io/pod-security-admission/api/{helpers,constants}.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.field import FieldError

PRIVILEGED, BASELINE, RESTRICTED = "privileged", "baseline", "restricted"
LEVELS = (PRIVILEGED, BASELINE, RESTRICTED)  # each is stricter than the one before
PREFIX = "pod-security.kubernetes.io/"
LATEST = -1
_VERSION = re.compile(r"v1\.([0-9]|[1-9][0-9]*)", re.ASCII)


class LevelVersion(NamedTuple):
    """A level as a version of Kubernetes defines it. version: the minor one, or LATEST."""

    level: str = PRIVILEGED
    version: int = LATEST

    def __str__(self) -> str:
        return f"{self.level}:{'latest' if self.version == LATEST else f'v1.{self.version}'}"

    def is_stricter_than(self, other: LevelVersion) -> bool:
        """Whether the level is a stricter one, whatever the versions are."""
        return LEVELS.index(self.level) > LEVELS.index(other.level)


class Policy(NamedTuple):
    """What a namespace enforces, and what it warns of.

    What it audits is not here: the cluster has no audit log.
    """

    enforce: LevelVersion = LevelVersion()
    warn: LevelVersion = LevelVersion()


def of_labels(labels: Mapping[str, str]) -> tuple[Policy, list[FieldError]]:
    """The policy that labels ask for, and what is wrong with them (PolicyToEvaluate).

    Where a level cannot be read, the strictest is enforced, and nothing is warned of.
    """
    found: list[FieldError] = []
    enforce = LevelVersion(
        _level(labels, "enforce", RESTRICTED, found), _version(labels, "enforce", found)
    )
    _level(labels, "audit", PRIVILEGED, found)
    _version(labels, "audit", found)
    warn = LevelVersion(_level(labels, "warn", PRIVILEGED, found), _version(labels, "warn", found))
    if f"{PREFIX}warn" not in labels and labels.get(f"{PREFIX}enforce") in LEVELS:
        versioned = f"{PREFIX}warn-version" in labels
        warn = LevelVersion(enforce.level, warn.version if versioned else enforce.version)
    return Policy(enforce, warn), found


def _level(labels: Mapping[str, str], mode: str, otherwise: str, found: list[FieldError]) -> str:
    label = PREFIX + mode
    level = labels.get(label, PRIVILEGED)
    if level in LEVELS:
        return level
    found.append(_invalid(label, level, f"must be one of {', '.join(LEVELS)}"))
    return otherwise


def _version(labels: Mapping[str, str], mode: str, found: list[FieldError]) -> int:
    label = f"{PREFIX}{mode}-version"
    version = labels.get(label, "latest")
    if match := _VERSION.fullmatch(version):
        return int(match[1])
    if version != "latest":
        found.append(_invalid(label, version, 'must be "latest" or "v1.x"'))
    return LATEST


def _invalid(label: str, value: str, why: str) -> FieldError:
    return field.invalid(f"metadata.labels[{label}]", value, why)
