"""How the commands look and parse: kubectl's help, kubectl's global flags, kubectl's complaints.

All commands are made of these classes. It knows no command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

import click
import click.parser

from kubectl_joblab import PROGRAM
from kubectl_joblab.cli.console import Session
from kubectl_joblab.errors import UsageError
from kubectl_joblab.language import CODES
from kubectl_joblab.printing import fold

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Seconds(click.ParamType[float]):
    """A span of time: a number of seconds, or Go's notation such as 1m30s."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Seconds as a float."""
        if isinstance(value, float):
            return value
        import durationpy  # only where a duration is given

        text = str(value)
        try:
            seconds = durationpy.from_str(f"{text}s" if text.isdigit() else text).total_seconds()
        except durationpy.DurationError:
            seconds = -1.0
        if seconds < 0:
            self.fail(f'"{text}" must be a duration such as 30s, 2m or 1h', param, ctx)
        return float(seconds)


SECONDS = Seconds()


class Whole(click.ParamType[int]):
    """A whole number within bounds."""

    name = "integer"

    def __init__(self, minimum: int | None = None, maximum: int | None = None) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        try:
            number = int(value)
        except ValueError:
            self.fail(f'"{value}" must be a whole number', param, ctx)
        low = self.minimum is not None and number < self.minimum
        if low or (self.maximum is not None and number > self.maximum):
            self.fail(f'"{value}" must be {self._bounds()}', param, ctx)
        return number

    def _bounds(self) -> str:
        if self.minimum is None or self.maximum is None:
            return f"{self.minimum} or more" if self.maximum is None else f"{self.maximum} or less"
        return f"from {self.minimum} to {self.maximum}"


def _store(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Keep a global flag in the session; given twice, the later one holds."""
    given = ctx.get_parameter_source(param.name) is click.core.ParameterSource.COMMANDLINE
    if given and not ctx.resilient_parsing:
        cast(Session, ctx.find_object(Session)).flags[param.name] = value


def _flag(*names: str, **settings: Any) -> click.Option:
    return click.Option(
        names, expose_value=False, callback=_store, hidden=True, is_eager=True, **settings
    )


def global_flags() -> list[click.Option]:
    """kubectl's connection flags, and joblab's own that go with every command."""
    return [
        _flag("-n", "--namespace", help="If present, the namespace scope for this CLI request"),
        _flag("--kubeconfig", help="Path to the kubeconfig file to use for CLI requests."),
        _flag("--context", help="The name of the kubeconfig context to use"),
        _flag("--cluster", help="The name of the kubeconfig cluster to use"),
        _flag("--user", help="The name of the kubeconfig user to use"),
        _flag("-s", "--server", help="The address and port of the Kubernetes API server"),
        _flag("--token", help="Bearer token for authentication to the API server"),
        _flag("--as", "as_user", help="Username to impersonate for the operation."),
        _flag("--as-uid", "as_uid", help="UID to impersonate for the operation."),
        _flag(
            "--as-group",
            "as_groups",
            multiple=True,
            help="Group to impersonate for the operation, this flag can be repeated.",
        ),
        _flag(
            "--certificate-authority",
            "certificate_authority",
            help="Path to a cert file for the certificate authority",
        ),
        _flag(
            "--client-certificate",
            "client_certificate",
            help="Path to a client certificate file for TLS",
        ),
        _flag("--client-key", "client_key", help="Path to a client key file for TLS"),
        _flag(
            "--insecure-skip-tls-verify",
            "insecure_skip_tls_verify",
            is_flag=True,
            help="If true, the server's certificate will not be checked for validity.",
        ),
        _flag(
            "--tls-server-name",
            "tls_server_name",
            help="Server name to use for server certificate validation.",
        ),
        _flag(
            "--request-timeout",
            "request_timeout",
            type=SECONDS,
            help="The length of time to wait before giving up on a single server request.",
        ),
        _flag(
            "--lab-path",
            "lab_path",
            help="A folder with labs of your own, beside those of joblab (or JOBLAB_PATH).",
        ),
        _flag(
            "--plain",
            "plain",
            is_flag=True,
            help="Print for a screen reader: no colour, no drawing, nothing redrawn.",
        ),
        _flag(
            "--lang",
            "lang",
            type=click.Choice(CODES),
            help="The language of labs and messages; else the locale's.",
        ),
    ]


def output(*formats: str) -> Decorator:
    """The -o option of a command."""
    return click.option(
        "-o",
        "--output",
        "output",
        type=_Format(formats),
        default="",
        help=f"One of: {', '.join(formats)}.",
    )


class _Format(click.ParamType[str]):
    name = "format"

    def __init__(self, formats: Sequence[str]) -> None:
        self.formats = formats

    def convert(self, value: Any, *_: object) -> Any:
        if value and value not in self.formats:
            allowed = ",".join(sorted(self.formats))
            raise UsageError(
                f'error: unable to match a printer suitable for the output format "{value}",'
                f" allowed formats are: {allowed}",
                see="",
            )
        return value


# what strconv.ParseBool takes
_BOOLS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}


class _Parser(click.parser._OptionParser):
    """click's, with what pflag takes besides: --flag=true and false, -f=false, -o=yaml."""

    def _match_long_opt(self, opt: str, explicit_value: str | None, state: Any) -> None:
        option = self._long_opt.get(opt)
        if option is None or option.takes_value or explicit_value is None:
            super()._match_long_opt(opt, explicit_value, state)
        else:
            self._switch(option, explicit_value, state)

    def _match_short_opt(self, arg: str, state: Any) -> None:
        """Letters; = and a value, if there is one, belong to the last of them."""
        letters, _, value = arg[1:].partition("=")
        known = [self._short_opt[opt] for one in letters if (opt := f"-{one}") in self._short_opt]
        unknown = len(known) < len(letters)
        if not letters or not value or unknown or any(one.takes_value for one in known[:-1]):
            super()._match_short_opt(arg, state)
            return
        super()._match_short_opt(f"-{letters[:-1]}", state)
        if known[-1].takes_value:
            super()._match_short_opt(f"-{letters[-1]}{value}", state)
        else:
            self._switch(known[-1], value, state)

    def _switch(self, option: Any, value: str, state: Any) -> None:
        if value not in _BOOLS:
            raise click.BadParameter(
                f'"{value}" strconv.ParseBool: parsing "{value}": invalid syntax',
                ctx=self.ctx,
                param=option.obj,
            )
        state.opts[option.dest] = _BOOLS[value]
        state.order.append(option.obj)


class _Parses:
    """What parses as kubectl does."""

    def make_parser(self, ctx: click.Context) -> Any:
        """The parser of one command line, with all parameters."""
        parser = _Parser(ctx)
        for param in cast(click.Command, self).get_params(ctx):
            param.add_to_parser(parser, ctx)
        return parser


class Command(_Parses, click.Command):
    """A command with kubectl's help layout. examples: (comment, command line) pairs."""

    def __init__(
        self, *args: Any, examples: Sequence[tuple[str, str]] = (), **settings: Any
    ) -> None:
        settings.setdefault("context_settings", {})["help_option_names"] = ["-h", "--help"]
        super().__init__(*args, **settings)
        self.examples = examples
        self.params += global_flags()

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Description, Examples, Options, Usage."""
        formatter.write("\n".join(self.help_lines(ctx)))

    def help_lines(self, ctx: click.Context) -> list[str]:
        """The lines of -h."""
        lines = [*_paragraphs(self.help or ""), "", *_examples(self.examples)]
        if shown := [_option_lines(p) for p in self.params if _is_shown(p)]:
            lines += ["Options:", *(line for option in shown for line in option)]
        return [
            *lines,
            "Usage:",
            f"  {usage(ctx, self)}",
            "",
            f'Use "{PROGRAM} options" for the kubectl flags that apply to all commands.',
        ]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """click's, with kubectl's complaints."""
        cast(Session, ctx.find_object(Session)).command = ctx.command_path
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise complaint(error, ctx) from error


class Group(_Parses, click.Group):
    """A group whose commands are imported when they are used.

    lazy: name -> (module below cli, attribute, one line of help).
    """

    def __init__(
        self,
        *args: Any,
        lazy: dict[str, tuple[str, str, str]],
        examples: Sequence[tuple[str, str]] = (),
        **settings: Any,
    ) -> None:
        settings.setdefault("context_settings", {})["help_option_names"] = ["-h", "--help"]
        super().__init__(*args, **settings)
        self.lazy = lazy
        self.examples = examples
        self.params += global_flags()

    def list_commands(self, _: click.Context) -> list[str]:
        """All names, without importing anything."""
        return sorted(self.lazy)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.lazy:
            return None
        from importlib import import_module

        module, attribute, _help = self.lazy[cmd_name]
        return cast(
            click.Command, getattr(import_module(f"kubectl_joblab.cli.{module}"), attribute)
        )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """click's, with kubectl's complaint about a command that is not there."""
        if args[0] in self.lazy or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        import difflib  # only for the complaint

        close = difflib.get_close_matches(args[0], self.lazy, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(
            f'error: unknown command "{args[0]}" for "{ctx.command_path}"{hint}',
            see=ctx.command_path,
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """click's, with kubectl's complaints."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise complaint(error, ctx) from error

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Description, Examples, Available Commands, Usage."""
        width = max(map(len, self.lazy)) + 3
        width = max(width, 12)
        path = ctx.command_path
        formatter.write(
            "\n".join(
                [
                    *_paragraphs(self.help or ""),
                    "",
                    *_examples(self.examples),
                    "Available Commands:",
                    *(f"  {name:<{width}}{self.lazy[name][2]}" for name in sorted(self.lazy)),
                    "",
                    "Usage:",
                    f"  {path} [flags] [options]",
                    "",
                    f'Use "{path} <command> --help" for more information about a command.',
                    f'Use "{PROGRAM} options" for the kubectl flags that apply to all commands.',
                ]
            )
        )


def usage(ctx: click.Context, command: click.Command) -> str:
    """The usage line of a command."""
    arguments = [p.make_metavar(ctx) for p in command.params if isinstance(p, click.Argument)]
    return " ".join([ctx.command_path, *arguments, "[options]"])


def complaint(error: click.UsageError, ctx: click.Context) -> UsageError:
    """What click found wrong with a command line, as kubectl says it."""
    see = ctx.command_path
    if isinstance(error, click.NoSuchOption):
        name = error.option_name
        if not name.startswith("--"):
            return UsageError(f"error: unknown shorthand flag: '{name[1:2]}' in {name}", see=see)
        known = [opt for p in ctx.command.params for opt in p.opts if opt.startswith("--")]
        import difflib  # only for the complaint

        close = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        return UsageError(f"error: unknown flag: {name}{hint}", see=see)
    if isinstance(error, click.BadOptionUsage):
        return UsageError(f"error: flag needs an argument: {error.option_name}", see=see)
    if isinstance(error, click.MissingParameter):
        parameter = error.param.make_metavar(ctx) if error.param else "an argument"
        return UsageError(f"error: {parameter} is required", see=see)
    if isinstance(error, click.BadParameter) and isinstance(error.param, click.Option):
        message = _clean(error.message)
        given = re.match(r'"[^"]*"|\'[^\']*\'', message)
        name = _names(error.param)
        if given:
            value, rest = given.group(), message[given.end() :].strip()
            value = '"' + value[1:-1] + '"'
            return UsageError(f'error: invalid argument {value} for "{name}" flag: {rest}', see=see)
        return UsageError(f'error: invalid argument for "{name}" flag: {message}', see=see)
    return UsageError(f"error: {_clean(error.format_message())}", see=see)


def _clean(message: str) -> str:
    message = message.rstrip(".")
    return message[:1].lower() + message[1:] if message[:1].isalpha() else message


def _paragraphs(text: str) -> list[str]:
    return [folded for line in text.strip().splitlines() for folded in fold.fold(line)]


def _examples(examples: Sequence[tuple[str, str]]) -> list[str]:
    if not examples:
        return []
    lines = ["Examples:"]
    for index, (comment, command) in enumerate(examples):
        lines += ["  "] if index else []
        lines.append(f"  # {comment}")
        lines += [f"  {line}" for line in command.splitlines()]
    return [*lines, ""]


def _is_shown(param: click.Parameter) -> bool:
    return isinstance(param, click.Option) and not param.hidden and param.name != "help"


def _names(option: click.Option) -> str:
    """Its names as kubectl shows them, the short one first."""
    return ", ".join(sorted(option.opts, key=lambda name: name.startswith("--")))


def option_lines(option: click.Option) -> list[str]:
    """An option as kubectl's help prints it: flags with the default, then what it does."""
    default: Any = option.default if isinstance(option.default, str | int | float | bool) else ""
    if option.is_flag:
        shown = str(bool(default)).lower()
    elif option.multiple:
        shown = "[]"
    elif isinstance(default, str):
        shown = f"'{default}'"
    else:
        shown = str(default)
    return [f"    {_names(option)}={shown}:", f"\t{option.help or ''}", ""]


def _option_lines(param: click.Parameter) -> list[str]:
    return option_lines(cast(click.Option, param))
