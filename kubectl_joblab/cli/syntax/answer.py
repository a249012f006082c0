"""What may stand at the end of a command line that is being typed.

kubectl asks for it in cobra's way (`kubectl_complete-joblab`): a line for each word, with what it
means after a tab, and a last line that says what the shell is to make of them. What is not in the
list of words is looked up by lookup.py, which costs more to import.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubectl_joblab.cli.syntax import words

TYPE_CHECKING = False  # as in words.py
if TYPE_CHECKING:
    from kubectl_joblab.cli.syntax.words import Flag

Words = Iterable[tuple[str, str]]  # each with what it means

# github.com/spf13/cobra, completions.go (ShellCompDirective): what the shell does with the words
FILES, NO_FILES, ENDINGS, FOLDERS, KEEP_ORDER = 0, 4, 8, 16, 32

# by what the commands call it: flags and arguments that take a file or a folder
_PATHS = {
    **dict.fromkeys(("kubeconfig", "certificate_authority"), FILES),
    **dict.fromkeys(("client_certificate", "client_key"), FILES),
    **dict.fromkeys(("lab_path", "directory"), FOLDERS),
    "file": ENDINGS,
}
_ENDINGS = ("yaml", "yml", "json")  # of the files that have manifests
_LISTS = {"types": ("Normal", "Warning")}  # several of them, with commas between
_LOOKED_UP = ("namespace", "context", "cluster", "user", "name", "variant")
_HELP: Flag = {
    "names": words.HELP,
    "to": "help",
    "takes": "",
    "help": "Print the help of the command.",
    "values": (),
    "many": False,
}


def answer(args: Sequence[str], *, described: bool = True) -> str:
    """The words that the last argument may become. described: with what they mean."""
    try:
        found, directive = _found(args or [""])
    except (Exception, KeyboardInterrupt):  # nobody wants to read an error while typing
        found, directive = (), NO_FILES
    lines = [
        f"{word}\t{' '.join(meaning.split())}" if meaning and described else word
        for word, meaning in found
    ]
    return "\n".join([*lines, f":{directive}", ""])


def _found(args: Sequence[str]) -> tuple[Words, int]:
    """The words, and what the shell is to do with them."""
    *before, last = args
    line = Line(before)
    is_new = last.startswith("-") and line.flag(last.partition("=")[0]) is None
    if line.takes_lab_flags and (line.doubtful or is_new):
        from kubectl_joblab.cli.syntax import lookup

        line = Line(before, lookup.lab_flags(line))
    found, directive = _next(line, last)
    return tuple(found), directive


class Line:
    """A command line up to the word that is being typed.

    path: its command. given: the flags it has, by what the command calls them, each with its
    values. waiting: the flag whose value comes next. only_arguments: "--" was typed.
    doubtful: whether it has flags that are unknown; they may be those of a lab. perhaps_values:
    the arguments that stand behind those.
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
        return (*self._lab_flags, *words.COMMANDS[self.path]["flags"], *words.OPTIONS, _HELP)

    @property
    def takes_lab_flags(self) -> bool:
        """Whether it also takes those of its lab."""
        return words.COMMANDS[self.path]["lab_flags"]

    @property
    def argument(self) -> str:
        """What the command calls the next argument, of several one; "" where it takes no more."""
        names = words.COMMANDS[self.path]["arguments"]
        if len(self.arguments) < len(names):
            return names[len(self.arguments)].removesuffix("s...")
        return names[-1].removesuffix("s...") if names and names[-1].endswith("...") else ""

    def flag(self, name: str) -> Flag | None:
        """The flag of this name."""
        return next((flag for flag in self.flags if name in flag["names"]), None)

    def _say(self, word: str) -> None:
        below = f"{self.path} {word}".strip()
        if below in words.COMMANDS and not (self.arguments or self.only_arguments):
            self.path = below
        else:
            self.arguments.append(word)

    def _give(self, word: str, rest: Iterable[str]) -> None:
        """Take a flag, or several of one letter, and the value that belongs to it."""
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
        if flag is None or not flag["takes"]:
            return
        found = value if equals else next(iter(rest), None)
        if found is None:
            self.waiting = flag
        else:
            values.append(found)

    def _takes(self, name: str) -> bool:
        flag = self.flag(name)
        return bool(flag and flag["takes"])

    def _to(self, name: str) -> str:
        flag = self.flag(name)
        return flag["to"] if flag else name


def _next(line: Line, last: str) -> tuple[Words, int]:
    """What comes next, and what the shell is to do with it."""
    if line.waiting:
        return _values(line, line.waiting, last)
    if last.startswith("-") and not line.only_arguments:
        name, equals, value = last.partition("=")
        if equals:
            flag = line.flag(name)
            return _values(line, flag, value) if flag and flag["takes"] else ((), NO_FILES)
        short = line.flag(last[:2])
        if len(last) > 2 and not last.startswith("--") and short and short["takes"]:
            found, directive = _values(line, short, last[2:])
            return ((last[:2] + word, meaning) for word, meaning in found), directive
        return _beginning(last, sorted(_flags(line))), NO_FILES
    command = words.COMMANDS[line.path]
    if command["commands"] and not line.arguments:
        below = ((name, f"{line.path} {name}".strip()) for name in command["commands"])
        found = ((name, words.COMMANDS[whole]["summary"]) for name, whole in below)
        return _beginning(last, found), NO_FILES
    if line.argument in _PATHS:
        return (), _PATHS[line.argument]
    if line.argument != "lab":
        return (), NO_FILES
    from kubectl_joblab.cli.syntax import lookup

    return _beginning(last, lookup.labs(line)), NO_FILES | KEEP_ORDER


def _beginning(last: str, found: Words) -> Words:
    return ((word, meaning) for word, meaning in found if word.startswith(last))


def _flags(line: Line) -> Words:
    """The flags that can still be given."""
    for flag in line.flags:
        if flag["many"] or flag["to"] not in line.given:
            yield from ((name, flag["help"]) for name in flag["names"])


def _values(line: Line, flag: Flag, last: str) -> tuple[Words, int]:
    """The values of a flag."""
    to = flag["to"]
    if to in _PATHS:
        endings = ((ending, "") for ending in _ENDINGS) if _PATHS[to] == ENDINGS else ()
        return endings, _PATHS[to]
    if to in _LISTS:
        head, comma, _ = last.rpartition(",")
        more = (one for one in _LISTS[to] if one not in head.split(","))
        return _beginning(last, ((head + comma + one, "") for one in more)), NO_FILES
    if to not in _LOOKED_UP or (line.path == "scaffold" and to == "name"):  # a name yet to be
        return _beginning(last, ((value, "") for value in flag["values"])), NO_FILES
    from kubectl_joblab.cli.syntax import lookup

    return _beginning(last, lookup.values(line, to)), NO_FILES
