"""Who a container runs as and what it may do, by its securityContext.

`container/create.py` asks it. Follows pkg/kubelet/kuberuntime/security_context*.go and, for what a
securityContext leaves open, containerd. Whatever number the container sees, its user is the one who
runs the cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.process.messages import ALL_CAPABILITIES

# the capabilities of linux/capability.h, in the order of their numbers
CAPABILITIES = (
    *("CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"),
    *("SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW"),
    *("IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT"),
    *("SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD"),
    *("LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG"),
    *("WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE"),
)
DEFAULT_CAPABILITIES = 0xA80425FB  # containerd's
# The group of a user is in /etc/passwd; users who are not there have the group 0.
_GROUPS = {65534: 65534}
_HOMES = {0: "/root"}


class RunAsRootError(Exception):
    """The container would run as root and must not; the text is the kubelet's."""


@dataclass(frozen=True)
class Rights:
    """Who a container runs as, and what it may do.

    capabilities: a bit for each, by the numbers of linux/capability.h. read_only: whether its root
    file system is. groups: those of its user that only its status tells of.
    """

    user: int
    group: int
    capabilities: int
    no_new_privileges: bool
    read_only: bool
    groups: tuple[int, ...] = ()

    @property
    def home(self) -> str:
        """The home directory of the container's user."""
        return _HOMES.get(self.user, "/")

    @property
    def told(self) -> dict[str, Any]:
        """The field user of the container's status."""
        groups = sorted({self.group, *self.groups})
        return {"linux": {"uid": self.user, "gid": self.group, "supplementalGroups": groups}}


def rights(pod: Object, container: Object) -> Rights:
    """The rights of a container, by its own securityContext over the Pod's.

    RunAsRootError where the container would be root against runAsNonRoot.
    """
    own = container.get("securityContext") or {}
    context = {**(objects.spec(pod).get("securityContext") or {}), **own}
    _check_not_root(pod, container, context)
    user = int(context.get("runAsUser", 0))
    return Rights(
        user,
        int(context.get("runAsGroup", _GROUPS.get(user, 0))),
        _capabilities(own),
        own.get("allowPrivilegeEscalation") is False,
        bool(own.get("readOnlyRootFilesystem")),
        _groups(context),
    )


def _groups(context: Object) -> tuple[int, ...]:
    """The groups that a Pod gives its containers' users beside their own."""
    given = [context["fsGroup"]] if "fsGroup" in context else []
    return (*given, *(context.get("supplementalGroups") or ()))


def _check_not_root(pod: Object, container: Object, context: Object) -> None:
    """Refuse root where that is asked for (verifyRunAsNonRoot).

    No image of the practice cluster names a user, so an image always runs as root.
    """
    if not context.get("runAsNonRoot") or context.get("runAsUser"):
        return
    where = f'(pod: "{described(pod)}", container: {container["name"]})'
    if "runAsUser" in context:
        raise RunAsRootError(f"container's runAsUser breaks non-root policy {where}")
    raise RunAsRootError(f"container has runAsNonRoot and image will run as root {where}")


def described(pod: Object) -> str:
    """How the kubelet's messages name a Pod."""
    return f"{objects.name(pod)}_{objects.metadata(pod)['namespace']}({objects.uid(pod)})"


def _capabilities(context: Object) -> int:
    if context.get("privileged"):
        return ALL_CAPABILITIES
    changes = context.get("capabilities") or {}
    found = DEFAULT_CAPABILITIES
    for name in changes.get("drop") or ():
        found &= ~_bits(name)
    for name in changes.get("add") or ():
        found |= _bits(name)
    return found


def _bits(name: str) -> int:
    name = name.upper().removeprefix("CAP_")
    if name == "ALL":
        return (1 << len(CAPABILITIES)) - 1
    return 1 << CAPABILITIES.index(name) if name in CAPABILITIES else 0
