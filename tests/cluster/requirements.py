"""Says why the cluster cannot run on this machine, before anything is built.

`lifecycle.up` refuses with it, `python -m tests.cluster why-not` prints it.
"""

import collections.abc
import importlib.util
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

from tests.cluster import cgroups, credentials, home, images, packages, programs

_CAP_SYS_ADMIN = 21
_LONGEST_SOCKET_PATH = 107


def why_not(at: home.Home) -> str | None:
    """What is missing, in one line; None if the cluster can run."""
    if sys.platform != "linux":
        return f"needs Linux, this is {platform.system()}"
    # Without root the home may not be readable, and what has been built cannot be told.
    return "; ".join(_missing_of_machine(at)) or "; ".join(_missing_tools(at)) or None


def _missing_of_machine(at: home.Home) -> collections.abc.Iterator[str]:
    if images.architecture() is None:
        yield f"needs an x86-64 or arm64 processor, this is {platform.machine()}"
    if os.geteuid() != 0:
        yield "needs root"
    elif not _may_administer():
        yield "needs CAP_SYS_ADMIN, which this root lacks (a container?)"
    elif not os.access(cgroups.MOUNT, os.W_OK):
        yield f"needs {cgroups.MOUNT} to be writable"
    if len(os.fsencode(f"{at.containerd_socket}.ttrpc")) > _LONGEST_SOCKET_PATH:
        yield f"needs a shorter JOBLAB_CLUSTER_HOME than {at.root}, as sockets lie in it"


def _missing_tools(at: home.Home) -> collections.abc.Iterator[str]:
    """The tools that are missing to install and build what has not been installed and built yet."""
    if packages.missing() and not shutil.which("apt-get"):
        yield f"needs {' '.join(packages.missing())}, and there is no apt-get to install them"
    if programs.need_go(at):
        yield from _missing_go()
    if programs.need_pip(at) and importlib.util.find_spec("pip") is None:
        yield f"needs pip for {sys.executable}"
    if images.need_gcc(at) and not shutil.which("gcc"):
        yield "needs gcc"
    if not credentials.exist(at) and not shutil.which("openssl"):
        yield "needs openssl"


def _may_administer() -> bool:
    """Whether root may mount, which containers and namespaces need; in a sandbox it may not."""
    status = pathlib.Path("/proc/self/status").read_text()
    found = re.search(r"^CapEff:\s*([0-9a-f]+)", status, re.MULTILINE)
    return found is not None and bool(int(found[1], 16) >> _CAP_SYS_ADMIN & 1)


def _missing_go() -> collections.abc.Iterator[str]:
    needed = programs.needed_go()
    wish = f"needs Go {needed[0]}.{needed[1]} or newer"
    if not shutil.which("go"):
        yield wish
        return
    # An older go would otherwise answer for the toolchain it could download.
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    answer = subprocess.run(
        ["go", "version"], env=environment, capture_output=True, text=True, check=False
    )
    found = re.search(r"\bgo(\d+)\.(\d+)", answer.stdout)
    if found is None:
        yield f"{wish}, and `go version` says nothing of use"
    elif (int(found[1]), int(found[2])) < needed:
        yield f"{wish}, this is {found[0]}"
