"""Our context in the user's kubeconfig: what changes, what stays, what is refused."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubectl_joblab.errors import ConfigError
from kubectl_joblab.practice import kubectl_context

ENTRY = kubectl_context.Entry("https://127.0.0.1:4443", b"ca", b"crt", b"key")
OURS = {
    "clusters": {
        "cluster": {"certificate-authority-data": "Y2E=", "server": "https://127.0.0.1:4443"},
        "name": "joblab-practice",
    },
    "users": {
        "user": {"client-certificate-data": "Y3J0", "client-key-data": "a2V5"},
        "name": "joblab-practice",
    },
    "contexts": {
        "context": {"cluster": "joblab-practice", "user": "joblab-practice"},
        "name": "joblab-practice",
    },
}
THEIRS = """\
# my clusters
apiVersion: v1
clusters:
- {name: prod, cluster: {server: 'https://prod:6443'}}
contexts:
- context: {cluster: prod, user: "0123", namespace: on}
  name: prod
current-context: prod
kind: Config
preferences: {}
users:
- name: "0123"
  user:
    token: 0123
    exec:
      args: [yes, "no", null, 1.0, 2001-01-01, 한국]
      env: &none []
      provideClusterInfo: false
extensions: *none
"""


def nodes(text: str) -> Any:
    """A YAML text as data in which each scalar stays what was written."""

    def plain(node: yaml.Node | None) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {plain(key): plain(value) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [plain(value) for value in node.value]
        return (node.tag, node.value) if node else None

    return plain(yaml.compose(text))


def values(text: str) -> Any:
    """A YAML text as data."""
    return yaml.safe_load(text)


@dataclass(frozen=True)
class Case:
    """A kubeconfig before, and its current-context after adding and after removing ours."""

    before: str | None
    was: str = ""
    others: dict[str, list[Any]] = field(default_factory=dict)


CASES = {
    "no file": Case(None),
    "an empty file": Case(""),
    "a file with only a comment": Case("# nothing\n"),
    "a file with null": Case("null\n"),
    "an empty Config": Case("apiVersion: v1\nkind: Config\n"),
    "lists that are null": Case("kind: Config\nclusters: null\nusers:\ncontexts: ~\n"),
    "no current context": Case('current-context: ""\ncontexts: []\n'),
    "another's file": Case(THEIRS, "prod"),
    "a JSON file": Case(
        json.dumps({"kind": "Config", "current-context": "a", "contexts": [{"name": "a"}]}), "a"
    ),
    "an older context of ours": Case(
        "current-context: b\ncontexts:\n- {name: joblab-practice, context: {cluster: x}}\n"
        "- {name: b}\n",
        "b",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_our_context_is_added_and_made_current(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "config"
    if case.before is not None:
        path.parent.mkdir()
        path.write_text(case.before, "utf-8")
    assert kubectl_context.add(path, ENTRY, switch=True) == case.was
    after = values(path.read_text("utf-8"))
    assert after["current-context"] == "joblab-practice"
    for key, ours in OURS.items():
        assert [one for one in after[key] if one["name"] == "joblab-practice"] == [ours]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_else_stays_as_it_was_written(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "config"
    if case.before is not None:
        path.write_text(case.before, "utf-8")
    before = nodes(case.before or "") or {}
    before = before if isinstance(before, dict) else {}
    kubectl_context.add(path, ENTRY, switch=True)
    kubectl_context.remove(path, case.was)
    after = nodes(path.read_text("utf-8"))
    name = ("tag:yaml.org,2002:str", "name")
    ours = ("tag:yaml.org,2002:str", "joblab-practice")
    lists = [("tag:yaml.org,2002:str", key) for key in OURS]
    current = ("tag:yaml.org,2002:str", "current-context")
    for key, value in before.items():
        if key in lists:
            kept = [one for one in value if one[name] != ours] if isinstance(value, list) else []
            assert after[key] == kept
        elif key != current:
            assert after[key] == value
    assert after[current][1] == case.was, "what was current is so again"
    shared = [key for key in before if key in after]
    assert [key for key in after if key in before] == shared  # in the same order


def test_keys_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(THEIRS, "utf-8")
    kubectl_context.add(path, ENTRY, switch=True)
    assert list(values(path.read_text("utf-8"))) == list(values(THEIRS))


def test_adding_without_switching_leaves_the_current_context(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(THEIRS, "utf-8")
    kubectl_context.add(path, ENTRY, switch=False)
    assert values(path.read_text("utf-8"))["current-context"] == "prod"
    assert not kubectl_context.is_current(path)


def test_adding_twice_is_adding_once(tmp_path: Path) -> None:
    path = tmp_path / "config"
    kubectl_context.add(path, ENTRY, switch=True)
    once = path.read_text("utf-8")
    assert kubectl_context.add(path, ENTRY, switch=True) == "joblab-practice"
    assert path.read_text("utf-8") == once


def test_a_context_chosen_meanwhile_stays_current(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(THEIRS, "utf-8")
    kubectl_context.add(path, ENTRY, switch=True)
    text = path.read_text("utf-8")
    path.write_text(text.replace("current-context: joblab-practice", "current-context: other"))
    assert kubectl_context.remove(path, "prod") == ""
    assert values(path.read_text("utf-8"))["current-context"] == "other"


def test_a_context_that_is_gone_does_not_become_current_again(tmp_path: Path) -> None:
    path = tmp_path / "config"
    kubectl_context.add(path, ENTRY, switch=True)
    assert kubectl_context.remove(path, "prod") == ""
    assert values(path.read_text("utf-8"))["current-context"] == ""


def test_removing_from_a_file_that_is_gone_makes_none(tmp_path: Path) -> None:
    assert kubectl_context.remove(tmp_path / "config", "prod") == ""
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_may_read_the_file_afterwards(tmp_path: Path) -> None:
    for name, mode in (("new", None), ("open", 0o644), ("closed", 0o600)):
        path = tmp_path / name
        if mode is not None:
            path.write_text(THEIRS, "utf-8")
            path.chmod(mode)
        kubectl_context.add(path, ENTRY, switch=True)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "kubeconfig"
    real.parent.mkdir()
    real.write_text(THEIRS, "utf-8")
    link = tmp_path / "config"
    link.symlink_to("dotfiles/kubeconfig")
    kubectl_context.add(link, ENTRY, switch=True)
    assert os.readlink(link) == "dotfiles/kubeconfig"
    assert "joblab-practice" in real.read_text("utf-8")
    assert [path.name for path in real.parent.iterdir()] == ["kubeconfig"]


BROKEN = {
    "bad UTF-8": ("a: \udcff\n", "can't decode byte 0xff"),
    "no YAML": ("a: [\n", "while parsing a flow node"),
    "a list": ("- a\n", "it is not a mapping"),
    "a text": ("hello\n", "it is not a mapping"),
    "contexts that are a mapping": ("contexts: {a: b}\n", "contexts is not a list"),
    "an entry without a name": ("users:\n- user: {}\n", "an entry has no name"),
    "an entry that is a text": ("clusters: [a]\n", "an entry is not a mapping"),
    "two documents": ("a: b\n---\nc: d\n", "expected a single document"),
    "a tab": ("a:\n\tb: c\n", "while scanning"),
}


@pytest.mark.parametrize(("text", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_and_left_alone(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for act in (
        lambda: kubectl_context.check(path),
        lambda: kubectl_context.add(path, ENTRY, switch=True),
        lambda: kubectl_context.remove(path, ""),
    ):
        with pytest.raises(ConfigError) as refused:
            act()
        assert str(refused.value).startswith(f'error: error loading config file "{path}": ')
        assert why in str(refused.value)
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")
    assert [one.name for one in tmp_path.iterdir()] == ["config"]


def test_a_lock_that_stays_is_an_error_and_is_not_stolen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubectl_context, "LOCK_SECONDS", 0.0)
    path, lock = tmp_path / "config", tmp_path / "config.lock"
    path.write_text(THEIRS, "utf-8")
    lock.touch()
    with pytest.raises(ConfigError) as refused:
        kubectl_context.add(path, ENTRY, switch=True)
    assert str(refused.value) == f"error: open {lock}: file exists"
    assert refused.value.next == f"rm {lock}"
    assert lock.exists()
    assert path.read_text("utf-8") == THEIRS


def test_the_lock_is_gone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "config"
    kubectl_context.add(path, ENTRY, switch=True)
    assert [one.name for one in tmp_path.iterdir()] == ["config"]


FILES = {
    "the home's where nothing is said": ({}, "", ".kube/config"),
    "the one of KUBECONFIG": ({"KUBECONFIG": "a"}, "", "a"),
    "the one of KUBECONFIG though it is not there": ({"KUBECONFIG": "no"}, "", "no"),
    "the first of several that is there": ({"KUBECONFIG": "no:b:a"}, "", "b"),
    "the last of several where none is there": ({"KUBECONFIG": "no:neither"}, "", "neither"),
    "the last of several, empty names left out": ({"KUBECONFIG": ":no::"}, "", "no"),
    "the one of --kubeconfig": ({"KUBECONFIG": "a"}, "c", "c"),
}


@pytest.mark.parametrize(("environ", "explicit", "expected"), FILES.values(), ids=FILES)
def test_the_file_is_the_one_kubectl_would_write_to(
    environ: dict[str, str],
    explicit: str,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).touch()
    found = kubectl_context.file({"HOME": str(tmp_path), **environ}, explicit)
    assert found == tmp_path / expected
