"""What is wrong with a command line is said in the learner's language, but for kubectl's words."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import click
import pytest

from kubectl_joblab.cli import program
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import flags
from kubectl_joblab.cli.syntax.declare import Command, Flag, Group
from kubectl_joblab.errors import UsageError
from kubectl_joblab.language import Language
from tests.inprocess.cluster import Cluster
from tools import words

HANGUL = re.compile("[가-힣]")
# what kubectl, pflag and cobra say, as README.ko.md has it
OF_KUBECTL = re.compile(
    r"error: (unknown (flag|shorthand flag|command)|flag needs an argument"
    r"|unable to match a printer|valid --types are) ?.*"
)
# the errors of click that a learner meets, each with a line that is one
CLICKS = {
    "UsageError": "show sleep echo",
    "BadParameter": "list --client --plain=perhaps",
    "MissingParameter": "show",
    "NoSuchOption": "list --zzz",
    "BadOptionUsage": "list --context",
    "NoSuchCommand": "practice begin",
}
# those that no line of ours leads to
NOT_MET = {"BadArgumentUsage", "NoArgsIsHelpError"}


def session() -> Session:
    return Session(io.StringIO(), io.StringIO(), io.StringIO(), {})


def errors_of(kind: type[click.UsageError]) -> Iterator[str]:
    """The names of an error of click and of those that are made of it, without ours."""
    if kind.__module__.startswith("click"):
        yield kind.__name__
    for one in kind.__subclasses__():
        yield from errors_of(one)


def commands() -> Iterator[tuple[str, Command]]:
    for name, (_, one) in words.declared().items():
        if isinstance(one, Group):
            yield from ((f"{name} {below.name}", below) for below in one.commands.values())
        else:
            yield name, one


def wrong_values(flag: Flag) -> Iterator[str]:
    """Values that the flag does not take."""
    if not flag.takes:
        yield "zzz"
    if flag.takes in ("choice", "format", "duration", "integer"):
        yield "zzz"
    if flag.takes == "duration":
        yield "-1"


def wrong_lines() -> Iterator[str]:
    """For each command: no argument, one too many, and each flag with what it does not take."""
    for path, command in commands():
        needed = ["sleep" for one in command.arguments if one.required]
        whole = " ".join([path, *needed])
        if needed:
            yield path
        if not any(one.many for one in command.arguments):
            yield f"{whole} {'x ' * (len(command.arguments) + 1)}".strip()
        for flag in command.flags:
            yield from (f"{whole} {flag.names[-1]}={value}" for value in wrong_values(flag))
    yield from (
        "check --name=x",
        "check --timeout=1s",
        "check -A --wait",
        "clean",
        "start retry --restart-policy=Always",
        "start retry --backoff-limit=9",
        "start retry --backoff-limit=many",
        "list --clint",
    )


@pytest.mark.parametrize("line", [*CLICKS.values(), *wrong_lines()])
def test_what_is_wrong_with_a_line_is_told_in_korean(cluster: Cluster, line: str) -> None:
    screen = cluster.run("--lang=ko", *line.split())
    told = screen.err.splitlines()[0]
    assert screen.code == 1
    assert HANGUL.search(told) or OF_KUBECTL.fullmatch(told), told


# what a flag takes -> how that is said
ALLOWED = {
    "": "must be true or false",
    "duration": "must be a duration such as 30s, 2m or 1h",
    "integer": "must be a whole number",
    "choice": "must be one of {values}",
    "format": "allowed formats are: {values}",
}


def unfit() -> Iterator[tuple[str, Flag, str]]:
    """For each flag whose values are not any text: a line, the flag, and its wrong value."""
    for path, command in commands():
        needed = ["sleep" for one in command.arguments if one.required]
        whole = " ".join([path, *needed])
        for flag in (*command.flags, *flags.COMMON):
            for value in wrong_values(flag):
                yield f"{whole} {flag.names[-1]}={value}", flag, value


def test_a_wrong_value_is_named_with_its_flag_and_what_is_allowed() -> None:
    for line, flag, value in unfit():
        with pytest.raises(UsageError) as raised:
            program.run_with_click(session(), line.split())
        told = Language("en")(raised.value.message)
        is_format = flag.takes == "format"
        named = "output format" if is_format else f'for "{", ".join(flag.names)}" flag: '
        values = (",".join(sorted(flag.values))) if is_format else ", ".join(flag.values)
        assert told.startswith("error: ")
        for part in (f'"{value}"', named, ALLOWED[flag.takes].format(values=values)):
            assert part in told
        assert "\n" not in told


def test_a_flag_without_its_value_is_named() -> None:
    for path, command in commands():
        for flag in (*command.flags, *flags.COMMON):
            for name in flag.names if flag.takes else ():
                with pytest.raises(UsageError, match=f"^error: flag needs an argument: {name}$"):
                    program.run_with_click(session(), [*path.split(), name])


def test_each_error_of_click_is_among_them() -> None:
    assert set(errors_of(click.UsageError)) == {*CLICKS, *NOT_MET}
