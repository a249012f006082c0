"""hostPath volumes: what they find, what they make, and what they never show."""

from __future__ import annotations

import ctypes
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kubectl_joblab.practice.node.container.sources import MissingError
from kubectl_joblab.practice.node.volumes import host

_LIBC = ctypes.CDLL(None)
_NOWHERE, _RENAME_EXCHANGE = -100, 2  # fcntl.h, linux/fs.h


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


def test_folders_are_not_made_where_links_have_taken_their_place(root: Path) -> None:
    mine = root.parent / "mine"
    mine.mkdir(mode=0o700)
    for name in ("tmp", "var/log", "var/lib", "var"):
        (root / name).rmdir()
    (root / "tmp").symlink_to(mine)
    (root / "var").symlink_to(mine)
    host.prepare(root)
    assert os.listdir(mine) == []
    assert mine.stat().st_mode & 0o7777 == 0o700


@contextmanager
def _swapping(folder: Path, away: Path) -> Iterator[None]:
    """A folder and a link to another take each other's place, over and over."""
    link, over = folder.with_name("link"), threading.Event()
    link.symlink_to(away)
    exchange = (_NOWHERE, os.fsencode(folder), _NOWHERE, os.fsencode(link), _RENAME_EXCHANGE)

    def swap() -> None:
        while not over.is_set():
            assert _LIBC.renameat2(*exchange) == 0

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        yield
    finally:
        over.set()
        swapper.join()


@pytest.mark.skipif(not hasattr(_LIBC, "renameat2"), reason="nothing swaps two files at once")
@pytest.mark.parametrize("kind", ["", "DirectoryOrCreate", "FileOrCreate"])
def test_nothing_is_made_outside_while_a_folder_is_swapped_for_a_link(
    root: Path, kind: str
) -> None:
    mine = root.parent / "mine"
    mine.mkdir()
    (root / "tmp/a").mkdir()
    with _swapping(root / "tmp/a", mine):
        for number in range(300):
            with suppress(MissingError):
                found = host.path_of(root, {"path": f"/tmp/a/{number}", "type": kind})
                assert found.is_relative_to(root)
    assert os.listdir(mine) == []
