"""Where the user's kubeconfig is when neither a flag nor KUBECONFIG names one.

Follows HomeDir in k8s.io/client-go/util/homedir/homedir.go. client/kubeconfig.py reads that file,
practice/kubectl_context.py adds the practice cluster's context to it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_WRITABLE = 0o200


def kubeconfig(environ: Mapping[str, str], *, windows: bool = os.name == "nt") -> Path:
    """The path of ~/.kube/config; where no home is known, .kube/config in the working directory."""
    home = _of_windows(environ) if windows else environ.get("HOME", "")
    return _config(home)


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
