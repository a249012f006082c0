"""How often YAML is parsed: each file of a lab is read and parsed once a run, if it is used."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubectl_joblab.labs import exercise, manifest
from kubectl_joblab.labs.definition import examination, lint, loader, model, values

BUILT_IN = loader.built_in() / "06-parallelism"
CHANGES = {"parallelism": 2}


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A user's lab of 8 files: lab.yaml, a manifest, two solutions and four cheats."""
    folder = tmp_path / "36-mine"
    shutil.copytree(BUILT_IN, folder)
    lab = folder / "lab.yaml"
    text = re.sub("(?m)^name: .*", "name: mine", lab.read_text("utf-8"))
    lab.write_text(re.sub("(?m)^number: .*", "number: 36", text), "utf-8")
    assert len(list(folder.rglob("*.yaml"))) == 8
    return folder


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The texts that any of PyYAML's loaders is given, each with how often."""
    found: Counter[str] = Counter()

    def counting(init: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        def count(self: object, stream: Any) -> None:
            found.update([str(stream)] if stream else [])
            init(self, stream)

        return count

    for name in ("SafeLoader", "CSafeLoader"):
        if there := getattr(yaml, name, None):
            monkeypatch.setattr(there, "__init__", counting(there.__init__))
    return found


def start(lab: model.Lab) -> None:
    """What start --parallelism=2 --dry-run=client needs of a lab."""
    chosen = exercise.pick(lab, "", "six", CHANGES, "")
    made = manifest.render(lab, chosen.variant, chosen.changes, chosen.name)
    assert made.data["spec"]["parallelism"] == 2
    assert chosen.flags == " --parallelism=2"


def scaffold(lab: model.Lab) -> None:
    """What scaffold without flags needs of a lab."""
    assert lab.read(lab.variants[0].file)


def show(lab: model.Lab) -> None:
    """What show and check need of a lab."""
    assert values.defaults(lab, lab.variants[0])["parallelism"] == 3


@pytest.mark.parametrize(
    ("command", "of_built_in", "of_users"),
    [
        pytest.param(start, 2, 8, id="start --parallelism=2 --dry-run=client"),
        pytest.param(scaffold, 1, 8, id="scaffold"),
        pytest.param(show, 2, 8, id="show and check"),
    ],
)
def test_a_command_parses_each_file_it_uses_once(
    command: Callable[[model.Lab], None],
    of_built_in: int,
    of_users: int,
    users: Path,
    parsed: Counter[str],
) -> None:
    command(loader.find("parallelism", []))
    assert parsed.total() == of_built_in
    parsed.clear()
    command(loader.find("mine", [users.parent]))
    assert parsed.total() == of_users
    assert set(parsed.values()) == {1}


def test_lint_of_all_labs_parses_each_file_once(parsed: Counter[str]) -> None:
    examined = [examination.examine(folder) for folder in loader.folders([])]
    assert not any(one.problems for one in examined)
    assert lint.problems_among([loader.from_files(one.files) for one in examined]) == []
    assert parsed.total() == len(list(loader.built_in().rglob("*.yaml")))


def test_a_file_that_is_wrong_is_scanned_again_for_the_words(
    users: Path, parsed: Counter[str]
) -> None:
    (users / "job-multi.yaml").write_text("kind: 'Job\n", "utf-8")
    assert examination.examine(users).problems
    assert parsed.total() == 9


def test_a_learners_manifest_is_parsed_once(parsed: Counter[str]) -> None:
    made = manifest.parse("kind: Job\nmetadata: {name: mine}\n", "job.yaml")
    assert (made.data["kind"], made.line(["metadata", "name"])) == ("Job", 2)
    assert parsed.total() == 1


def test_the_lines_of_an_edited_manifest_are_looked_for_only_where_they_are_asked_for(
    parsed: Counter[str],
) -> None:
    lab = loader.load(BUILT_IN)
    made = manifest.render(lab, lab.variants[0], CHANGES, "")
    assert parsed.total() == 2
    assert made.line(["spec"]) == 12
    assert parsed.total() == 3
