"""What may stand at the end of a command line that is being typed.

kubectl asks for it in cobra's way (`kubectl_complete-joblab`): a line for each word, with what it
means after a tab, and a last line that says what the shell is to make of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kubectl_joblab.cli import words

TYPE_CHECKING = False  # as in words.py
if TYPE_CHECKING:
    from kubectl_joblab.cli.words import Command, Flag

NO_FILES = 4  # github.com/spf13/cobra, completions.go: ShellCompDirectiveNoFileComp


def answer(args: Sequence[str]) -> str:
    """The words that the last argument may become."""
    *before, last = args or [""]
    name, equals, value = last.partition("=")
    if equals and name.startswith("--"):
        before, last = [*before, name], value
    lines = [
        f"{word}\t{meaning}" if meaning else word
        for word, meaning in _words(before, last)
        if word.startswith(last)
    ]
    return "\n".join([*lines, f":{NO_FILES}", ""])


def _words(before: Sequence[str], last: str) -> Iterable[tuple[str, str]]:
    path, flag, count = _place(before)
    command = words.COMMANDS[path]
    if flag is not None:
        return ((value, "") for value in flag["values"])
    if last.startswith("-"):
        return sorted(
            (max(flag["names"], key=len), flag["help"])
            for flag in (*command["flags"], *words.OPTIONS)
        )
    if command["commands"] and not count:
        below = ((name, f"{path} {name}".strip()) for name in command["commands"])
        return ((name, words.COMMANDS[whole]["summary"]) for name, whole in below)
    return _labs() if _argument(command, count) == "lab" else ()


def _place(before: Sequence[str]) -> tuple[str, Flag | None, int]:
    """Where the next word stands: its command, the flag whose value it is, arguments before it."""
    path, count = "", 0
    rest = iter(before)
    for word in rest:
        below = f"{path} {word}".strip()
        if word.startswith("-"):
            flags = (*words.COMMANDS[path]["flags"], *words.OPTIONS)
            flag = next((flag for flag in flags if word in flag["names"]), None)
            if flag and flag["takes"] and next(rest, None) is None:
                return path, flag, count
        elif below in words.COMMANDS:
            path = below
        else:
            count += 1
    return path, None, count


def _argument(command: Command, index: int) -> str:
    """What the command calls this argument, of several one: "lab"; "" where it takes no more."""
    names = command["arguments"]
    if index < len(names):
        return names[index].removesuffix("s...")
    return names[-1].removesuffix("s...") if names and names[-1].endswith("...") else ""


def _labs() -> Iterator[tuple[str, str]]:
    from kubectl_joblab.cli.session import Session
    from kubectl_joblab.labs import loader

    session = Session.of_process()
    for lab in loader.load_all(session.lab_paths):
        yield lab.name, session.text(lab.title)
