"""What a command works with: streams, environment, language, clock, paths and the connection.

entry.py makes the session of the process; no module but this one and entry.py touches sys or
os.environ.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from kubectl_joblab import clock, homedir, shell
from kubectl_joblab.errors import ExitCode, JoblabError
from kubectl_joblab.language import MARK, Language, Sentence, from_environment, phrase
from kubectl_joblab.printing import fold, labelled, tabwriter
from kubectl_joblab.printing.visible import visible

if TYPE_CHECKING:
    from kubectl_joblab.client import kubeconfig, resources
    from kubectl_joblab.evidence import gather
    from kubectl_joblab.evidence.snapshot import Snapshot
    from kubectl_joblab.labs.definition import model

# the beginnings of commands that ask no cluster, and of those that ask for what is in no namespace
_ASK_NOBODY = {
    *(("kubectl", "completion"), ("kubectl", "config")),
    ("kubectl", "joblab", "options"),
}
_IN_NO_NAMESPACE = {
    *(("kubectl", verb) for verb in ("api-resources", "api-versions", "explain", "version")),
    *(
        ("kubectl", verb, kind)
        for verb in ("create", "delete", "describe", "get")
        for kind in ("namespace", "namespaces", "ns", "node", "nodes")
    ),
}
_CARRIED = (
    ("-n ", "namespace"),
    ("--context=", "context"),
    ("--kubeconfig=", "kubeconfig"),
    ("--server=", "server"),
    ("--as=", "as_user"),
)
# the practice cluster is one of its own, whatever context was asked for
_CARRIED_TO_PRACTICE = (("--kubeconfig=", "kubeconfig"),)
_CARRIED_BY_US = (("--lab-path=", "lab_path"), ("--lang=", "lang"), ("--plain", "plain"))
_COLOURS = {"PASS": "32", "FAIL": "31", "PENDING": "33", "UNKNOWN": "33"}


class Session:
    """One run of the program.

    flags: the flags of all commands as they were given, by the names of flags.py. called: the
    program, by the name that it was called by. command: the words of the command line before its
    arguments. warnings: where warnings are kept while a live screen is drawn. signal: the number of
    the signal that has stopped the run, 0 for Ctrl-C.
    """

    def __init__(
        self, stdin: TextIO, stdout: TextIO, stderr: TextIO, environ: Mapping[str, str]
    ) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.environ = environ
        self.clock = clock.SYSTEM
        self.called = ""
        self.command = ""
        self.flags: dict[str, object] = {}
        self.warnings: list[str] | None = None
        self.signal = 0

    @classmethod
    def of_process(cls) -> Session:
        """The session with the streams and the environment of this process."""
        session = cls(sys.stdin, sys.stdout, sys.stderr, os.environ)
        session.called = sys.argv[0]
        return session

    @property
    def stopped(self) -> int:
        """The exit code of a run that was stopped, as shells have it: 128 and the signal."""
        return 128 + self.signal if self.signal else ExitCode.INTERRUPTED

    # ---- language and paths

    @cached_property
    def text(self) -> Language:
        """What turns sentences into the learner's language."""
        code = str(self.flags.get("lang") or from_environment(self.environ))
        return Language(code, self.with_flags)

    @cached_property
    def lab_paths(self) -> list[Path]:
        """The folders with users' own labs: --lab-path, else JOBLAB_PATH; they may be gone."""
        if given := self.flags.get("lab_path"):
            return [Path(str(given))]
        listed = self.environ.get("JOBLAB_PATH", "")
        return [Path(entry) for entry in listed.split(os.pathsep) if entry]

    def find_lab(self, wanted: str) -> model.Lab:
        """The lab of this name or number; what else is called so is warned of. Raises LabError."""
        from kubectl_joblab.labs.definition import loader

        found = loader.find(wanted, self.lab_paths)
        self.warn_of_rivals(wanted, found)
        return found

    def warn_of_rivals(self, wanted: str, found: model.Lab) -> None:
        """Warn that other labs than the one that was found have the same number or name."""
        from kubectl_joblab.labs.definition import loader

        lab, others = loader.rivals(wanted, found, self.lab_paths)
        if others:
            self.warn(
                phrase(
                    "{wanted} is taken for lab {lab}; it is also that of {others}",
                    wanted=wanted,
                    lab=lab,
                    others=", ".join(others),
                )
            )

    @cached_property
    def state(self) -> Path:
        """The folder where records and the stages of hints are kept."""
        return homedir.state()

    @property
    def records(self) -> Path:
        """The folder where start keeps what it saw of each Job."""
        return self.state / "records"

    @property
    def progress(self) -> Path:
        """The file with what the learner has passed, wherever that was."""
        return self.state / "progress.json"

    # ---- the cluster

    @cached_property
    def target(self) -> kubeconfig.Target:
        """Which cluster, user and namespace the flags and the kubeconfig mean."""
        from kubectl_joblab.client import kubeconfig

        return kubeconfig.load(self.connection_flags, self.environ)

    @property
    def connection_flags(self) -> kubeconfig.ConnectionFlags:
        """The flags that say which cluster is meant."""
        from kubectl_joblab.client import kubeconfig

        known = kubeconfig.ConnectionFlags._fields
        given: Any = {name: value for name, value in self.flags.items() if name in known}
        return kubeconfig.ConnectionFlags(**given)

    @property
    def namespace(self) -> str:
        """The namespace commands work in."""
        return self.target.namespace

    @cached_property
    def client(self) -> resources.Client:
        """The connection, made when it is first needed."""
        from kubectl_joblab.client import resources

        return resources.Client(self.target, self.warn, clock=self.clock)

    @cached_property
    def gatherer(self) -> gather.Gatherer:
        """What reads evidence, from the cluster and from what was recorded."""
        from kubectl_joblab.evidence import gather, records

        def newest(namespace: str, name: str) -> Snapshot | None:
            return records.newest(self.records, self.client.host, namespace, name)

        def places(names: Collection[str]) -> set[tuple[str, str]]:
            return records.places(self.records, self.client.host, names)

        def recorded(uid: str) -> Snapshot | None:
            return records.load(self.records, uid)

        return gather.Gatherer(self.client, recorded, newest, places)

    # ---- output

    @property
    def plain(self) -> bool:
        """Whether --plain is given: no colour, column or drawing may tell something alone."""
        return bool(self.flags.get("plain"))

    def is_terminal(self, stream: TextIO) -> bool:
        """Whether a stream is a terminal, for which lines are coloured and folded."""
        return stream.isatty() and not self.plain

    def out(self, *lines: Sentence) -> None:
        """Print lines of the result."""
        for line in lines:
            self.stdout.write(self._line(line, self.stdout) + "\n")
        self.stdout.flush()

    def prompt(self, line: Sentence) -> None:
        """Print a line on which the user goes on."""
        self.stdout.write(self._line(line, self.stdout) + " ")
        self.stdout.flush()

    def err(self, *lines: Sentence) -> None:
        """Print lines that are no result: messages, notes and what to do next."""
        self.stdout.flush()
        for line in lines:
            self.stderr.write(self._line(line, self.stderr) + "\n")
        self.stderr.flush()

    def _line(self, line: Sentence, stream: TextIO) -> str:
        """A line as the stream may have it: nothing from elsewhere controls a terminal."""
        text = self.text(line)
        return text if isinstance(text, _Coloured) or not stream.isatty() else visible(text)

    def warn(self, text: Sentence) -> None:
        """Print a warning: whole where it is piped, folded on a terminal."""
        if self.warnings is not None:
            self.warnings.append(self.text.marked(text))
        else:
            self._whole("Warning: " + self.text.marked(text))

    def note(self, text: Sentence) -> None:
        """Print a message that is no result: whole where it is piped, folded on a terminal."""
        self._whole(self.text.marked(text))

    def say_lost(self) -> None:
        """Warn that the connection broke; the Job in a cluster of its own does not need it."""
        from kubectl_joblab.practice import kubectl_context

        host = self.client.host
        if self.target.context == kubectl_context.NAME:  # its Pods may have stopped with it
            self.warn(phrase("lost the connection to {host}, trying again", host=host))
            return
        self.warn(phrase("lost the connection to {host}, trying again; the Job goes on", host=host))

    def say_unkept(self, error: OSError) -> None:
        """Warn that something is not kept for later commands, and why."""
        from kubectl_joblab import files

        why = files.why(error, self.state)
        self.warn(phrase("what was seen cannot be kept: {why}", why=why))

    def next(self, command: str) -> None:
        """Print the command to go on with, with the -n and --context that were given."""
        if command:
            self.err(phrase("Next: {command}", command=self.with_flags(command)))

    def with_flags(self, command: str, namespace: str = "") -> str:
        """A command line with the flags that say where and who, as they were given to this one.

        namespace: where it is to be done, if it is not where this command is.
        """
        flags = self.flags | ({"namespace": namespace} if namespace else {})

        def lacking(words: Sequence[str]) -> list[str]:
            return [
                flag if value is True else f"{flag}{shell.quote(str(value))}"
                for flag, name in _carried(words)
                if (value := flags.get(name)) and not _has(words, flag)
            ]

        return shell.carrying(command, lacking)

    def fold(self, sentence: Sentence, *, first: str = "", rest: str | None = None) -> list[str]:
        """The sentence as lines of a usual terminal, its commands whole and with their flags."""
        return fold.fold(self.text.marked(sentence), first=first, rest=rest)

    def fail(self, error: JoblabError) -> None:
        """Print an error: its message, what the message means, and the command to go on with."""
        self._whole(self.text.marked(error.message))
        for sentence in error.means:
            text = self.text.marked(sentence)
            indent = text[: len(text) - len(text.lstrip())]
            self.err(*fold.fold(text, first=indent, rest=indent + "  "))
        self.next(error.next or "")

    def fail_each(self, errors: Sequence[JoblabError]) -> ExitCode:
        """Print the errors that did not keep a command from the rest; the exit code for that."""
        for error in errors:
            self.fail(error)
        return ExitCode.ERROR if errors else ExitCode.OK

    def _whole(self, text: str) -> None:
        """Print a message whole where it is piped; on a terminal folded, with an indent of two."""
        for line in text.splitlines():
            whole = line.replace(MARK, "")
            if self.is_terminal(self.stderr) and tabwriter.width(whole) > fold.COLUMNS:
                self.err(*fold.fold(line, rest="  "))
            else:
                self.err(whole)

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        headers: bool = True,
        close: bool = False,
    ) -> list[str]:
        """The lines of a table of ours, coloured. With --plain each value follows its header."""
        return self.coloured(self.layout(header, rows, headers=headers, close=close))

    def layout(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        headers: bool = True,
        close: bool = False,
    ) -> list[str]:
        """The lines of such a table without colours.

        close: whether columns are as close as those of describe, not as those of get. A terminal
        gets them so where it takes the table only so, and closer yet where not even that fits.
        For programs, into a pipe and without headers, the layout does not depend on what is in
        the table.
        """
        if self.plain:
            return labelled.rows(header, rows)
        style = tabwriter.DESCRIBE if close else tabwriter.TABLE
        lines = tabwriter.align([header, *rows], style) if rows else []
        if headers and self.is_terminal(self.stdout) and not fold.fits(lines):
            closer = tabwriter.align([header, *rows], tabwriter.DESCRIBE)
            if close and not fold.fits(closer):
                closer = tabwriter.align([header, *rows], tabwriter.TIGHT)
            lines = closer if fold.fits(closer) else lines
        return lines if headers else lines[1:]

    def coloured(self, lines: Sequence[str]) -> list[str]:
        """Table lines with their verdict in colour, where colour is wanted."""
        wanted = (
            self.is_terminal(self.stdout)
            and "NO_COLOR" not in self.environ
            and self.environ.get("TERM", "dumb") != "dumb"
        )
        if not wanted:
            return list(lines)
        import re

        pattern = re.compile(rf"\b({'|'.join(_COLOURS)})\b")
        return [
            _Coloured(
                pattern.sub(
                    lambda m: f"\x1b[{_COLOURS[m[1]]}m{m[1]}\x1b[0m", visible(line), count=1
                )
            )
            for line in lines
        ]


def _carried(words: Sequence[str]) -> list[tuple[str, str]]:
    """The flags that the command of these words may need, with their names among ours."""
    begins = {tuple(words[:2]), tuple(words[:3])}
    if words[:1] != ["kubectl"] or begins & _ASK_NOBODY:
        return []
    by_us = _CARRIED_BY_US if words[1:2] == ["joblab"] else ()
    if words[1:3] == ["joblab", "practice"]:
        return [*_CARRIED_TO_PRACTICE, *by_us]
    everywhere = {"-A", "--all-namespaces"} & set(words) or begins & _IN_NO_NAMESPACE
    return [*_CARRIED[bool(everywhere) :], *by_us]


def _has(words: Sequence[str], flag: str) -> bool:
    """Whether a command has a flag already, however it is written."""
    if flag == "-n ":
        return any(word[:2] == "-n" or _has([word], "--namespace=") for word in words)
    return any(word == flag.rstrip("=") or word.startswith(flag) for word in words)


class _Coloured(str):
    """A line with escape sequences of ours, and of nobody else's."""

    __slots__ = ()
