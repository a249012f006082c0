"""Prepares this machine to be the node, and forgets that it was.

It writes the configuration of containerd, the kubelet and the pod network, and sees to the node's
address and cgroup.  `lifecycle` calls it; `components` names the files in command lines.
"""

import collections.abc
import contextlib
import json
import pathlib
import shutil

from tests.cluster import addresses, cgroups, commands, errors, home, images, packages

_LOOPBACK_ADDRESS = (f"{addresses.NODE_ADDRESS}/32", "dev", "lo")
# libcni keeps what its plugins answered here, whatever its caller configures.
_CNI_RESULTS = pathlib.Path("/var/lib/cni/results")


def prepare(at: home.Home) -> None:
    """Make this machine the node; called by every `up`, as a reboot forgets half of it."""
    commands.run("ip", "address", "replace", *_LOOPBACK_ADDRESS)
    cgroups.create(at.cgroup)
    for folder in (at.run, at.logs, cni_folder(at)):
        folder.mkdir(parents=True, exist_ok=True)
    containerd_config(at).write_text(_containerd(at))
    kubelet_config(at).write_text(json.dumps(_kubelet(at), indent=2))
    (cni_folder(at) / "10-ptp.conflist").write_text(json.dumps(_pod_network(at), indent=2))


def release(at: home.Home) -> None:
    """Undo what `prepare` did outside the home."""
    cgroups.remove(at.cgroup)
    with contextlib.suppress(errors.ClusterError):  # it is gone already
        commands.run("ip", "address", "delete", *_LOOPBACK_ADDRESS)


def wipe(at: home.Home) -> None:
    """Forget the state of the cluster, but not what was compiled."""
    for mount in _mounts_below(at.state):
        # Lazily: a mount that a dying process still holds goes with that process.
        commands.run("umount", "--lazy", mount)
    if at.state.exists():
        shutil.rmtree(at.state)
    for result in _CNI_RESULTS.glob(f"{addresses.NETWORK_NAME}-*"):
        result.unlink()


def containerd_config(at: home.Home) -> pathlib.Path:
    """The configuration file of containerd."""
    return at.config / "containerd.toml"


def kubelet_config(at: home.Home) -> pathlib.Path:
    """The configuration file of the kubelet."""
    return at.config / "kubelet.json"


def cni_folder(at: home.Home) -> pathlib.Path:
    """Where containerd finds the pod network."""
    return at.config / "cni"


def _containerd(at: home.Home) -> str:
    def quoted(value: str | pathlib.Path) -> str:
        return json.dumps(str(value))  # a JSON string is a TOML string

    return f"""\
version = 3
root = {quoted(at.state / "containerd")}
state = {quoted(at.run / "containerd")}

[grpc]
address = {quoted(at.containerd_socket)}

# These two would use paths that another containerd of this machine uses as well.
[plugins.'io.containerd.nri.v1.nri']
disable = true
[plugins.'io.containerd.internal.v1.opt']
path = {quoted(at.state / "opt")}

[plugins.'io.containerd.cri.v1.images']
snapshotter = "overlayfs"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = {quoted(images.PAUSE)}

[plugins.'io.containerd.cri.v1.runtime']
# Lowering the score below our own is refused on machines that took CAP_SYS_RESOURCE from root.
restrict_oom_score_adj = true
# So that unmounting what is below the home also frees the networks of pods that were killed.
netns_mounts_under_state_dir = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = [{quoted(packages.CNI_PLUGINS)}]
use_internal_loopback = true  # the plugin would leave files in /var/lib/cni that name no owner
conf_dir = {quoted(cni_folder(at))}
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = {quoted(packages.RUNC)}
Root = {quoted(at.run / "runc")}
# The kubelet's cgroupfs driver needs no systemd, which containers and small machines lack.
SystemdCgroup = false
"""


def _kubelet(at: home.Home) -> dict[str, object]:
    authority = at.pki / "ca.crt"
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": addresses.NODE_ADDRESS,
        "port": addresses.KUBELET_PORT,
        "healthzPort": 0,
        "readOnlyPort": 0,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(authority)},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(at.pki / "kubelet.crt"),
        "tlsPrivateKeyFile": str(at.pki / "kubelet.key"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{at.cgroup}",
        "failCgroupV1": False,  # some machines still have nothing newer
        "failSwapOn": False,
        "clusterDNS": [addresses.DNS_ADDRESS],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{at.containerd_socket}",
        # Naming one threshold turns the others off: a full disk of the host is not what is tested.
        "evictionHard": {"memory.available": "50Mi"},
        "imageGCHighThresholdPercent": 100,  # nothing could bring a collected image back
        "maxPods": 250,
        "podLogsDir": str(at.state / "pod-logs"),
        "volumePluginDir": str(at.state / "volume-plugins"),
    }


def _pod_network(at: home.Home) -> dict[str, object]:
    return {
        "cniVersion": "1.0.0",
        "name": addresses.NETWORK_NAME,
        "plugins": [
            {
                "type": "ptp",
                "ipam": {
                    "type": "host-local",
                    "dataDir": str(at.state / "cni"),
                    "ranges": [[{"subnet": addresses.POD_SUBNET}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            }
        ],
    }


def _mounts_below(folder: pathlib.Path) -> collections.abc.Iterator[pathlib.Path]:
    """The mount points below a folder, the innermost first."""
    lines = pathlib.Path("/proc/self/mounts").read_text().splitlines()
    for line in reversed(lines):
        # The kernel writes blanks and backslashes of a path as octal numbers.
        path = pathlib.Path(line.split()[1].encode().decode("unicode_escape"))
        if path.is_relative_to(folder):
            yield path
