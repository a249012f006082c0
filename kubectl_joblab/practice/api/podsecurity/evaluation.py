"""Which checks a level has in a version, and what a Pod does against them.

A table of all checks in the order of their answers. Follows
k8s.io/pod-security-admission/policy/{registry,checks}.go.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import NamedTuple

from kubectl_joblab.practice.api.podsecurity import baseline, restricted
from kubectl_joblab.practice.api.podsecurity.pods import Check, Part, Violation
from kubectl_joblab.practice.api.podsecurity.policy import (
    BASELINE,
    LATEST,
    PRIVILEGED,
    RESTRICTED,
    LevelVersion,
)


class _Check(NamedTuple):
    """A check of a level.

    versions: from which minor version on it is which; overrides: the check of the level below that
    it stands in for.
    """

    name: str
    level: str
    versions: dict[int, Check]
    overrides: str = ""


_ESCALATION = restricted.allow_privilege_escalation
_CHECKS = (
    _Check("appArmorProfile", BASELINE, {0: baseline.app_armor_profile}),
    _Check("capabilities_baseline", BASELINE, {0: baseline.capabilities}),
    _Check("hostNamespaces", BASELINE, {0: baseline.host_namespaces}),
    _Check("hostPathVolumes", BASELINE, {0: baseline.host_path_volumes}),
    _Check("hostPorts", BASELINE, {0: baseline.host_ports}),
    _Check("hostProbesAndHostLifecycle", BASELINE, {34: baseline.host_probes}),
    _Check("privileged", BASELINE, {0: baseline.privileged}),
    _Check("procMount", BASELINE, {0: baseline.proc_mount_1_0, 35: baseline.proc_mount_1_35}),
    _Check(
        "seLinuxOptions",
        BASELINE,
        {
            0: baseline.se_linux_options(baseline.SELINUX_1_0),
            31: baseline.se_linux_options(baseline.SELINUX_1_31),
        },
    ),
    _Check(
        "seccompProfile_baseline", BASELINE, {0: baseline.seccomp_1_0, 19: baseline.seccomp_1_19}
    ),
    _Check(
        "sysctls",
        BASELINE,
        {
            0: baseline.sysctls(baseline.SYSCTLS_1_0),
            27: baseline.sysctls(baseline.SYSCTLS_1_27),
            29: baseline.sysctls(baseline.SYSCTLS_1_29),
            32: baseline.sysctls(baseline.SYSCTLS_1_32),
            37: baseline.sysctls(baseline.SYSCTLS_1_37),
        },
    ),
    _Check("windowsHostProcess", BASELINE, {0: baseline.windows_host_process}),
    _Check(
        "allowPrivilegeEscalation",
        RESTRICTED,
        {8: _ESCALATION, 25: restricted.not_on_windows(_ESCALATION)},
    ),
    _Check(
        "capabilities_restricted",
        RESTRICTED,
        {22: restricted.capabilities, 25: restricted.not_on_windows(restricted.capabilities)},
        overrides="capabilities_baseline",
    ),
    _Check(
        "procMount_restricted", RESTRICTED, {35: baseline.proc_mount_1_0}, overrides="procMount"
    ),
    _Check("restrictedVolumes", RESTRICTED, {0: restricted.volumes}, overrides="hostPathVolumes"),
    _Check(
        "runAsNonRoot",
        RESTRICTED,
        {
            0: restricted.run_as_non_root,
            35: restricted.not_in_user_namespace(restricted.run_as_non_root),
        },
    ),
    _Check(
        "runAsUser",
        RESTRICTED,
        {23: restricted.run_as_user, 35: restricted.not_in_user_namespace(restricted.run_as_user)},
    ),
    _Check(
        "seccompProfile_restricted",
        RESTRICTED,
        {19: restricted.seccomp, 25: restricted.not_on_windows(restricted.seccomp)},
        overrides="seccompProfile_baseline",
    ),
)
_NEWEST = max(version for check in _CHECKS for version in check.versions)


def violations(asked: LevelVersion, meta: Part, spec: Part) -> list[Violation]:
    """What a Pod does against a level, in the order in which it is told."""
    found = (check(meta, spec) for check in _checks(asked))
    return [one for one in found if one is not None]


def details(found: Iterable[Violation]) -> str:
    """Violations with who does what (ForbiddenDetail)."""
    return ", ".join(f"{one.reason} ({one.detail})" for one in found)


def reasons(found: Iterable[Violation]) -> str:
    """Violations in few words (ForbiddenReason)."""
    return ", ".join(one.reason for one in found)


@functools.cache
def _checks(asked: LevelVersion) -> tuple[Check, ...]:
    """The checks of a level, in their order."""
    if asked.level == PRIVILEGED:
        return ()
    version = _NEWEST if asked.version == LATEST else min(asked.version, _NEWEST)
    present = [check for check in _CHECKS if min(check.versions) <= version]
    if asked.level == BASELINE:
        present = [check for check in present if check.level == BASELINE]
    replaced = {check.overrides for check in present}
    return tuple(
        check.versions[max(since for since in check.versions if since <= version)]
        for check in present
        if check.name not in replaced
    )
