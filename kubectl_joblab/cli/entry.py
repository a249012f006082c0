"""One run of the program, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from kubectl_joblab import PROGRAM, __version__

TYPE_CHECKING = False  # typing takes time to import
if TYPE_CHECKING:
    from kubectl_joblab.cli.session import Session


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    _prepare_streams()
    try:
        text = answer(args)
        if text is None:
            return _run(args)
        sys.stdout.write(text)
        sys.stdout.flush()
        return 0
    except BrokenPipeError:
        # the reader has gone; nothing may be flushed to it when Python ends
        _drop_output()
        return 1
    except OSError as error:
        _drop_output()
        name = f"{error.filename}: " if error.filename else ""
        try:
            sys.stderr.write(f"error: {name}{error.strerror or error}\n")
        except OSError:  # the terminal has gone
            _drop_output()
        return 1


def answer(args: Sequence[str]) -> str | None:
    """What a command line prints for which words are enough: --version, help, completion.

    None where it takes more. Nothing is imported for it that takes time.
    """
    if list(args) == ["--version"]:
        return f"{PROGRAM} v{__version__}\n"
    if args and args[0] in ("__complete", "__completeNoDesc"):
        from kubectl_joblab.cli.syntax import answer as completion

        return completion.answer(args[1:], described=args[0] == "__complete")
    from kubectl_joblab import locales
    from kubectl_joblab.cli.syntax import words

    asked = list(args) or ["help"]
    if asked[-1] in words.HELP.names:
        path = " ".join(asked[:-1])
    elif asked[0] == "help":
        path = " ".join(asked[1:])
    else:
        return None
    return (
        words.page(path, locales.from_environment(os.environ)) if path in words.COMMANDS else None
    )


def _run(args: Sequence[str]) -> int:
    """Carry out a command line for which words are not enough, in a session of this process."""
    from kubectl_joblab.cli import signals
    from kubectl_joblab.cli.session import Session

    session = Session.of_process()
    try:
        with signals.heeded(session):
            return carry_out(session, args)
    except KeyboardInterrupt:  # before there was anything to stop, or a second time
        return session.stopped
    except OSError:
        if not session.signal:
            raise
        _drop_output()  # with the signal the terminal has gone
        return session.stopped


def carry_out(session: Session, args: Sequence[str]) -> int:
    """Carry out a command line and return its exit code; an error is printed."""
    from kubectl_joblab.cli import program
    from kubectl_joblab.errors import (
        ExitCode,
        JoblabError,
        StoppedError,
        UnknownLabError,
        UnreachableError,
        UsageError,
    )
    from kubectl_joblab.language import phrase

    try:
        code = program.run(session, args)
        session.stdout.flush()
        return code
    except UsageError as error:
        see = [phrase("See '{command} --help' for usage.", command=error.see)] if error.see else []
        session.err(error.message, *see)
        return ExitCode.ERROR
    except StoppedError as error:
        session.fail(error)
        return session.stopped
    except UnreachableError as error:
        from kubectl_joblab.cli.commands.cluster import fallback

        fallback.lead_on(session, error)
        session.fail(error)
        return error.exit_code
    except UnknownLabError as error:
        from kubectl_joblab.cli.commands.jobs import mistaken

        session.fail(mistaken.led_on(session, error))
        return error.exit_code
    except JoblabError as error:
        session.fail(error)
        return error.exit_code
    except KeyboardInterrupt:
        session.err("")
        return session.stopped


def _prepare_streams() -> None:
    """Make the streams read and write UTF-8 without carriage returns, also on Windows.

    A console that cannot show a character shows a question mark, not a traceback. What was closed
    leads to the null device, under its own number: the lowest that is free.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 -- stays
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace", newline="\n")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8")


def _drop_output() -> None:
    """Send what is still to be flushed to the null device: the reader or the disk takes no more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
