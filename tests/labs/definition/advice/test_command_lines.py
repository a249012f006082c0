"""What lint says of commands that a lab tells its learner to type."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from kubectl_joblab.cli import program
from kubectl_joblab.cli.session import Session
from kubectl_joblab.labs.definition import lint, loader
from kubectl_joblab.labs.definition.advice import command_lines
from tests.labs.definition.lint.lab import Case, each, edit, make_lab, two_variants

IN_NEXT = "joblab list"


def typed(line: str) -> tuple[str, str]:
    return "[kubectl get jobs]", f"\n- {line}"


CASES = [
    Case("a lab's own commands", edit(*typed("kubectl joblab start demo --completions=3"))),
    Case(
        "a command of joblab that there is not",
        edit(*typed("kubectl joblab strat demo")),
        says=[
            'lab.yaml:15: commands[0]: unknown command "strat" for "kubectl joblab"; did you mean '
            "start?"
        ],
    ),
    Case(
        "a flag that there is not",
        edit("kubectl describe job {job}", "kubectl joblab check demo --wiat"),
        says=["lab.yaml:41: checks[1].run: unknown flag: --wiat; did you mean --wait?"],
    ),
    Case(
        "a value that a flag does not take",
        edit(IN_NEXT, "joblab check demo -o jsn"),
        says=[
            "lab.yaml:16: next: unable to match a printer suitable for the output format "
            '"jsn", allowed formats are: json,junit,name,wide,yaml'
        ],
    ),
    Case(
        "a value that a flag of the lab does not take",
        edit(*typed("kubectl joblab start demo --completions=99")),
        says=[
            'lab.yaml:15: commands[0]: invalid argument "99" for "--completions" flag: must be '
            "from 1 to 9"
        ],
    ),
    Case(
        "a command of kubectl that there is not",
        edit("run: kubectl get job", "run: kubectl gte job"),
        says=['lab.yaml:34: checks[0].run: "gte" is not a command of kubectl; did you mean get?'],
    ),
    Case(
        "a command that may be a plugin's",
        edit(*typed("kubectl krew | cat")),
        says=[
            'lab.yaml:15: warning: commands[0]: "krew" is not a command of kubectl; a learner '
            "may not have such a plugin"
        ],
    ),
    Case(
        "a quote that does not end",
        edit(*typed("kubectl get job -o jsonpath='{.spec}")),
        says=["lab.yaml:15: commands[0]: has a quote that does not end; end it"],
    ),
    Case(
        "flags of kubectl before its command, pipes and other programs",
        edit(
            "[kubectl get jobs]",
            "\n- kubectl -n x get pod\n- date\n- kubectl logs job/demo | awk '{ print $1 }' #no",
        ),
    ),
]


@each(CASES)
def test_lint_says(case: Case, tmp_path: Path) -> None:
    folder = case.lab(tmp_path)
    session = Session(io.StringIO(), io.StringIO(), io.StringIO(), {})
    session.lab_paths = [tmp_path]
    found = command_lines.misspelt(
        loader.load(folder), lambda args: program.complaint(session, args)
    )
    assert [str(it).replace(f"{folder}{os.sep}", "", 1) for it in found] == case.says
    assert session.flags == {}


NOT_A_LAB = '"dmo" is not a lab; did you mean demo?'


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("kubectl joblab check dmo", NOT_A_LAB),
        ("kubectl joblab start -f job.yaml dmo", NOT_A_LAB),
        ("kubectl joblab start -f job.yaml demo", ""),
        ("kubectl joblab check --wait demo", ""),
        ("kubectl joblab check -A", ""),
        ("kubectl joblab check own/dmo", ""),
        (
            "kubectl joblab start demo --variant=agian",
            '"agian" is not a variant of demo; did you mean again?',
        ),
    ],
)
@pytest.mark.parametrize("place", ["commands[0]", "checks[1].run", "next"])
def test_each_command_of_joblab_names_what_is_there(
    line: str, message: str, place: str, tmp_path: Path
) -> None:
    folder = make_lab(tmp_path)
    old = {"commands[0]": "kubectl get jobs", "checks[1].run": "kubectl describe job {job}"}
    edit(old.get(place, "kubectl joblab list"), line)(folder)
    edit("requires: [sleep]\n", "")(folder)
    two_variants(folder)
    found = [it for it in lint.problems_among([loader.load(folder)]) if it.key == place]
    assert [it.message for it in found] == ([message] if message else [])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("kubectl apply -f 06-nap/job.yaml", "06-nap is the folder of lab nap"),
        ("kubectl get job nap", "nap is a Job of lab nap"),
        ("kubectl logs job/nap", "nap is a Job of lab nap"),
        ("kubectl get pod -l batch.kubernetes.io/job-name=nap", "nap is a Job of lab nap"),
        ("kubectl apply -f 07-demo/job.yaml", ""),
        ("kubectl get job demo napping", ""),
        ("kubectl joblab scaffold nap", ""),
    ],
)
def test_what_a_copied_lab_has_kept_of_another_is_warned_of(
    line: str, message: str, tmp_path: Path
) -> None:
    nap, demo = make_lab(tmp_path, "06-nap"), make_lab(tmp_path, "07-demo")
    for change in (
        edit("name: demo", "name: nap"),
        edit("number: 7", "number: 6"),
        edit("job: demo", "job: nap"),
        edit("name: demo", "name: nap", "job.yaml"),
        edit("name: demo", "name: nap", "solutions/two.yaml"),
    ):
        change(nap)
    for folder in (nap, demo):
        edit("requires: [sleep]\n", "")(folder)
    edit("kubectl get jobs", line)(demo)
    labs = [loader.load(nap), loader.load(demo)]
    found = lint.problems_among(labs)
    assert [(it.key, it.message) for it in found] == (
        [("commands[0]", f"{message}; is this lab's meant?")] if message else []
    )
    assert all(it.warning for it in found)
