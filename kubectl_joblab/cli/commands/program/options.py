"""options: the flags that apply to all commands."""

from __future__ import annotations

from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare, flags, pages


@declare.command(
    "options",
    short_help="List the flags that apply to all commands",
    help="List the flags that apply to all commands.",
    examples=[("List them", "kubectl joblab options")],
)
def options(session: Session, /) -> int:
    """Print the flags by name, as kubectl options does."""
    session.out("The following options can be passed to any command:", "")
    common = sorted(flags.COMMON, key=lambda flag: max(flag.names, key=len))
    lines = [line for flag in common for line in pages.of_flag(flag, session.text)]
    session.out(*lines[:-1])
    return 0
