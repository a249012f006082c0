"""Flags with = and a value, as kubectl's pflag reads them: switches, shorthands, the later wins."""

from __future__ import annotations

import io

import pytest

from kubectl_joblab.cli import program
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import command, declare, words
from kubectl_joblab.errors import UsageError

TRUE = ["1", "t", "T", "TRUE", "true", "True"]
FALSE = ["0", "f", "F", "FALSE", "false", "False"]


def session() -> Session:
    return Session(io.StringIO(), io.StringIO(), io.StringIO(), {})


def parsed(*args: str) -> tuple[dict[str, object], dict[str, object]]:
    """What a line gives to a command of two switches and a text, and the flags of all commands."""
    given: dict[str, object] = {}
    of = session()

    @declare.command("this", short_help="", help="", examples=[])
    @declare.argument("words", metavar="[WORD...]", many=True)
    @declare.option("-f", "--follow", is_flag=True, help="")
    @declare.option("-p", "--previous", is_flag=True, help="")
    @declare.option("-o", "--output", help="")
    def this(_: Session, /, **values: object) -> int:
        given.update(values)
        return 0

    command.run(command.ClickCommand(this), of, args)
    return given, of.flags


LINES: dict[str, tuple[str, dict[str, object]]] = {
    "a switch alone": ("-f", {"follow": True}),
    "a switch that is false": ("--follow=false", {"follow": False}),
    "the later one is false": ("-f --follow=false", {"follow": False}),
    "the later one is true": ("--follow=false -f", {"follow": True}),
    "a shorthand that is false": ("-f -f=false", {"follow": False}),
    "letters, the last one false": ("-pf=false", {"previous": True, "follow": False}),
    "letters, the last one a text": ("-po=yaml", {"previous": True, "output": "yaml"}),
    "a text behind its letter": ("-oyaml", {"output": "yaml"}),
    "a text behind its letter and =": ("-o=yaml", {"output": "yaml"}),
    "a text with a =": ("-oa=b", {"output": "a=b"}),
    "a text that begins with =": ("-o==", {"output": "="}),
    "a text that looks like a switch": ("-o --follow=false", {"output": "--follow=false"}),
    "a word that looks like a switch": ("-- --follow=false", {"words": ("--follow=false",)}),
    "a switch takes no word of its own": ("-f false", {"follow": True, "words": ("false",)}),
}


@pytest.mark.parametrize(("line", "expected"), LINES.values(), ids=LINES)
def test_a_line_is_read_as_kubectl_reads_it(line: str, expected: dict[str, object]) -> None:
    given, flags = parsed(*line.split())
    nothing = {"follow": False, "previous": False, "output": "", "words": ()}
    assert (given, flags) == (nothing | expected, {})


@pytest.mark.parametrize("value", [*TRUE, *FALSE])
def test_a_switch_takes_what_go_takes_for_true_and_false(value: str) -> None:
    given, flags = parsed(f"-f={value}", f"--plain={value}", f"--insecure-skip-tls-verify={value}")
    wanted = value in TRUE
    assert given["follow"] is wanted
    assert flags == {"plain": wanted, "insecure_skip_tls_verify": wanted}


@pytest.mark.parametrize("value", ["", "yes", "tRUE", "2", " true"])
def test_a_switch_takes_nothing_else(value: str) -> None:
    with pytest.raises(UsageError) as raised:
        parsed(f"--follow={value}")
    assert str(raised.value) == (
        f'error: invalid argument "{value}" for "-f, --follow" flag: must be true or false'
    )


def switches() -> list[tuple[str, str]]:
    """Each switch of the program: the command it is of, and its name."""
    return [
        (path, name)
        for path, entry in words.COMMANDS.items()
        for flag in (*entry.flags, *words.OPTIONS, words.HELP)
        if not flag.takes
        for name in flag.names
    ]


def test_every_switch_of_every_command_takes_a_value() -> None:
    found = switches()
    assert ("list", "--client") in found
    assert ("practice down", "--wipe") in found
    for path, opt in found:
        with pytest.raises(UsageError, match=r'"maybe" for .* flag: must be true or false'):
            program.run_with_click(session(), [*path.split(), f"{opt}=maybe"])


def test_a_flag_before_the_command_is_taken_back_behind_it() -> None:
    of = session()
    program.run_with_click(of, ["--plain", "list", "--client", "--plain=false"])
    assert of.flags == {"plain": False}


def test_the_flags_of_a_lab_are_known_beside_a_switch_with_a_value() -> None:
    of = session()
    line = "scaffold --plain=false parallelism --force=false --parallelism=2 -d=-"
    assert program.run_with_click(of, line.split()) == 0
    assert isinstance(of.stdout, io.StringIO)
    assert "parallelism: 2" in of.stdout.getvalue()
