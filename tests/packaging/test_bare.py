"""The archive on a machine without Python: krew's folder is moved there, nothing is installed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import labs
from tests.e2e.cluster import Cluster
from tests.packaging import bare
from tests.packaging.bare import Machine
from tests.packaging.conftest import TAG

pytestmark = pytest.mark.package

KREW = f"{bare.HOME}/.krew"
PASSED = "3 passed. Task 4 is optional."  # lab 2
# what every Linux of glibc has; zlib is the bootloader's
SYSTEM = r"(ld-linux.*|lib(c|dl|m|pthread|rt|util|z))\.so\.\d"


@pytest.fixture(name="root")
def a_root(plugin: Path, folder: Path, tmp_path: Path) -> Path:
    """A folder with a shell, what glibc and zlib have of the program's needs, and krew's folder."""
    root = tmp_path / "root"
    try:
        bare.make(root, bare.needs(folder, plugin.resolve()).values())
    except bare.CannotRunError as reason:
        pytest.skip(f"no machine without Python here: {reason}")
    shutil.copytree(plugin.parents[1], root / KREW[1:], symlinks=True)
    return root


@pytest.fixture(name="machine")
def a_machine(root: Path) -> Iterator[Machine]:
    """That root as a machine that runs."""
    try:
        with bare.boot(root, f"{KREW}/bin:/bin") as machine:
            yield machine
    except bare.CannotRunError as reason:
        pytest.skip(f"no machine without Python here: {reason}")


def test_the_program_needs_nothing_of_the_system_but_glibc_and_zlib(
    plugin: Path, folder: Path
) -> None:
    assert [
        name for name in bare.needs(folder, plugin.resolve()) if not re.fullmatch(SYSTEM, name)
    ] == []


def test_a_lab_runs_on_a_machine_without_python_and_without_kubectl(machine: Machine) -> None:
    go_through_a_lab(machine, "kubectl-joblab")


def test_a_lab_runs_through_kubectl_on_a_machine_without_python(
    cluster: Cluster, root: Path, machine: Machine
) -> None:
    shutil.copy(cluster.kubectl, root / "bin/kubectl")
    go_through_a_lab(machine, "kubectl joblab")


def go_through_a_lab(machine: Machine, joblab: str) -> None:
    """From nothing to a lab on the practice cluster, and back to nothing but the scaffold."""
    for name in ("python", "python3"):
        assert machine.run(f"command -v {name}").out == ""
    processes = machine.processes()

    said = machine.run(f"{joblab} version --client").expect(0).out
    assert said == f"Joblab Version: {TAG}\n"
    assert machine.run(f"{joblab} list --client -o name").out.split() == list(labs.COURSE)
    machine.run(f"cd && {joblab} scaffold echo && ls 02-echo/job.yaml").expect(0)
    assert machine.run(f"{joblab} practice status").code == 3

    started = machine.run(f"{joblab} start echo").expect(0)
    assert "the practice cluster was started" in started.err
    assert PASSED in started.out.splitlines()
    assert PASSED in machine.run(f"{joblab} check echo").expect(0).out.splitlines()
    assert "Running" in machine.run(f"{joblab} practice status").expect(0).out
    assert machine.processes() != processes
    if joblab.startswith("kubectl "):
        assert "Complete" in machine.run("kubectl get job echo").expect(0).out
        assert "2 + 3 = 5" in machine.run("kubectl logs job/echo").expect(0).out
        machine.run("kubectl explain job.spec.backoffLimit").expect(0)

    machine.run(f"{joblab} practice down --wipe").expect(0)
    assert machine.run(f"{joblab} practice status").code == 3
    assert machine.processes() == processes

    # as the README says how it is uninstalled; what kubectl caches is its own
    machine.run(f"rm -r ~/.local/state/kubectl-joblab {KREW} && rm -rf ~/.kube/cache").expect(0)
    left = machine.run("cd && grep -rl joblab . && find . -name '*joblab*'").out
    assert left == "./02-echo/job.yaml\n"
