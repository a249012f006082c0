"""Volumes as folders: what is in them, and what is said when they cannot be had."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.clock import SystemClock
from kubectl_joblab.practice.node.container.downward import NodeFacts
from kubectl_joblab.practice.node.container.sources import Sources
from kubectl_joblab.practice.node.volumes import atomic
from kubectl_joblab.practice.node.volumes import contents as volumes
from kubectl_joblab.practice.node.volumes.contents import MountError, VolumeContext
from tests.practice.node import build
from tests.practice.virtual import START, CountingIds


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A namespace with the ConfigMap `cm` and the Secret `sec`."""
    store = Store()
    registry = Registry(store, SystemClock(), CountingIds())
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    registry.create(kinds.NAMESPACES, namespace)
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cm"}}
    contents = {"data": {"k1": "v1", "k2": "v2"}, "binaryData": {"bin": "AAE="}}
    registry.create(kinds.CONFIG_MAPS, {**config, **contents}, "default")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sec"}}
    registry.create(kinds.SECRETS, {**secret, "type": "Opaque", "data": {"s1": "eDE="}}, "default")
    yield registry
    store.close()


def _context(registry: Registry, folder: Path, *given: Object, **pod: Any) -> VolumeContext:
    facts = NodeFacts("192.0.2.2", "10.244.0.2", {"cpu": "2"}, "now")
    main = build.container(resources={"limits": {"cpu": "500m"}})
    whole = build.pod(main, volumes=list(given), **pod)
    return VolumeContext(
        whole, folder, folder.parent / "host", Sources(registry, "default"), _token, facts, START
    )


def _token(pod: Object, source: Object) -> bytes:
    return f"for {pod['metadata']['name']}: {source['path']}".encode()


def _files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """What a user sees: names, contents, permissions."""
    found = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_file() and not name.startswith(".."):
            found[name] = (path.read_bytes(), path.stat().st_mode & 0o777)
    for path in folder.iterdir():
        if path.is_symlink() and path.is_dir() and not path.name.startswith(".."):
            for below in path.rglob("*"):
                name = str(below.relative_to(folder))
                found[name] = (below.read_bytes(), below.stat().st_mode & 0o777)
    return found


CONFIG = {"k1": (b"v1", 0o644), "k2": (b"v2", 0o644), "bin": (b"\0\1", 0o644)}
ITEMS = [{"key": "k1", "path": "d/k", "mode": 0o600}]
DOWNWARD = [
    {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
    {"path": "cpu", "resourceFieldRef": {"containerName": "main", "resource": "limits.cpu"}},
]
PROJECTED = [
    {"configMap": {"name": "cm", "items": ITEMS}},
    {"secret": {"name": "sec"}},
    {"downwardAPI": {"items": DOWNWARD[:1]}},
    {"serviceAccountToken": {"path": "token"}},
    {"configMap": {"name": "no", "optional": True}},
]


@pytest.mark.parametrize(
    ("volume", "files"),
    [
        ({"emptyDir": {}}, {}),
        ({"emptyDir": {"medium": "Memory"}}, {}),
        ({"configMap": {"name": "cm"}}, CONFIG),
        ({"configMap": {"name": "cm", "items": ITEMS}}, {"d/k": (b"v1", 0o600)}),
        ({"configMap": {"name": "no", "optional": True}}, {}),
        ({"secret": {"secretName": "sec", "defaultMode": 0o400}}, {"s1": (b"x1", 0o400)}),
        ({"downwardAPI": {"items": DOWNWARD}}, {"labels": (b'a="1"', 0o644), "cpu": (b"1", 0o644)}),
        (
            {"projected": {"sources": PROJECTED, "defaultMode": 0o640}},
            {
                "d/k": (b"v1", 0o600),
                "s1": (b"x1", 0o640),
                "labels": (b'a="1"', 0o640),
                "token": (b"for p: token", 0o640),
            },
        ),
    ],
)
def test_a_volume_holds_what_the_pod_says(
    registry: Registry, tmp_path: Path, volume: Object, files: Mapping[str, tuple[bytes, int]]
) -> None:
    context = _context(registry, tmp_path, {"name": "v", **volume}, _labels={"a": "1"})
    found = volumes.set_up(context)
    assert found == {"v": tmp_path / "v"}
    assert _files(tmp_path / "v") == files
    assert (tmp_path / "v").stat().st_mode & 0o777 == 0o777


@pytest.mark.parametrize(
    ("volume", "mode"),
    [
        ({"emptyDir": {}}, 0o777),
        ({"emptyDir": {"medium": "Memory"}}, 0o1777),
        ({"configMap": {"name": "cm"}}, 0o777),
        ({"secret": {"secretName": "sec"}}, 0o1777),
        ({"downwardAPI": {"items": []}}, 0o1777),
        ({"projected": {"sources": []}}, 0o1777),
    ],
)
def test_a_volume_that_is_in_memory_on_a_node_has_the_mode_of_one(
    registry: Registry, tmp_path: Path, volume: Object, mode: int
) -> None:
    volumes.set_up(_context(registry, tmp_path, {"name": "v", **volume}))
    assert (tmp_path / "v").stat().st_mode & 0o7777 == mode


@pytest.mark.parametrize(
    ("volume", "why"),
    [
        ({"configMap": {"name": "no"}}, 'configmap "no" not found'),
        (
            {"configMap": {"name": "cm", "items": [{"key": "no", "path": "x"}]}},
            "configmap references non-existent config key: no",
        ),
        ({"secret": {"secretName": "no"}}, 'secret "no" not found'),
        (
            {"secret": {"secretName": "sec", "items": [{"key": "no", "path": "x"}]}},
            "references non-existent secret key: no",
        ),
        (
            {"hostPath": {"path": "/etc/passwd", "type": "File"}},
            "hostPath type check failed, /etc/passwd is not a file, unable to determine its type: "
            'path "/etc/passwd" does not exist',
        ),
        (
            {"persistentVolumeClaim": {"claimName": "c"}},
            "the practice cluster has no volumes of the kind persistentVolumeClaim",
        ),
    ],
)
def test_a_volume_that_cannot_be_had_is_said_in_the_kubelets_words(
    registry: Registry, tmp_path: Path, volume: Object, why: str
) -> None:
    with pytest.raises(MountError) as failed:
        volumes.set_up(_context(registry, tmp_path, {"name": "v", **volume}))
    assert str(failed.value) == f'MountVolume.SetUp failed for volume "v" : {why}'
    assert list(tmp_path.iterdir()) == []


def test_a_config_map_that_changes_changes_the_files(registry: Registry, tmp_path: Path) -> None:
    context = _context(registry, tmp_path, {"name": "v", "configMap": {"name": "cm"}})
    volumes.set_up(context)
    inside = os.open(tmp_path / "v", os.O_RDONLY)
    config = registry.get(kinds.CONFIG_MAPS, "cm", "default")
    changed = {**config, "data": {"k1": "new", "k3": "v3"}, "binaryData": {}}
    registry.update(kinds.CONFIG_MAPS, "cm", changed, "default")
    volumes.refresh(context)
    assert _files(tmp_path / "v") == {"k1": (b"new", 0o644), "k3": (b"v3", 0o644)}
    assert sorted(os.listdir(inside))[1:] == ["..data", "k1", "k3"]  # the same folder as before
    os.close(inside)


def test_a_config_map_that_goes_leaves_the_files(registry: Registry, tmp_path: Path) -> None:
    context = _context(registry, tmp_path, {"name": "v", "configMap": {"name": "cm"}})
    volumes.set_up(context)
    registry.delete(kinds.CONFIG_MAPS, "cm", "default")
    volumes.refresh(context)
    assert _files(tmp_path / "v") == CONFIG


names = st.sampled_from(["a", "b", "c/d", "c/e"])
payloads = st.dictionaries(names, st.tuples(st.binary(max_size=3), st.sampled_from([0o644, 0o400])))


@given(st.lists(payloads, min_size=1, max_size=4))
def test_after_each_change_there_is_what_was_written_and_nothing_else(
    written: list[dict[str, tuple[bytes, int]]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, payload in enumerate(written):
            atomic.write(folder, payload, START + timedelta(seconds=number))
            assert _files(folder) == payload


def test_what_has_not_changed_is_not_written_again(tmp_path: Path) -> None:
    atomic.write(tmp_path, {"a": (b"1", 0o644)}, START)
    before = os.readlink(tmp_path / "..data")
    atomic.write(tmp_path, {"a": (b"1", 0o644)}, START + timedelta(seconds=1))
    assert os.readlink(tmp_path / "..data") == before
