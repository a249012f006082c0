"""What click finds wrong with a command line, said as kubectl says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import click

from kubectl_joblab import spelling
from kubectl_joblab.cli.syntax import pages, target, values
from kubectl_joblab.errors import UsageError
from kubectl_joblab.language import Sentence, phrase, plural

# words of other programs for a cluster, and ours
_MEANT = {"start": "up", "create": "up", "stop": "down", "delete": "down"}


@contextmanager
def of_kubectl(ctx: click.Context) -> Iterator[None]:
    """Raise a UsageError of ours, in kubectl's words, for one of click's."""
    try:
        yield
    except click.UsageError as error:
        raise UsageError(_message(error, ctx), see=ctx.command_path) from error


def unknown_command(name: str, known: list[str], ctx: click.Context) -> UsageError:
    """The error for a word that is no command of the group."""
    meant = _MEANT.get(name, "")
    near = meant if meant in known else _nearest(name, known)
    said = f'error: unknown command "{name}" for "{ctx.command_path}"'
    return UsageError(_meant(said, near), see=ctx.command_path)


def _message(error: click.UsageError, ctx: click.Context) -> Sentence:
    if isinstance(error, click.NoSuchOption):
        name = error.option_name
        if not name.startswith("--"):
            long = [opt for p in ctx.command.params for opt in p.opts if opt == f"-{name}"]
            near = f"; did you mean {long[0]}?" if long else ""
            return f"error: unknown shorthand flag: '{name[1:2]}' in {name}{near}"
        known = [opt for p in ctx.command.params for opt in p.opts if opt.startswith("--")]
        return _meant(f"error: unknown flag: {name}", _nearest(name, known))
    if isinstance(error, click.BadOptionUsage):
        return f"error: flag needs an argument: {error.option_name}"
    if isinstance(error, click.MissingParameter):
        parameter = error.param.make_metavar(ctx) if error.param else "an argument"
        if parameter.startswith("LAB"):
            return phrase("error: LAB is required; kubectl joblab list has their names")
        words = target.either(parameter.strip("()").split(" | "))
        return phrase("error: {parameter} is required", parameter=words)
    if isinstance(error, values.UnfitError) and isinstance(error.param, click.Option):
        return phrase(
            'error: invalid argument "{value}" for "{flag}" flag: must be {what}',
            value=error.value,
            flag=pages.names(error.param.opts),
            what=error.what,
        )
    if extra := re.fullmatch(r"Got unexpected extra (arguments?) \((.*)\)", error.message, re.S):
        return plural(
            1 if extra[1] == "argument" else 2,
            "error: got unexpected extra argument ({words})",
            "error: got unexpected extra arguments ({words})",
            words=extra[2],
        )
    return f"error: {_clean(error.format_message())}"


def _meant(said: str, near: str) -> Sentence:
    """A complaint in kubectl's words, and in ours the word that was meant, where there is one."""
    return phrase("{said}; did you mean {close}?", said=said, close=near) if near else said


def _nearest(name: str, known: list[str]) -> str:
    """The word that is most like this one; "" where none is like it."""
    words = {one.lstrip("-"): one for one in known}  # dashes make all flags alike
    return words.get(spelling.nearest(name.lstrip("-"), words), "")


def _clean(message: str) -> str:
    message = message.rstrip(".")
    return message[:1].lower() + message[1:] if message[:1].isalpha() else message
