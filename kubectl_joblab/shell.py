"""The command lines that are printed to be pasted: words quoted for the learner's shell, and flags.

Which flags a command needs, its callers know; this module knows where in a line they go.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

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


def carrying(line: str, lacking: Callable[[Sequence[str]], Iterable[str]]) -> str:
    """A command line whose commands have all their flags, those inside of $( ) too.

    lacking: which flags to add to a command of these words. They stand behind its last word, but
    before a -- and before redirections, never inside of quotes. A line with a quote that does not
    end is returned as it is: nobody can tell where its commands end.
    """
    reader = _Reader(line)
    try:
        reader.commands()
    except ValueError:
        return line
    for end, words in sorted(reader.found, reverse=True):
        line = line[:end] + "".join(f" {flag}" for flag in lacking(words)) + line[end:]
    return line


class _Reader:
    """Reads the commands of a line, as sh splits it.

    found: of each command, where its own words end, and these words, without those behind a --.
    """

    def __init__(self, line: str) -> None:
        self.found: list[tuple[int, list[str]]] = []
        self._line = line
        self._at = 0

    def commands(self, closing: str = "") -> None:
        """Read up to the end, or to the sign that closes. Raises ValueError where it is missing."""
        words: list[str] = []
        end, own = 0, True
        while (sign := self._sign()) != closing:
            if sign == "":
                raise ValueError
            if sign in "<>" or self._line.startswith("&>", self._at):
                own = self._redirection()
            elif sign in "\n;|&":
                self._keep(words, end)
                words, own = [], True
                self._at += 1
            elif sign.isspace():
                self._at += 1
            else:
                word = self._word(closing)
                own = own and word != "--" and not (word.isdecimal() and self._sign() in ("<", ">"))
                if own:
                    words.append(word)
                    end = self._at
        self._keep(words, end)

    def _keep(self, words: list[str], end: int) -> None:
        if words:
            self.found.append((end, words))

    def _sign(self) -> str:
        """The sign that is to be read next, "" at the end."""
        return self._line[self._at : self._at + 1]

    def _redirection(self) -> bool:
        """Read the signs of a redirection; the words behind them are not the command's own."""
        while self._sign() in ("<", ">", "&"):
            self._at += 1
        return False

    def _word(self, closing: str) -> str:
        """Read a word, and return it without its quotes."""
        said = ""
        while (sign := self._sign()) and sign != closing and sign not in " \t\n;|&<>":
            if sign == "'":
                end = self._line.index("'", self._at + 1)
                said += self._line[self._at + 1 : end]
                self._at = end + 1
            elif sign == '"':
                self._at += 1
                while (sign := self._sign()) != '"':
                    if sign == "":
                        raise ValueError
                    said += self._piece()
                self._at += 1
            else:
                said += self._piece()
        return said

    def _piece(self) -> str:
        """Read a sign that may stand in double quotes: an escaped one, or all of a $( )."""
        start = self._at
        if self._line.startswith("$((", start):  # arithmetic
            self._at = self._line.index("))", start) + 2
        elif self._line.startswith("$(", start):
            self._at += 2
            self.commands(")")
            self._at += 1
        elif self._sign() == "\\":
            self._at += 2
            return self._line[start + 1 : self._at]
        else:
            self._at += 1
        return self._line[start : self._at]
