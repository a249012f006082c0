"""lab: lint, test and schema, for those who write labs."""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from kubectl_joblab import shell
from kubectl_joblab.cli import manifests, program, trials
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.screens import verdicts
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare, words
from kubectl_joblab.errors import ExitCode, LabError
from kubectl_joblab.labs import manifest, prove, versions
from kubectl_joblab.labs.definition import examination, loader, model
from kubectl_joblab.labs.definition import lint as linting
from kubectl_joblab.labs.definition import schema as lab_schema
from kubectl_joblab.labs.definition.advice import command_lines
from kubectl_joblab.labs.definition.examination import Examination
from kubectl_joblab.labs.definition.problem import Problem
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.prove import PASSES, REFUSED, Outcome
from kubectl_joblab.language import phrase, plural


@declare.command(
    "lint",
    short_help="Check lab definitions against the format",
    help="Check lab definitions: those in DIR, else all that are found.",
    examples=[("Check a folder of labs", "kubectl joblab lab lint my-labs")],
)
@declare.argument("directory", metavar="[DIR]", required=False)
def lint(session: Session, /, directory: str | None) -> int:
    """Print the problems of lab definitions; the exit code says whether there are any."""
    lacking = [] if directory else loader.lacking(session.lab_paths)
    session.fail_each(lacking)
    folders = _folders(session, directory) if directory else _all_folders(session)
    examined = [examination.examine(folder) for folder in folders]
    problems = [problem for one in examined for problem in one.problems]
    warnings = [problem for one in examined for problem in one.warnings]
    right = [one for one in examined if not one.problems]
    among = [one for one in _among(session, right) if one.file.parent in folders]
    problems += [problem for problem in among if not problem.warning]
    warnings += [problem for problem in among if problem.warning]
    session.out(*map(str, [*problems, *warnings]))
    labs = plural(len(folders), "{n} lab", "{n} labs")
    if problems:
        count = plural(len(problems), "{n} problem", "{n} problems")
        if warnings:
            more = plural(len(warnings), "{n} warning", "{n} warnings")
            count = phrase("{one}, {two}", one=count, two=more)
        session.err(phrase("{labs}, {problems}.", labs=labs, problems=count))
        return ExitCode.FAILED
    if lacking:
        return ExitCode.ERROR
    if warnings:
        count = plural(len(warnings), "{n} warning", "{n} warnings")
        session.out(phrase("{labs}, no problems, {warnings}.", labs=labs, warnings=count))
    else:
        session.out(phrase("{labs}, no problems.", labs=labs))
    return ExitCode.OK


def _folders(session: Session, directory: str) -> list[Path]:
    """The folders of the labs in DIR, also those that have no lab.yaml yet; DIR may be a lab."""
    root = Path(directory)
    root = root.parent if root.name == loader.FILE else root
    if not root.exists():
        raise _no_folder(session, directory)
    below = sorted({path.parent for path in root.glob(f"*/{loader.FILE}")})
    below += [folder for folder in loader.without_file(root) if folder not in below]
    return [root] if (root / loader.FILE).exists() or not below else below


def _all_folders(session: Session) -> list[Path]:
    """The folders of all labs that are found, and of those that have no lab.yaml yet."""
    unfinished = [path for root in session.lab_paths for path in loader.without_file(root)]
    return [*loader.folders(session.lab_paths), *unfinished]


def _among(session: Session, examined: Sequence[Examination]) -> list[Problem]:
    """What does not go together in labs that are right one by one, and those found beside them."""
    these = {one.files.folder.resolve() for one in examined}  # by another path it is the same lab
    beside = [one.files.folder.parent for one in examined if one.files.folder.name]
    right: list[model.Lab] = []
    roots = [*session.lab_paths, *beside, *(path.parent for path in these)]
    places = list(dict.fromkeys(roots))
    there = loader.folders(places)
    for path in there:
        if path.resolve() not in these:
            with suppress(LabError):  # it has problems of its own
                right.append(loader.load(path))
    own = [loader.from_files(one.files) for one in examined]
    right += own
    whole = {lab.folder.resolve() for lab in right}
    broken = {path.name.partition("-")[2] for path in there if path.resolve() not in whole}
    among = linting.problems_among(right, broken) + linting.unsaid(right)
    among += linting.taken(right, _own_flags())
    fields = manifests.fields()
    beside_them = copy.copy(session)
    beside_them.lab_paths = places
    complain = functools.partial(program.complaint, beside_them)
    for lab in own:
        by_rule = [*linting.unfit(lab), *linting.misfits([lab], fields)]
        told = {(one.file, one.line) for one in by_rule}
        among += by_rule
        among += [one for one in trials.refused(lab) if (one.file, one.line) not in told]
        among += command_lines.misspelt(lab, complain)
    return sorted(among, key=lambda it: (str(it.file), it.line))


def _no_folder(session: Session, named: str) -> LabError:
    """That there is no such folder, and where the lab is that is called so."""
    where = "DIR"
    with suppress(LabError):
        where = shell.quote(str(loader.find(named, session.lab_paths).folder))
    message = phrase("error: no lab folder {path}", path=named)
    return LabError(message, next=f"kubectl joblab lab lint {where}")


def _own_flags() -> set[str]:
    """The flags that a lab's parameters cannot have: those of the commands that take them."""
    commands = [one.flags for one in words.COMMANDS.values() if one.lab_flags]
    return {
        name for own in [*commands, words.OPTIONS, [words.HELP]] for f in own for name in f.names
    }


@declare.command(
    "test",
    short_help="Prove a lab against a cluster",
    help="Prove a lab against a cluster: every solution passes every check, the untouched starter "
    "is refused, and each cheat fails on exactly the check it names.",
    examples=[("Prove lab 6 in the namespace labs", "kubectl joblab lab test parallelism -n labs")],
)
@declare.lab_argument()
def test(session: Session, /, lab: str) -> int:
    """Run a lab's solutions, starter and cheats on the cluster, and report how each has ended.

    The exit code says whether all ended as they have to.
    """
    if (Path(lab) / loader.FILE).is_file():  # what lint takes
        named = f"{loader.load(Path(lab)).name} --lab-path={shell.quote(lab)}"
        message = phrase('error: unknown lab "{lab}"', lab=lab)
        raise LabError(message, next=f"kubectl joblab lab test {named}")
    try:
        found = session.find_lab(lab)
    except LabError as error:
        if error.next:  # it is there, and broken
            raise
        said = phrase("A lab of yours is found below --lab-path=DIR, or a folder in JOBLAB_PATH.")
        raise LabError(error.message, means=[*error.means, said]) from error
    for variant in found.variants:
        exercise = Exercise(found, variant)
        made = manifest.of_exercise(exercise).data
        with fallback.leading_on(session):
            versions.require(session.client, session.namespace, exercise, made)
    wanted = prove.cases(found)
    outcomes: dict[str, Outcome] = {}
    for outcome in prove.prove(session.client, session.namespace, found, wanted):
        outcomes[outcome.case.name] = outcome
        if not outcome.holds:
            session.err(*why(session, outcome))
    session.out(*_report(session, [outcomes[case.name] for case in wanted]))
    broken = sum(1 for outcome in outcomes.values() if not outcome.holds)
    count = phrase("{n} passed", n=len(outcomes) - broken)
    if broken:
        failed = phrase("{n} failed", n=broken)
        session.out(phrase("{passed}, {failed}.", passed=count, failed=failed))
        return ExitCode.FAILED
    session.out(phrase("{passed}.", passed=count))
    return ExitCode.OK


def why(session: Session, outcome: Outcome) -> list[str]:
    """The lines on a case that did not end as it has to; what it created is deleted again."""
    lines = verdicts.measured(session, outcome.verdicts)
    for cause in outcome.causes:
        lines += session.fold(cause.line, rest="  ")
    for action in outcome.left:
        said = phrase("{key} was not done: its when did not hold, or it had no Pod", key=action.key)
        lines += session.fold(said, rest="  ")
    if outcome.verdicts and outcome.case.expected not in (PASSES, REFUSED):
        wanted = outcome.case.expected
        said = phrase("It has to fail {id} alone: change the cheat, or its fails.", id=wanted)
        lines += session.fold(said, rest="  ")
    return [
        f"{outcome.case.name}:",
        *(lines or [session.text(outcome.because or outcome.observed)]),
    ]


def _report(session: Session, outcomes: Sequence[Outcome]) -> list[str]:
    """The outcomes as a table. kubectl has no such table, so tabulate lays it out."""
    rows = [
        (
            "PASS" if outcome.holds else "FAIL",
            outcome.case.name,
            _expectation(outcome.case.expected),
            outcome.observed,
        )
        for outcome in outcomes
    ]
    header = ("RESULT", "CASE", "EXPECTED", "OBSERVED")
    if session.plain:
        return session.table(header, rows)
    import tabulate  # 60 ms to import, and only this command needs it

    text: str = tabulate.tabulate(rows, header, tablefmt="plain")
    return [line.rstrip() for line in text.splitlines()]


def _expectation(expected: str) -> str:
    return expected if expected in (PASSES, REFUSED) else f"fails {expected}"


@declare.command(
    "schema",
    short_help="Print the JSON Schema of lab.yaml",
    help="Print the JSON Schema of lab.yaml.",
    examples=[("Keep it for an editor", "kubectl joblab lab schema > lab.schema.json")],
)
def schema(session: Session, /) -> int:
    """Print the JSON Schema that ships with joblab."""
    session.out(lab_schema.text().rstrip("\n"))
    return ExitCode.OK


lab = declare.Group(
    "lab",
    lint,
    schema,
    test,
    short_help="Lint and test lab definitions",
    help="Lint and test lab definitions.",
    examples=[
        ("Check a lab of your own", "kubectl joblab lab lint my-labs/07-mine"),
        ("Prove it against a cluster", "kubectl joblab lab test mine --lab-path=my-labs"),
    ],
)
