"""The words of all command lines: commands, flags and their values, and the pages of help.

What answers at once (entry.py, answer.py, quick.py) reads them here instead of importing click
and every command. wordlist.py is made from the commands; a test holds it against them, and
`REWRITE_GOLDEN=1` writes it anew. Nothing is imported here that start-up could do without.
"""

from __future__ import annotations

from kubectl_joblab.cli.syntax import wordlist

TYPE_CHECKING = False  # typing's own takes as long to import as all of this
if TYPE_CHECKING:
    from typing import TypedDict

    class Flag(TypedDict):
        """A flag. to: what the command calls it. takes: "" for a switch, else what its value is.

        takes is "text" for any text, "choice" for one of `values`, and another word for what only
        click can read. many: it can be given more than once.
        """

        names: tuple[str, ...]
        to: str
        takes: str
        help: str
        values: tuple[str, ...]
        many: bool

    class Command(TypedDict):
        """A command, or a group of them.

        summary: its line in the list of commands. arguments: what the command calls its words,
        "labs..." for any number of them. lab_flags: whether it takes the flags of its lab, too.
        page: its help.
        """

        summary: str
        commands: tuple[str, ...]
        arguments: tuple[str, ...]
        flags: tuple[Flag, ...]
        lab_flags: bool
        page: str


HELP = ("-h", "--help")
COMMANDS: dict[str, Command] = wordlist.COMMANDS  # by their words, "" for the program
OPTIONS: tuple[Flag, ...] = wordlist.OPTIONS  # those of all commands
