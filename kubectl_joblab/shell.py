"""Quotes words of the command lines that are printed to be pasted, for the learner's shell."""

from __future__ import annotations

import os

IS_WINDOWS = os.name == "nt"


def quote(word: str, *, windows: bool = IS_WINDOWS) -> str:
    """The word, quoted where it has to be so that the shell takes it for one argument.

    On Windows the quotes are double, which cmd.exe and PowerShell both understand, with the
    backslashes by which programs there find the end of an argument. Not all words are safe so:
    cmd.exe still expands %NAME%; PowerShell expands $NAME and backquotes, and ends a text at each
    quote. Neither has a way to keep such words that the other understands.
    """
    if not windows:
        import shlex  # few commands quote anything

        return shlex.quote(word)
    import re

    if re.fullmatch(r"[\w.:\\/+=-][\w.:\\/+=~-]*", word, re.ASCII):
        return word
    # backslashes escape only where a quote follows
    doubled = re.sub(r'(\\+)(?="|\Z)', r"\1\1", word)
    return '"' + doubled.replace('"', r"\"") + '"'
