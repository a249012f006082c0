"""krew, as far as a plugin's author meets it: its rules for manifests, and how it installs.

The rules are those of krew's index validation, read from github.com/kubernetes-sigs/krew at v0.4;
krew itself need not be there. Nothing here knows our plugin.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

SUPPORTED = frozenset(
    {
        *itertools.product(("windows", "linux", "darwin"), ("386", "amd64", "arm64")),
        *itertools.product(("linux",), ("arm", "ppc64le")),
    }
)
_VERSION = r"v(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?"


class RefusedError(Exception):
    """krew does not install this; the message is the reason."""


# ---- the rules


def problems(manifest: Mapping[str, Any], stem: str) -> list[str]:
    """What krew's index refuses of a manifest in the file STEM.yaml."""
    spec = manifest.get("spec") or {}
    found = [*_head(manifest, stem), *_words(spec)]
    platforms = spec.get("platforms") or []
    if not platforms:
        found.append("spec.platforms is empty")
    for number, platform in enumerate(platforms):
        found += [f"platforms[{number}]: {problem}" for problem in _platform(platform)]
    for one, other in itertools.combinations(range(len(platforms)), 2):
        if selected(platforms[one]) & selected(platforms[other]):
            found.append(f"platforms[{one}] and platforms[{other}] overlap")
    return found


def _head(manifest: Mapping[str, Any], stem: str) -> Iterator[str]:
    if manifest.get("apiVersion") != "krew.googlecontainertools.github.com/v1alpha2":
        yield "apiVersion is not krew.googlecontainertools.github.com/v1alpha2"
    if manifest.get("kind") != "Plugin":
        yield "kind is not Plugin"
    name = (manifest.get("metadata") or {}).get("name", "")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        yield "metadata.name is not in kebab-case"
    if name.startswith("kube-"):
        yield "metadata.name begins with kube-"
    if name != stem:
        yield "metadata.name is not the file's"


def _words(spec: Mapping[str, Any]) -> Iterator[str]:
    short = spec.get("shortDescription") or ""
    if not short:
        yield "spec.shortDescription is empty"
    if "\n" in short or "\r" in short:
        yield "spec.shortDescription has more than one line"
    if not re.fullmatch(_VERSION, spec.get("version") or ""):
        yield "spec.version is not v and a semantic version"


def _platform(platform: Mapping[str, Any]) -> Iterator[str]:
    if not platform.get("uri"):
        yield "uri is empty"
    if not re.fullmatch("[0-9a-f]{64}", str(platform.get("sha256") or "")):
        yield "sha256 is not 64 lowercase hexadecimal digits"
    if not platform.get("bin"):
        yield "bin is empty"
    labels = _labels(platform)
    if not labels:
        yield "selector is empty"
    if set(labels) - {"os", "arch"}:
        yield "selector has other labels than os and arch"
    elif not selected(platform):
        yield "selector selects no supported platform"
    if "files" in platform:
        yield from _files(platform["files"])


def _files(files: list[Mapping[str, str]] | None) -> Iterator[str]:
    if not files:
        yield "files is there and empty"
    for operation in files or []:
        if not operation.get("from"):
            yield "files has an empty from"
        to = operation.get("to") or ""
        if not to or str(PurePosixPath(to)) != to or ".." in PurePosixPath(to).parts:
            yield "files has a to that is no clean path"


def selected(platform: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The supported (os, arch) that a platform's selector matches."""
    labels = _labels(platform)
    return {
        (system, machine)
        for system, machine in SUPPORTED
        if labels.get("os", system) == system and labels.get("arch", machine) == machine
    }


def _labels(platform: Mapping[str, Any]) -> dict[str, str]:
    return (platform.get("selector") or {}).get("matchLabels") or {}


# ---- installing


def install(manifest: Mapping[str, Any], archive: Path, root: Path, here: tuple[str, str]) -> Path:
    """Install an archive below krew's root, as `krew install --manifest --archive` does.

    here: (os, arch). Returns the link, which is relative, so the root may be moved.
    """
    (platform,) = (one for one in manifest["spec"]["platforms"] if here in selected(one))
    if hashlib.sha256(archive.read_bytes()).hexdigest() != platform["sha256"]:
        raise RefusedError("checksum does not match")
    name, version = manifest["metadata"]["name"], manifest["spec"]["version"]
    store = Path("store", name, version)
    _unpack(archive, root / store)
    if not (root / store / platform["bin"]).is_file():
        raise RefusedError(f"no {platform['bin']} in the archive")
    link = root / "bin" / f"kubectl-{name.replace('-', '_')}"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(Path("..", store, platform["bin"]))
    return link


def _unpack(archive: Path, target: Path) -> None:
    """Files and folders only, with their modes; anything else ends it, as extractTARGZ does."""
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            if ".." in member.name or member.name.startswith(("/", "\\")):
                raise RefusedError(f"suspicious entry {member.name}")
            path = target / member.name
            if member.isdir():
                path.mkdir(parents=True, exist_ok=True)
            elif member.isreg():
                path.parent.mkdir(parents=True, exist_ok=True)
                content = tar.extractfile(member)
                assert content is not None
                path.write_bytes(content.read())
                path.chmod(member.mode)
            else:
                raise RefusedError(f"unable to handle file type {ord(member.type)}")
