"""The Debian packages the node needs, and their installation with apt-get.

`requirements` asks what is missing, `lifecycle.up` installs it.
"""

import pathlib

from tests.cluster import commands, errors, progress

# runc is Debian's: one compiled here without cgo would have no seccomp, and the pods that ask for
# RuntimeDefault (as the restricted Pod Security level demands) would not start.
RUNC = pathlib.Path("/usr/sbin/runc")
CNI_PLUGINS = pathlib.Path("/usr/lib/cni")
BUSYBOX = pathlib.Path("/bin/busybox")

_PROOFS = {
    "busybox-static": pathlib.Path("/usr/share/doc/busybox-static"),  # `busybox` is not static
    "conntrack": pathlib.Path("/usr/sbin/conntrack"),
    "containernetworking-plugins": CNI_PLUGINS / "ptp",
    "iproute2": pathlib.Path("/usr/sbin/ip"),
    "iptables": pathlib.Path("/usr/sbin/iptables"),
    "runc": RUNC,
}


def missing() -> list[str]:
    """The packages that are not installed."""
    return [name for name, proof in _PROOFS.items() if not proof.exists()]


def install() -> None:
    """Install what is missing, or say that the cluster cannot run without it."""
    names = missing()
    if not names:
        return
    progress.say(f"installing {' '.join(names)} with apt-get")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        _refresh_lists(quiet)
        commands.run(
            "apt-get", "install", "-y", "-qq", "--no-install-recommends", *names, environment=quiet
        )
    except errors.ClusterError as exc:
        reason = str(exc).replace("\n", " ")
        raise errors.UnavailableError(f"cannot install {' '.join(names)}: {reason}") from exc


def _refresh_lists(environment: dict[str, str]) -> None:
    """Update apt's lists; one source that fails says nothing about these packages, so go on."""
    try:
        commands.run("apt-get", "update", "-qq", environment=environment)
    except errors.ClusterError as exc:
        progress.say(str(exc))
