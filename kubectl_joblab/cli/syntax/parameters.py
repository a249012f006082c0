"""The flags that come from a lab: start, scaffold and show take the parameters of their lab."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax.declare import Flag
from kubectl_joblab.cli.syntax.line import Line
from kubectl_joblab.errors import LabError
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import Language, phrase

_PREFIX = "parameter_"  # of the arguments that a command gets for them


def of_lab(lab: model.Lab, language: Language) -> list[Flag]:
    """The flags of a lab, one for each of its parameters."""
    takes = {"integer": "integer", "enum": "choice"}
    return [
        Flag(
            (parameter.flag,),
            f"{_PREFIX}{parameter.name}",
            takes.get(parameter.type, "text"),
            _sentence(language(parameter.explained)),
            values=parameter.values if parameter.type == "enum" else (),
            bounds=(parameter.minimum, parameter.maximum),
        )
        for parameter in lab.parameters
    ]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def flags(lab: model.Lab, taken: Container[str], language: Language) -> list[Flag]:
    """The flags of a lab, explained in this language. Raises LabError where one is taken."""
    found = of_lab(lab, language)
    for flag in found:
        if flag.names[0] in taken:
            raise LabError(
                phrase(
                    "error: {file}: {flag} is a flag of kubectl joblab itself; choose another",
                    file=lab.folder / loader.FILE,
                    flag=flag.names[0],
                )
            )
    return found


def find_lab(session: Session, args: Sequence[str]) -> model.Lab | None:
    """The lab that a line names, as far as the line can be read without the lab's flags."""
    line = Line(args)
    if paths := line.given.get("lab_path"):
        session.flags["lab_path"] = paths[-1]
    return next(named(session, line), None)


def named(session: Session, line: Line) -> Iterator[model.Lab]:
    """The labs that a line names. Words that may be values, as in --completions 6, come last."""
    for argument in sorted(line.arguments, key=lambda word: word in line.perhaps_values):
        with suppress(LabError):
            yield loader.find(argument, session.lab_paths)


def choose(
    session: Session, lab: model.Lab, variant: str, name: str, given: Mapping[str, Any]
) -> Exercise:
    """The exercise that a command line asks for. given: what was read of the lab's flags."""
    changes = {
        key.removeprefix(_PREFIX): value for key, value in given.items() if value is not None
    }
    return exercise.pick(lab, variant, name, changes, session.command)
