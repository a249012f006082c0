"""The components of the cluster as data: what each runs, with which flags, and when it is ready.

`lifecycle` starts and stops them in the order it needs.
"""

import collections.abc
import dataclasses
import functools
import pathlib

from tests.cluster import addresses, home, node, probes, processes

_READY_WITHIN = 120.0


@dataclasses.dataclass(frozen=True)
class Component:
    """One long-running program of a cluster."""

    at: home.Home
    program: pathlib.Path
    arguments: tuple[str, ...]
    ready: collections.abc.Callable[[], bool]

    def start(self) -> None:
        """Start the component, unless it runs."""
        processes.start(self.at, self.program, self.arguments)

    def wait(self) -> None:
        """Wait until the component is ready. Raises ClusterError where it never is."""
        processes.wait(self.at, self.program, self.ready, _READY_WITHIN)

    def stop(self) -> None:
        """Stop the component, if it runs."""
        processes.stop(self.program)

    def running(self) -> bool:
        """Whether the component has a process."""
        return bool(processes.find(self.program))


def etcd(at: home.Home) -> Component:
    """The store.  It has the API server's probe: that is not ready before the store answers it."""
    return Component(
        at,
        at.bin / "etcd",
        (
            f"--data-dir={at.state / 'etcd'}",
            # Half the time of a write is waiting for the disk, and a power cut costs no one here.
            "--unsafe-no-fsync",
            f"--listen-client-urls={addresses.ETCD_CLIENT_URL}",
            f"--advertise-client-urls={addresses.ETCD_CLIENT_URL}",
            f"--listen-peer-urls={addresses.ETCD_PEER_URL}",
            f"--initial-advertise-peer-urls={addresses.ETCD_PEER_URL}",
            f"--initial-cluster=default={addresses.ETCD_PEER_URL}",
        ),
        ready=functools.partial(probes.apiserver, at),
    )


def apiserver(at: home.Home) -> Component:
    """The API server, with the admission plugins that are on by default."""
    return Component(
        at,
        at.bin / "kube-apiserver",
        (
            f"--etcd-servers={addresses.ETCD_CLIENT_URL}",
            f"--bind-address={addresses.LOOPBACK}",
            f"--secure-port={addresses.APISERVER_PORT}",
            # A loopback address cannot be advertised; nobody reads this one, as no endpoints of
            # the kubernetes service are written.
            f"--advertise-address={addresses.NODE_ADDRESS}",
            "--endpoint-reconciler-type=none",
            f"--service-cluster-ip-range={addresses.SERVICE_SUBNET}",
            "--allow-privileged",
            # Without it a stop waits a minute for watches that nobody ends.
            "--shutdown-send-retry-after",
            "--authorization-mode=Node,RBAC",
            f"--client-ca-file={at.pki / 'ca.crt'}",
            f"--tls-cert-file={at.pki / 'apiserver.crt'}",
            f"--tls-private-key-file={at.pki / 'apiserver.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={at.pki / 'service-accounts.pub'}",
            f"--service-account-signing-key-file={at.pki / 'service-accounts.key'}",
            "--kubelet-preferred-address-types=InternalIP",
            f"--kubelet-certificate-authority={at.pki / 'ca.crt'}",
            f"--kubelet-client-certificate={at.pki / 'apiserver-to-kubelet.crt'}",
            f"--kubelet-client-key={at.pki / 'apiserver-to-kubelet.key'}",
        ),
        ready=functools.partial(probes.apiserver, at),
    )


def controller_manager(at: home.Home) -> Component:
    """The controllers, the Job controller among them."""
    return Component(
        at,
        at.bin / "kube-controller-manager",
        (
            *_client_flags(at, "controller-manager"),
            f"--secure-port={addresses.CONTROLLER_MANAGER_PORT}",
            f"--root-ca-file={at.pki / 'ca.crt'}",
            f"--service-account-private-key-file={at.pki / 'service-accounts.key'}",
            "--use-service-account-credentials",
        ),
        ready=functools.partial(probes.healthy, addresses.CONTROLLER_MANAGER_PORT),
    )


def scheduler(at: home.Home) -> Component:
    """The scheduler."""
    return Component(
        at,
        at.bin / "kube-scheduler",
        (*_client_flags(at, "scheduler"), f"--secure-port={addresses.SCHEDULER_PORT}"),
        ready=functools.partial(probes.healthy, addresses.SCHEDULER_PORT),
    )


def containerd(at: home.Home) -> Component:
    """The container runtime."""
    return Component(
        at,
        at.bin / "containerd",
        (f"--config={node.containerd_config(at)}",),
        ready=functools.partial(probes.containerd, at),
    )


def kubelet(at: home.Home) -> Component:
    """The kubelet of the one node."""
    return Component(
        at,
        at.bin / "kubelet",
        (
            f"--config={node.kubelet_config(at)}",
            f"--kubeconfig={at.kubeconfig('kubelet')}",
            f"--hostname-override={addresses.NODE_NAME}",
            f"--node-ip={addresses.NODE_ADDRESS}",
            f"--root-dir={at.state / 'kubelet'}",
        ),
        ready=functools.partial(probes.node, at),
    )


def shim(at: home.Home) -> pathlib.Path:
    """The program containerd puts between itself and each pod; only `down` looks for it."""
    return at.bin / "containerd-shim-runc-v2"


def _client_flags(at: home.Home, user: str) -> tuple[str, ...]:
    """The flags of a component that works through the API server and is the only one of its kind.

    Without an election it goes on as soon as a restarted API server answers, and does not exit
    because it could not renew its lease meanwhile.
    """
    kubeconfig = at.kubeconfig(user)
    return (
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        f"--bind-address={addresses.LOOPBACK}",
        "--leader-elect=false",
    )
