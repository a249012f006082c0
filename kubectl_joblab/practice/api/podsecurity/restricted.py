"""The checks of the level restricted, each with the name that upstream's file has.

Follows k8s.io/pod-security-admission/policy/check_*.go.
"""

from __future__ import annotations

from kubectl_joblab.practice.api.podsecurity import baseline, pods
from kubectl_joblab.practice.api.podsecurity.pods import Check, Part, Violation

_VOLUMES = (
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image"),
    *("persistentVolumeClaim", "projected", "secret"),
)
_OTHER_VOLUMES = (
    *("hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi"),
    *("glusterfs", "rbd", "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile"),
    *("vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "portworxVolume"),
    *("scaleIO", "storageos"),
)


def not_on_windows(check: Check) -> Check:
    """A check that Pods for Windows need not pass."""

    def checked(meta: Part, spec: Part) -> Violation | None:
        return None if pods.on_windows(spec) else check(meta, spec)

    return checked


def not_in_user_namespace(check: Check) -> Check:
    """A check that Pods with users of their own need not pass."""

    def checked(meta: Part, spec: Part) -> Violation | None:
        return None if pods.in_user_namespace(spec) else check(meta, spec)

    return checked


def allow_privilege_escalation(meta: Part, spec: Part) -> Violation | None:
    """No container may get more rights than it has."""
    key = "allowPrivilegeEscalation"
    bad = [one for one in pods.containers(spec) if pods.security(one).get(key) is not False]
    detail = f"{pods.named(bad)} must set securityContext.{key}=false"
    return Violation(f"{key} != false", detail) if bad else None


def capabilities(meta: Part, spec: Part) -> Violation | None:
    """All capabilities are dropped, and at most the one for low ports is added."""
    keeping, adding, what = [], [], set()
    for container in pods.containers(spec):
        held = pods.security(container).get("capabilities") or {}
        if "ALL" not in (held.get("drop") or ()):
            keeping.append(container)
        if other := set(held.get("add") or ()) - {"NET_BIND_SERVICE"}:
            adding.append(container)
            what |= other
    details = []
    if keeping:
        must = 'must set securityContext.capabilities.drop=["ALL"]'
        details.append(f"{pods.named(keeping)} {must}")
    if adding:
        shown = f"{pods.quoted(sorted(what))} in securityContext.capabilities.add"
        details.append(f"{pods.named(adding)} must not include {shown}")
    return Violation("unrestricted capabilities", "; ".join(details)) if details else None


def volumes(meta: Part, spec: Part) -> Violation | None:
    """Only volumes that are the cluster's."""
    bad = [
        volume
        for volume in spec.get("volumes") or ()
        if all(volume.get(kind) is None for kind in _VOLUMES)
    ]
    if not bad:
        return None
    types = sorted({_type(volume) for volume in bad})
    names = f"{pods.counted('volume', len(bad))} {pods.quoted(one['name'] for one in bad)}"
    use = "uses" if len(bad) == 1 else "use"
    what = f"{pods.counted('restricted volume type', len(types))} {pods.quoted(types)}"
    return Violation("restricted volume types", f"{names} {use} {what}")


def _type(volume: Part) -> str:
    found = (kind for kind in _OTHER_VOLUMES if volume.get(kind) is not None)
    return next(found, "unknown")


def run_as_non_root(meta: Part, spec: Part) -> Violation | None:
    """Every container says that it is not root, or the Pod says so for it."""
    key, reason = "runAsNonRoot", "runAsNonRoot != true"
    if who := pods.setters(spec, lambda context: context.get(key) is False):
        return Violation(reason, f"{who} must not set securityContext.{key}=false")
    if pods.security(spec).get(key):
        return None
    bad = [one for one in pods.containers(spec) if pods.security(one).get(key) is None]
    if not bad:
        return None
    return Violation(reason, f"pod or {pods.named(bad)} must set securityContext.{key}=true")


def run_as_user(meta: Part, spec: Part) -> Violation | None:
    """No container is root by number."""
    who = pods.setters(spec, lambda context: context.get("runAsUser") == 0)
    return Violation("runAsUser=0", f"{who} must not set runAsUser=0") if who else None


def seccomp(meta: Part, spec: Part) -> Violation | None:
    """Every container has a profile, or the Pod has one for it."""
    if wrong := baseline.seccomp_1_19(meta, spec):
        return wrong
    key = "seccompProfile"
    if pods.security(spec).get(key) is not None:
        return None
    bad = [one for one in pods.containers(spec) if pods.security(one).get(key) is None]
    if not bad:
        return None
    must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Violation(key, f"pod or {pods.named(bad)} {must}")
