"""A command line as far as it can be read: its command, its arguments, its flags and their values.

Completion reads lines so, and so does the search for the lab whose flags a line may have.
"""

from __future__ import annotations

from kubectl_joblab.cli.syntax import words

TYPE_CHECKING = False  # as in declare.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kubectl_joblab.cli.syntax.declare import Flag


class Line:
    """A command line up to the word that is being typed.

    path: the command. given: the flags that were typed, by what the command calls them, each with
    its values. waiting: the flag whose value comes next. only_arguments: whether "--" was typed.
    doubtful: whether there are unknown flags, which may be those of a lab. perhaps_values: the
    arguments that stand behind unknown flags.
    """

    def __init__(self, before: Sequence[str], lab_flags: Sequence[Flag] = ()) -> None:
        self.path = ""
        self.arguments: list[str] = []
        self.given: dict[str, list[str]] = {}
        self.waiting: Flag | None = None
        self.only_arguments = False
        self.doubtful = False
        self.perhaps_values: list[str] = []
        self._lab_flags = lab_flags
        rest = iter(before)
        last = ""
        for word in rest:
            if self.only_arguments or not word.startswith("-") or word == "-":
                self._say(word)
                if last.startswith("-") and "=" not in last and self.flag(last) is None:
                    self.perhaps_values.append(word)
            elif word == "--":
                self.only_arguments = True
            else:
                self._give(word, rest)
            last = word

    @property
    def flags(self) -> tuple[Flag, ...]:
        """All flags that the command takes."""
        return (*self._lab_flags, *words.COMMANDS[self.path].flags, *words.OPTIONS, words.HELP)

    @property
    def takes_lab_flags(self) -> bool:
        """Whether the command also takes the flags of its lab."""
        return words.COMMANDS[self.path].lab_flags

    @property
    def argument(self) -> str:
        """What the command calls the next argument; "" where the command takes no more."""
        names = words.COMMANDS[self.path].arguments
        if len(self.arguments) < len(names):
            return names[len(self.arguments)].removesuffix("s...")
        return names[-1].removesuffix("s...") if names and names[-1].endswith("...") else ""

    def flag(self, name: str) -> Flag | None:
        """The flag of this name, or None."""
        return next((flag for flag in self.flags if name in flag.names), None)

    def _say(self, word: str) -> None:
        below = f"{self.path} {word}".strip()
        if below in words.COMMANDS and not (self.arguments or self.only_arguments):
            self.path = below
        else:
            self.arguments.append(word)

    def _give(self, word: str, rest: Iterable[str]) -> None:
        """Take a flag, or several of one letter, and the value that belongs to the flag."""
        name, equals, value = word.partition("=")
        if not word.startswith("--"):
            while len(name) > 2 and not self._takes(name[:2]):  # -fp is -f -p
                self.given.setdefault(self._to(name[:2]), [])
                name = f"-{name[2:]}"
            if len(name) > 2:
                name, equals, value = name[:2], "=", name[2:] + equals + value
        flag = self.flag(name)
        self.doubtful = self.doubtful or flag is None
        values = self.given.setdefault(self._to(name), [])
        if flag is None or not flag.takes:
            return
        found = value if equals else next(iter(rest), None)
        if found is None:
            self.waiting = flag
        else:
            values.append(found)

    def _takes(self, name: str) -> bool:
        flag = self.flag(name)
        return bool(flag and flag.takes)

    def _to(self, name: str) -> str:
        flag = self.flag(name)
        return flag.to if flag else name
