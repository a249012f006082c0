"""The process that the containers of a Pod are among, where the Pod has them share their processes.

It stands for the pause container of a kubelet's sandbox: process 1 of the containers' namespace.
The Pod's first container is started with it, and it ends with the sandbox.
"""

from __future__ import annotations

import secrets
import signal
from dataclasses import replace

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.folder import Folder
from kubectl_joblab.practice.node.images.catalogue import PAUSE
from kubectl_joblab.practice.node.process.messages import Launch
from kubectl_joblab.practice.node.process.runtime import Process, Runtime


class Sharing:
    """Has the containers of one Pod share their processes."""

    def __init__(self, runtime: Runtime, folder: Folder) -> None:
        self._runtime = runtime
        self._folder = folder
        self._id = ""
        self._first: Process | None = None

    async def among(self, pod: Object, order: Launch) -> Launch:
        """The order of a container, among the processes of its Pod where the Pod says so.

        The first of them starts process 1, with the container's own files and user. StartError and
        LostError where that is not possible.
        """
        wanted = pod["spec"].get("shareProcessNamespace") and not order.target
        if not wanted or self._runtime.why_no_namespaces:
            return order
        if self._first is None or self._first.exited.done():
            first = self._order(order)
            self._id, self._first = first.id, await self._runtime.start(first)
        return replace(order, target=self._id)

    def _order(self, order: Launch) -> Launch:
        return replace(
            order,
            id=secrets.token_hex(32),
            argv=("sh", "-c", PAUSE),
            env={"PATH": order.env["PATH"]},
            folder="/",
            log=str(self._folder.root / "sandbox.log"),
            memory=0,
            cpu=0,
            stdin=False,
            tty=False,
            sandbox=True,
        )

    def end(self) -> None:
        """End process 1, and with it whatever is left of the others."""
        if self._first is not None:
            self._first.signal(signal.SIGKILL)
            self._first = None
