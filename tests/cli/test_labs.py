"""list, show and scaffold without a cluster: whole screens, and what scaffold writes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from kubectl_joblab.printing import tabwriter
from tests.cli import test_help
from tests.cli.conftest import GOLDEN, LABS, MANIFESTS, PATIENCE, PROGRAM, Home, register
from tests.golden import Screen

RETRY = [f"--variant={name}" for name in ("never", "onfailure", "recover")]
SCREENS = register(
    {
        "list-client": ["list", "--client"],
        "list-client-ko": ["list", "--client", "--lang=ko"],
        "list-client-yaml": ["list", "--client", "-o", "yaml"],
        "list-name": ["list", "--client", "-o", "name"],
        **{f"show-{lab}": ["show", lab] for lab in LABS},
        **{f"show-{lab}-ko": ["show", lab, "--lang=ko"] for lab in LABS},
        "debrief": ["show", "parallelism", "--debrief"],
        "debrief-ko": ["show", "parallelism", "--debrief", "--lang=ko"],
        **{f"scaffold-{lab}": ["scaffold", lab, "-d", "-"] for lab in LABS if lab != "retry"},
        **{
            f"scaffold-retry-{flag.partition('=')[2]}": ["scaffold", "retry", flag, "-d", "-"]
            for flag in RETRY
            if "retry" in LABS
        },
        "scaffold-changed": [
            *("scaffold", "6", "--completions=12", "--parallelism=4"),
            *("--name=lanes", "--image=example.com/busybox:2", "-d", "-"),
        ],
    }
)
ScreenOf = Callable[[list[str]], Screen]


@pytest.mark.parametrize("name", SCREENS)
def test_the_screen_is_the_golden_one(compare: Callable[[str], Screen], name: str) -> None:
    assert compare(name).code == 0


@pytest.mark.parametrize("lab", LABS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_show_has_goal_tasks_what_to_observe_and_commands(
    screen_of: ScreenOf, lab: str, language: str
) -> None:
    args = ["show", lab] if language == "en" else ["show", lab, "--lang=ko"]
    screen = screen_of(args)
    heads = {
        "en": ["Goal: ", "Tasks:", "Observe:", "Commands to try:"],
        "ko": ["목표: ", "할 일:", "관찰할 것:", "직접 해 볼 명령:"],
    }[language]
    places = [screen.out.find(f"\n{head}") for head in heads]
    assert -1 not in places
    assert places == sorted(places)
    verb = "scaffold" if lab == "yaml" else "start"  # its file is for the learner to complete
    following, flag = ("Next", "") if language == "en" else ("다음", " --lang=ko")
    assert screen.err == f"{following}: kubectl joblab {verb} {lab}{flag}\n"


def test_what_scaffold_leads_to_has_the_values_in_the_file(home: Home) -> None:
    screen = home.run("scaffold", "yaml", "--image=alpine:3")
    assert "image: alpine:3" in (home.folder / "03-yaml/job.yaml").read_text("utf-8")
    assert screen.err == (
        "Complete it before you run it: as it is, the API server refuses it.\n"
        "Next: kubectl joblab start yaml -f 03-yaml/job.yaml\n"
    )


def test_a_table_with_hangul_is_aligned_by_its_columns(screen_of: ScreenOf) -> None:
    header, *lines = screen_of(["list", "--client", "--lang=ko"]).out.splitlines()
    rows = [line for line in lines if line[:1].isdecimal()]  # without the names of chapters
    level = header.index("LEVEL")
    assert {tabwriter.width(row[: row.index(row.split()[-2])]) for row in rows} == {level}


def test_the_locale_chooses_the_language(home: Home, screen_of: ScreenOf) -> None:
    korean = home.run("list", "--client", env={"LANG": "ko_KR.UTF-8"})
    assert korean.out == screen_of(["list", "--client", "--lang=ko"]).out
    assert korean.err == "다음: kubectl joblab show basics\n"  # the locale stays as it is


def test_a_lab_can_be_called_by_its_number(home: Home, screen_of: ScreenOf) -> None:
    assert home.run("show", "6") == screen_of(["show", "parallelism"])


# ---- scaffold


JOB = "06-parallelism/job-multi.yaml"
EXISTS = Screen(
    "",
    f"error: {JOB} is there already; --force overwrites it\nNext: kubectl apply -f {JOB}\n",
    1,
)


def test_scaffold_writes_into_the_folder_of_the_lab(home: Home, screen_of: ScreenOf) -> None:
    screen = home.run("scaffold", "parallelism")
    assert screen == Screen(f"{JOB} written\n", f"Next: kubectl apply -f {JOB}\n", 0)
    printed = screen_of(["scaffold", "parallelism", "-d", "-"]).out
    assert (home.folder / JOB).read_text("utf-8") == printed
    assert printed == (MANIFESTS / JOB).read_text("utf-8")
    assert [path.name for path in home.folder.iterdir()] == ["06-parallelism"]


def test_scaffold_writes_into_another_folder_with_the_flags_applied(home: Home) -> None:
    screen = home.run("scaffold", "6", "-d", "my/labs", "--parallelism=2", "--name=lanes")
    assert screen.out == "my/labs/job-multi.yaml written\n"
    job = yaml.safe_load((home.folder / "my/labs/job-multi.yaml").read_text("utf-8"))
    assert job["metadata"]["name"] == "lanes"
    assert job["spec"]["parallelism"] == 2


def test_scaffold_overwrites_only_by_force(home: Home) -> None:
    path = home.write(JOB, "mine\n")
    assert home.run("scaffold", "parallelism") == EXISTS
    assert path.read_text("utf-8") == "mine\n"
    assert home.run("scaffold", "parallelism", "--force").code == 0
    assert path.read_text("utf-8") == (MANIFESTS / JOB).read_text("utf-8")


@pytest.mark.parametrize("lab", ["yaml", "shards"])
def test_where_its_files_are_there_scaffold_leads_on_with_them(home: Home, lab: str) -> None:
    written = home.run("scaffold", lab)
    assert (home.run("scaffold", lab).err.splitlines()[-1:], written.code) == (
        written.err.splitlines()[-1:],
        0,
    )


def test_where_a_part_of_its_files_is_there_it_leads_to_what_can_be_printed(home: Home) -> None:
    home.write("15-shards/orders.yaml", "mine\n")
    screen = home.run("scaffold", "shards")
    step = "kubectl joblab scaffold shards -d -"
    assert screen.err.splitlines()[-1:] == [f"Next: {step}"]
    assert home.run(*step.split()[2:]).code == 0


def test_scaffold_passes_the_namespace_on_to_the_next_command(home: Home) -> None:
    screen = home.run("scaffold", "6", "-n", "labs", "--context=c")
    assert screen.err == f"Next: kubectl apply -f {JOB} -n labs --context=c\n"


def test_scaffold_of_the_starter_leads_to_start_with_the_file(home: Home) -> None:
    said = "Complete it before you run it: as it is, the API server refuses it."
    line = "Next: kubectl joblab start yaml -f 03-yaml/job.yaml"
    assert home.run("scaffold", "yaml").err.splitlines() == [said, line]


def test_the_starter_takes_an_image_of_another_registry(home: Home) -> None:
    own = home.run("scaffold", "yaml", "-d", "-").out
    changed = home.run("scaffold", "yaml", "--image=example.com/busybox:2", "-d", "-").out
    assert [line for line in changed.splitlines() if line not in own.splitlines()] == [
        "#         image: example.com/busybox:2  # --image: any image that has a shell"
    ]


def test_a_file_in_the_place_of_the_folder_is_an_error(home: Home) -> None:
    home.write("06-parallelism", "a file\n")
    screen = home.run("scaffold", "parallelism")
    assert (screen.out, screen.code) == ("", 1)
    assert screen.err.splitlines()[0] == "error: 06-parallelism is a file, not a folder"


def test_a_file_further_up_is_an_error(home: Home) -> None:
    home.write("notes", "a file\n")
    screen = home.run("scaffold", "parallelism", "-d", "notes/deep/er")
    assert (screen.out, screen.code) == ("", 1)
    assert screen.err.startswith("error: ")
    assert "notes" in screen.err.splitlines()[0]
    assert "Traceback" not in screen.err


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that even root cannot fill")
def test_a_folder_that_cannot_be_written_is_an_error(home: Home) -> None:
    screen = home.run("scaffold", "parallelism", "-d", "/proc/labs")
    assert (screen.out, screen.code) == ("", 1)
    assert screen.err.startswith("error: cannot write /proc/labs/job-multi.yaml: ")
    assert "Traceback" not in screen.err


@pytest.mark.skipif(os.name == "nt", reason="pipes of another kind")
@pytest.mark.parametrize(
    "args", [["show", "parallelism"], ["-h"], ["options"], ["scaffold", "6", "-d", "-"]]
)
def test_a_reader_that_goes_away_is_no_error_worth_a_word(home: Home, args: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*PROGRAM, *args],
        cwd=home.folder,
        env=home.environ(),
        stdout=writing,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    os.close(writing)
    assert done.stderr == ""


# ---- the golden screens of this folder

GOLDENS = [*test_help.NAMES, *test_help.KOREAN, *test_help.OPTIONS, *SCREENS]
# What kubectl says is quoted whole; `$` is what was typed.
QUOTED = (
    "$ ",
    "The connection to the server ",
    "Unable to connect to the server: ",
    'Use "kubectl ',
    "  kubectl ",  # a command to be typed is one line
    "  echo '",  # so is one that reads what is printed by another
    "              fieldPath: ",  # Kubernetes' name for it
)


@pytest.mark.parametrize("name", GOLDENS)
def test_no_line_of_ours_is_wider_than_80_columns(name: str) -> None:
    lines = (GOLDEN / f"{name}.txt").read_text("utf-8").splitlines()
    wide = [line for line in lines if tabwriter.width(line.expandtabs(8)) > 80]
    assert [line for line in wide if not line.startswith(QUOTED)] == []


def test_each_golden_file_belongs_to_a_screen() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == sorted(GOLDENS)


# ---- users' own labs


def own(home: Home, name: str, *changes: tuple[str, str]) -> None:
    """A lab of the user's in own/, a copy of lab 1 with these changes."""
    folder = home.folder / "own" / name
    shutil.copytree(MANIFESTS / "01-sleep", folder)
    text = (folder / "lab.yaml").read_text("utf-8")
    called = (("name: sleep", f"name: {name[3:]}"), ("number: 1", "number: 90"))
    kept = (("named sleep", f"named {name[3:]}"), ("01-sleep/", f"{name}/"))
    for old, new in (*called, *kept, *changes):
        text = text.replace(old, new)
    (folder / "lab.yaml").write_text(text.replace("job: sleep", f"job: {name[3:]}"), "utf-8")
    for path in (folder / "job.yaml", *folder.glob("solutions/*.yaml"), *folder.glob("cheats/*")):
        manifest = path.read_text("utf-8")
        manifest = re.sub(r"(?<=/name: )sleep", name[3:], manifest)
        path.write_text(manifest.replace("\n  name: sleep", f"\n  name: {name[3:]}"), "utf-8")


def test_a_lab_that_is_broken_is_told_and_the_others_listed(home: Home) -> None:
    own(home, "08-broken", ("minutes: ", "minuets: "))
    own(home, "90-nap")
    screen = home.run("list", "--client", "-o", "name", "--lab-path=own")
    assert sorted(screen.out.split()) == sorted([*LABS, "nap"])
    assert screen.err.splitlines() == [
        'error: own/08-broken/lab.yaml:5: minuets: "minuets" is not a key here;'
        " did you mean minutes?",
        "Next: kubectl joblab lab lint own/08-broken --lab-path=own",
    ]
    assert screen.code == 1


def test_a_lab_is_found_beside_one_that_is_broken(home: Home) -> None:
    own(home, "08-broken", ("minutes: ", "minuets: "))
    own(home, "90-nap")
    (home.folder / "own" / "90-nap").rename(home.folder / "own" / "my-nap")
    assert home.run("show", "nap", "--lab-path=own").code == 0
    for command in ("show", "start", "check"):  # a name that is mistyped is what is told
        assert home.run(command, "slep", "--lab-path=own").err == (
            'error: unknown lab "slep"; did you mean sleep?\n'
            "See 'kubectl joblab list --lab-path=own' for the labs.\n"
        )
    assert "broken/lab.yaml:5: minuets" in home.run("show", "broken", "--lab-path=own").err
    (home.folder / "own" / "08-broken").rename(home.folder / "own" / "broken")
    assert "broken/lab.yaml:5: minuets" in home.run("show", "broken", "--lab-path=own").err


def test_lint_of_a_copy_says_what_it_has_of_the_other(home: Home) -> None:
    own(home, "08-broken", ("minutes: ", "minuets: "))
    folder = home.folder / "own" / "90-nap"
    shutil.copytree(MANIFESTS / "01-sleep", folder)
    for path in folder.rglob("*.yaml"):
        manifest = path.read_text("utf-8")
        path.write_text(re.sub(r"(?<=/name: )sleep", "nap", manifest), "utf-8")
    text = (folder / "lab.yaml").read_text("utf-8")
    text = text.replace("number: 1", "number: 90").replace("name: sleep", "name: nap")
    (folder / "lab.yaml").write_text(text.replace("flag: --image", "flag: --timeout"), "utf-8")
    env = {"JOBLAB_PATH": "own"}  # with a broken lab, which has problems of its own
    for named in ("own/90-nap", "own/90-nap/lab.yaml"):
        screen = home.run("lab", "lint", named, env=env)
        assert [line.partition(": ")[2] for line in screen.out.splitlines()] == [
            "parameters[1].flag: --timeout is a flag of kubectl joblab itself; choose another",
            'variants[0].job: "sleep" is a Job of lab sleep; choose another, in the manifests too',
            "warning: commands[1]: 01-sleep is the folder of lab sleep; is this lab's meant?",
        ]


def test_lint_takes_a_folder_and_test_a_lab_and_each_says_the_other(home: Home) -> None:
    own(home, "90-nap")
    assert home.run("lab", "lint", "nap", "--lab-path=own").err == (
        "error: no lab folder nap\nNext: kubectl joblab lab lint own/90-nap --lab-path=own\n"
    )
    assert home.run("lab", "lint", "nop").err == (
        "error: no lab folder nop\nNext: kubectl joblab lab lint DIR\n"
    )
    screen = home.run("lab", "test", "own/90-nap")
    assert (screen.err, screen.code) == (
        'error: unknown lab "own/90-nap"\n'
        "Next: kubectl joblab lab test nap --lab-path=own/90-nap\n",
        1,
    )


def test_a_variants_job_that_is_taken_for_a_lab_leads_to_the_variant(home: Home) -> None:
    assert home.run("show", "retry-onfailure").err == (
        'error: unknown lab "retry-onfailure"; did you mean retry --variant=onfailure?\n'
        "See 'kubectl joblab list' for the labs.\n"
    )


# another path to the folder own, below the user's folder
WAYS: dict[str, Callable[[Path], Path]] = {
    "absolutely": lambda folder: folder / "own",
    "by a detour": lambda _: Path("own/../own"),
}
if os.name != "nt":
    WAYS["by a link"] = lambda folder: folder / "link"


@pytest.mark.parametrize("way", WAYS)
def test_a_folder_that_is_named_by_two_paths_has_its_labs_once(home: Home, way: str) -> None:
    own(home, "90-nap")
    if way == "by a link":
        (home.folder / "link").symlink_to("own")
    env = {"JOBLAB_PATH": str(WAYS[way](home.folder))}
    screen = home.run("lab", "lint", "own", env=env)
    assert (screen.out, screen.err, screen.code) == ("1 lab, no problems.\n", "", 0)
    twice = {"JOBLAB_PATH": f"own{os.pathsep}{WAYS[way](home.folder)}"}
    screen = home.run("list", "--client", "-o", "name", env=twice)
    assert (sorted(screen.out.split()), screen.err) == (sorted([*LABS, "nap"]), "")


def test_a_lab_and_the_folder_of_it_are_one_lab(home: Home) -> None:
    own(home, "90-nap")
    env = {"JOBLAB_PATH": os.pathsep.join(["own", "own/90-nap"])}
    screen = home.run("list", "--client", "-o", "name", env=env)
    assert (sorted(screen.out.split()), screen.err, screen.code) == (sorted([*LABS, "nap"]), "", 0)


# ---- stages


@pytest.mark.parametrize("lab", LABS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_below_the_heading_of_a_stage_are_its_commands(
    screen_of: ScreenOf, lab: str, language: str
) -> None:
    args = ["show", lab] if language == "en" else ["show", lab, "--lang=ko"]
    lines = screen_of(args).out.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"Stage \S+: |\S+ 단계: ", line):
            assert any("kubectl" in one for one in lines[number + 1 : number + 3]), line


def test_a_lab_that_requires_a_broken_one_is_not_wrong_for_it(home: Home) -> None:
    own(home, "08-broken", ("minutes: ", "minuets: "))
    own(home, "90-nap", ("requires: [basics]", "requires: [broken]"))
    out = home.run("lab", "lint", "own").out
    assert "minuets" in out
    assert "is not a lab" not in out
