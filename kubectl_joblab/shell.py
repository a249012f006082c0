"""Words of command lines to paste, in the quotes of the learner's shell."""

from __future__ import annotations

import os

IS_WINDOWS = os.name == "nt"


def quote(word: str, *, windows: bool = IS_WINDOWS) -> str:
    """The word as one argument.

    On Windows in double quotes, which cmd.exe and PowerShell both have, and with the backslashes by
    which programs there find the end of an argument. Not all words are safe in them: cmd.exe still
    expands %NAME%, PowerShell $NAME and backquotes and ends a text at each quote; neither has a way
    to keep them that the other understands.
    """
    if not windows:
        import shlex  # only where something is quoted

        return shlex.quote(word)
    import re

    if re.fullmatch(r"[\w.:\\/+=-][\w.:\\/+=~-]*", word, re.ASCII):
        return word
    doubled = re.sub(r'(\\+)(?="|\Z)', r"\1\1", word)  # before a quote they escape, else not
    return '"' + doubled.replace('"', r"\"") + '"'
