"""What `make build` has left in dist/, and its archive as installed by krew.

    make test-package     the tests marked `package`, on dist/ and the end-to-end tests' cluster

The other tests here need neither and are part of `make test`.
"""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import kubectl_joblab
from tests.e2e import cluster, place
from tests.e2e.cluster import Cluster
from tests.e2e.place import Place
from tests.packaging import krew

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
TAG = f"v{kubectl_joblab.__version__}"


def script(name: str) -> ModuleType:
    """A script of packaging/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"packaging/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def built(name: str) -> Path:
    """A file in dist/; without it no test of this kind can say anything."""
    path = DIST / name
    if not path.exists():
        pytest.exit(f"no dist/{name}: run make build first", returncode=1)
    return path


@pytest.fixture(scope="session")
def archive() -> Path:
    """The archive for this platform."""
    return built(script("archive").archive_name())


@pytest.fixture(scope="session")
def plugin(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """krew's link to the program, by the manifest of a release of this archive."""
    release, system = script("release"), script("archive")
    text = release.filled(release.MANIFEST.read_text("utf-8"), TAG, release.digests(TAG, DIST))
    here = (system.SYSTEMS[sys.platform], system.MACHINES[platform.machine()])
    root = tmp_path_factory.mktemp("krew")
    return krew.install(yaml.safe_load(text), archive, root, here)


@pytest.fixture(scope="session")
def folder(plugin: Path) -> Path:
    """The folder build in krew's store."""
    return plugin.resolve().parent


@pytest.fixture(scope="session", name="cluster")
def the_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The cluster of the end-to-end tests."""
    try:
        with cluster.find(tmp_path_factory.mktemp("cluster")) as found:
            yield found
    except cluster.CannotRunError as reason:
        pytest.skip(str(reason))


@pytest.fixture(name="place")
def a_place(cluster: Cluster, plugin: Path, tmp_path: Path) -> Iterator[Place]:
    """A fresh namespace, and a PATH of krew's bin and kubectl alone."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/kubectl").symlink_to(cluster.kubectl.resolve())
    made = place.make(cluster, tmp_path, "joblab-package", {})
    yield made.with_environ(PATH=f"{plugin.parent}:{tmp_path / 'bin'}")
    place.forget(made)
