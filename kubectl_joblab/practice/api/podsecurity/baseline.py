"""The checks of the level baseline, each with the name that upstream's file has.

Follows k8s.io/pod-security-admission/policy/check_*.go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from kubectl_joblab.practice.api.podsecurity import pods
from kubectl_joblab.practice.api.podsecurity.pods import Check, Part, Violation

_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
_CAPABILITIES = (
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"),
    *("NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
)
_PROFILES = ("RuntimeDefault", "Localhost")
SELINUX_1_0 = ("", "container_t", "container_init_t", "container_kvm_t")
SELINUX_1_31 = (*SELINUX_1_0, "container_engine_t")
SYSCTLS_1_0 = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
)
SYSCTLS_1_27 = (*SYSCTLS_1_0, "net.ipv4.ip_local_reserved_ports")
SYSCTLS_1_29 = (
    *SYSCTLS_1_27,
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
)
SYSCTLS_1_32 = (*SYSCTLS_1_29, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem")
SYSCTLS_1_37 = (
    *SYSCTLS_1_32,
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_notsent_lowat",
)


def app_armor_profile(meta: Part, spec: Part) -> Violation | None:
    """Only profiles of the runtime and of the node."""
    bad: set[str] = set()

    def wrong(context: Part) -> bool:
        return _of_profile(context, "appArmorProfile", bad)

    who = pods.setters(spec, wrong)
    setters, values = [who] if who else [], sorted(bad)
    annotated = sorted(
        pods.annotation(key, value)
        for key, value in (meta.get("annotations") or {}).items()
        if key.startswith(_APPARMOR)
        and value not in ("", "runtime/default")
        and not value.startswith("localhost/")
    )
    if annotated:
        setters, values = (
            [*setters, pods.counted("annotation", len(annotated))],
            [*values, *annotated],
        )
    if not setters:
        return None
    reason = pods.counted("forbidden AppArmor profile", len(values))
    who, what = " and ".join(setters), pods.quoted(values)
    return Violation(reason, f"{who} must not set AppArmor profile type to {what}")


def _of_profile(context: Part, key: str, bad: set[str]) -> bool:
    """Whether a security context has a profile that is none of those allowed."""
    profile = context.get(key)
    if profile is None or profile.get("type") in _PROFILES:
        return False
    bad.add(profile.get("type", ""))
    return True


def capabilities(meta: Part, spec: Part) -> Violation | None:
    """Only capabilities that a container has anyway."""
    what: set[str] = set()
    bad = []
    for container in pods.containers(spec):
        added = (pods.security(container).get("capabilities") or {}).get("add") or ()
        if other := set(added) - set(_CAPABILITIES):
            bad.append(container)
            what |= other
    if not bad:
        return None
    shown = f"{pods.quoted(sorted(what))} in securityContext.capabilities.add"
    return Violation("non-default capabilities", f"{pods.named(bad)} must not include {shown}")


def host_namespaces(meta: Part, spec: Part) -> Violation | None:
    """No namespace of the node."""
    found = [f"{key}=true" for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    return Violation("host namespaces", ", ".join(found)) if found else None


def host_path_volumes(meta: Part, spec: Part) -> Violation | None:
    """No folder of the node."""
    bad = [one["name"] for one in spec.get("volumes") or () if one.get("hostPath") is not None]
    if not bad:
        return None
    return Violation("hostPath volumes", f"{pods.counted('volume', len(bad))} {pods.quoted(bad)}")


def host_ports(meta: Part, spec: Part) -> Violation | None:
    """No port of the node."""

    def ports(container: Part) -> list[str]:
        return [str(one["hostPort"]) for one in container.get("ports") or () if one.get("hostPort")]

    bad = [container for container in pods.containers(spec) if ports(container)]
    if not bad:
        return None
    used = sorted({port for container in bad for port in ports(container)})
    use = "uses" if len(bad) == 1 else "use"
    what = f"{pods.counted('hostPort', len(used))} {', '.join(used)}"
    return Violation("hostPort", f"{pods.named(bad)} {use} {what}")


def host_probes(meta: Part, spec: Part) -> Violation | None:
    """No probe and no hook of another host."""
    bad = {container["name"] for container in pods.containers(spec) if any(_hosts(container))}
    if not bad:
        return None
    hosts = sorted({host for one in pods.containers(spec) for host in _hosts(one)})
    names = f"{pods.counted('container', len(bad))} {pods.quoted(sorted(bad))}"
    use = "uses" if len(bad) == 1 else "use"
    what = f"{pods.counted('probe or lifecycle host', len(hosts))} {pods.quoted(hosts)}"
    return Violation("probe or lifecycle host", f"{names} {use} {what}")


def _hosts(container: Part) -> Iterator[str]:
    lifecycle = container.get("lifecycle") or {}
    handlers = [container.get(f"{one}Probe") for one in ("liveness", "readiness", "startup")]
    for handler in (*handlers, lifecycle.get("postStart"), lifecycle.get("preStop")):
        for key in ("httpGet", "tcpSocket"):
            if host := ((handler or {}).get(key) or {}).get("host"):
                yield host


def privileged(meta: Part, spec: Part) -> Violation | None:
    """No container with all rights."""
    bad = [one for one in pods.containers(spec) if pods.security(one).get("privileged")]
    detail = f"{pods.named(bad)} must not set securityContext.privileged=true"
    return Violation("privileged", detail) if bad else None


def proc_mount_1_0(meta: Part, spec: Part) -> Violation | None:
    """No other view of /proc."""

    def mounted(container: Part) -> Any:
        return pods.security(container).get("procMount")

    bad = [one for one in pods.containers(spec) if mounted(one) not in (None, "Default")]
    if not bad:
        return None
    what = pods.quoted(sorted({mounted(one) for one in bad}))
    return Violation(
        "procMount", f"{pods.named(bad)} must not set securityContext.procMount to {what}"
    )


def proc_mount_1_35(meta: Part, spec: Part) -> Violation | None:
    """No other view of /proc, unless the Pod has users of its own."""
    return None if pods.in_user_namespace(spec) else proc_mount_1_0(meta, spec)


def se_linux_options(allowed: Collection[str]) -> Check:
    """Only these types of SELinux, and neither user nor role."""

    def check(meta: Part, spec: Part) -> Violation | None:
        types: set[str] = set()
        others: set[str] = set()

        def wrong(context: Part) -> bool:
            options = context.get("seLinuxOptions") or {}
            found = [options["type"]] if options.get("type", "") not in allowed else []
            types.update(found)
            set_too = [key for key in ("user", "role") if options.get(key)]
            others.update(set_too)
            return bool(found or set_too)

        who = pods.setters(spec, wrong)
        if not who:
            return None
        what = [f"{pods.counted('type', len(types))} {pods.quoted(sorted(types))}"] if types else []
        what += [f"{key} may not be set" for key in ("user", "role") if key in others]
        detail = f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(what)}"
        return Violation("seLinuxOptions", detail)

    return check


def seccomp_1_0(meta: Part, spec: Part) -> Violation | None:
    """Only profiles of the runtime and of the node, in the annotations of old."""
    annotations = meta.get("annotations") or {}
    keys = [_SECCOMP_POD, *(_SECCOMP + one["name"] for one in pods.containers(spec))]
    bad = sorted(
        {
            pods.annotation(key, annotations[key])
            for key in keys
            if key in annotations
            and annotations[key] not in ("runtime/default", "docker/default")
            and not annotations[key].startswith("localhost/")
        }
    )
    if not bad:
        return None
    named = pods.counted("annotation", len(bad))
    return Violation("seccompProfile", f"forbidden {named} {', '.join(bad)}")


def seccomp_1_19(meta: Part, spec: Part) -> Violation | None:
    """Only profiles of the runtime and of the node."""
    bad: set[str] = set()

    def wrong(context: Part) -> bool:
        return _of_profile(context, "seccompProfile", bad)

    who = pods.setters(spec, wrong)
    if not who:
        return None
    what = pods.quoted(sorted(bad))
    detail = f"{who} must not set securityContext.seccompProfile.type to {what}"
    return Violation("seccompProfile", detail)


def sysctls(allowed: Collection[str]) -> Check:
    """Only these parameters of the kernel."""

    def check(meta: Part, spec: Part) -> Violation | None:
        asked = [str(one["name"]) for one in pods.security(spec).get("sysctls") or ()]
        bad = [name for name in asked if name not in allowed]
        return Violation("forbidden sysctls", ", ".join(bad)) if bad else None

    return check


def windows_host_process(meta: Part, spec: Part) -> Violation | None:
    """No process of a Windows host."""

    def wrong(context: Part) -> bool:
        return bool((context.get("windowsOptions") or {}).get("hostProcess"))

    who = pods.setters(spec, wrong)
    detail = f"{who} must not set securityContext.windowsOptions.hostProcess=true"
    return Violation("hostProcess", detail) if who else None
