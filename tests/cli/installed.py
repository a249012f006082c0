"""The package as users have it installed: with labs that are ready, and modules found at once.

In a checkout each command parses the labs that it needs, and an editable install's Python takes
longer to start than a command takes to run. A process has neither with PYTHONPATH set to `path()`
and Python's option -S.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest

import kubectl_joblab
from kubectl_joblab.labs.definition import loader


def path() -> str:
    """Where a Python finds the package, and the packages of others."""
    return os.pathsep.join([str(folder()), str(Path(pytest.__file__).parents[1])])


def manifests() -> Path:
    """The labs of the package."""
    return folder() / "kubectl_joblab" / "manifests"


@functools.cache
def folder() -> Path:
    """The folder that the package is in; it is made once for all tests of this process."""
    made = Path(tempfile.mkdtemp(prefix="installed-"))
    atexit.register(shutil.rmtree, made)
    package = made / "kubectl_joblab"
    package.mkdir()
    for file in Path(kubectl_joblab.__file__).parent.iterdir():
        if file.name not in ("manifests", "__pycache__"):
            (package / file.name).symlink_to(file)
    for lab in loader.folders([]):
        copy = package / "manifests" / lab.name
        shutil.copytree(lab, copy)
        (copy / loader.READY).write_text(json.dumps(loader.ready(lab)), "utf-8")
    return made
