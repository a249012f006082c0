"""Makes the two container images of the cluster, and loads them into containerd.

No image is downloaded: busybox is Debian's static one, pause a few lines of C.  `lifecycle.up`
calls `build` and `load`.
"""

import collections.abc
import dataclasses
import hashlib
import io
import json
import pathlib
import platform
import tarfile
import tempfile

from tests.cluster import commands, home, packages

PAUSE = "localhost/pause:joblab"
# One image under each tag that manifests may name.
_BUSYBOX = tuple(f"busybox:{tag}" for tag in ("latest", "stable", "1.36", "1.37"))
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

_PAUSE_C = """\
#include <signal.h>
#include <unistd.h>
static void leave(int signal) { _exit(0); }
int main(void) { signal(SIGINT, leave); signal(SIGTERM, leave); for (;;) pause(); }
"""
_PASSWD = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
_GROUP = b"root:x:0:\nnogroup:x:65534:\n"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclasses.dataclass(frozen=True)
class Image:
    """A one-layer image: its names, its files, and what a container of it runs."""

    references: tuple[str, ...]
    config: collections.abc.Mapping[str, list[str]]
    files: collections.abc.Mapping[str, tuple[bytes, int]]  # path: content, mode
    links: collections.abc.Mapping[str, str] = dataclasses.field(default_factory=dict)
    folders: collections.abc.Mapping[str, int] = dataclasses.field(default_factory=dict)


def architecture() -> str | None:
    """What images call this machine's processor; None if the cluster does not run on it."""
    return _ARCHITECTURES.get(platform.machine())


def need_gcc(at: home.Home) -> bool:
    """Whether pause is still to be compiled."""
    return not _archive(at, "pause").exists()


def build(at: home.Home) -> None:
    """Write the archives that are not there yet."""
    at.images.mkdir(parents=True, exist_ok=True)
    for name, make in (("busybox", _busybox), ("pause", _pause)):
        archive = _archive(at, name)
        if not archive.exists():
            unfinished = archive.with_suffix(".unfinished")
            _write(make(), unfinished)
            unfinished.rename(archive)


def load(at: home.Home) -> None:
    """Load the images into containerd that it does not have."""
    ctr = (at.bin / "ctr", "--address", at.containerd_socket, "--namespace", "k8s.io", "images")
    known = commands.run(*ctr, "list", "--quiet")
    for name in ("busybox", "pause"):
        if f"/{name}:" not in known:
            commands.run(*ctr, "import", _archive(at, name))


def _archive(at: home.Home, name: str) -> pathlib.Path:
    return at.images / f"{name}.tar"


def _busybox() -> Image:
    applets = commands.run(packages.BUSYBOX, "--list").split()
    return Image(
        references=_BUSYBOX,
        config={"Env": [_PATH], "Cmd": ["sh"]},
        files={
            "bin/busybox": (packages.BUSYBOX.read_bytes(), 0o755),
            "etc/passwd": (_PASSWD, 0o644),
            "etc/group": (_GROUP, 0o644),
        },
        links={f"bin/{name}": "/bin/busybox" for name in applets if name != "busybox"},
        folders={"bin": 0o755, "etc": 0o755, "root": 0o755, "tmp": 0o1777},
    )


def _pause() -> Image:
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "pause.c")
        source.write_text(_PAUSE_C)
        commands.run("gcc", "-static", "-Os", "-o", "pause", source, cwd=source.parent)
        program = source.with_suffix("").read_bytes()
    return Image(
        references=(PAUSE,), config={"Entrypoint": ["/pause"]}, files={"pause": (program, 0o755)}
    )


def _write(image: Image, path: pathlib.Path) -> None:
    """Write an image as `docker save` would: containerd completes short names as Docker does."""
    layer = _layer(image)
    config = json.dumps(
        {
            "architecture": architecture(),
            "os": "linux",
            "config": image.config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{_digest(layer)}"]},
        }
    ).encode()
    config_name = f"{_digest(config)}.json"
    manifest = [
        {"Config": config_name, "RepoTags": list(image.references), "Layers": ["layer.tar"]}
    ]
    with tarfile.open(path, "w") as archive:
        _add_file(archive, "layer.tar", layer)
        _add_file(archive, config_name, config)
        _add_file(archive, "manifest.json", json.dumps(manifest).encode())


def _layer(image: Image) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for name, mode in image.folders.items():
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, mode
            layer.addfile(folder)
        for name, (content, mode) in image.files.items():
            _add_file(layer, name, content, mode)
        for name, target in image.links.items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            layer.addfile(link)
    return buffer.getvalue()


def _add_file(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
