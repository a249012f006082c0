"""What a container is started with: program, environment, files, rights.

`container/create.py` calls it for each attempt. Follows generateContainerConfig in
pkg/kubelet/kuberuntime and makeMounts in pkg/kubelet/kubelet_pods.go.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kubectl_joblab import objects
from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.container import expansion
from kubectl_joblab.practice.node.container.security import Rights
from kubectl_joblab.practice.node.images.catalogue import Image
from kubectl_joblab.practice.node.images.roots import Roots
from kubectl_joblab.practice.node.process.messages import TERMINAL, Launch, Root
from kubectl_joblab.practice.node.volumes.inside import LeavesError, TooManyLinksError, Way

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 -- a path
_READ_ONLY_VOLUMES = ("configMap", "downwardAPI", "projected", "secret")


class ConfigError(Exception):
    """The container cannot be made of what its Pod says. reason: the kubelet's word for it."""

    reason = "CreateContainerConfigError"


class CreateError(ConfigError):
    """The container runtime cannot make the container."""

    reason = "CreateContainerError"


@dataclass(frozen=True)
class ContainerPaths:
    """Where a container's files are on this machine.

    base: an empty folder. message: the file for the termination message. etc: the Pod's own files
    of /etc, by name. volumes: the Pod's volumes, by name. pod: the folder of the Pod. host: that of
    the node's own files. hidden: the folder of the cluster, with its keys, its objects and other
    Pods, of which no volume may show anything else.
    """

    base: Path
    log: Path
    message: Path
    etc: Mapping[str, Path]
    volumes: Mapping[str, Path]
    pod: Path
    host: Path
    hidden: Path


def prepare(
    pod: Object,
    container: Object,
    image: Image,
    env: dict[str, str],
    hostname: str,
    rights: Rights,
    paths: ContainerPaths,
    identity: str,
    roots: Roots,
) -> Launch:
    """The start of a container in namespaces.

    identity: the id of the attempt. ConfigError where a subPath or a variable in it is wrong.
    """
    env = {**dict(image.env), "HOSTNAME": hostname, "HOME": rights.home, **env}
    if container.get("tty"):
        env.setdefault("TERM", TERMINAL)
    root = roots.root(image)
    mounts = _mounts(pod, container, env, paths)
    return Launch(
        identity,
        tuple(_argv(container, image, env)),
        env,
        container.get("workingDir") or "/",
        hostname,
        rights.user,
        rights.group,
        str(paths.log),
        str(paths.base),
        replace(
            root,
            binds=root.binds + tuple(mounts),
            hidden=(str(paths.hidden.resolve()),),
            shown=tuple(str(one.resolve()) for one in (paths.pod, paths.host, roots.folder)),
        ),
        rights.capabilities,
        rights.no_new_privileges,
        rights.read_only,
        _limit(container, "memory", 0),
        _limit(container, "cpu", quantity.MILLI),
        bool(container.get("stdin")),
        bool(container.get("tty")),
    )


def _limit(container: Object, resource: str, scale: int) -> int:
    """A limit of a container, in units of 10**scale; 0 where it has none."""
    text = ((container.get("resources") or {}).get("limits") or {}).get(resource)
    return 0 if text is None else math.ceil(quantity.parse(str(text)).number.scaleb(-scale))


def plain(launch: Launch, image: Image, roots: Roots) -> Launch:
    """The same start where there are no namespaces: the image's programs come first on PATH."""
    programs = roots.programs(image)
    program = launch.argv[0]
    if os.path.dirname(program) in ("/bin", "/usr/bin"):
        own = programs / os.path.basename(program)
        program = str(own) if own.exists() else program
    env = {**launch.env, "PATH": f"{programs}:{launch.env.get('PATH', '')}"}
    if "HOME" not in launch.env or launch.env["HOME"] == "/root":
        env["HOME"] = "/"
    return replace(launch, argv=(program, *launch.argv[1:]), env=env, root=Root())


def needs_mounts(pod: Object) -> str:
    """The name of a volume that the user has a container mount, "" where there is none."""
    spec = objects.spec(pod)
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
        for mount in container.get("volumeMounts") or ():
            if mount["mountPath"] != TOKEN_PATH:
                return str(mount["name"])
    return ""


def _argv(container: Object, image: Image, env: Mapping[str, str]) -> list[str]:
    command = [expansion.expand(text, env) for text in container.get("command") or ()]
    arguments = [expansion.expand(text, env) for text in container.get("args") or ()]
    if not command:
        command = list(image.entrypoint)
        arguments = arguments or list(image.command)
    return [*command, *arguments]


def _mounts(
    pod: Object, container: Object, env: Mapping[str, str], paths: ContainerPaths
) -> list[tuple[str, str, bool]]:
    """Triples of source, target and whether the container may write, parents before children."""
    found = {f"/etc/{name}": (str(path), True) for name, path in paths.etc.items()}
    path = container.get("terminationMessagePath") or "/dev/termination-log"
    found[path] = (str(paths.message), True)
    kinds = {one["name"]: one for one in objects.spec(pod).get("volumes") or ()}
    for mount in container.get("volumeMounts") or ():
        source = _source(container, mount, env, paths)
        volume = kinds[mount["name"]]
        frozen = mount.get("readOnly") or any(key in volume for key in _READ_ONLY_VOLUMES)
        found["/" + mount["mountPath"].strip("/")] = (str(source), not frozen)
    return [(source, target, writable) for target, (source, writable) in sorted(found.items())]


def _source(
    container: Object, mount: Object, env: Mapping[str, str], paths: ContainerPaths
) -> Path:
    """The path to mount: that of a volume, or of what lies in the volume at subPath.

    It begins as the folder does in which the volume must lie, without links.
    """
    volume = paths.volumes[mount["name"]]
    above = next((one for one in (paths.pod, paths.host) if volume.is_relative_to(one)), volume)
    firm = above.resolve() / volume.relative_to(above)
    below = mount.get("subPath") or _expanded(mount.get("subPathExpr") or "", env)
    if not below:
        return firm
    where = f'volumeMount "{mount["name"]}" of container "{container["name"]}"'
    try:
        with Way(firm, is_root=False, beneath=above.resolve()) as way:
            way.go(below)
            return _made(way, where)
    except (OSError, LeavesError, TooManyLinksError) as error:  # such as one below a file
        raise ConfigError(f"failed to prepare subPath for {where}") from error


def _made(way: Way, where: str) -> Path:
    """Where a way leads; what is missing is made, with the rights of the volume."""
    try:
        way.make_folders(way.rights)
    except OSError as error:
        raise ConfigError(f"failed to create subPath directory for {where}") from error
    return way.path


def _expanded(text: str, env: Mapping[str, str]) -> str:
    expanded = expansion.expand(text, env)
    if missing := expansion.without_value(text, env):
        raise ConfigError(f"missing value for {', '.join(missing)}")
    return expanded
