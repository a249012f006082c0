"""krew's rules: each refuses what it is for, and our two manifests keep them all."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging import krew

ROOT = Path(__file__).parents[2]
Manifest = dict[str, Any]


def manifest() -> Manifest:
    """One that krew takes, fresh."""
    return {
        "apiVersion": "krew.googlecontainertools.github.com/v1alpha2",
        "kind": "Plugin",
        "metadata": {"name": "joblab"},
        "spec": {
            "version": "v1.2.3",
            "shortDescription": "Learn Kubernetes Jobs by running them",
            "platforms": [platform("linux", "amd64"), platform("darwin", "arm64")],
        },
    }


def platform(system: str, machine: str) -> Manifest:
    return {
        "selector": {"matchLabels": {"os": system, "arch": machine}},
        "uri": "https://example.com/x.tar.gz",
        "sha256": "0" * 64,
        "bin": "x/x",
    }


def change(path: str, value: object) -> Callable[[Manifest], None]:
    """Sets what a path of keys and indexes leads to."""

    def changed(whole: Manifest) -> None:
        *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        at: Any = whole
        for key in way:
            at = at[key]
        at[last] = value

    return changed


FIRST = "spec.platforms.0"
REFUSED = {
    "another apiVersion": (
        change("apiVersion", "v1"),
        "apiVersion is not krew.googlecontainertools.github.com/v1alpha2",
    ),
    "another kind": (change("kind", "Tool"), "kind is not Plugin"),
    "the name of another file": (change("metadata.name", "x"), "metadata.name is not the file's"),
    "no platforms": (change("spec.platforms", []), "spec.platforms is empty"),
    "a version without v": (
        change("spec.version", "1.2.3"),
        "spec.version is not v and a semantic version",
    ),
    "a version of two numbers": (
        change("spec.version", "v1.2"),
        "spec.version is not v and a semantic version",
    ),
    "no short description": (
        change("spec.shortDescription", ""),
        "spec.shortDescription is empty",
    ),
    "a short description of two lines": (
        change("spec.shortDescription", "one\ntwo"),
        "spec.shortDescription has more than one line",
    ),
    "no uri": (change(f"{FIRST}.uri", ""), "platforms[0]: uri is empty"),
    "an upper-case sha256": (
        change(f"{FIRST}.sha256", "A" * 64),
        "platforms[0]: sha256 is not 64 lowercase hexadecimal digits",
    ),
    "a short sha256": (
        change(f"{FIRST}.sha256", "a" * 63),
        "platforms[0]: sha256 is not 64 lowercase hexadecimal digits",
    ),
    "no bin": (change(f"{FIRST}.bin", ""), "platforms[0]: bin is empty"),
    "an unsupported pair": (
        change(f"{FIRST}.selector.matchLabels", {"os": "darwin", "arch": "arm"}),
        "platforms[0]: selector selects no supported platform",
    ),
    "a label that krew does not know": (
        change(f"{FIRST}.selector.matchLabels", {"os": "linux", "libc": "musl"}),
        "platforms[0]: selector has other labels than os and arch",
    ),
    "platforms that overlap": (
        change("spec.platforms.1.selector.matchLabels", {"os": "linux"}),
        "platforms[0] and platforms[1] overlap",
    ),
    "files without any": (
        change(f"{FIRST}.files", []),
        "platforms[0]: files is there and empty",
    ),
    "a file without from": (
        change(f"{FIRST}.files", [{"from": "", "to": "."}]),
        "platforms[0]: files has an empty from",
    ),
    "a file to ./": (
        change(f"{FIRST}.files", [{"from": "*", "to": "./"}]),
        "platforms[0]: files has a to that is no clean path",
    ),
    "a file to the folder above": (
        change(f"{FIRST}.files", [{"from": "*", "to": "../x"}]),
        "platforms[0]: files has a to that is no clean path",
    ),
}


def test_a_right_manifest_has_no_problems() -> None:
    assert krew.problems(manifest(), "joblab") == []


@pytest.mark.parametrize(("wrong", "problem"), REFUSED.values(), ids=REFUSED.keys())
def test_krew_refuses(wrong: Callable[[Manifest], None], problem: str) -> None:
    whole = manifest()
    wrong(whole)
    assert krew.problems(whole, "joblab") == [problem]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Job_Lab", "metadata.name is not in kebab-case"),
        ("kube-joblab", "metadata.name begins with kube-"),
    ],
)
def test_krew_refuses_a_name(name: str, problem: str) -> None:
    whole = manifest()
    whole["metadata"]["name"] = name
    assert krew.problems(whole, name) == [problem]


def test_an_empty_selector_is_told_and_overlaps_with_all() -> None:
    whole = manifest()
    whole["spec"]["platforms"][0]["selector"] = {}
    assert krew.problems(whole, "joblab") == [
        "platforms[0]: selector is empty",
        "platforms[0] and platforms[1] overlap",
    ]


# ---- ours


def of_bot() -> Manifest:
    """.krew.yaml as krew-release-bot fills it in."""
    text = (ROOT / ".krew.yaml").read_text("utf-8")
    pattern = r'\{\{ *addURIAndSha "(.*)" \.TagName *\}\}'
    text = re.sub(pattern, rf"uri: \1\n    sha256: {'a' * 64}", text)
    return dict(yaml.safe_load(re.sub(r"\{\{ *\.TagName *\}\}", "v0.1.0", text)))


def of_release() -> Manifest:
    return dict(yaml.safe_load((ROOT / "krew-manifest.yaml").read_text("utf-8")))


@pytest.mark.parametrize("ours", [of_release, of_bot])
def test_krew_takes_our_manifest(ours: Callable[[], Manifest]) -> None:
    assert krew.problems(ours(), "joblab") == []


def test_both_of_our_manifests_say_the_same_of_the_plugin() -> None:
    one, other = of_release(), of_bot()
    for whole in (one, other):
        del whole["spec"]["version"], whole["spec"]["platforms"]
    assert one == other


def test_the_bot_publishes_every_platform_that_is_built() -> None:
    pairs = [pair for one in of_bot()["spec"]["platforms"] for pair in krew.selected(one)]
    assert pairs == [
        ("linux", "amd64"),
        ("linux", "arm64"),
        ("darwin", "amd64"),
        ("darwin", "arm64"),
        ("windows", "amd64"),
    ]


# ---- installing


def tar_of(folder: Path, member: tarfile.TarInfo, content: bytes = b"") -> tuple[Manifest, Path]:
    """An archive with one member, and a manifest that has its sha256."""
    member.size = len(content)
    path = folder / "x.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(member, io.BytesIO(content))
    whole = manifest()
    whole["spec"]["platforms"][0]["sha256"] = sha256(path.read_bytes()).hexdigest()
    return whole, path


def install(whole: Manifest, archive: Path) -> Path:
    return krew.install(whole, archive, archive.parent / "krew", ("linux", "amd64"))


def test_installing_links_the_program_in_the_store(tmp_path: Path) -> None:
    program = tarfile.TarInfo("x/x")
    program.mode = 0o755
    link = install(*tar_of(tmp_path, program, b"program"))
    assert link == tmp_path / "krew/bin/kubectl-joblab"
    assert link.readlink() == Path("../store/joblab/v1.2.3/x/x")
    assert (link.read_bytes(), link.stat().st_mode & 0o777) == (b"program", 0o755)


@pytest.mark.parametrize(
    ("kind", "told"), [(tarfile.SYMTYPE, "file type 50"), (tarfile.LNKTYPE, "file type 49")]
)
def test_installing_refuses_links(tmp_path: Path, kind: bytes, told: str) -> None:
    link = tarfile.TarInfo("x/x")
    link.type, link.linkname = kind, "y"
    with pytest.raises(krew.RefusedError, match=told):
        install(*tar_of(tmp_path, link))


def test_installing_refuses_another_archive_than_the_manifests(tmp_path: Path) -> None:
    _, path = tar_of(tmp_path, tarfile.TarInfo("x/x"))
    with pytest.raises(krew.RefusedError, match="checksum"):
        install(manifest(), path)


@pytest.mark.parametrize("name", ["../x", "/x", "x..y"])
def test_installing_refuses_a_path_that_might_leave_the_store(tmp_path: Path, name: str) -> None:
    with pytest.raises(krew.RefusedError, match="suspicious entry"):
        install(*tar_of(tmp_path, tarfile.TarInfo(name)))
