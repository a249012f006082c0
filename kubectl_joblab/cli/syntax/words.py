"""The words of all commands at once: what they are called and take, and their pages of help.

entry.py and answer.py read these words, and so import neither click nor all the commands. The words
stand in words.tsv, which `python -m tools.words` makes of what the files of the commands declare; a
test compares the two. Each line of words.tsv begins with what it is:

    command   its words, its summary, its module below cli/commands, its arguments, lab flags or ""
    flag      of the command above it, or of every command where none is above it: its names, the
              function's argument, what it takes, its values, many or "", what it does
    page      a line of the command's help

words.ko.tsv has the Korean pages in the same way, and is read only for them.

Nothing is imported here that start-up could do without: json takes as long as Python itself.
"""

from __future__ import annotations

import os

from kubectl_joblab import PROGRAM, __version__
from kubectl_joblab.cli.syntax.declare import Flag

FILE = os.path.join(os.path.dirname(__file__), "words.tsv")
KOREAN = os.path.join(os.path.dirname(__file__), "words.ko.tsv")
HELP = Flag(("-h", "--help"), "help", "", "Print the help of the command.", default=False)
VERSION = Flag(("--version",), "version", "", "Show the version and exit.", default=False)
VERSION_LINE = f"{PROGRAM} v{__version__}"


class Entry:
    """What the words say of a command, or of a group of commands.

    summary: its line in the list of commands. module: its file below cli/commands, "" for the
    program and for commands of a group. arguments: what the command calls its words, "labs..." for
    any number of them. lab_flags: whether the command also takes the flags of its lab. commands:
    the names of those below it. page: its help.
    """

    def __init__(
        self, summary: str = "", module: str = "", arguments: str = "", lab_flags: str = ""
    ) -> None:
        self.summary = summary
        self.module = module
        self.arguments = arguments.split()
        self.lab_flags = bool(lab_flags)
        self.commands: list[str] = []
        self.flags: list[Flag] = []
        self.page = ""


def _read() -> tuple[dict[str, Entry], list[Flag]]:
    """All commands by their words, the program by "", and the flags that all commands take."""
    commands: dict[str, Entry] = {}
    entry = Entry()
    flags = options = entry.flags
    with open(FILE, encoding="utf-8") as file:
        for line in file:
            kind, _, rest = line.partition("\t")
            if kind == "page":
                entry.page += rest
            elif kind == "flag":
                names, to, takes, values, many, text = rest[:-1].split("\t")
                flags.append(
                    Flag(names.split(), to, takes, text, values=values.split(), many=bool(many))
                )
            else:
                path, *fields = rest[:-1].split("\t")
                commands[path] = entry = Entry(*fields)
                flags = entry.flags
                above, _, name = path.rpartition(" ")
                if name:
                    commands[above].commands.append(name)
    return commands, options


COMMANDS, OPTIONS = _read()


def page(path: str, code: str) -> str:
    """The page of help of the command that is typed as `path`, in the language of this code."""
    if code != "ko":
        return COMMANDS[path].page
    with open(KOREAN, encoding="utf-8") as file:
        _, _, behind = f"\n{file.read()}".partition(f"\ncommand\t{path}\n")
    lines = behind.partition("\ncommand\t")[0].rstrip("\n").split("\n")
    return "".join(f"{line.removeprefix('page	')}\n" for line in lines)
