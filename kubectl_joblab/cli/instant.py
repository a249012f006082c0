"""What can be answered from words alone: --version, help, and completion.

entry.py asks it first. It is imported before anything else of the program, and imports nothing
that takes time.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab import PROGRAM, __version__

HELP = ("-h", "--help")


def answer(args: Sequence[str]) -> str | None:
    """All that a command line prints; None where it takes more than words."""
    if list(args) == ["--version"]:
        return f"{PROGRAM} v{__version__}\n"
    if args and args[0] in ("__complete", "__completeNoDesc"):
        from kubectl_joblab.cli.syntax import answer as complete

        return complete.answer(args[1:], described=args[0] == "__complete")
    *path, last = args or HELP[:1]
    if last in HELP:
        from kubectl_joblab.cli.syntax import words

        if asked := words.COMMANDS.get(" ".join(path)):
            return asked["page"]
    return None
