"""Completion: what the last word of a command line that is being typed may become.

kubectl asks in cobra's way (`kubectl_complete-joblab`): the answer has a line for each word, with
what the word means after a tab, and a last line that says what the shell is to make of the words.
What is not in words.tsv is looked up by lookup.py, which takes longer to import.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubectl_joblab.cli.syntax import words
from kubectl_joblab.cli.syntax.line import Line

TYPE_CHECKING = False  # as in declare.py
if TYPE_CHECKING:
    from kubectl_joblab.cli.syntax.declare import Flag

Words = Iterable[tuple[str, str]]  # each with what it means

# github.com/spf13/cobra, completions.go (ShellCompDirective): what the shell does with the words
FILES, NO_SPACE, NO_FILES, ENDINGS, FOLDERS, KEEP_ORDER = 0, 2, 4, 8, 16, 32

# by what the commands call it: flags and arguments that take a file or a folder
_PATHS = {
    **dict.fromkeys(("kubeconfig", "certificate_authority"), FILES),
    **dict.fromkeys(("client_certificate", "client_key"), FILES),
    **dict.fromkeys(("lab_path", "directory", "save"), FOLDERS),
    "file": ENDINGS,
}
_ENDINGS = ("yaml", "yml", "json")  # of the files that have manifests
_LISTS = {"types": ("Normal", "Warning")}  # several of them, with commas between
# of `practice clock`: the words behind these, and what a Job may be moved to
_MOVES = {(): ("advance", "auto", "until"), ("auto",): ("off", "on")}
_GOALS = ("Complete", "Failed", "Suspended", "pods=", "tries=")
# the kinds of objects that an argument takes as kind/NAME, by what commands call the argument
_TARGETS = {
    "subject": ("job",),
    "job": ("job",),
    "cronjob": ("cronjob",),
    "job_or_cronjob": ("job", "cronjob"),
}
_LOOKED_UP = ("namespace", "context", "cluster", "user", "name", "variant")


def answer(args: Sequence[str], *, described: bool = True) -> str:
    """The answer for a line that ends in the word being typed. described: with meanings."""
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
    """The words that fit, and the directive to the shell."""
    *before, last = args
    line = Line(before)
    is_new = last.startswith("-") and line.flag(last.partition("=")[0]) is None
    if line.takes_lab_flags and (line.doubtful or is_new):
        from kubectl_joblab.cli.syntax import lookup

        line = Line(before, lookup.lab_flags(line))
    found, directive = _next(line, last)
    return tuple(found), directive


def _next(line: Line, last: str) -> tuple[Words, int]:
    """The words that may come next on a line, and the directive to the shell."""
    if line.waiting:
        return _values(line, line.waiting, last)
    if last.startswith("-") and not line.only_arguments:
        name, equals, value = last.partition("=")
        if equals:
            flag = line.flag(name)
            return _values(line, flag, value) if flag and flag.takes else ((), NO_FILES)
        short = line.flag(last[:2])
        if len(last) > 2 and not last.startswith("--") and short and short.takes:
            found, directive = _values(line, short, last[2:])
            return ((last[:2] + word, meaning) for word, meaning in found), directive
        return _beginning(last, sorted(_flags(line))), NO_FILES
    command = words.COMMANDS[line.path]
    if command.commands and not line.arguments:
        below = ((name, f"{line.path} {name}".strip()) for name in command.commands)
        found = ((name, words.COMMANDS[whole].summary) for name, whole in below)
        return _beginning(last, found), NO_FILES
    if line.argument in _PATHS:
        return (), _PATHS[line.argument]
    if line.argument == "move":
        return _moves(line, last)
    if kinds := _TARGETS.get(line.argument):
        return _targets(line, kinds, last)
    if line.argument != "lab":
        return (), NO_FILES
    from kubectl_joblab.cli.syntax import lookup

    return _beginning(last, lookup.labs(line)), NO_FILES | KEEP_ORDER


def _targets(line: Line, kinds: Sequence[str], last: str) -> tuple[Words, int]:
    """The labs, where one may stand here, and the kinds; behind a kind and its slash, the names."""
    from kubectl_joblab.cli.syntax import lookup

    resource, slash, _ = last.partition("/")
    if slash and (names := lookup.targets(line, kinds, resource)) is not None:
        found = ((f"{resource}/{name}", meaning) for name, meaning in names)
        return _beginning(last, found), NO_FILES
    labs = lookup.labs(line) if line.argument == "subject" else []
    begun = [f"{kind}/" for kind in kinds if f"{kind}/".startswith(last)]
    fitting = [*_beginning(last, labs), *((word, "") for word in begun)]
    alone = NO_SPACE if begun and len(fitting) == len(begun) else 0
    return fitting, NO_FILES | KEEP_ORDER | alone


def _moves(line: Line, last: str) -> tuple[Words, int]:
    """The next word for the clock, and the directive to the shell: a goal stands behind its Job."""
    if line.arguments != ["until"]:
        found = _MOVES.get(tuple(line.arguments), ())
        return _beginning(last, ((word, "") for word in found)), NO_FILES
    job, equals, _ = last.partition("=")
    if equals:
        return _beginning(last, ((f"{job}={goal}", "") for goal in _GOALS)), NO_FILES | NO_SPACE
    from kubectl_joblab.cli.syntax import lookup

    jobs = ((f"job/{name}=", "") for name, _ in lookup.practice_jobs(line))
    return _beginning(last, jobs), NO_FILES | NO_SPACE


def _beginning(last: str, found: Words) -> Words:
    return ((word, meaning) for word, meaning in found if word.startswith(last))


def _flags(line: Line) -> Words:
    """The flags that the line does not have yet, or may have once more."""
    for flag in line.flags:
        if flag.many or flag.to not in line.given:
            yield from ((name, flag.help) for name in flag.names)


def _values(line: Line, flag: Flag, last: str) -> tuple[Words, int]:
    """The values that a flag may have, and the directive to the shell."""
    to = flag.to
    if to in _PATHS:
        endings = ((ending, "") for ending in _ENDINGS) if _PATHS[to] == ENDINGS else ()
        return endings, _PATHS[to]
    if to in _LISTS:
        head, comma, _ = last.rpartition(",")
        more = (one for one in _LISTS[to] if one not in head.split(","))
        return _beginning(last, ((head + comma + one, "") for one in more)), NO_FILES
    if to not in _LOOKED_UP or (line.path == "scaffold" and to == "name"):  # a name yet to be
        return _beginning(last, ((value, "") for value in flag.values)), NO_FILES
    from kubectl_joblab.cli.syntax import lookup

    return _beginning(last, lookup.values(line, to)), NO_FILES
