"""What Windows asks of joblab, held without a Windows: paths, line ends, consoles, modules."""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kubectl_joblab import shell
from kubectl_joblab.client import kubeconfig
from kubectl_joblab.errors import JoblabError
from kubectl_joblab.labs.definition import problem
from kubectl_joblab.labs.definition.problem import Problem
from kubectl_joblab.practice import lifecycle
from kubectl_joblab.practice.home import Home as PracticeHome
from tests.cli import forking
from tests.cli.conftest import MANIFESTS, PATIENCE, PROGRAM, Home
from tests.cli.test_errors import CONFIG, REFUSED

# ---- consoles: what cannot be shown is a question mark, never a traceback

CONSOLES = ("cp1252", "cp949", "ascii", "cp437")
LINES = {
    "a page of a lab": ("show retry", 0),
    "a list": ("list --client", 0),
    "a manifest": ("scaffold retry -d -", 0),
    "help": ("start --help", 0),
    "an error": ("start paralel", 1),
    "no server": ("status sleep", 1),
}


def raw(home: Home, args: Sequence[str], environ: Mapping[str, str]) -> tuple[bytes, bytes, int]:
    """What a command writes, as bytes."""
    done = forking.run(args, cwd=home.folder, env=home.environ(environ), timeout=PATIENCE)
    return done.stdout, done.stderr, done.returncode


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home for all consoles: none of the lines leaves anything there."""
    home = Home(tmp_path_factory.mktemp("desk"))
    home.write("config", CONFIG)
    return home


def shown(home: Home, line: str, **environ: str) -> tuple[bytes, bytes, int]:
    return raw(home, line.split(), {"KUBECONFIG": str(home.folder / "config"), **environ})


@functools.cache
def whole(home: Home, line: str) -> tuple[str, str]:
    """What a line says where all of it can be shown; it is run once for all encodings."""
    out, err, _ = shown(home, line)
    return out.decode(), err.decode()


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("encoding", CONSOLES)
def test_a_console_of_any_encoding_shows_what_it_can(desk: Home, encoding: str, lang: str) -> None:
    for line, code in LINES.values():
        said = line if "--help" in line else f"{line} --lang={lang}"
        out, err = whole(desk, said)
        expected = (out.encode(encoding, "replace"), err.encode(encoding, "replace"), code)
        assert shown(desk, said, PYTHONIOENCODING=encoding) == expected


def test_words_are_completed_on_a_console_without_the_letters_of_their_titles(home: Home) -> None:
    environ = {"LANG": "ko_KR.UTF-8", "PYTHONIOENCODING": "cp1252"}
    out, err, code = raw(home, ["__complete", "show", "sl"], environ)
    assert (err, code) == (b"", 0)
    assert out.startswith(b"sleep\t? ?")


# ---- files

EVERYWHERE = [
    *("-S", "-X", "warn_default_encoding", "-W", "error::EncodingWarning"),
    *("-m", "kubectl_joblab"),
]
TOUCHED = {
    "a lab's page": ("show retry --lang=ko", 0),
    "the labs": ("list --client", 0),
    "a manifest written": ("scaffold sleep", 0),
    "a manifest printed": ("scaffold parallelism --parallelism=2 -d -", 0),
    "a manifest and a kubeconfig read": ("start sleep -f job.yaml --dry-run=client", 0),
    "all that defines a lab": ("lab lint", 0),
    "the schema": ("lab schema", 0),
    "a hint and how many there were": ("hint retry", 1),
    "a kubeconfig": ("status sleep", 1),
    "the practice cluster's state": ("practice status", 3),
    "a script of completion": ("completion bash", 0),
}


@pytest.mark.parametrize(("line", "code"), TOUCHED.values(), ids=TOUCHED)
def test_no_file_is_read_or_written_in_the_encoding_of_the_system(
    home: Home, line: str, code: int
) -> None:
    home.write("config", CONFIG)
    home.write("job.yaml", "apiVersion: batch/v1\nkind: Job\nmetadata: {name: sleep}\n")
    done = subprocess.run(
        [sys.executable, *EVERYWHERE, *line.split()],
        cwd=home.folder,
        env=home.environ({"PYTHONUTF8": "0", "KUBECONFIG": "config"}),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, b"Warning" in done.stderr) == (code, False)


def with_crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def test_a_lab_with_carriage_returns_is_the_same_lab(home: Home) -> None:
    for name in ("unix", "windows"):
        shutil.copytree(MANIFESTS / "04-retry", home.folder / name / "07-mine")
        for file in (home.folder / name).rglob("*.yaml"):
            text = file.read_text("utf-8").replace("name: retry", "name: mine", 1)
            file.write_text(text.replace("number: 4", "number: 7"), "utf-8")
    for file in (home.folder / "windows").rglob("*.*"):
        with_crlf(file)
    for line in ("lab lint FOLDER/07-mine", "show mine --lang=ko", "scaffold mine -d -"):
        screens = [
            str(home.run(*line.replace("FOLDER", name).split(), f"--lab-path={name}"))
            for name in ("unix", "windows")
        ]
        assert screens[0].replace("unix", "windows") == screens[1]


FILES = {
    "a kubeconfig": ("config", CONFIG, "status sleep --kubeconfig=config"),
    "a manifest": ("job.yaml", "kind: Pod\napiVersion: v1\n", "start sleep -f job.yaml"),
}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "with a byte order mark"])
@pytest.mark.parametrize(("name", "text", "line"), FILES.values(), ids=FILES)
def test_a_file_with_carriage_returns_is_read_well(
    home: Home, name: str, text: str, line: str, mark: bytes
) -> None:
    home.write("config", CONFIG)
    path = home.write(name, text)
    before = home.run(*line.split(), env={"KUBECONFIG": "config"})
    with_crlf(path)
    path.write_bytes(mark + path.read_bytes())
    assert home.run(*line.split(), env={"KUBECONFIG": "config"}) == before
    assert "Traceback" not in before.err


def test_a_manifest_of_stdin_is_utf_8_whatever_the_console_is(home: Home) -> None:
    home.write("config", CONFIG)
    done = subprocess.run(
        [*PROGRAM, "start", "sleep", "-f", "-", "--dry-run=client", "-o", "yaml"],
        cwd=home.folder,
        env=home.environ({"KUBECONFIG": "config", "PYTHONIOENCODING": "cp1252:strict"}),
        input="apiVersion: batch/v1\r\nkind: Job\r\nmetadata:\r\n  name: sleep\r\n"
        "  annotations: {note: é}\r\n".encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "note: é" in done.stdout.decode("cp1252")


# texts that say nothing of their line ends get those of Windows: io in Python asks os.linesep
WITH_CRLF = """
import _pyio, builtins, io, os, sys
os.linesep = "\\r\\n"
io.open = builtins.open = _pyio.open
for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(newline="\\r\\n")
with open("proof", "w", encoding="utf-8") as proof:
    proof.write("\\n")
from kubectl_joblab.cli import entry
sys.exit(entry.run(sys.argv[1:]))
"""
WRITTEN = {
    "help": "--help",
    "a list": "list --client",
    "a page": "show retry --lang=ko",
    "an error": "start paralel",
    "a manifest": "scaffold retry -d -",
    "a manifest's file": "scaffold retry",
    "a manifest's file in the place of another": "scaffold yaml --force --name=other",
    "a script for bash": "completion bash",
}


@pytest.mark.parametrize("line", WRITTEN.values(), ids=WRITTEN)
def test_nothing_is_written_with_carriage_returns(home: Home, line: str) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", WITH_CRLF, *line.split()],
        cwd=home.folder,
        env=home.environ(),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (b"\r" in done.stdout, b"\r" in done.stderr) == (False, False)
    assert (b"\n" in done.stdout + done.stderr, b"Traceback" in done.stderr) == (True, False)
    files = {path.name: path.read_bytes() for path in home.folder.rglob("*") if path.is_file()}
    assert files.pop("proof") == b"\r\n"
    assert [name for name, text in files.items() if b"\r" in text] == []
    assert len(files) == (line.startswith("scaffold") and "-d -" not in line)


# ---- paths

DRIVE = r"C:\Users\김 철수\labs\job.yaml"
WORDS = {
    "a plain path needs no quotes": (r"C:\labs\04-retry\job.yaml", r"C:\labs\04-retry\job.yaml"),
    "a blank does": (r"C:\my labs\job.yaml", r'"C:\my labs\job.yaml"'),
    "letters of others do": (DRIVE, f'"{DRIVE}"'),
    "a sign of the shell does": ("a&b", '"a&b"'),
    "nothing does": ("", '""'),
    "a backslash at the end does not escape the quote": ("C:\\my labs\\", '"C:\\my labs\\\\"'),
    "two of them do not either": ("a b\\\\", '"a b\\\\\\\\"'),
    "a backslash at the end of a word without quotes stays": ("C:\\labs\\", "C:\\labs\\"),
    "a quote is escaped": ('a"b c', r'"a\"b c"'),
    "a backslash before a quote is too": (r"a\"b", r'"a\\\"b"'),
    "what cmd.exe expands is quoted": ("%PATH%", '"%PATH%"'),
    "what PowerShell splats is quoted": ("@x", '"@x"'),
    "what PowerShell expands is quoted": ("$HOME", '"$HOME"'),
    "a short name of Windows needs no quotes": (r"C:\Users\KIM~1", r"C:\Users\KIM~1"),
    "a home that PowerShell expands does": (r"~\labs", r'"~\labs"'),
}


@pytest.mark.parametrize(("word", "quoted"), WORDS.values(), ids=WORDS)
def test_a_command_to_paste_has_the_quotes_of_windows(word: str, quoted: str) -> None:
    assert shell.quote(word, windows=True) == quoted
    assert shell.quote(word, windows=False) == shlex.quote(word)


def test_a_problem_names_a_file_on_a_drive() -> None:
    file = type("File", (), {"__str__": lambda _: DRIVE})()
    found = Problem(file, 3, problem.shown_keys(("checks", 2)), "is missing")
    assert str(found) == f"{DRIVE}:3: checks[2]: is missing"


@pytest.mark.parametrize("separator", [":", ";"])
def test_kubeconfig_lists_its_files_as_the_system_does(
    home: Home, monkeypatch: pytest.MonkeyPatch, separator: str
) -> None:
    monkeypatch.setattr(os, "pathsep", separator)
    monkeypatch.chdir(home.folder)
    home.write("config", CONFIG)
    flags = kubeconfig.ConnectionFlags()
    found = kubeconfig.load(flags, {"KUBECONFIG": separator.join(["missing", "config"])})
    assert found.context == "here"


# ---- modules and functions that Windows has not

WITHOUT = """
import os, select, signal, socket, sys
import platformdirs, platformdirs.unix  # which on Windows does not import its unix
for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
MISSING = {
    os: "chown fchown fork forkpty getegid geteuid getgid getgroups getpgid getpgrp getuid killpg"
    " memfd_create mkfifo openpty pidfd_open pipe2 sched_getaffinity setpgid setsid statvfs sysconf"
    " uname wait",
    select: "poll epoll kqueue",
    signal: "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGUSR1 SIGWINCH alarm setitimer",
    socket: "AF_UNIX",
}
for module, names in MISSING.items():
    for name in names.split():
        if hasattr(module, name):  # macOS has not all of them either
            delattr(module, name)
from kubectl_joblab.cli import entry
sys.exit(entry.run(sys.argv[1:]))
"""
ANYWHERE = {
    "help": ("--help", 0),
    "show": ("show sleep", 0),
    "list": ("list", 1),
    "start": ("start sleep", 1),
    "check": ("check", 1),
    "check --wait": ("check sleep --wait", 1),
    "status": ("status sleep", 1),
    "describe": ("describe sleep", 1),
    "logs": ("logs sleep -f", 1),
    "events": ("events sleep", 1),
    "hint": ("hint sleep", 1),
    "clean": ("clean --all", 1),
    "doctor": ("doctor", 1),
    "scaffold": ("scaffold retry", 0),
    "lab lint": ("lab lint", 0),
    "lab schema": ("lab schema", 0),
    "lab test": ("lab test sleep", 1),
    "version": ("version --client", 0),
    "options": ("options", 0),
    "practice status": ("practice status", 3),
    "practice down": ("practice down", 0),
    "practice logs": ("practice logs", 0),
}


@pytest.mark.parametrize(("line", "code"), ANYWHERE.values(), ids=ANYWHERE)
def test_a_command_needs_no_module_that_windows_lacks(home: Home, line: str, code: int) -> None:
    home.write("config", CONFIG)
    done = subprocess.run(
        [sys.executable, "-S", "-c", WITHOUT, *line.split()],
        cwd=home.folder,
        env=home.environ({"KUBECONFIG": "config"}),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == code
    if code == 1:
        assert done.stderr.startswith(REFUSED)


def test_the_practice_cluster_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, file = PracticeHome(tmp_path / "state"), tmp_path / "config"
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(JoblabError) as raised:
        lifecycle.up(home, {}, file, switch=True)
    monkeypatch.undo()
    error = raised.value
    assert [str(error.message), *map(str, error.means)] == [
        "error: the practice cluster needs Linux or macOS, or WSL",
        "Without it, a kubeconfig has to say which cluster to use.",
    ]
    assert not home.root.exists()
