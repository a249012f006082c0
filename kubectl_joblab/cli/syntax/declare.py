"""The decorators that declare a command, in click's words but without click.

click takes longer to import than many a command takes to run. So the file of a command says with
these decorators what the command is called, takes and explains, and imports no click. command.py
makes click's commands of what is declared; plain.py reads by it the command lines that need no
click; words.tsv keeps of it what start-up and completion have to know of all commands at once.

Nothing is imported here that start-up could do without.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own takes as long to import as all of this
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Function = Callable[..., int]
    Decorator = Callable[[Function], Function]

PARAMETERS = "joblab_parameters"  # the attribute of a function that is not yet a command's


class Flag:
    """A flag of a command.

    to: the argument of the command's function that gets its value. takes: what its value is:
    "text", "choice" (one of `values`), "format" (one of `values` too, refused in kubectl's words),
    "duration", "integer" (within `bounds`), "file" (refused when given twice), or "" where the flag
    is a switch. many: whether it can be given more than once.
    """

    def __init__(
        self,
        names: Sequence[str],
        to: str,
        takes: str,
        help: str,
        *,
        values: Iterable[str] = (),
        bounds: tuple[int | None, int | None] = (None, None),
        default: str | int | bool | None = None,
        many: bool = False,
    ) -> None:
        self.names = tuple(names)
        self.to = to
        self.takes = takes
        self.help = help
        self.values = tuple(values)
        self.bounds = bounds
        self.default = default
        self.many = many


class Argument:
    """A word that a command takes, or with `many` any number of words."""

    def __init__(self, name: str, metavar: str, *, required: bool, many: bool) -> None:
        self.name = name
        self.metavar = metavar
        self.required = required
        self.many = many


class Command:
    """A command as its file declares it.

    function: what carries the command out; it is called with the session, and by name with what was
    read of the line. lab_flags: whether the command also takes, as flags, the parameters of the lab
    that is its first argument; its function then gets the lab itself.
    """

    def __init__(
        self,
        name: str,
        function: Function,
        *,
        short_help: str,
        help: str,
        examples: Sequence[tuple[str, str]],
        lab_flags: bool,
    ) -> None:
        self.name = name
        self.function = function
        self.short_help = short_help
        self.help = help
        self.examples = examples
        self.lab_flags = lab_flags
        parameters = vars(function).pop(PARAMETERS, [])
        self.flags: tuple[Flag, ...] = tuple(p for p in parameters if isinstance(p, Flag))
        self.arguments = tuple(p for p in parameters if isinstance(p, Argument))


class Group:
    """Commands that are typed behind the name of their group; the name alone prints the help."""

    def __init__(
        self,
        name: str,
        *commands: Command,
        short_help: str,
        help: str,
        examples: Sequence[tuple[str, str]],
    ) -> None:
        self.name = name
        self.commands = {one.name: one for one in sorted(commands, key=lambda one: one.name)}
        self.short_help = short_help
        self.help = help
        self.examples = examples


def command(
    name: str,
    *,
    short_help: str,
    help: str,
    examples: Sequence[tuple[str, str]],
    lab_flags: bool = False,
) -> Callable[[Function], Command]:
    """Make a command of the function that carries it out and returns the exit code.

    short_help: the command's line in the list of commands. help: what its page of help begins with.
    examples: pairs of a comment and a command line.
    """

    def declare(function: Function) -> Command:
        return Command(
            name,
            function,
            short_help=short_help,
            help=help,
            examples=examples,
            lab_flags=lab_flags,
        )

    return declare


def option(
    *names: str,
    help: str,
    is_flag: bool = False,
    takes: str = "text",
    values: Sequence[str] = (),
    bounds: tuple[int | None, int | None] = (None, None),
    default: str | int | None = "",
    many: bool = False,
) -> Decorator:
    """Add a flag to a command.

    A name without dashes is that of the function's argument; else it follows from the longest name.
    is_flag: the flag is a switch. All else is as in a Flag.
    """
    dashed = [name for name in names if name.startswith("-")]
    to = next((name for name in names if not name.startswith("-")), "")
    return _adding(
        Flag(
            dashed,
            to or max(dashed, key=len).lstrip("-").replace("-", "_"),
            "" if is_flag else takes,
            help,
            values=values,
            bounds=bounds,
            default=False if is_flag else default,
            many=many,
        )
    )


def output(*formats: str) -> Decorator:
    """Add -o, which takes one of these formats."""
    text = f"One of: {', '.join(formats)}."
    return option("-o", "--output", takes="format", values=formats, help=text)


def argument(name: str, *, metavar: str, required: bool = False, many: bool = False) -> Decorator:
    """Add a word, or with `many` any number of words, that the function gets by this name."""
    return _adding(Argument(name, metavar, required=required, many=many))


def lab_argument(*, required: bool = True) -> Decorator:
    """Add the LAB argument: the name or number of a lab."""
    return argument("lab", metavar="LAB" if required else "[LAB]", required=required)


def subject_argument() -> Decorator:
    """Add the argument that names a Job: the name or number of a lab, or job/NAME for any Job."""
    return argument("subject", metavar="(LAB | job/NAME)", required=True)


def target_argument(*kinds: str, required: bool = True) -> Decorator:
    """Add the argument that names an object of these kinds: job/NAME, cronjob/NAME or either."""
    name, words = "_or_".join(kinds), " | ".join(f"{kind}/NAME" for kind in kinds)
    metavar = (f"({words})" if len(kinds) > 1 else words) if required else f"[{words}]"
    return argument(name, metavar=metavar, required=required)


def _adding(parameter: Flag | Argument) -> Decorator:
    """A decorator that adds a parameter, as the first: decorators are applied from the last up."""

    def add(function: Function) -> Function:
        parameters: list[Any] = vars(function).setdefault(PARAMETERS, [])
        parameters.insert(0, parameter)
        return function

    return add
