"""The rules of security contexts, those of Pods and those of containers.

Follows validatePodSpecSecurityContext, ValidateSecurityContext and what they call in
pkg/apis/core/validation/validation.go. Fields for Windows alone are not looked at.
"""

from __future__ import annotations

import re

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import internal, values

_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_SYSCTL_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SYSCTL = rf"^({_SYSCTL_SEGMENT}[\./])*{_SYSCTL_SEGMENT}$"
_is_sysctl = re.compile(_SYSCTL.strip("^$")).fullmatch
_LONGEST_PATH = 4095
_CHOICES = (
    ("fsGroupChangePolicy", ("Always", "OnRootMismatch")),
    ("supplementalGroupsPolicy", ("Merge", "Strict")),
    ("seLinuxChangePolicy", ("MountOption", "Recursive")),
)


def validate_pod_security_context(context: Object | None, path: str) -> list[FieldError]:
    """The rules that spec.securityContext breaks."""
    if not context:
        return []
    found = []
    for key in ("fsGroup", "runAsUser", "runAsGroup"):
        found += _validate_id(context, key, path)
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        found += values.each(f"{path}.supplementalGroups[{index}]", group, names.is_valid_id(group))
    found += _validate_sysctls(context, f"{path}.sysctls")
    found += _validate_choice(context, *_CHOICES[0], path)
    found += _validate_seccomp_profile(context, f"{path}.seccompProfile")
    found += _validate_app_armor_profile(context, f"{path}.appArmorProfile")
    for key, choices in _CHOICES[1:]:
        found += _validate_choice(context, key, choices, path)
    return found


def validate_security_context(
    context: Object | None, path: str, *, host_users: bool
) -> list[FieldError]:
    """The rules that the securityContext of a container breaks."""
    if not context:
        return []
    found = []
    for key in ("runAsUser", "runAsGroup"):
        found += _validate_id(context, key, path)
    if (mount := context.get("procMount")) is not None:
        at = f"{path}.procMount"
        found += values.validate_enum(mount, ("Default", "Unmasked"), at)
        if host_users and mount == "Unmasked":
            why = "`hostUsers` must be false to use `Unmasked`"
            found.append(field.invalid(at, mount, why))
    found += _validate_seccomp_profile(context, f"{path}.seccompProfile")
    if context.get("allowPrivilegeEscalation") is False:
        found += [
            field.invalid(path, internal.shown("SecurityContext", context), why)
            for why in _escalations(context)
        ]
    return found + _validate_app_armor_profile(context, f"{path}.appArmorProfile")


def _escalations(context: Object) -> list[str]:
    """The fields of a context that contradict allowPrivilegeEscalation: false."""
    found = []
    if context.get("privileged"):
        found.append("cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
    added = (context.get("capabilities") or {}).get("add") or ()
    if "CAP_SYS_ADMIN" in added:
        found.append(
            "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
        )
    return found


def _validate_id(context: Object, key: str, path: str) -> list[FieldError]:
    if (value := context.get(key)) is None:
        return []
    return values.each(f"{path}.{key}", value, names.is_valid_id(value))


def _validate_choice(
    context: Object, key: str, choices: tuple[str, ...], path: str
) -> list[FieldError]:
    if (value := context.get(key)) is None:
        return []
    return values.validate_enum(value, choices, f"{path}.{key}")


def _validate_sysctls(context: Object, path: str) -> list[FieldError]:
    found, seen = [], set()
    for index, sysctl in enumerate(context.get("sysctls") or ()):
        name, at = sysctl.get("name", ""), f"{path}[{index}].name"
        if not name:
            found.append(field.required(at))
        elif names.size(name) > names.LONGEST_SUBDOMAIN or not _is_sysctl(name):
            why = (
                f"must have at most {names.LONGEST_SUBDOMAIN} characters and match regex {_SYSCTL}"
            )
            found.append(field.invalid(at, name, why))
        elif name in seen:
            found.append(field.duplicate(at, name))
        seen.add(name)
    return found


def _validate_seccomp_profile(context: Object, path: str) -> list[FieldError]:
    profile = context.get("seccompProfile")
    if profile is None:
        return []
    kind, local = profile.get("type", ""), profile.get("localhostProfile")
    found = []
    if not kind:
        why = "type is required when seccompProfile is set"
        found.append(field.required(f"{path}.type", why))
    else:
        found += values.validate_enum(kind, _PROFILES, f"{path}.type")
    at = f"{path}.localhostProfile"
    if kind == "Localhost":
        if local is None:
            found.append(field.required(at, "must be set when seccomp type is Localhost"))
        else:
            found += values.each(at, local, names.is_local_descending_path(local))
    elif local is not None:
        shown = internal.shown("SeccompProfile", profile)
        found.append(field.invalid(at, shown, "can only be set when seccomp type is Localhost"))
    return found


def _validate_app_armor_profile(context: Object, path: str) -> list[FieldError]:
    profile = context.get("appArmorProfile")
    if profile is None:
        return []
    kind, local = profile.get("type", ""), profile.get("localhostProfile")
    at = f"{path}.localhostProfile"
    if not kind:
        why = "type is required when appArmorProfile is set"
        return [field.required(f"{path}.type", why)]
    if kind == "Localhost":
        return _validate_localhost_profile(local, at)
    if kind in _PROFILES and local is not None:
        return [field.invalid(at, local, "can only be set when AppArmor type is Localhost")]
    return values.validate_enum(kind, _PROFILES, f"{path}.type")


def _validate_localhost_profile(profile: str | None, path: str) -> list[FieldError]:
    if not profile:
        return [field.required(path, "must be set when AppArmor type is Localhost")]
    found = []
    if profile != profile.strip():
        found.append(field.invalid(path, profile, "must not be padded with whitespace"))
    if names.size(profile) > _LONGEST_PATH:
        found.append(field.too_long(path, _LONGEST_PATH))
    return found
