"""Files written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab import files

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes and limits")
ROOT = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="only root can give a file away"
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


# ---- what is written


@pytest.mark.parametrize("before", [None, b"the old, which is longer"], ids=["new", "replaced"])
def test_a_file_has_the_content_and_nothing_is_beside_it(
    tmp_path: Path, before: bytes | None
) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)
    files.write(path, b"the new\n\0")
    assert path.read_bytes() == b"the new\n\0"
    assert names(tmp_path) == ["file"]


@POSIX
def test_only_the_owner_may_read_what_others_could_read_before(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch(0o644)
    files.write(path, b"secret")
    assert mode(path) == 0o600


@POSIX
def test_a_program_is_written_as_umask_allows(tmp_path: Path) -> None:
    files.write(tmp_path / "file", b"#!/bin/sh\n", mode=0o777)
    assert mode(tmp_path / "file") == 0o755


@POSIX
def test_who_has_the_old_file_open_reads_on_in_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"the old")
    with path.open("rb") as reading:
        files.write(path, b"the new")
        assert reading.read() == b"the old"


@POSIX
def test_a_link_is_replaced_and_what_it_leads_to_left_alone(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"theirs")
    (tmp_path / "link").symlink_to("target")
    files.write(tmp_path / "link", b"ours")
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"theirs"


@ROOT
@pytest.mark.parametrize(("keep", "owner"), [(True, 65534), (False, 0)], ids=["kept", "root's"])
def test_a_file_of_another_user_stays_that_users_where_asked(
    tmp_path: Path, keep: bool, owner: int
) -> None:
    path = tmp_path / "file"
    path.touch()
    os.chown(path, 65534, 65534)
    files.write(path, b"", keep_owner=keep)
    assert (path.stat().st_uid, path.stat().st_gid) == (owner, owner)


def test_a_new_file_has_no_owner_to_keep(tmp_path: Path) -> None:
    files.write(tmp_path / "file", b"new", keep_owner=True)
    assert (tmp_path / "file").read_bytes() == b"new"


# ---- what fails in the middle


@contextmanager
def limited(size: int) -> Iterator[None]:
    """No file can grow beyond this size, as on a disk that is full."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@POSIX
def test_a_disk_that_is_full_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"the old")
    with limited(1000), pytest.raises(OSError, match="File too large") as raised:
        files.write(path, b"x" * 100_000)
    assert (raised.value.errno, raised.value.filename) == (errno.EFBIG, str(path))
    assert path.read_bytes() == b"the old"
    assert names(tmp_path) == ["file"]


def test_a_folder_in_the_files_place_is_said_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.mkdir()
    with pytest.raises(OSError) as raised:  # noqa: PT011 -- which one, the system decides
        files.write(path, b"new")
    assert raised.value.filename == str(path)
    assert raised.value.filename2 is None
    assert names(tmp_path) == ["file"]


def test_a_folder_that_is_not_there_is_said_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "file"
    with pytest.raises(FileNotFoundError) as raised:
        files.write(path, b"new")
    assert raised.value.filename == str(path)


@ROOT
def test_an_owner_that_cannot_be_kept_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"the old")
    os.chown(path, 65534, 65534)
    script = "import sys, pathlib; from kubectl_joblab import files;" + (
        "files.write(pathlib.Path(sys.argv[1]), b'new', keep_owner=True)"
    )
    dropped = ["setpriv", "--bounding-set=-chown", "--inh-caps=-chown"]
    done = subprocess.run(
        [*dropped, sys.executable, "-c", script, str(path)], capture_output=True, text=True
    )
    assert f"PermissionError: [Errno 1] Operation not permitted: '{path}'" in done.stderr
    assert path.read_bytes() == b"the old"
    assert names(tmp_path) == ["file"]


@POSIX
def test_an_interrupt_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    path = tmp_path / "file"
    path.write_bytes(b"the old")
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write(path, b"the new")
    assert path.read_bytes() == b"the old"
    assert names(tmp_path) == ["file"]


# ---- JSON


@pytest.mark.parametrize("body", [{}, {"a": [1, None, "\ud55c\udcff"]}], ids=["empty", "full"])
def test_an_object_is_read_as_it_was_written(tmp_path: Path, body: dict[str, Any]) -> None:
    path = tmp_path / "file.json"
    files.write_json(path, body)
    assert files.read_json(path) == body


def test_what_is_no_json_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    files.write_json(path, {"whole": True})
    with pytest.raises(TypeError):
        files.write_json(path, {"first": "x" * 100_000, "then": object()})
    assert json.loads(path.read_text("utf-8")) == {"whole": True}
    assert names(tmp_path) == ["file.json"]


@POSIX
def test_the_folder_is_made_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "ours" / "file.json"
    files.write_json(path, {})
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)


@pytest.mark.parametrize(
    "content",
    [None, b"", b'{"half": ', b"[]", b"null", b"\xff{}", b"[" * 100_000],
    ids=["no file", "empty", "half", "a list", "null", "no text", "too deep"],
)
def test_what_is_no_json_object_is_read_as_empty(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "file.json"
    if content is not None:
        path.write_bytes(content)
    assert files.read_json(path) == {}
