"""The archive of `make build`: what is in it, and that its program runs wherever it lies."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

from tests.e2e import labs
from tests.packaging.conftest import ROOT, TAG, script

pytestmark = pytest.mark.package

NOBODY = 65534


# ---- what is in it


@pytest.fixture(scope="module")
def members(archive: Path) -> dict[str, tarfile.TarInfo]:
    """What the archive has, by path."""
    with tarfile.open(archive) as tar:
        found = {member.name: member for member in tar}
        assert len(found) == len(tar.getnames())
    return found


def test_all_lies_in_one_folder_under_names_that_every_system_keeps_apart(
    members: Mapping[str, tarfile.TarInfo],
) -> None:
    assert {PurePosixPath(name).parts[0] for name in members} == {"kubectl-joblab"}
    assert len({name.casefold() for name in members}) == len(members)
    assert [name for name in members if set(name) & set('\\:*?"<>|')] == []


def test_nobody_but_the_owner_may_write_and_the_program_runs(
    members: Mapping[str, tarfile.TarInfo],
) -> None:
    assert {member.mode for member in members.values()} == {0o644, 0o755}
    assert members["kubectl-joblab/kubectl-joblab"].mode == 0o755
    assert {(member.uid, member.gid, member.mtime) for member in members.values()} == {(0, 0, 0)}


def test_every_file_of_the_labs_is_in_it(members: Mapping[str, tarfile.TarInfo]) -> None:
    wanted = {
        f"kubectl-joblab/_internal/kubectl_joblab/{path.relative_to(ROOT)}"
        for path in (ROOT / "manifests").glob("*/**/*")
        if path.is_file()
    }
    assert wanted - set(members) == set()


def test_the_licence_of_each_bundled_package_is_in_it(
    members: Mapping[str, tarfile.TarInfo],
) -> None:
    paths = [PurePosixPath(name).parts[1:] for name in members]
    bundled = {parts[1].partition(".")[0] for parts in paths if parts[0] == "_internal"}
    licensed = {parts[1].lower() for parts in paths if parts[0] == "LICENSES"}

    known = metadata.packages_distributions()
    wanted = {name.lower() for package in bundled & set(known) for name in known[package]}

    assert {"aiohttp", "click", "kubernetes", "pyyaml"} <= wanted
    assert wanted - {"kubectl-joblab"} - licensed == set()


def test_it_does_not_say_where_it_was_built(folder: Path) -> None:
    where = os.fsencode(ROOT)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [str(path) for path in files if where in path.read_bytes()] == []


def test_the_same_folder_gives_the_same_archive(
    archive: Path, folder: Path, tmp_path: Path
) -> None:
    packed = script("archive").pack(folder, tmp_path)
    assert gzip.decompress(packed.read_bytes()) == gzip.decompress(archive.read_bytes())


# ---- where it runs


COMMANDS = ("--version", "version --client", "list --client", "scaffold retry -d -")


def outputs(
    program: Path, more: Mapping[str, str] | None = None, user: int | None = None
) -> list[tuple[int, str, str]]:
    """What each command exits with and prints, in an environment of nothing but this."""
    environ = {"PATH": "/usr/bin:/bin", "HOME": "/", "LC_ALL": "C.UTF-8", **(more or {})}
    done = [
        subprocess.run(
            [program, *command.split()],
            env=environ,
            cwd="/",
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            capture_output=True,
            text=True,
            check=False,
        )
        for command in COMMANDS
    ]
    return [(one.returncode, one.stdout, one.stderr) for one in done]


@pytest.fixture(scope="module")
def usual(plugin: Path) -> list[tuple[int, str, str]]:
    """What it prints where krew has put it."""
    found = outputs(plugin)
    assert [code for code, _, _ in found] == [0] * len(COMMANDS)
    assert found[0][1] == f"kubectl joblab {TAG}\n"
    assert all(lab in found[2][1] for lab in labs.COURSE)
    return found


@pytest.fixture(scope="module")
def elsewhere(folder: Path) -> Iterator[Path]:
    """A copy of the folder at a path with spaces and letters of two scripts, for all to read."""
    with tempfile.TemporaryDirectory() as base:
        os.chmod(base, 0o755)
        copied = Path(base, "내 문서 é", "kubectl-joblab")
        copied.parent.mkdir(mode=0o755)
        shutil.copytree(folder, copied)
        yield copied


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_it_runs_from_a_path_with_spaces_and_letters_of_any_script(
    elsewhere: Path, usual: list[tuple[int, str, str]], locale: str
) -> None:
    assert outputs(elsewhere / "kubectl-joblab", {"LC_ALL": locale, "LANG": locale}) == usual


def test_it_runs_through_links_to_links(
    elsewhere: Path, tmp_path: Path, usual: list[tuple[int, str, str]]
) -> None:
    (tmp_path / "folder").symlink_to(elsewhere)
    (tmp_path / "kubectl-joblab").symlink_to(Path("folder", "kubectl-joblab"))
    assert outputs(tmp_path / "kubectl-joblab") == usual


def test_it_runs_from_a_folder_that_its_user_may_not_write_to(
    elsewhere: Path, usual: list[tuple[int, str, str]]
) -> None:
    before = sorted(elsewhere.rglob("*"))
    for path in (elsewhere, *before):
        path.chmod(path.stat().st_mode & ~0o222)
    user = NOBODY if os.geteuid() == 0 else None

    assert outputs(elsewhere / "kubectl-joblab", user=user) == usual
    assert sorted(elsewhere.rglob("*")) == before


def test_it_runs_whatever_the_environment_says_of_pythons_and_libraries(
    folder: Path, plugin: Path, tmp_path: Path, usual: list[tuple[int, str, str]]
) -> None:
    # libraries and modules by the names of ours, and none of them any use
    for path in (folder / "_internal").glob("*.so*"):
        if not path.name.startswith("libz."):  # the program itself takes the system's
            (tmp_path / path.name).write_text("not a library")
    for name in ("json", "kubectl_joblab", "sitecustomize", "yaml"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not ours')\n")
    hostile = dict.fromkeys(("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH"), str(tmp_path))

    assert outputs(plugin, {**hostile, "PYTHONSTARTUP": "/no", "PYTHONOPTIMIZE": "2"}) == usual


@pytest.mark.parametrize(
    "library_path",
    [{}, {"LD_LIBRARY_PATH": "/opt/lib"}, {"LD_LIBRARY_PATH": "/opt/lib:/opt/lib64"}],
    ids=["no library path", "one of a folder", "one of two folders"],
)
def test_an_exec_plugin_of_a_kubeconfig_has_the_environment_of_the_user(
    plugin: Path, tmp_path: Path, library_path: Mapping[str, str]
) -> None:
    (tmp_path / "credentials").write_text(f"#!/bin/sh\nenv >{tmp_path}/seen\nexit 1\n")
    (tmp_path / "credentials").chmod(0o755)
    (tmp_path / "kubeconfig").write_text(KUBECONFIG.format(command=tmp_path / "credentials"))
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "KUBECONFIG": str(tmp_path / "kubeconfig"),
        **library_path,
    }

    done = subprocess.run(
        [plugin, "check", "echo"], env=environ, capture_output=True, text=True, check=False
    )

    assert "getting credentials: exec: process returned 1" in done.stderr
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines())
    theirs = {"KUBERNETES_EXEC_INFO", "PWD", "OLDPWD", "SHLVL", "_"}  # its starter's, its shell's
    assert {name: value for name, value in seen.items() if name not in theirs} == environ


KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: test
clusters:
- {{name: test, cluster: {{server: "https://127.0.0.1:1"}}}}
contexts:
- {{name: test, context: {{cluster: test, user: test}}}}
users:
- name: test
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: {command}
      interactiveMode: Never
"""
