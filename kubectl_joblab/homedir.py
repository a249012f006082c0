"""Whose kubeconfig it is where nothing names one, as k8s.io/client-go/util/homedir/homedir.go.

kubeconfig reads it, the practice cluster writes its context to it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_WRITABLE = 0o200


def kubeconfig(environ: Mapping[str, str], *, windows: bool = os.name == "nt") -> Path:
    """~/.kube/config; without a home the one below the working directory."""
    home = _of_windows(environ) if windows else environ.get("HOME", "")
    return _config(home)


def _config(home: str) -> Path:
    return Path(home, ".kube", "config")


def _of_windows(environ: Mapping[str, str]) -> str:
    """The first home with a kubeconfig, that can be written, that is there, that is set."""
    home, profile = environ.get("HOME", ""), environ.get("USERPROFILE", "")
    drive, path = environ.get("HOMEDRIVE", ""), environ.get("HOMEPATH", "")
    drive_path = drive + path if drive and path else ""
    named = [one for one in (home, drive_path, profile) if one]
    if found := [one for one in named if _config(one).exists()]:
        return found[0]
    named = [one for one in (home, profile, drive_path) if one]  # the order is another here
    there = [one for one in named if os.path.exists(one)]
    writable = [one for one in there if _is_writable(one)]
    return next(iter([*writable, *there, *named]), "")


def _is_writable(folder: str) -> bool:
    return os.path.isdir(folder) and bool(os.stat(folder).st_mode & _WRITABLE)
