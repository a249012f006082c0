"""packaging/release.py and packaging/archive.py, run as `make release` and `make build` do."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from tests.packaging import krew

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="project")
def a_project(tmp_path: Path) -> Path:
    """What a release is made of: version 1.2.3 with its section, and nothing in dist/ yet."""
    for name in ("packaging/release.py", "krew-manifest.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    (tmp_path / "kubectl_joblab").mkdir()
    (tmp_path / "kubectl_joblab/__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [1.2.3] - 2026-11-25\n")
    (tmp_path / "dist").mkdir()
    return tmp_path


def release(project: Path, tag: str) -> tuple[int, str, str]:
    """What it exits with and says."""
    done = subprocess.run(
        [sys.executable, project / "packaging/release.py", tag, "dist"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def add(project: Path, platform: str) -> str:
    """Put an archive into dist/; its sha256."""
    path = project / f"dist/kubectl-joblab_v1.2.3_{platform}.tar.gz"
    path.write_bytes(platform.encode())
    return hashlib.sha256(platform.encode()).hexdigest()


def refused(project: Path, tag: str) -> str:
    """What it says, having left the manifest as it was."""
    before = (project / "krew-manifest.yaml").read_bytes()
    code, out, err = release(project, tag)
    assert (code, out) == (1, "")
    assert (project / "krew-manifest.yaml").read_bytes() == before
    return err


@pytest.mark.parametrize("tag", ["v1.2.4", "1.2.3", ""])
def test_a_tag_that_is_not_the_versions_is_refused(project: Path, tag: str) -> None:
    add(project, "linux_amd64")
    assert refused(project, tag) == (
        f"error: the tag is {tag} but kubectl_joblab/__init__.py says 1.2.3\n"
    )


def test_a_version_without_its_section_in_the_changelog_is_refused(project: Path) -> None:
    add(project, "linux_amd64")
    (project / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [1.2.30]\n")
    assert refused(project, "v1.2.3") == (
        "error: CHANGELOG.md has no section [1.2.3]: rename Unreleased\n"
    )


def test_no_archive_at_all_is_refused(project: Path) -> None:
    assert refused(project, "v1.2.3") == "error: no archive of v1.2.3 in dist: make build\n"


def test_the_manifest_has_the_platforms_that_have_an_archive_and_no_other(project: Path) -> None:
    windows, linux = add(project, "windows_amd64"), add(project, "linux_amd64")
    code, out, err = release(project, "v1.2.3")
    assert (code, out, err) == (0, f"linux/amd64   {linux}\nwindows/amd64   {windows}\n", "")
    manifest = yaml.safe_load((project / "krew-manifest.yaml").read_text())
    assert krew.problems(manifest, "joblab") == []
    place = "https://github.com/kubectl-joblab/kubectl-joblab/releases/download/v1.2.3"
    assert manifest["spec"]["version"] == "v1.2.3"
    assert manifest["spec"]["platforms"] == [
        {
            "selector": {"matchLabels": {"os": "linux", "arch": "amd64"}},
            "uri": f"{place}/kubectl-joblab_v1.2.3_linux_amd64.tar.gz",
            "sha256": linux,
            "bin": "kubectl-joblab/kubectl-joblab",
        },
        {
            "selector": {"matchLabels": {"os": "windows", "arch": "amd64"}},
            "uri": f"{place}/kubectl-joblab_v1.2.3_windows_amd64.tar.gz",
            "sha256": windows,
            "bin": "kubectl-joblab/kubectl-joblab.exe",
        },
    ]


def test_a_release_made_twice_gives_the_same_manifest(project: Path) -> None:
    add(project, "darwin_arm64")
    release(project, "v1.2.3")
    first = (project / "krew-manifest.yaml").read_bytes()
    release(project, "v1.2.3")
    assert (project / "krew-manifest.yaml").read_bytes() == first


# ---- the archive


def pack(folder: Path, dist: Path) -> Path:
    """The archive that packaging/archive.py makes of a folder."""
    command = [sys.executable, str(ROOT / "packaging/archive.py"), str(folder), str(dist)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Path(said.splitlines()[0])


@pytest.fixture(name="folder")
def a_folder(tmp_path: Path) -> Path:
    """A program with a library and a link to it, as a framework on macOS has."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "program").write_bytes(b"program")
    (folder / "program").chmod(0o755)
    (folder / "library").write_bytes(b"library")
    try:
        (folder / "linked").symlink_to("library")
    except OSError:
        pytest.skip("this user may not make links")
    return folder


def test_an_archive_has_files_where_the_folder_has_links(folder: Path, tmp_path: Path) -> None:
    with tarfile.open(pack(folder, tmp_path / "dist")) as tar:
        members = {member.name.removeprefix("kubectl-joblab/"): member for member in tar}
        linked = tar.extractfile(members["linked"])
        assert linked is not None
        assert linked.read() == b"library"
    assert all(member.isreg() for member in members.values())
    assert [members[name].mode for name in ("program", "library")] == [0o755, 0o644]


def test_an_archive_has_our_licence_and_those_of_what_is_bundled(
    folder: Path, tmp_path: Path
) -> None:
    with tarfile.open(pack(folder, tmp_path / "dist")) as tar:
        names = {name.removeprefix("kubectl-joblab/") for name in tar.getnames()}
    assert {"LICENSE", "LICENSES/python/LICENSE.txt", "LICENSES/click/LICENSE.txt"} <= names


def test_the_same_files_give_the_same_archive_whenever_they_were_written(
    folder: Path, tmp_path: Path
) -> None:
    first = pack(folder, tmp_path / "first")
    os.utime(folder / "program", (1, 1))
    second = pack(folder, tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    assert Path(f"{first}.sha256").read_text() == f"{digest}  {first.name}\n"
