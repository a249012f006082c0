"""Words of command lines to paste, in the quotes of the learner's shell."""

from __future__ import annotations

import os

IS_WINDOWS = os.name == "nt"


def quote(word: str, *, windows: bool = IS_WINDOWS) -> str:
    """The word as one argument; cmd.exe knows only double quotes, and PowerShell takes them too."""
    if not windows:
        import shlex  # only where something is quoted

        return shlex.quote(word)
    import re

    return word if re.fullmatch(r"[\w.:\\/@%+=~-]+", word, re.ASCII) else f'"{word}"'
