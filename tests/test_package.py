"""What is installed: the wheel holds the labs, the sentences and the schema, and runs alone."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kubectl_joblab.labs.definition import loader

ROOT = Path(__file__).parent.parent
LABS = [path.name[3:] for path in sorted((ROOT / "manifests").iterdir()) if path.is_dir()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, so that nothing is left in the checkout."""
    source = tmp_path_factory.mktemp("source")
    for name in ("setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    for folder in ("kubectl_joblab", "manifests"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                target = source / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    built = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(built), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (found,) = built.glob("*.whl")
    return found


def test_the_wheel_lists_every_lab_by_itself(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "kubectl_joblab", "list", "--client", "-o", "name"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == LABS


def test_the_wheel_holds_every_module(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "kubectl_joblab").rglob("*.py")}
    assert modules - inside == set()


def test_the_wheel_holds_what_each_lab_is_proved_with(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"kubectl_joblab/{path.relative_to(ROOT)}" for path in (ROOT / "manifests").rglob("*.yaml")
    }
    assert wanted <= inside
    assert {"kubectl_joblab/ko.json", "kubectl_joblab/labs/definition/lab.schema.json"} <= inside


def test_the_wheel_holds_each_lab_ready_to_be_read_without_yaml(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        found = {
            name: json.loads(archive.read(name))
            for name in archive.namelist()
            if name.endswith(f"/{loader.READY}")
        }
    assert found == {
        f"kubectl_joblab/manifests/{folder.name}/{loader.READY}": loader.ready(folder)
        for folder in loader.folders([])
    }


@pytest.mark.parametrize("command", ["list --client", "show retry", "scaffold retry -d -"])
def test_what_is_ready_says_the_same_as_the_yaml(wheel: Path, tmp_path: Path, command: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    said = [
        subprocess.run(
            [sys.executable, "-m", "kubectl_joblab", *command.split()],
            cwd=folder,
            env={"PYTHONPATH": str(folder), "PATH": "", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for folder in (tmp_path, ROOT)
    ]
    assert said[0] == said[1]


def test_the_wheel_gives_the_command_its_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        text = archive.read(entry).decode()
    assert "kubectl-joblab = kubectl_joblab.__main__:main" in text
