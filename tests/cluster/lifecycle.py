"""Brings the cluster of the environment up and down, and restarts its API server.

The commands of `__main__` and the end-to-end tests call it.  Each function takes the lock of the
cluster's home while it changes something, so any two of them may be called at once.
"""

import pathlib

from tests.cluster import (
    cgroups,
    components,
    credentials,
    errors,
    home,
    images,
    node,
    packages,
    probes,
    processes,
    programs,
    progress,
    requirements,
)


def up() -> pathlib.Path:
    """Start whatever does not run, building it first if need be; the admin's kubeconfig."""
    at = home.find()
    reason = requirements.why_not(at)
    if reason is not None:
        raise errors.UnavailableError(reason)
    with at.locked():
        packages.install()
        programs.build(at)
        images.build(at)
        credentials.create(at)
        node.prepare(at)
        _start(at)
    return at.kubeconfig("admin")


def down(*, wipe: bool) -> None:
    """Stop everything; with `wipe` also forget all state, but not what was compiled."""
    at = home.find()
    if not at.root.exists():
        return
    with at.locked():
        _stop(at)
        if wipe:
            node.wipe(at)


def stop_apiserver() -> None:
    """Stop the API server and nothing else."""
    at = home.find()
    with at.locked():
        components.apiserver(at).stop()


def start_apiserver() -> None:
    """Start the API server of a cluster that is up, and wait until it answers."""
    at = home.find()
    with at.locked():
        if not components.etcd(at).running():
            raise errors.ClusterError("the cluster is not up; run `python -m tests.cluster up`")
        apiserver = components.apiserver(at)
        apiserver.start()
        apiserver.wait()


def restart_apiserver() -> None:
    """Stop the API server, and start it at once."""
    stop_apiserver()
    start_apiserver()


def _start(at: home.Home) -> None:
    etcd = components.etcd(at)
    apiserver = components.apiserver(at)
    containerd = components.containerd(at)
    controllers = components.controller_manager(at)
    workers = [controllers, components.scheduler(at), components.kubelet(at)]
    idle = [each for each in (etcd, apiserver, containerd, *workers) if not each.running()]
    if idle:
        progress.say(f"starting {', '.join(each.program.name for each in idle)}")
    # 1. What waits for nobody; the API server tries again until etcd answers.
    for each in (etcd, apiserver, containerd):
        each.start()
    # 2. Images, while the API server takes its seconds.
    containerd.wait()
    images.load(at)
    # 3. What gives up without an API server.
    apiserver.wait()
    for each in workers:
        each.start()
    for each in workers:
        each.wait()
    # 4. What the controllers create: without it the first pod of a test would be refused.
    processes.wait(at, controllers.program, lambda: probes.default_account(at), seconds=60)


def _stop(at: home.Home) -> None:
    # 1. The kubelet first, or it would start again what step 2 kills; the store last.
    for each in (
        components.kubelet(at),
        components.scheduler(at),
        components.controller_manager(at),
        components.apiserver(at),
        components.etcd(at),
    ):
        each.stop()
    # 2. The containers while containerd runs and can clean up after them, then containerd.
    cgroups.kill(at.cgroup)
    components.containerd(at).stop()
    # 3. What a containerd that was killed has left behind.
    processes.kill(components.shim(at))
    node.release(at)
