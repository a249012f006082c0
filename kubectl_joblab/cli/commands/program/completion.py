"""completion: the file through which kubectl completes our words, and scripts for the shells.

syntax/scripts.py has the text of these files, and syntax/answer.py answers what they ask.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kubectl_joblab import files
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare, scripts
from kubectl_joblab.errors import ExitCode, JoblabError
from kubectl_joblab.language import phrase

# ---- kubectl joblab


@declare.command(
    "install",
    short_help="Have kubectl complete the words of joblab",
    help="Write kubectl_complete-joblab beside this program: kubectl runs it to complete the words "
    "after kubectl joblab.\n"
    "kubectl's own completion has to be loaded: kubectl completion --help says how.",
    examples=[("Write it", "kubectl joblab completion install")],
)
def install(session: Session, /) -> int:
    """Write the file that kubectl runs, in the folder where kubectl has found joblab."""
    file = _file(session)
    if not _is_on_path(session, file.parent):
        raise _not_found(file.parent)
    _require_ours(file)
    files.write(file, scripts.shim()[1], mode=0o777)  # a program, for whom umask lets run it
    session.out(phrase("{path} written", path=file))
    session.next("kubectl completion --help")
    return ExitCode.OK


@declare.command(
    "uninstall",
    short_help="Undo install",
    help="Remove the kubectl_complete-joblab that install wrote beside this program.",
    examples=[("Remove it", "kubectl joblab completion uninstall")],
)
def uninstall(session: Session, /) -> int:
    """Remove the file that install has written."""
    file = _file(session)
    _require_ours(file)
    if os.path.lexists(file):
        file.unlink()
        session.out(phrase("{path} removed", path=file))
    else:
        session.out(phrase("{path} is not there", path=file))
    return ExitCode.OK


def _file(session: Session) -> Path:
    """The path of the file that kubectl runs: beside the program, by the name it was called by.

    That is the bin folder of krew or pipx, not the folder that a link in it leads to. Where Python
    was called with the module, it is the folder of the program that kubectl would find.
    """
    called = session.called if Path(session.called).stem == scripts.PLUGIN else scripts.PLUGIN
    found = called
    if not os.path.dirname(called):
        found = shutil.which(called, path=session.environ.get("PATH", "")) or ""
    if not found:
        raise _not_found(scripts.PLUGIN)
    return Path(found).absolute().parent / scripts.shim()[0]


def _is_on_path(session: Session, folder: Path) -> bool:
    entries = session.environ.get("PATH", "").split(os.pathsep)
    there = os.path.normcase(os.path.realpath(folder))
    return any(os.path.normcase(os.path.realpath(entry)) == there for entry in entries if entry)


def _not_found(what: object) -> JoblabError:
    return JoblabError(
        phrase("error: {what} is not on PATH, where kubectl looks for plugins", what=what)
    )


def _require_ours(file: Path) -> None:
    """Raise JoblabError where the path is a file, link or folder that install did not write."""
    if not os.path.lexists(file):
        return
    plain = file.is_file() and not file.is_symlink()
    if not plain or scripts.MARK.encode() not in file.read_bytes():
        raise JoblabError(
            phrase("error: {file} is not of kubectl joblab, so it is left alone", file=file)
        )


# ---- kubectl-joblab


def _script(shell: str, *, load: str) -> declare.Command:
    """The command that prints the script for a shell. load: how the shell loads the script."""

    @declare.command(
        shell,
        short_help=f"Print the script for {shell}",
        help=f"Print the script by which {shell} completes the words of kubectl-joblab.",
        examples=[(f"Load it into this {shell}", load)],
    )
    def script(session: Session, /) -> int:
        session.out(scripts.script(shell).rstrip("\n"))
        return ExitCode.OK

    return script


bash = _script("bash", load="source <(kubectl joblab completion bash)")
fish = _script("fish", load="kubectl joblab completion fish | source")
zsh = _script("zsh", load="source <(kubectl joblab completion zsh)")


completion = declare.Group(
    "completion",
    bash,
    fish,
    install,
    uninstall,
    zsh,
    short_help="Have the words of joblab completed on TAB",
    help="Have words completed: commands, labs, flags and their values, and names of the cluster.\n"
    "install is for kubectl joblab; the scripts are for kubectl-joblab, called directly.",
    examples=[
        (
            "Complete kubectl joblab, where kubectl completes its own words",
            "kubectl joblab completion install",
        ),
    ],
)
