"""click's commands, made of what the files of the commands declare.

They print kubectl's help, read flags as kubectl does, and complain in kubectl's words. No command
is known here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import click

from kubectl_joblab import PROGRAM
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import complaints, flags, pages, parameters, values, words
from kubectl_joblab.cli.syntax.declare import Argument, Command, Flag, Group
from kubectl_joblab.cli.syntax.line import Line
from kubectl_joblab.errors import ExitCode, UsageError
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.language import CODES, phrase


def run(command: click.Command, session: Session, args: Sequence[str]) -> int:
    """Run a command line and return its exit code. Raises JoblabError, or KeyboardInterrupt."""
    asked = Line(args).given.get("lang", [])
    if asked and asked[-1] in CODES:  # at once: help is printed where it stands on the line
        session.flags["lang"] = asked[-1]
    try:
        code = command.main(list(args), PROGRAM, standalone_mode=False, obj=session)
    except click.UsageError as error:
        raise UsageError(f"error: {error.format_message()}", see="") from error
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return int(code or ExitCode.OK)


def complaint(program: ClickGroup, session: Session, args: Sequence[str]) -> str:
    """What would be said of a command line that cannot be read, "" where it can be.

    Nothing is carried out, and the session's flags are as they were.
    """
    own = copy.copy(session)
    own.flags = dict(session.flags)
    context, found, rest = click.Context(program, info_name=PROGRAM, obj=own), program, list(args)
    try:
        while isinstance(found, ClickGroup) and rest and not rest[0].startswith("-"):
            name, below, rest = found.resolve_command(context, rest)
            assert below is not None
            context, found = click.Context(below, context, name, obj=own), below  # type: ignore[assignment]
        if not {*words.HELP.names, *words.VERSION.names} & set(rest):  # they are printed at once
            found.parse_args(context, rest)
    except UsageError as error:
        return own.text(error.message).removeprefix("error: ")
    return ""


class ClickCommand(click.Command):
    """A command that takes its own flags and those of all commands."""

    def __init__(self, declared: Command) -> None:
        own = [*map(_option, declared.flags), *map(_argument, declared.arguments)]
        super().__init__(declared.name, params=[*own, *map(_common_option, flags.COMMON)])
        self.declared = declared
        self.flags = declared.flags
        self.help_switch = _switch_for(words.HELP, _print_help)

    def get_help_option(self, _: click.Context) -> click.Option | None:
        """The switch that prints the help; it takes true and false as the others do."""
        return self.help_switch

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the page of help."""
        text = _session(ctx).text
        formatter.write(pages.of_command(ctx.command_path, self.declared, self.flags, text))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the line as kubectl would."""
        _session(ctx).command = ctx.command_path
        with complaints.of_kubectl(ctx):
            return super().parse_args(ctx, spelled_out(args, self.flags))

    def invoke(self, ctx: click.Context) -> int:
        """Call the command's function with what was read."""
        return self.declared.function(_session(ctx), **ctx.params)


class LabCommand(ClickCommand):
    """A command that also takes as flags the parameters of the lab that it is given."""

    lab: model.Lab | None = None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the lab first, then read the line with the lab's flags.

        Where there is no such lab, its flags are unknown; the lab is complained about by `invoke`.
        """
        self.lab = parameters.find_lab(_session(ctx), [self.declared.name, *args])
        if self.lab is not None:
            taken = [name for p in self.params for name in p.opts]
            added = parameters.flags(self.lab, taken, _session(ctx).text)
            self.flags = (*added, *self.flags)
            self.params[:0] = map(_option, added)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> int:
        """Call the function with the lab itself in the place of the lab's name."""
        session, wanted = _session(ctx), ctx.params["lab"]
        session.command = ctx.command_path
        ctx.params["lab"] = self.lab or loader.find(wanted, session.lab_paths)
        session.warn_of_rivals(wanted, ctx.params["lab"])
        return super().invoke(ctx)


class ClickGroup(click.Group):
    """A group of commands, each of which is found when it is used.

    summaries: one line for each command, by name. find: what finds the command of a name.
    """

    flags: Sequence[Flag] = ()  # of its own

    def __init__(
        self,
        declared: Group,
        summaries: Mapping[str, str],
        find: Callable[[str], Command | Group],
    ) -> None:
        super().__init__(
            declared.name,
            params=list(map(_common_option, flags.COMMON)),
            no_args_is_help=False,
            invoke_without_command=True,
        )
        self.declared = declared
        self.summaries = summaries
        self.find = find
        self.help_switch = _switch_for(words.HELP, _print_help)

    def list_commands(self, _: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(self.summaries)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        return of_declared(self.find(cmd_name)) if cmd_name in self.summaries else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the line names; kubectl's complaint where there is none."""
        if args[0] in self.summaries or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        raise complaints.unknown_command(args[0], list(self.summaries), ctx)

    def get_help_option(self, _: click.Context) -> click.Option | None:
        """The switch that prints the help; it takes true and false as the others do."""
        return self.help_switch

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the page of help."""
        text = _session(ctx).text
        formatter.write(pages.of_group(ctx.command_path, self.declared, self.summaries, text))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the line up to the command as kubectl would."""
        with complaints.of_kubectl(ctx):
            return super().parse_args(ctx, spelled_out(args, self.flags, is_group=True))

    def invoke(self, ctx: click.Context) -> Any:
        """Carry out the command, or print the help where the line names none, as kubectl does."""
        result = super().invoke(ctx)
        if ctx.invoked_subcommand is None:
            click.echo(ctx.get_help())
        return result


class ClickProgram(ClickGroup):
    """The group of all commands, which also tells the program's version."""

    flags = (words.VERSION,)

    def __init__(
        self, declared: Group, summaries: Mapping[str, str], find: Callable[[str], Command | Group]
    ) -> None:
        super().__init__(declared, summaries, find)
        self.params.append(_switch_for(words.VERSION, _print_version))


def of_declared(declared: Command | Group) -> click.Command:
    """The command of click that does what is declared."""
    if isinstance(declared, Group):
        summaries = {name: one.short_help for name, one in declared.commands.items()}
        return ClickGroup(declared, summaries, declared.commands.__getitem__)
    return LabCommand(declared) if declared.lab_flags else ClickCommand(declared)


# ---- parameters


def _argument(argument: Argument) -> click.Argument:
    return click.Argument(
        [argument.name],
        metavar=argument.metavar,
        required=argument.required,
        nargs=-1 if argument.many else 1,
    )


def _option(flag: Flag, **settings: Any) -> click.Option:
    """The option of click for a flag. A switch takes a value, too; spelled_out gives it one."""
    if flag.takes == "file":
        settings |= {"multiple": True, "default": (), "callback": _only}
    return click.Option(
        [*flag.names, flag.to],
        **{
            "type": values.of_flag(flag),
            "default": flag.default,
            "multiple": flag.many,
            **settings,
        },
    )


def _only(ctx: click.Context, param: click.Parameter, given: Sequence[str]) -> str:
    """The one file that a flag names. Raises UsageError where it is given more than once."""
    if len(given) > 1:
        raise UsageError(
            phrase(
                "error: {flag} is given for {files}; a lab runs one manifest: give one file",
                flag=min(param.opts, key=len),
                files=", ".join(given),
            ),
            see=ctx.command_path,
        )
    return "".join(given)


def _common_option(flag: Flag) -> click.Option:
    return _option(flag, expose_value=False, callback=_keep, is_eager=True)


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Keep the value of a flag of all commands in the session, so that the later of two holds."""
    given = ctx.get_parameter_source(param.name) is click.core.ParameterSource.COMMANDLINE
    if given and not ctx.resilient_parsing:
        _session(ctx).flags[param.name] = value


def _switch_for(flag: Flag, show: Callable[..., None]) -> click.Option:
    """A switch that prints something and ends the run."""
    return _option(flag, expose_value=False, callback=show, is_eager=True)


def _print_help(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not ctx.resilient_parsing:
        click.echo(ctx.get_help())
        ctx.exit()


def _print_version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not ctx.resilient_parsing:
        click.echo(words.VERSION_LINE)
        ctx.exit()


def _session(ctx: click.Context) -> Session:
    session = ctx.find_object(Session)
    assert session is not None
    return session


# ---- kubectl's way to write flags


# what strconv.ParseBool takes
_BOOLS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), "true"),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), "false"),
}


def spelled_out(args: Sequence[str], own: Iterable[Flag], *, is_group: bool = False) -> list[str]:
    """Rewrite a line so that click reads what only pflag takes.

    Each switch gets its value: --wait becomes --wait=true, -pf=0 becomes -ptrue -ffalse. The =
    between a letter and its value goes: -o=yaml becomes -oyaml. is_group: the line is read up to
    its first word. Raises click.UsageError where a flag is unknown or a switch has no value of
    Go's.
    """
    known = {name: flag for flag in (*own, *flags.COMMON, words.HELP) for name in flag.names}
    line: list[str] = []
    rest = iter(args)
    for arg in rest:
        is_word = not arg.startswith("-") or arg == "-"
        if arg == "--" or (is_word and is_group):
            return [*line, arg, *rest]
        if is_word:
            line.append(arg)
        elif arg.startswith("--"):
            line += _long(arg, known, rest)
        else:
            line += _letters(arg, known, rest)
    return line


def _long(arg: str, known: Mapping[str, Flag], rest: Iterator[str]) -> Iterator[str]:
    name, equals, value = arg.partition("=")
    flag = _known(name, known)
    if flag.takes and equals:
        yield arg
    elif flag.takes:
        yield from (arg, *islice(rest, 1))
    else:
        yield f"{name}={_switch(flag, value) if equals else 'true'}"


def _letters(arg: str, known: Mapping[str, Flag], rest: Iterator[str]) -> Iterator[str]:
    """Rewrite flags of one letter; = and a value, if there is one, belong to the last of them."""
    letters = arg[1:]
    if len(word := letters.partition("=")[0]) > 1 and f"--{word}" in known:
        raise click.NoSuchOption(f"-{word}")  # a long flag that lacks a dash
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        flag = _known(name, known)
        has_value = letters.startswith("=") and len(letters) > 1
        if flag.takes:
            value = letters[1:] if has_value else letters
            yield from [name + value] if value else [name, *islice(rest, 1)]
            return
        yield name + (_switch(flag, letters[1:]) if has_value else "true")
        letters = "" if has_value else letters


def _known(name: str, known: Mapping[str, Flag]) -> Flag:
    if name not in known:
        raise click.NoSuchOption(name)
    return known[name]


def _switch(flag: Flag, value: str) -> str:
    if value not in _BOOLS:
        raise values.UnfitError(value, phrase("true or false"), _option(flag))
    return _BOOLS[value]
