"""Everything about a container between its image and its start: environment, files, rights.

`pod/containers.py` calls it for each attempt.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.node.attempts import RUNNING, Attempt, Observed, Sandbox
from kubectl_joblab.practice.node.container import environment, hosts, launch
from kubectl_joblab.practice.node.container import security as securities
from kubectl_joblab.practice.node.container.downward import NodeFacts
from kubectl_joblab.practice.node.container.launch import ConfigError, ContainerPaths, CreateError
from kubectl_joblab.practice.node.container.security import RunAsRootError
from kubectl_joblab.practice.node.container.sources import MissingError, Sources
from kubectl_joblab.practice.node.folder import Folder
from kubectl_joblab.practice.node.images.catalogue import Image
from kubectl_joblab.practice.node.process.messages import Launch
from kubectl_joblab.practice.node.shared import NodeContext


@dataclass(frozen=True)
class PodContext:
    """What all containers of a Pod share. volumes: where each is on this machine, by name."""

    node: NodeContext
    folder: Folder
    sandbox: Sandbox
    volumes: Mapping[str, Path]

    def node_facts(self, pod: Object) -> NodeFacts:
        """What the Pod can be told besides what stands in it."""
        return node_facts(self.node, pod, self.sandbox)


def node_facts(node: NodeContext, pod: Object, sandbox: Sandbox | None) -> NodeFacts:
    """What a Pod can be told besides what stands in it. sandbox: None where it has none yet."""
    ip = sandbox.ip if sandbox is not None else ""
    if objects.spec(pod).get("hostNetwork"):
        ip = node.host_ip
    seen = objects.status(pod).get("startTime", "")
    return NodeFacts(node.host_ip, ip, node.allocatable, seen)


def _services(node: NodeContext, pod: Object) -> dict[str, str]:
    """The variables of the API, and of the Services of the Pod's namespace if it wants them."""
    if objects.spec(pod).get("enableServiceLinks") is False:
        return node.service
    stored = node.registry.list(kinds.SERVICES).items
    return node.service | environment.of_services(stored, pod["metadata"]["namespace"])


def make(
    context: PodContext,
    pod: Object,
    container: Object,
    image: Image,
    number: int,
    observed: Observed,
) -> tuple[Attempt, Launch]:
    """The next attempt of a container, and what its start takes.

    number: counts the container's starts, from 0. observed: all containers of the Pod. ConfigError,
    with the kubelet's text, where the container cannot be made.
    """
    target = _target(container, observed)
    try:
        attempt, order = _made(context, pod, container, image, number)
    except (MissingError, RunAsRootError) as error:
        raise ConfigError(str(error)) from error
    if target and not target.is_running:
        raise CreateError(
            f'failed to generate container "{attempt.id}" spec: failed to generate spec opts: '
            f'invalid target container: container "{target.id}" is not running - in state '
            "CONTAINER_EXITED"
        )
    if target and not context.node.runtime.why_no_namespaces:
        order = replace(order, target=target.id)
    return attempt, order


def _target(container: Object, observed: Observed) -> Attempt | None:
    """The container whose processes an ephemeral one is to see, if it says so (getTargetID)."""
    name = container.get("targetContainerName")
    found = observed.latest(name) if name else None
    if name and found is None:
        raise ConfigError(f"unable to find target container {name}")
    return found


def _made(
    context: PodContext, pod: Object, container: Object, image: Image, number: int
) -> tuple[Attempt, Launch]:
    node, name = context.node, container["name"]
    rights = securities.rights(pod, container)
    sources = Sources(node.registry, objects.metadata(pod)["namespace"])
    facts = context.node_facts(pod)
    env = environment.variables(pod, container, sources, facts, _services(node, pod))
    paths = ContainerPaths(
        context.folder.base,
        context.folder.log(name, number),
        context.folder.message(name, number),
        {path.name: path for path in context.folder.etc.iterdir()},
        context.volumes,
        context.folder.root,
        node.host,
        node.pods.parent,
    )
    identity = secrets.token_hex(32)
    hostname = hosts.hostname(pod)
    order = launch.prepare(
        pod, container, image, env, hostname, rights, paths, identity, node.roots
    )
    if node.runtime.why_no_namespaces:
        order = launch.plain(order, image, node.roots)
        rights = replace(rights, user=os.getuid(), group=os.getgid())
    context.folder.make_room(name, number)
    attempt = Attempt(
        name,
        identity,
        number,
        image.reference,
        image.id,
        rights.told,
        RUNNING,
        None,
        sandbox=context.sandbox.number,
        asked=container["image"],
    )
    return attempt, order
