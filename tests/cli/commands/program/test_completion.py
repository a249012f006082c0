"""completion: the file that kubectl runs, and the scripts, in the shells that are here."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kubectl_joblab.cli.syntax import scripts
from tests.cli.completing import KUBECTL, Shell, install, plugin, with_path
from tests.cli.conftest import PATIENCE, Home
from tests.golden import Screen

NAME = "kubectl_complete-joblab"
SHELLS = ("bash", "fish", "zsh")


@pytest.fixture
def folder(home: Home) -> Path:
    """A folder with the plugin."""
    return plugin(home.folder / "bin").parent


def run(home: Home, words: Sequence[str | Path], path: str) -> Screen:
    done = subprocess.run(
        words,
        cwd=home.folder,
        env=home.environ({"PATH": path}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    return Screen(done.stdout, done.stderr, done.returncode)


def joblab(home: Home, folder: Path, *args: str) -> Screen:
    """The plugin by its name alone."""
    return run(home, ["kubectl-joblab", *args], with_path(folder))


# ---- install and uninstall


def test_install_writes_a_file_and_uninstall_removes_it(home: Home, folder: Path) -> None:
    file = folder / NAME
    written = Screen(f"{file} written\n", "Next: kubectl completion --help\n", 0)
    assert joblab(home, folder, "completion", "install") == written
    first = file.read_text("utf-8")
    assert joblab(home, folder, "completion", "install") == written  # again
    assert file.read_text("utf-8") == first
    assert run(home, [file, "check", "--no-h"], os.environ["PATH"]).out.endswith(":4\n")
    removed = Screen(f"{file} removed\n", "", 0)
    assert joblab(home, folder, "completion", "uninstall") == removed
    assert sorted(folder.iterdir()) == [folder / "kubectl-joblab"]
    gone = Screen(f"{file} is not there\n", "", 0)
    assert joblab(home, folder, "completion", "uninstall") == gone


@pytest.mark.skipif(KUBECTL is None, reason="no kubectl on the PATH")
def test_it_is_written_beside_the_plugin_that_kubectl_found(home: Home, folder: Path) -> None:
    """As krew has it: a link on the PATH that leads to the store."""
    links = home.folder / "links"
    links.mkdir()
    (links / "kubectl-joblab").symlink_to(folder / "kubectl-joblab")
    path = os.pathsep.join([with_path(links), str(folder)])
    done = run(home, ["kubectl", "joblab", "completion", "install"], path)
    assert done.out == f"{links / NAME} written\n"
    assert run(home, ["kubectl", "__complete", "joblab", "show", "sl"], path).out == (
        "sleep\tRun once and finish\n:36\n"
    )
    assert not (folder / NAME).exists()


def test_called_as_a_module_it_is_written_beside_the_one_on_the_path(
    home: Home, folder: Path
) -> None:
    done = home.run("completion", "install", env={"PATH": str(folder)})
    assert done.out == f"{folder / NAME} written\n"


def test_a_module_without_the_program_has_no_place_for_it(home: Home) -> None:
    done = home.run("completion", "install", env={"PATH": str(home.folder)})
    text = "error: kubectl-joblab is not on PATH, where kubectl looks for plugins\n"
    assert done == Screen("", text, 1)


def test_a_folder_that_is_not_on_the_path_is_refused(home: Home, folder: Path) -> None:
    done = run(home, [folder / "kubectl-joblab", "completion", "install"], "/usr/bin:/bin")
    text = f"error: {folder} is not on PATH, where kubectl looks for plugins\n"
    assert done == Screen("", text, 1)
    assert not (folder / NAME).exists()


def make_text(file: Path) -> None:
    file.write_text("#!/bin/sh\n", "utf-8")


def make_link(file: Path) -> None:
    target = file.with_name("other")
    target.write_text("Made by: kubectl joblab completion install\n", "utf-8")
    file.symlink_to(target)


def make_dangling(file: Path) -> None:
    file.symlink_to("nowhere")


OTHERS = {
    "a file": make_text,
    "a link to anything": make_link,
    "a link to nothing": make_dangling,
    "a folder": Path.mkdir,
}


@pytest.mark.parametrize("command", ["install", "uninstall"])
@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_what_is_not_ours_is_left_alone(
    home: Home, folder: Path, command: str, make: object
) -> None:
    assert callable(make)
    file = folder / NAME
    make(file)
    before = file.lstat()
    done = joblab(home, folder, "completion", command)
    text = f"error: {file} is not of kubectl joblab, so it is left alone\n"
    assert done == Screen("", text, 1)
    assert (file.lstat().st_ino, file.lstat().st_mtime) == (before.st_ino, before.st_mtime)


WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]


def test_a_folder_that_cannot_be_written_to_is_said(home: Home, folder: Path) -> None:
    words = ["kubectl-joblab", "completion", "install"]
    if os.geteuid() == 0:  # it may write everywhere
        if shutil.which("setpriv") is None:
            pytest.skip("root without setpriv")
        words = [*WITHOUT_RIGHTS, *words]
    folder.chmod(0o555)
    done = run(home, words, with_path(folder))
    folder.chmod(0o755)
    assert done == Screen("", f"error: {folder / NAME}: Permission denied\n", 1)


def test_a_disk_that_is_full_leaves_nothing_behind(home: Home, folder: Path) -> None:
    words = ["sh", "-c", "ulimit -f 0; exec kubectl-joblab completion install"]
    done = run(home, words, with_path(folder))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {folder / NAME}: ")
    assert not (folder / NAME).exists()


def test_on_windows_it_is_a_batch_file_for_the_plugin_s_whole_name() -> None:
    name, text = scripts.shim(windows=True)
    assert name == "kubectl_complete-joblab.exe.cmd"
    assert text.endswith(b'@"%~dp0kubectl-joblab.exe" __complete %*\r\n')
    assert scripts.MARK.encode() in text


@pytest.mark.skipif(KUBECTL is None, reason="no kubectl on the PATH")
def test_kubectl_knows_a_plugin_by_its_whole_name(home: Home, folder: Path) -> None:
    (folder / "kubectl-joblab").rename(folder / "kubectl-joblab.exe")
    name, _ = scripts.shim(windows=True)
    file = folder / name.removesuffix(".cmd")
    file.write_text('#!/bin/sh\nexec "${0%/*}/kubectl-joblab.exe" __complete "$@"\n', "utf-8")
    file.chmod(0o755)
    for plugin_name, lines in (("joblab.exe", ["start", "status"]), ("joblab", [])):
        done = run(home, ["kubectl", "__complete", plugin_name, "sta"], with_path(folder))
        assert [line.partition("\t")[0] for line in done.out.splitlines()[:-1]] == lines


# ---- the scripts


@pytest.mark.parametrize("name", SHELLS)
def test_a_script_is_one_that_the_shell_reads(home: Home, folder: Path, name: str) -> None:
    script = joblab(home, folder, "completion", name)
    assert (script.code, script.err) == (0, "")
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    file = home.write("script", script.out)
    assert run(home, [name, "-n", file], os.environ["PATH"]) == Screen("", "", 0)


class Typist:
    """A shell on a terminal of its own: what becomes of a line on TAB."""

    def __init__(self, words: Sequence[str], environ: Mapping[str, str], cwd: Path) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            words, cwd=cwd, env=dict(environ), stdin=slave, stdout=slave, stderr=slave
        )
        os.close(slave)
        self._shown = ""

    def __enter__(self) -> Typist:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def await_text(self, pattern: str) -> re.Match[str]:
        """Wait for a match in what it has shown since the last."""
        while (found := re.search(pattern, self._shown)) is None:
            ready = select.select([self._master], [], [], PATIENCE)[0]
            assert ready, f"no {pattern!r} in {self._shown!r}"
            self._shown += os.read(self._master, 1 << 16).decode("utf-8", "replace")
        self._shown = self._shown[found.end() :]
        return found

    def complete(self, line: str) -> str:
        """What the line is after TAB. Ctrl-T shows it, Ctrl-U removes it."""
        self.press(f"{line}\t\x14")
        shown = self.await_text("<([^<>]*)>")[1]
        self.press("\x15")
        return shown


BASH = """\
PS1='$ '
bind 'set bell-style none' 'set enable-bracketed-paste off'
bind -x '"\\C-t": printf "<%s>\\n" "$READLINE_LINE"'
"""
ZSH = """\
PS1='$ '
unsetopt beep
autoload -Uz compinit && compinit -u -D
show() { print -r -- "<$BUFFER>" }
zle -N show
bindkey '^T' show
bindkey '^U' kill-whole-line
"""
TYPED = {
    "a command": ("kubectl-joblab chec", "kubectl-joblab check "),
    "what several words begin with": ("kubectl-joblab s", "kubectl-joblab s"),
    "a lab": ("kubectl-joblab show ret", "kubectl-joblab show retry "),
    "a value": ("kubectl-joblab show --lang k", "kubectl-joblab show --lang ko "),
    "a value behind =": ("kubectl-joblab show --lang=k", "kubectl-joblab show --lang=ko "),
    "a value behind a letter": ("kubectl-joblab doctor -oy", "kubectl-joblab doctor -oyaml "),
    "a name with colons": (
        "kubectl-joblab check --context arn:aws:eks:c",
        "kubectl-joblab check --context arn:aws:eks:cluster ",
    ),
    "a name with colons behind =": (
        "kubectl-joblab check --context=arn:aws:e",
        "kubectl-joblab check --context=arn:aws:eks:cluster ",
    ),
    "behind a word in quotes": (
        "kubectl-joblab check -n 'a b' paral",
        "kubectl-joblab check -n 'a b' parallelism ",
    ),
    "a file": (
        "kubectl-joblab check --kubeconfig conf",
        "kubectl-joblab check --kubeconfig config ",
    ),
    "a manifest": ("kubectl-joblab start yaml -f my", "kubectl-joblab start yaml -f my.yaml "),
    "a folder": ("kubectl-joblab lab lint fol", "kubectl-joblab lab lint folder/"),
    "no file where none is taken": ("kubectl-joblab show conf", "kubectl-joblab show conf"),
}
CONTEXTS = "contexts: [{name: 'arn:aws:eks:cluster', context: {}}, {name: other, context: {}}]\n"


def make_files(home: Home) -> None:
    home.write("config", CONTEXTS)
    home.write("my.yaml", "")
    home.write("my.txt", "")
    (home.folder / "folder").mkdir()


def typist(home: Home, folder: Path, name: str, start: str, *scripts: str) -> Typist:
    """An interactive shell that has read what is given."""
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    make_files(home)
    more = {"PATH": with_path(folder), "KUBECONFIG": "config", "TERM": "dumb"}
    environ = home.environ({**more, "ZDOTDIR": str(home.folder), "LC_ALL": "C.UTF-8"})
    home.write("start", "\n".join([start, *scripts]))
    words = [name, *(["--norc"] if name == "bash" else ["-f"]), "-i"]
    shell = Typist(words, environ, home.folder)
    shell.press("source ./start; printf '%s\\n' rea''dy\n")
    shell.await_text("\nready")
    return shell


@pytest.mark.parametrize(("name", "start"), [("bash", BASH), ("zsh", ZSH)])
def test_a_line_is_completed_in(home: Home, folder: Path, name: str, start: str) -> None:
    with typist(home, folder, name, start, f"source <(kubectl-joblab completion {name})") as shell:
        became = {what: shell.complete(line) for what, (line, _) in TYPED.items()}
    assert became == {what: line for what, (_, line) in TYPED.items()}


@pytest.mark.parametrize(("name", "start"), [("bash", BASH), ("zsh", ZSH)])
def test_what_words_mean_is_listed_in(home: Home, folder: Path, name: str, start: str) -> None:
    with typist(home, folder, name, start, f"source <(kubectl-joblab completion {name})") as shell:
        shell.press("kubectl-joblab show \t\t")
        shell.await_text(r"basics +\S+ ?Job, Pod and log|basics +\(Job, Pod and log\)")
        shell.await_text(r"sleep +.*Run once and finish")  # in the order of the labs
        shell.await_text(r"parallelism +.*Several Pods at once")


FISH = {
    "kubectl-joblab chec": ["check\tJudge what the cluster shows: PASS, FAIL, PENDING or UNKNOWN"],
    "kubectl-joblab show ret": ["retry\tFail and try again"],
    "kubectl-joblab show --lang=k": ["--lang=ko"],
    "kubectl-joblab check --context arn:": ["arn:aws:eks:cluster"],
    "kubectl-joblab check --kubeconfig conf": ["config"],
    "kubectl-joblab start yaml -f my": ["my.yaml"],
    "kubectl-joblab start yaml --filename=my": ["--filename=my.yaml"],
    "kubectl-joblab lab lint fol": ["folder/\tDirectory"],
    "kubectl-joblab show conf": [],
}


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
@pytest.mark.parametrize("line", FISH)
def test_a_line_is_completed_in_fish(home: Home, folder: Path, line: str) -> None:
    make_files(home)
    command = f"kubectl-joblab completion fish | source; complete -C '{line}'"
    environ = {"KUBECONFIG": "config", "PATH": with_path(folder)}
    done = subprocess.run(
        ["fish", "--no-config", "-c", command],
        cwd=home.folder,
        env=home.environ(environ),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert (done.stdout.splitlines(), done.stderr) == (FISH[line], "")


@pytest.mark.skipif(KUBECTL is None, reason="no kubectl on the PATH")
@pytest.mark.skipif(
    not Path("/usr/share/bash-completion/bash_completion").exists(),
    reason="no bash-completion, which kubectl's own script needs",
)
def test_kubectl_completes_our_words_in_bash(home: Home) -> None:
    more = "source /usr/share/bash-completion/bash_completion; source <(kubectl completion bash)"
    folder = Shell(home, install(home), True, {}).folder
    with typist(home, folder, "bash", BASH, more) as shell:
        became = {
            line: shell.complete(line.replace("kubectl-joblab", "kubectl joblab"))
            for line, _ in TYPED.values()
        }
    assert became == {
        line: wanted.replace("kubectl-joblab", "kubectl joblab") for line, wanted in TYPED.values()
    }
