"""The reasons `up` refuses with: `make e2e` shows them when it skips."""

import os
import pathlib
import platform
import shutil
import sys

import pytest

from tests.cluster import cgroups, home, packages, requirements


@pytest.fixture
def empty_home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> home.Home:
    """A home where nothing is built, on a machine where the cluster could run."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(requirements, "_may_administer", lambda: True)
    monkeypatch.setattr(cgroups, "MOUNT", tmp_path)
    monkeypatch.setattr(packages, "missing", list)
    _put_on_path(tmp_path, monkeypatch, "apt-get", "gcc", "go", "openssl")
    return home.Home(pathlib.Path("/nowhere/cluster"))


def _put_on_path(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch, *names: str, go: str = "go1.99.0"
) -> None:
    """Make these, and nothing else, the programs of the machine."""
    bin_folder = folder / "bin"
    shutil.rmtree(bin_folder, ignore_errors=True)
    bin_folder.mkdir()
    for name in names:
        program = bin_folder / name
        program.write_text(f"#!/bin/sh\necho go version {go} linux/amd64\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_folder))


def test_nothing_is_missing(empty_home: home.Home) -> None:
    assert requirements.why_not(empty_home) is None


def test_another_system_is_named(empty_home: home.Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert requirements.why_not(empty_home) == "needs Linux, this is Darwin"


def test_root_is_asked_for_before_tools(
    empty_home: home.Home, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    _put_on_path(tmp_path, monkeypatch)
    assert requirements.why_not(empty_home) == "needs root"


def test_every_missing_tool_is_named(
    empty_home: home.Home, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "missing", lambda: ["conntrack", "runc"])
    _put_on_path(tmp_path, monkeypatch)
    assert requirements.why_not(empty_home) == (
        "needs conntrack runc, and there is no apt-get to install them; "
        "needs Go 1.26 or newer; needs gcc; needs openssl"
    )


def test_an_old_go_is_named(
    empty_home: home.Home, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put_on_path(tmp_path, monkeypatch, "apt-get", "gcc", "go", "openssl", go="go1.25.3")
    assert requirements.why_not(empty_home) == "needs Go 1.26 or newer, this is go1.25"


def test_a_home_too_long_for_sockets_is_named(empty_home: home.Home) -> None:
    deep = home.Home(pathlib.Path("/" + "d" * 90))
    assert requirements.why_not(deep) == (
        f"needs a shorter JOBLAB_CLUSTER_HOME than {deep.root}, as sockets lie in it"
    )
