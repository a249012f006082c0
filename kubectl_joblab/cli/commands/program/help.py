"""help: the help of a command, in the words that people type first."""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare, words
from kubectl_joblab.errors import ExitCode


@declare.command(
    "help",
    short_help="Show the help of a command",
    help="Show the help of a command, as --help does behind it.",
    examples=[("The help of start", "kubectl joblab help start")],
)
@declare.argument("commands", metavar="[COMMAND...]", many=True)
def show_help(session: Session, /, commands: Sequence[str]) -> int:
    """Print the page of the command that the first words name, as kubectl help does.

    Where they name none, kubectl says so on stderr, prints its own page there and exits with 0.
    """
    named = (" ".join(commands[:count]) for count in range(len(commands), 0, -1))
    path = next((one for one in named if one in words.COMMANDS), "")
    page = words.page(path, session.text.code).removesuffix("\n")
    if path or not commands:
        session.out(page)
    else:
        topics = " ".join(f"`{word}`" for word in commands)
        session.err(f"Unknown help topic [{topics}]", page)
    return ExitCode.OK
