"""What a busybox image has where the machine's busybox lacks a program of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from kubectl_joblab.practice.node.images import catalogue, reference, roots


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The folder of programs of a busybox image, of a busybox that knows no printenv."""
    tools = catalogue.Tools.of_machine()
    if not tools.busybox:
        pytest.skip("needs busybox")
    image = catalogue.find(reference.parse("busybox:1.36"), tools)
    assert image is not None
    return roots.Roots(tmp_path, tools).programs(image)


@pytest.mark.parametrize(
    ("line", "code", "printed"),
    [
        ("printenv A", 0, "one\n"),
        ("printenv A B", 0, "one\ntwo words\n"),
        ("printenv NONE A", 1, "one\n"),
        ("printenv NONE", 1, ""),
        ("printenv EMPTY", 0, "\n"),
        ("printenv | grep ^B=", 0, "B=two words\n"),
    ],
)
def test_printenv_prints_variables(programs: Path, line: str, code: int, printed: str) -> None:
    environ = {"PATH": f"{programs}:/bin", "A": "one", "B": "two words", "EMPTY": ""}
    done = subprocess.run(
        [shutil.which("sh") or "sh", "-c", line],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, printed, "")


def test_a_folder_that_lacks_a_program_is_made_anew(programs: Path) -> None:
    (programs / "printenv").unlink()
    tools = catalogue.Tools.of_machine()
    image = catalogue.find(reference.parse("busybox:1.36"), tools)
    assert image is not None
    assert (roots.Roots(programs.parent, tools).programs(image) / "printenv").exists()
