"""hostPath volumes: what they find, what they make, and what they never show."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from kubectl_joblab.practice.node.container.sources import MissingError
from kubectl_joblab.practice.node.volumes import host


@pytest.fixture(name="root")
def the_root(tmp_path: Path) -> Path:
    """The node's own files; beside it lies a file of the user's."""
    (tmp_path / "secret").write_text("mine", "utf-8")
    root = tmp_path / "host"
    host.prepare(root)
    return root


def path_of(root: Path, path: str, kind: str = "") -> str:
    return str(host.path_of(root, {"path": path, "type": kind}).relative_to(root))


def test_it_looks_like_an_empty_machine(root: Path) -> None:
    assert sorted(os.listdir(root)) == sorted({name.partition("/")[0] for name in host.FOLDERS})
    assert not [path for path in root.rglob("*") if path.is_file()]
    assert (root / "tmp").stat().st_mode & 0o7777 == 0o1777


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        pytest.param("", "/data/a", id="of no type: a folder is made"),
        pytest.param("DirectoryOrCreate", "/data/a", id="a folder is made"),
        pytest.param("Directory", "/var/log", id="a folder that is there"),
        pytest.param("", "/", id="all of it"),
    ],
)
def test_a_folder_is_found_or_made(root: Path, kind: str, path: str) -> None:
    assert (root / path_of(root, path, kind)).is_dir()


def test_a_file_is_found_or_made(root: Path) -> None:
    assert path_of(root, "/etc/app.conf", "FileOrCreate") == "etc/app.conf"
    (root / "etc/app.conf").write_text("a", "utf-8")
    assert path_of(root, "/etc/app.conf", "FileOrCreate") == "etc/app.conf"
    assert path_of(root, "/etc/app.conf", "File") == "etc/app.conf"
    assert (root / "etc/app.conf").read_text("utf-8") == "a"


@pytest.mark.parametrize(
    ("kind", "path", "why"),
    [
        ("DirectoryOrCreate", "/etc/file", ": /etc/file is not a directory, it's a File"),
        ("FileOrCreate", "/etc", ": /etc is not a file, it's a Directory"),
        ("Socket", "/etc/file", ": /etc/file is not a socket file, it's a File"),
        ("CharDevice", "/etc/file", ": /etc/file is not a character device, it's a File"),
        (
            "Directory",
            "/none",
            ', /none is not a directory, unable to determine its type: path "/none" does not exist',
        ),
        (
            "BlockDevice",
            "/none",
            ", /none is not a block device, unable to determine its type: "
            'path "/none" does not exist',
        ),
    ],
)
def test_what_is_of_another_type_is_refused(root: Path, kind: str, path: str, why: str) -> None:
    (root / "etc/file").touch()
    with pytest.raises(MissingError) as refused:
        path_of(root, path, kind)
    assert str(refused.value) == f"hostPath type check failed{why}"


def test_a_socket_is_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "run")  # the path of a socket may not be long
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("a.sock")
        assert path_of(root, "/run/a.sock", "Socket") == "run/a.sock"


@pytest.mark.parametrize(
    "path",
    ["/../secret", "/tmp/../../../secret", "/tmp/up/secret", "/tmp/away", "/tmp/far/secret"],
)
def test_no_way_leads_out_of_it(root: Path, path: str) -> None:
    (root / "tmp/up").symlink_to("../../..")
    (root / "tmp/away").symlink_to(root.parent / "secret")
    (root / "tmp/far").symlink_to(root.parent)
    found = host.path_of(root, {"path": path})
    assert found.resolve().is_relative_to(root)
    assert found.is_dir()  # it was made there, for there is no such thing


def test_links_in_a_circle_are_refused(root: Path) -> None:
    (root / "tmp/a").symlink_to("b")
    (root / "tmp/b").symlink_to("a")
    with pytest.raises(MissingError, match="/tmp/a has too many links"):
        path_of(root, "/tmp/a")
