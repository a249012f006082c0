"""Where the user's kubeconfig is when nothing names one: the homes of client-go's homedir.go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import pytest

from kubectl_joblab import homedir

SET = {
    "HOME": "FOLDER/home",
    "USERPROFILE": "FOLDER/profile",
    "HOMEDRIVE": "FOLDER/drive",
    "HOMEPATH": "/path",
}


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in SET.items() if name not in names}


@dataclass(frozen=True)
class Case:
    """The homes that have a kubeconfig, those that are there, those that are read-only."""

    chosen: str
    configs: tuple[str, ...] = ()
    there: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    environ: Mapping[str, str] | None = None


CASES = {
    "HOME where its kubeconfig is there": Case("home", configs=("home", "drive/path", "profile")),
    "then HOMEDRIVE and HOMEPATH": Case("drive/path", configs=("drive/path", "profile")),
    "then USERPROFILE": Case("profile", configs=("profile",), there=("home",)),
    "of homes without one, HOME": Case("home", there=("home", "profile", "drive/path")),
    "of homes without one, then USERPROFILE": Case("profile", there=("profile", "drive/path")),
    "of homes without one, then HOMEDRIVE and HOMEPATH": Case("drive/path", there=("drive/path",)),
    "one that can be written before one that cannot": Case(
        "drive/path", there=("home", "profile", "drive/path"), locked=("home", "profile")
    ),
    "one that is a folder before one that is a file": Case(
        "profile", there=("profile",), files=("home",)
    ),
    "the first that is there where none can be written": Case(
        "profile", there=("profile", "drive/path"), locked=("profile", "drive/path")
    ),
    "HOME where none is there": Case("home"),
    "USERPROFILE where none is there and HOME is not set": Case("profile", environ=without("HOME")),
    "HOMEDRIVE and HOMEPATH where nothing else is set": Case(
        "drive/path", environ=without("HOME", "USERPROFILE")
    ),
    "HOMEDRIVE counts with HOMEPATH only": Case(
        "", configs=("drive",), environ=without("HOME", "USERPROFILE", "HOMEPATH")
    ),
    "the folder one is in where nothing is set": Case("", configs=("home",), environ={}),
    "an empty one is not set": Case("profile", environ={**SET, "HOME": ""}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_kubeconfig_of_windows_is_in_the_home_that_kubectl_takes(
    tmp_path: Path, case: Case
) -> None:
    for name in case.configs:
        (tmp_path / name / ".kube").mkdir(parents=True)
        (tmp_path / name / ".kube" / "config").write_text("", "utf-8")
    for name in case.there:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    for name in case.files:
        (tmp_path / name).write_text("", "utf-8")
    for name in case.locked:
        (tmp_path / name).chmod(0o555)
    environ = {
        name: value.replace("FOLDER", str(tmp_path))
        for name, value in (SET if case.environ is None else case.environ).items()
    }

    found = homedir.kubeconfig(environ, windows=True)

    assert found == (tmp_path / case.chosen if case.chosen else Path()) / ".kube" / "config"


def test_elsewhere_it_is_in_HOME_alone(tmp_path: Path) -> None:  # noqa: N802 -- its name
    environ = {"HOME": "/home/me", "USERPROFILE": str(tmp_path)}
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text("", "utf-8")

    assert homedir.kubeconfig(environ, windows=False) == Path("/home/me/.kube/config")
    assert homedir.kubeconfig({}, windows=False) == Path(".kube/config")


@pytest.mark.parametrize("given", ["/absolute", "relative", "", None])
def test_what_we_keep_is_where_platformdirs_has_it(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    if given is None:
        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_STATE_HOME", given)
    assert homedir.state() == platformdirs.user_state_path("kubectl-joblab", appauthor=False)
