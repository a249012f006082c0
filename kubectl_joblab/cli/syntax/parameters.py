"""The flags that come from a lab: start and scaffold take those of the lab they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import click

from kubectl_joblab.cli.console import Session
from kubectl_joblab.cli.syntax import command
from kubectl_joblab.errors import LabError
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import phrase

_KEY = "kubectl_joblab.parameters"


class LabCommand(command.Command):
    """A command whose first argument is a lab, and which takes that lab's parameters as flags."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the lab first, then parse with its flags.

        Where there is no such lab, the flags stay unknown and the lab is complained about later.
        """
        lab = self._lab(ctx, args)
        self.params = [p for p in self.params if not isinstance(p, ParameterFlag)]
        if lab is not None:
            flags = [ParameterFlag(parameter) for parameter in lab.parameters]
            own = {name for parameter in self.params for name in parameter.opts}
            if taken := [name for flag in flags for name in flag.opts if name in own]:
                raise LabError(
                    phrase(
                        "error: {file}: {flag} is a flag of kubectl joblab itself; choose another",
                        file=lab.folder / loader.FILE,
                        flag=taken[0],
                    )
                )
            self.params[1:1] = flags
            ctx.meta[_KEY] = lab
        return super().parse_args(ctx, args)

    def _lab(self, ctx: click.Context, args: list[str]) -> model.Lab | None:
        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = True
        try:
            values, rest, _ = parser.parse_args(list(args))
        except click.UsageError:
            return None  # said by the second, full parse
        session = cast(Session, ctx.find_object(Session))
        if values.get("lab_path"):
            session.flags["lab_path"] = values["lab_path"]
        words = [str(values["lab"])] if isinstance(values.get("lab"), str) else []
        words += rest
        # the value of an unknown flag can look like the argument: --completions 6 parallelism
        names = [word for word in words if not word.startswith("-")]
        after_flag = {
            args[index + 1]
            for index, word in enumerate(args[:-1])
            if word.startswith("--") and "=" not in word and word in rest
        }
        for word in sorted(names, key=lambda name: name in after_flag):
            try:
                return loader.find(word, session.lab_paths)
            except LabError:
                continue
        return None


class ParameterFlag(click.Option):
    """The flag of one parameter of a lab."""

    def __init__(self, parameter: model.Parameter) -> None:
        kind: Any = str
        if parameter.type == "integer":
            kind = command.Whole(parameter.minimum, parameter.maximum)
        elif parameter.type == "enum":
            kind = click.Choice(parameter.values)
        super().__init__(
            [parameter.flag, f"parameter_{parameter.name}"],
            type=kind,
            help=parameter.help.en[:1].upper() + parameter.help.en[1:] + ".",
        )


def lab_argument(*, required: bool = True) -> command.Decorator:
    """The LAB argument: a name or number."""
    return click.argument("lab", metavar="LAB" if required else "[LAB]", required=required)


def choose(
    session: Session, wanted: str, variant: str, name: str, given: Mapping[str, Any]
) -> Exercise:
    """The exercise a command line asks for. given: the command's leftover keyword arguments."""
    ctx = click.get_current_context()
    lab = ctx.meta.get(_KEY) or loader.find(wanted, session.lab_paths)
    changes = {
        name.removeprefix("parameter_"): value
        for name, value in given.items()
        if name.startswith("parameter_") and value is not None
    }
    return exercise.pick(lab, variant, name, changes, session.command)
