"""Everything about a container between its image and its start: environment, files, rights.

`containers` calls it for each attempt.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.attempts import RUNNING, Attempt, Sandbox
from kubectl_joblab.practice.node.container import environment, hosts, launch
from kubectl_joblab.practice.node.container import security as securities
from kubectl_joblab.practice.node.container.downward import Surroundings
from kubectl_joblab.practice.node.container.launch import ConfigError, Place
from kubectl_joblab.practice.node.container.security import RunAsRootError
from kubectl_joblab.practice.node.container.sources import MissingError, Sources
from kubectl_joblab.practice.node.folder import Folder
from kubectl_joblab.practice.node.images.catalogue import Image
from kubectl_joblab.practice.node.process.messages import Launch
from kubectl_joblab.practice.node.shared import Kit


@dataclass(frozen=True)
class Ground:
    """What the containers of a Pod stand on."""

    kit: Kit
    folder: Folder
    sandbox: Sandbox
    volumes: Mapping[str, Path]

    def surroundings(self, pod: Object) -> Surroundings:
        """What the node adds to what the Pod can be told of itself."""
        return surroundings(self.kit, pod, self.sandbox)


def surroundings(kit: Kit, pod: Object, sandbox: Sandbox | None) -> Surroundings:
    """What the node adds to what the Pod can be told of itself."""
    ip = sandbox.ip if sandbox is not None else ""
    if objects.spec(pod).get("hostNetwork"):
        ip = kit.host_ip
    seen = objects.status(pod).get("startTime", "")
    return Surroundings(kit.host_ip, ip, kit.allocatable, seen)


def make(
    ground: Ground, pod: Object, container: Object, image: Image, number: int
) -> tuple[Attempt, Launch]:
    """The next attempt, and what to start. ConfigError with the kubelet's text."""
    try:
        return _made(ground, pod, container, image, number)
    except (MissingError, RunAsRootError) as error:
        raise ConfigError(str(error)) from error


def _made(
    ground: Ground, pod: Object, container: Object, image: Image, number: int
) -> tuple[Attempt, Launch]:
    kit, name = ground.kit, container["name"]
    rights = securities.rights(pod, container)
    sources = Sources(kit.registry, objects.metadata(pod)["namespace"])
    around = ground.surroundings(pod)
    env = environment.variables(pod, container, sources, around, kit.service)
    place = Place(
        ground.folder.base,
        ground.folder.log(name, number),
        ground.folder.message(name, number),
        {path.name: path for path in ground.folder.etc.iterdir()},
        ground.volumes,
    )
    identity = secrets.token_hex(32)
    hostname = hosts.hostname(pod)
    order = launch.prepare(pod, container, image, env, hostname, rights, place, identity, kit.roots)
    if kit.runtime.why_no_namespaces:
        order = launch.plain(order, image, kit.roots)
        rights = replace(rights, user=os.getuid(), group=os.getgid())
    ground.folder.make_room(name, number)
    attempt = Attempt(
        name,
        identity,
        number,
        image.reference,
        image.id,
        rights.told,
        RUNNING,
        None,
        sandbox=ground.sandbox.number,
    )
    return attempt, order
