"""Where things are in the user's home: the kubeconfig that nothing names, and what we keep.

The kubeconfig follows HomeDir in k8s.io/client-go/util/homedir/homedir.go. client/kubeconfig.py
reads that file, practice/kubectl_context.py adds the practice cluster's context to it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

PROGRAM = "kubectl-joblab"
_WRITABLE = 0o200


def kubeconfig(environ: Mapping[str, str], *, windows: bool = os.name == "nt") -> Path:
    """The path of ~/.kube/config; where no home is known, .kube/config in the working directory."""
    home = _of_windows(environ) if windows else environ.get("HOME", "")
    return _config(home)


def state(*, platform: str = sys.platform) -> Path:
    """The folder for what outlives a run: records, hint stages, the practice cluster.

    It is platformdirs' user_state_path, which on Linux is read off the environment here: that
    package takes longer to import than a record to be read.
    """
    if platform == "linux":
        base = os.environ.get("XDG_STATE_HOME", "")
        if not os.path.isabs(base):  # as the XDG Base Directory Specification wants it
            base = os.path.expanduser("~/.local/state")
        return Path(base, PROGRAM)
    import platformdirs

    return platformdirs.user_state_path(PROGRAM, appauthor=False)


def _config(home: str) -> Path:
    return Path(home, ".kube", "config")


def _of_windows(environ: Mapping[str, str]) -> str:
    """The home on Windows, "" where none is set.

    It is the first of the homes that has a kubeconfig; else the first that can be written to, that
    exists, that is set, in this order.
    """
    home, profile = environ.get("HOME", ""), environ.get("USERPROFILE", "")
    drive, path = environ.get("HOMEDRIVE", ""), environ.get("HOMEPATH", "")
    drive_path = drive + path if drive and path else ""
    named = [one for one in (home, drive_path, profile) if one]
    if found := [one for one in named if _config(one).exists()]:
        return found[0]
    named = [one for one in (home, profile, drive_path) if one]  # upstream has another order here
    there = [one for one in named if os.path.exists(one)]
    writable = [one for one in there if _is_writable(one)]
    return next(iter([*writable, *there, *named]), "")


def _is_writable(folder: str) -> bool:
    return os.path.isdir(folder) and bool(os.stat(folder).st_mode & _WRITABLE)
