"""The scripts by which kubectl and the shells ask for words; the completion command writes them.

kubectl runs `kubectl_complete-joblab` from PATH (k8s.io/kubectl, plugin_completion.go). The scripts
for the shells, files beside this one, serve those who type `kubectl-joblab`, for which no kubectl
completes words.
"""

from __future__ import annotations

import os
from pathlib import Path

PLUGIN = "kubectl-joblab"
MARK = "Made by: kubectl joblab completion install"  # what has it is ours to change and remove
_SH = f"""\
#!/bin/sh
# {MARK}
# kubectl runs it to complete the words after "kubectl joblab".
exec "${{0%/*}}/{PLUGIN}" __complete "$@"
"""
_CMD = f"""\
@rem {MARK}
@rem kubectl runs it to complete the words after "kubectl joblab".
@"%~dp0{PLUGIN}.exe" __complete %*
"""


def shim(*, windows: bool = os.name == "nt") -> tuple[str, bytes]:
    """The name and the content of the file that kubectl runs.

    On Windows kubectl knows a plugin by its whole name, kubectl-joblab.exe, and looks for a file of
    that name with an ending that can be run.
    """
    if windows:
        return "kubectl_complete-joblab.exe.cmd", _CMD.replace("\n", "\r\n").encode()
    return "kubectl_complete-joblab", _SH.encode()


def script(shell: str) -> str:
    """The script by which a shell, such as bash, completes the words of kubectl-joblab."""
    return Path(__file__).with_name(f"completion.{shell}").read_text("utf-8")
