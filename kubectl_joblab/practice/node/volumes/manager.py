"""The volumes of a Pod over time: set up before its containers, written anew while they run.

The Pod worker calls it. A volume that cannot be set up is told of in an event and tried again, less
and less often, as by the kubelet's volume manager.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node import attempts
from kubectl_joblab.practice.node.attempts import Sandbox
from kubectl_joblab.practice.node.container import create, launch
from kubectl_joblab.practice.node.container.sources import Sources
from kubectl_joblab.practice.node.folder import Folder
from kubectl_joblab.practice.node.shared import Due, NodeContext
from kubectl_joblab.practice.node.volumes import contents
from kubectl_joblab.practice.node.volumes.contents import MountError, VolumeContext

REFRESH = timedelta(seconds=60)
TOKEN_REFRESH = timedelta(minutes=10)  # where nothing but the token of the Pod may be written anew
# the delays of pkg/util/goroutinemap/exponentialbackoff
FIRST_RETRY = timedelta(seconds=0.5)
LONGEST_RETRY = timedelta(seconds=122)
_CHANGING = ("configMap", "downwardAPI", "projected", "secret")


class VolumeManager:
    """Keeps the volumes of one Pod.

    folders: where each volume is, by name, once all are set up. due: when to try again.
    """

    def __init__(self, node: NodeContext, folder: Folder) -> None:
        self._node = node
        self._folder = folder
        self._retry = FIRST_RETRY
        self.folders: Mapping[str, Path] = {}
        self.due = node.clock.now()
        self._refreshed = self.due

    def set_up(self, pod: Object, sandbox: Sandbox | None) -> bool:
        """Set up all volumes; False where one has failed, or it is too early to try again."""
        now = self._node.clock.now()
        if now < self.due:
            return False
        try:
            self._check_possible(pod)
            self.folders = contents.set_up(self._context(pod, sandbox))
        except MountError as error:
            self._node.pod_event(pod, "Warning", "FailedMount", str(error))
            self.due = now + self._retry
            self._retry = min(self._retry * 2, LONGEST_RETRY)
            return False
        self._retry, self._refreshed = FIRST_RETRY, now
        return True

    def refresh(self, pod: Object, sandbox: Sandbox | None) -> list[Due]:
        """Write volumes anew if it is time; when the next time is, [] where no volume changes."""
        if not objects.spec(pod).get("volumes"):
            return []
        after, now = REFRESH if _may_change(pod) else TOKEN_REFRESH, self._node.clock.now()
        if now >= self._refreshed + after:
            self._refreshed = now
            contents.refresh(self._context(pod, sandbox))
        return [Due(self._refreshed + after)]

    def _check_possible(self, pod: Object) -> None:
        why, name = self._node.runtime.why_no_namespaces, launch.needs_mounts(pod)
        if why and name:
            raise MountError(
                f'MountVolume.SetUp failed for volume "{name}" : containers are plain processes on '
                f"this machine, and have no mounts of their own: {why}"
            )

    def _context(self, pod: Object, sandbox: Sandbox | None) -> VolumeContext:
        namespace = objects.metadata(pod)["namespace"]
        return VolumeContext(
            pod,
            self._folder.volumes,
            self._node.host,
            Sources(self._node.registry, namespace),
            self._node.tokens.token,
            create.node_facts(self._node, pod, sandbox),
            self._node.clock.now(),
        )


def _may_change(pod: Object) -> bool:
    """Whether a container mounts a volume whose contents may change at any time.

    The volume with the token, which every Pod has, does not count: that changes once an hour.
    """
    spec = objects.spec(pod)
    mounted = {
        mount["name"]
        for container in attempts.all_containers(pod)
        for mount in container.get("volumeMounts") or ()
        if mount["mountPath"] != launch.TOKEN_PATH
    }
    return any(
        volume["name"] in mounted and any(key in volume for key in _CHANGING)
        for volume in spec.get("volumes") or ()
    )
