"""Users' own labs: where they are looked for, what they are called, what is said of folders."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.cli import installed
from tests.cli.conftest import MANIFESTS, Home
from tests.golden import Screen


def own(home: Home, folder: str, *, job: str = "") -> None:
    """A copy of lab 1 in a folder of labs, with the number and the name of its folder."""
    number, _, name = folder.rpartition("/")[2].partition("-")
    shutil.copytree(MANIFESTS / "01-sleep", home.folder / folder)
    for path in (home.folder / folder).rglob("*.yaml"):
        text = path.read_text("utf-8")
        text = text.replace("number: 1\n", f"number: {int(number)}\n")
        text = text.replace("\nname: sleep", f"\nname: {name}")
        text = text.replace("kubernetes.io/name: sleep", f"kubernetes.io/name: {name}")
        job = job or name
        text = text.replace("named sleep", f"named {job}").replace("01-sleep/", f"{number}-{name}/")
        text = text.replace("job: sleep", f"job: {job}").replace(
            "\n  name: sleep", f"\n  name: {job}"
        )
        path.write_text(text, "utf-8")


def listed(screen: Screen) -> list[str]:
    return screen.out.split()


def test_a_folder_of_the_variable_that_is_gone_is_told_and_the_rest_goes_on(home: Home) -> None:
    own(home, "own/90-nap")
    env = {"JOBLAB_PATH": f"gone{os.pathsep}own"}
    screen = home.run("list", "--client", "-o", "name", env=env)
    assert "nap" in listed(screen)
    assert (screen.err, screen.code) == (
        "error: no lab folder gone; make it, or correct --lab-path or JOBLAB_PATH\n",
        1,
    )
    assert home.run("show", "nap", env=env).code == 0
    assert home.run("show", "nop", env=env).err.splitlines()[1:] == [
        "error: no lab folder gone; make it, or correct --lab-path or JOBLAB_PATH",
        "See 'kubectl joblab list' for the labs.",
    ]
    assert home.run("lab", "lint", env=env).code == 1


def test_a_folder_of_the_flag_that_is_gone_is_told_and_the_rest_goes_on(home: Home) -> None:
    said = "error: no lab folder gone; make it, or correct --lab-path or JOBLAB_PATH\n"
    for line in ("list --client", "lab lint"):
        screen = home.run(*line.split(), "--lab-path=gone")
        assert (screen.err, screen.code) == (said, 1)
    assert "sleep" in listed(home.run("list", "--client", "--lab-path=gone"))
    assert home.run("show", "sleep", "--lab-path=gone").code == 0


@pytest.mark.parametrize("make", ["folder", "pipe"])
def test_what_is_no_file_is_one_lab_that_is_none(make: str, home: Home) -> None:
    file = home.folder / "own/90-nap/lab.yaml"
    file.parent.mkdir(parents=True)
    if make == "folder":
        file.mkdir()
    elif os.name == "nt":
        pytest.skip("Windows has no such pipes")
    else:
        os.mkfifo(file)
    screen = home.run("lab", "lint", "own")
    assert screen.out == (
        "own/90-nap/lab.yaml:1: cannot be read (it is a folder, a pipe or a device); make it a"
        " file that you may read\n"
    )
    assert screen.err == "1 lab, 1 problem.\n"
    screen = home.run("list", "--client", "-o", "name", "--lab-path=own")
    assert screen.err.splitlines()[-2:] == [
        "error: own/90-nap/lab.yaml is no file, so it is no lab",
        "Next: kubectl joblab lab lint own/90-nap --lab-path=own",
    ]


def test_two_labs_of_one_name_are_told_apart_by_their_folders(home: Home) -> None:
    own(home, "one/90-nap")
    own(home, "two/91-nap", job="nap-again")
    env = {"JOBLAB_PATH": f"one{os.pathsep}two"}
    screen = home.run("show", "nap", env=env)
    assert screen.err.splitlines()[0] == (
        "Warning: nap is taken for lab one/nap; it is also that of two/nap"
    )
    assert home.run("show", "two/nap", env=env).out.startswith("Lab 91, two/nap:")


def test_a_folder_may_end_with_a_slash(home: Home) -> None:
    own(home, "own/90-nap")
    assert home.run("show", "own/90-nap/", "--lab-path=own").out.startswith("Lab 90, nap")


def test_lab_test_says_where_labs_are_found(home: Home) -> None:
    assert home.run("lab", "test", "xyzzy").err.splitlines() == [
        'error: unknown lab "xyzzy"',
        "See 'kubectl joblab list' for the labs.",
        "A lab of yours is found below --lab-path=DIR, or a folder in JOBLAB_PATH.",
    ]


def test_a_folder_without_a_lab_is_told(home: Home) -> None:
    (home.folder / "own").mkdir()
    screen = home.run("list", "--client", "-o", "name", "--lab-path=own")
    assert "sleep" in listed(screen)
    assert (screen.err, screen.code) == (
        "error: no lab in own; a lab is a folder NN-name with a lab.yaml\n",
        1,
    )


def test_a_folder_that_is_called_as_a_lab_and_has_no_file_is_told(home: Home) -> None:
    own(home, "own/90-nap")
    (home.folder / "own/91-new").mkdir()
    (home.folder / "own/92-old").mkdir()
    home.write("own/92-old/lab.yml", "format: joblab/v2\n")
    (home.folder / "own/03-yaml").mkdir()  # as scaffold makes it
    screen = home.run("list", "--client", "-o", "name", "--lab-path=own")
    assert "nap" in listed(screen)
    assert screen.err.splitlines() == [
        "error: own/91-new has no lab.yaml, so it is no lab",
        "Next: kubectl joblab lab lint own/91-new --lab-path=own",
        "error: own/92-old has no lab.yaml, so it is no lab",
        "Next: kubectl joblab lab lint own/92-old --lab-path=own",
    ]
    for line in (["lab", "lint", "own"], ["lab", "lint", "--lab-path=own"]):
        assert home.run(*line).out.splitlines() == [
            "own/91-new/lab.yaml:1: there is no such file;"
            " a lab is a folder NN-name with a lab.yaml",
            "own/92-old/lab.yaml:1: there is no such file; rename lab.yml to lab.yaml",
        ]


def test_lint_knows_the_labs_beside_the_one_it_is_given(home: Home) -> None:
    own(home, "own/90-nap")
    own(home, "own/91-doze")
    lab = home.folder / "own/91-doze/lab.yaml"
    lab.write_text(lab.read_text("utf-8").replace("requires: [basics]", "requires: [nap]"), "utf-8")
    screen = home.run("lab", "lint", "own/91-doze")
    assert (screen.out, screen.code) == ("1 lab, no problems.\n", 0)


def test_the_values_that_a_parameter_can_have_are_named(home: Home) -> None:
    page = home.run("show", "retry").out
    assert "how often to try again (1 to 4)\n" in page
    assert "  restart of the container (Never, OnFailure)\n" in page
    help_page = home.run("start", "retry", "--help").out
    assert "\tHow often to try again (1 to 4).\n" in help_page
    assert home.run("show", "parallelism", "--lang=ko").out.count(", 2~10\n") == 1


# ---- a lab that has the name or the number of one of ours


@pytest.fixture
def same(home: Home) -> Home:
    """With a lab that has the name of our lab 14 and the number of our lab 7."""
    own(home, "course/07-indexed", job="mine")
    return home


def test_a_lab_with_the_name_of_one_of_ours_is_listed_below_its_folder(same: Home) -> None:
    screen = same.run("list", "--client", "-o", "name", "--lab-path=course")
    assert {"indexed", "course/indexed"} <= set(listed(screen))
    assert (screen.err, screen.code) == ("", 0)


@pytest.mark.parametrize(
    "named",
    ["course/indexed", "course/7", "FOLDER/indexed", "./course/indexed", "07-indexed/indexed"],
)
def test_it_is_reached_by_its_folder_and_named_so(same: Home, named: str) -> None:
    named = named.replace("FOLDER", str(same.folder / "course"))
    screen = same.run("show", named, "--lab-path=course")
    assert screen.out.startswith("Lab 7, course/indexed: ")
    assert screen.err == "Next: kubectl joblab start course/indexed --lab-path=course\n"


def test_it_is_reached_so_where_the_path_is_the_lab_itself(same: Home) -> None:
    screen = same.run("show", "course/indexed", "--lab-path=course/07-indexed")
    assert screen.out.startswith("Lab 7, course/indexed: ")


def test_scaffold_writes_it_with_the_labels_of_its_own_name(same: Home) -> None:
    screen = same.run("scaffold", "course/indexed", "--lab-path=course")
    assert screen.out == "07-indexed/job.yaml written\n"
    text = same.run(
        "start", "course/indexed", "--lab-path=course", "--dry-run=client", "-o", "yaml"
    )
    assert "app.kubernetes.io/name: indexed\n" in text.out


@pytest.mark.parametrize(
    ("wanted", "lab", "other"), [("7", "deadline", "indexed"), ("indexed", "indexed", "indexed")]
)
@pytest.mark.parametrize("line", ["show", "show --debrief=true"])  # read without click, and with
def test_ours_is_taken_and_the_other_named(
    same: Home, wanted: str, lab: str, other: str, line: str
) -> None:
    screen = same.run(*line.split(), wanted, "--lab-path=course")
    if line == "show":
        assert f", {lab}: " in screen.out.splitlines()[0]
    assert screen.err.splitlines()[0] == (
        f"Warning: {wanted} is taken for lab {lab}; it is also that of course/{other}"
    )


def test_lint_warns_that_it_has_them(same: Home) -> None:
    screen = same.run("lab", "lint", "course/07-indexed")
    file, labs = "course/07-indexed/lab.yaml", installed.manifests()
    assert screen.out.splitlines() == [
        f'{file}:2: warning: name: "indexed" is the name of {labs}/14-indexed; choose another',
        f"{file}:3: warning: number: 7 is the number of {labs}/07-deadline; choose another",
        "1 lab, no problems, 2 warnings.",
    ]
    assert screen.code == 0
